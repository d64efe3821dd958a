"""The same work by this project and by others that retrieve text, with the same weights."""
