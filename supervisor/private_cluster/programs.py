"""The programs that the cluster consists of, run with nothing of the caller's environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from layout import ROOT, ClusterFailed

# Debian keeps daemons in sbin, and PostgreSQL's programs in a folder of each version.
_FOLDERS = ("/usr/local/sbin", "/usr/sbin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True))

ENVIRONMENT = {
    "PATH": os.pathsep.join([os.environ.get("PATH", os.defpath), *_FOLDERS]),
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
}

PROGRAM = ("/usr/bin/env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "realtime_app")


def run(
    *command: str, folder: Path | None = None, account: str | None = None, extra: dict[str, str] | None = None
) -> str:
    """Gives all it printed. Raises ClusterFailed, with what it said, when it fails or isn't there."""
    program = shutil.which(command[0], path=ENVIRONMENT["PATH"])
    if program is None:
        raise ClusterFailed(f"{command[0]} is not installed")
    ended = subprocess.run(
        [program, *command[1:]],
        cwd=folder or "/",
        env=ENVIRONMENT | (extra or {}),
        user=account,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise ClusterFailed(f"{command[0]} failed:\n{ended.stdout.strip()}")
    return ended.stdout
