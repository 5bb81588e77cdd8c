"""Pure rules and wire words: no clock, no random, no socket, no framework."""
