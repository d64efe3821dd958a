"""The server side of the page and the HTTP API; only `app.py` uses it."""
