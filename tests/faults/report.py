"""The figures of a run, and the table that shows them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.tab import Tab
from tests.faults.writing import Ledger

CALM = "no fault"


@dataclass
class Row:
    injected: int = 0
    committed: int = 0
    delivered: int = 0
    recovered: int = 0
    worst_delay_seconds: float = 0.0
    worst_return_seconds: float = 0.0


@dataclass
class Timeline:
    """Which fault was the last at what moment: its effects are counted as its own until the next begins."""

    begins: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def begin(self, name: str, at: float) -> None:
        self.begins.append(at)
        self.names.append(name)

    def at(self, moment: float) -> str:
        index = bisect_right(self.begins, moment)
        return self.names[index - 1] if index else CALM


@dataclass
class Report:
    """`committed_at` gives the moment of each event of each user, as the outside could know it."""

    timeline: Timeline
    tabs: Sequence[Tab]
    ledger: Ledger
    committed_at: Mapping[str, Sequence[float]]

    @property
    def resyncs(self) -> int:
        return sum(len(tab.record.resyncs) + tab.record.not_recovered for tab in self.tabs)

    @property
    def return_seconds(self) -> list[float]:
        return sorted(back.up_to_date_seconds for tab in self.tabs for back in tab.record.returns)

    @property
    def p99_return_seconds(self) -> float:
        seconds = self.return_seconds
        return seconds[int(len(seconds) * 0.99)] if seconds else 0.0

    def rows(self) -> dict[str, Row]:
        rows = {CALM: Row()}
        for name in self.timeline.names:
            rows.setdefault(name, Row()).injected += 1
        for moments in self.committed_at.values():
            for moment in moments:
                rows[self.timeline.at(moment)].committed += 1
        for tab in self.tabs:
            self._count_tab(tab, rows)
        return rows

    def _count_tab(self, tab: Tab, rows: dict[str, Row]) -> None:
        moments = self.committed_at[tab.person.user_id]
        for receipt in tab.record.receipts:
            moment = moments[receipt.event_id - 1]
            row = rows[self.timeline.at(moment)]
            row.delivered += 1
            if receipt.line_since <= moment:
                row.worst_delay_seconds = max(row.worst_delay_seconds, receipt.received_at - moment)
        for back in tab.record.returns:
            row = rows[self.timeline.at(back.connected_at)]
            row.recovered += 1
            row.worst_return_seconds = max(row.worst_return_seconds, back.up_to_date_seconds)

    def lines(self) -> list[str]:
        words = ("times", 6), ("events", 8), ("delivered", 11), ("recovered", 11), ("worst delay", 13), ("return", 9)
        head = f"{'fault':41}" + "".join(f"{word:>{width}}" for word, width in words)
        lines = [head, "-" * len(head)]
        rows = self.rows()
        for name, row in rows.items():
            lines.append(
                f"{name:41}{row.injected:6}{row.committed:8}{row.delivered:11}{row.recovered:11}"
                f"{row.worst_delay_seconds:11.2f} s{row.worst_return_seconds:7.2f} s"
            )
        sums = [sum(getattr(row, name) for row in rows.values()) for name in ("injected", "committed")]
        sums += [sum(getattr(row, name) for row in rows.values()) for name in ("delivered", "recovered")]
        lines.append(f"{'in all':41}{sums[0]:6}{sums[1]:8}{sums[2]:11}{sums[3]:11}")
        seconds = self.return_seconds
        if seconds:
            middle = seconds[len(seconds) // 2]
            lines.append(f"up to date after coming back: p50 {middle:.3f} s, p99 {self.p99_return_seconds:.3f} s")
        lines.append(f"resyncs {self.resyncs}, sockets {len(self.tabs)}, answers {dict(self.ledger.answers())}")
        return lines
