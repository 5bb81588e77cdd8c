"""A realtime planner: a REST API, an event log and a WebSocket that misses nothing which was committed."""

__version__ = "0.1.0"
