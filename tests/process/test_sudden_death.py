"""The process dies at the commit that was ordered, and at none without an order."""

import signal
import subprocess
import sys

import pytest

from tests.servers.planner_process import environment

COMMITS = """
from realtime_app.process.sudden_death import SuddenDeath
death = SuddenDeath({ordered})
for number in range(1, 4):
    death.count_commit()
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("ordered", "code", "survived"), [(0, 0, "123"), (1, -signal.SIGKILL, ""), (3, -signal.SIGKILL, "12")]
)
def test_the_process_dies_at_the_ordered_commit(ordered: int, code: int, survived: str) -> None:
    program = [sys.executable, "-c", COMMITS.format(ordered=ordered)]
    ended = subprocess.run(program, env=environment(), capture_output=True, text=True, check=False)
    assert (ended.returncode, "".join(ended.stdout.split())) == (code, survived), ended.stderr
