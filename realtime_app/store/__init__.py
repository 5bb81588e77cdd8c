"""The database: tables, transactions and the event log."""
