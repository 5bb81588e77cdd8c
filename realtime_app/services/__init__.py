"""Use cases: each is a function that takes a unit of work (or a connection to read from) and values.

`Accounts` alone is a class: what asks for a password hashes outside of any transaction, so it opens its own.
"""
