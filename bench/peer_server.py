"""Starts the server for a benchmark of peers, which names its settings in its own words.

Reads PORT, REDIS_PORT, JWT_SECRET, PING_INTERVAL (seconds) and BENCH_DIR (a private folder with the database that
`peer_users.py` made); everything else is the server's own environment.
"""

import os
import sys


def main() -> None:
    os.environ |= {
        "DATABASE_URL": f"sqlite+aiosqlite:///{os.environ['BENCH_DIR']}/bench.db",
        "REDIS_URL": f"redis://127.0.0.1:{os.environ['REDIS_PORT']}/0",
        "WS_PING_INTERVAL": os.environ["PING_INTERVAL"],
    }
    os.execv(sys.executable, [sys.executable, "-m", "realtime_app", "serve"])


if __name__ == "__main__":
    main()
