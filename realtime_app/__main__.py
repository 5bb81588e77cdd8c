"""`python -m realtime_app` is the same as `realtime-app`."""

from realtime_app.cli import main

main(prog_name="realtime-app")
