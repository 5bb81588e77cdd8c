"""Measures what the server costs: `make bench` prints a table, `make bench-check` holds ratios and counts to bounds.

One noun a module; everything is started here and ended here: Redis, PostgreSQL, the servers, the clients.
"""
