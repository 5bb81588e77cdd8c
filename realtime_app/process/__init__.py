"""What a serving process has to do with its machine: sockets, files, signals, its loop and what is under way in it."""
