"""The HTTP and WebSocket edge: a handler parses, calls one service and answers."""
