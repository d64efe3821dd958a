"""Who may come in: accounts, what is shown instead of a password, the record of changes."""
