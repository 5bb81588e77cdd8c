"""The buckets of one limit in this process, and what of them the other processes have not been told yet."""

from __future__ import annotations

from collections import OrderedDict

from realtime_app.core.token_bucket import Quota, Verdict, allowed, refused, spend

MAX_SUBJECTS = 50_000
"""About 15 MB. A bucket that is full again is forgotten anyway; beyond this the one that was used longest ago is."""


class Buckets:
    """One bucket for each subject: a session, a key, an address, an account. `now` is this process's own running clock.

    Of a bucket that Redis shares, this process knows at least what it has spent itself.
    """

    def __init__(self, quota: Quota, max_subjects: int = MAX_SUBJECTS) -> None:
        self.quota = quota
        self._max_subjects = max_subjects
        self._full_at: OrderedDict[str, int] = OrderedDict()  # last used at the end
        self._untold_us: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    @property
    def has_untold(self) -> bool:
        return bool(self._untold_us)

    def spend(self, subject: str, now: int) -> Verdict:
        full_at, verdict = spend(self.quota, self._full_at.get(subject, now), now)
        self._keep(subject, full_at, now)
        if verdict.is_allowed:
            self._untold_us[subject] = self._untold_us.get(subject, 0) + self.quota.token_us
        return verdict

    def is_empty(self, subject: str, now: int) -> bool:
        """True when `spend` would refuse."""
        return self._full_at.get(subject, now) - now > self.quota.capacity_us - self.quota.token_us

    def take_untold(self, now: int) -> list[tuple[str, int]]:
        """What each subject has spent since the last call, without what its bucket has got back meanwhile."""
        untold, self._untold_us = self._untold_us, {}
        told = ((subject, min(spent_us, self._full_at[subject] - now)) for subject, spent_us in untold.items())
        return [(subject, spent_us) for subject, spent_us in told if spent_us > 0]

    def hear(self, subject: str, debt_us: int, now: int) -> None:
        """All processes together leave the bucket with this debt; what is untold here comes on top of it."""
        full_at = now + debt_us + self._untold_us.get(subject, 0)
        self._keep(subject, max(full_at, self._full_at.get(subject, 0)), now)

    def hear_spent(self, subject: str, debt_us: int, now: int) -> Verdict:
        """The answer to a request that asked Redis: the debt with its own token, which was taken if there was one."""
        if debt_us <= self.quota.capacity_us:
            self.hear(subject, debt_us, now)
            return allowed(self.quota, debt_us)
        self.hear(subject, debt_us - self.quota.token_us, now)
        return refused(self.quota, debt_us - self.quota.token_us)

    def _keep(self, subject: str, full_at: int, now: int) -> None:
        self._full_at[subject] = full_at
        self._full_at.move_to_end(subject)
        # Two at a time: so the full ones go faster than new ones come.
        for _ in range(2):
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self._max_subjects:
                return
            self._full_at.popitem(last=False)
            self._untold_us.pop(oldest, None)
            if not self._full_at:
                return
