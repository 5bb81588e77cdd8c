"""A fault made to order, for the tests of what a cluster survives: death between a commit and its announcement."""

from __future__ import annotations

import os
import signal


class SuddenDeath:
    """Ends the process at its n-th commit that has events; `after_commits` 0 is never."""

    def __init__(self, after_commits: int) -> None:
        self._commits_left = after_commits

    def count_commit(self) -> None:
        """To be called after the commit, before anybody hears of its events."""
        if self._commits_left:
            self._commits_left -= 1
            if self._commits_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
