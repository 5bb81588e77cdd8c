"""How often callers may call: judged in this process at once, shared by all processes through Redis."""
