"""`python -m bench` prints the whole table; `--check` takes less time and ends with 1 when a bound is broken.

`--churn SECONDS` measures only what clients leave behind that come and go for so long.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Iterable, Iterator

from bench import bounds, churn, fan_out, idle, kernel, lag, latency, rest, storm
from bench.figures import Figure, conditions
from bench.site import has_postgres

MANY_USERS, FEW_USERS = 2_000, 200
RUNS = 3


def main() -> None:
    arguments = _arguments()
    _allow_many_sockets()
    print("\n".join(conditions()), end="\n\n")
    figures = []
    for figure in _wanted(arguments):
        print(figure, flush=True)
        figures.append(figure)
    if arguments.check and (lines := bounds.broken(figures)):
        sys.exit("\n".join(["", "Bounds are broken:", *lines]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--check", action="store_true", help="ratios and counts only, held to bounds.json")
    which.add_argument("--churn", type=float, metavar="SECONDS", help="clients that come and go")
    return parser.parse_args()


def _wanted(arguments: argparse.Namespace) -> Iterable[Figure]:
    if arguments.churn:
        return churn.measure(arguments.churn)
    return _check_figures() if arguments.check else _all_figures()


def _all_figures() -> Iterator[Figure]:
    yield kernel.measure()
    yield from fan_out.measure(FEW_USERS, RUNS, f", {FEW_USERS} users")
    yield from fan_out.measure(MANY_USERS, RUNS)
    yield from idle.measure(FEW_USERS, f", {FEW_USERS} users")
    yield from idle.measure(MANY_USERS)
    yield from rest.measure(FEW_USERS, RUNS, on_postgres=False)
    if has_postgres():
        yield from rest.measure(FEW_USERS, RUNS, on_postgres=True)
        yield from rest.measure(10 * FEW_USERS, RUNS, on_postgres=True, suffix=f", {10 * FEW_USERS:,} users")
        yield from storm.measure()
        yield from latency.measure()
        yield from lag.measure()


def _check_figures() -> Iterator[Figure]:
    """Ratios and counts only."""
    send = kernel.measure()
    yield send
    delivery, paced = fan_out.measure(MANY_USERS, RUNS)
    yield Figure("delivery at full rate / send()", delivery.value / send.value, "times")
    yield Figure("delivery paced / send()", paced.value / send.value, "times")
    connect, memory, ping = idle.measure(MANY_USERS)
    yield Figure("connect / send()", connect.value * 1e3 / send.value, "times")
    yield Figure("ping / send()", ping.value / send.value, "times")
    yield memory
    _, _, *ratios = rest.measure(FEW_USERS, RUNS, on_postgres=True)
    yield from ratios
    yield storm.measure()[-1]


def _allow_many_sockets() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
