"""Who is calling: passwords, tokens, keys and sessions."""
