"""Looking after running processes from the outside, through supervisord. Nothing here is part of a serving process."""
