"""One reader for each kind of file; each takes bytes and a name for messages, and gives an Extract."""
