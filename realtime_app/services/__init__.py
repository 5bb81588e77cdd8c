"""Use cases: each is a function that takes a unit of work (or a connection to read from) and values."""
