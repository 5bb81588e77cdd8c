"""Moves events between processes: what a broker promises, and the three that keep it (memory, Redis, Redis Cluster)."""
