"""What a client may send: the shape and limits of bodies and queries."""
