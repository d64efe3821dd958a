"""`python -m qa` is the command `yuanwen`."""

from .cli import main

raise SystemExit(main())
