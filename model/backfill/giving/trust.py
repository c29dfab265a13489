"""How promises are judged, and how far the next one is believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, add_up

VERDICTS = ("open", "kept", "late", "short", "broken", "void", "withdrawn")
"""What can have become of a promise; an outcome gives its place in this row.

kept: in full by its due month;  late: in full, but after it;  short: in part so far;  broken: nothing so far;
void: the rules forbade it in its due month;  withdrawn: its promiser took back what was not under contract
"""
LATE_COUNTS = 0.5
"""What a unit that came after its due month counts, against one that came in time."""


class Record:
    """How one promise was kept, judged once.

    owed: units promised when it was judged;  on_time, late: units of them that had come then, that came since  [runs]
    judged, void, withdrawn: where it was judged, could not be kept, was taken back                             [runs]
    """

    def __init__(self, runs: int) -> None:
        self.owed, self.on_time, self.late = (np.zeros(runs) for _ in range(3))
        self.judged, self.void, self.withdrawn = (np.zeros(runs, dtype=bool) for _ in range(3))

    def judge(self, due: Masks, owed: Floats, delivered: Floats, permitted: Masks) -> None:
        """Judge where it is due and was not judged; where the rules stood in its way it is void, and nobody's fault."""
        now = due & ~self.judged & ~self.void & (owed > 0)
        missing = delivered < owed
        self.void = self.void | (now & missing & ~permitted)
        now = now & ~self.void
        self.owed = np.where(now, owed, self.owed)
        self.on_time = np.where(now, np.minimum(delivered, owed), self.on_time)
        self.judged = self.judged | now
        self.late = np.where(self.judged, np.minimum(delivered, self.owed) - self.on_time, 0.0)

    @property
    def kept(self) -> Floats:
        """How far it was kept: k = min(1, delivered / promised) in its due month; later units add half.  [runs]"""
        counted = self.on_time + LATE_COUNTS * self.late
        return np.divide(counted, self.owed, out=np.zeros_like(counted), where=self.owed > 0)

    def verdict(self) -> Floats:
        """What has become of it so far, as a place in VERDICTS.  [runs]"""
        came = self.on_time + self.late
        found = np.where(came >= self.owed, np.where(self.late > 0, 2.0, 1.0), np.where(came > 0, 3.0, 4.0))
        found = np.where(self.judged, found, 0.0)
        return np.where(self.withdrawn, 6.0, np.where(self.void, 5.0, found))


def trust(prior: PerRun, records: Sequence[Record]) -> PerRun:
    """How far a promise is believed after how earlier ones of the same state were kept.

    tau = (n0 + sum of k) / (n0 + judged), 1 before the first; n0 is the prior  [runs]

    >>> one = Record(1)
    >>> one.judge(np.array([True]), np.array([36.0]), np.array([9.0]), np.array([True]))
    >>> trust(2.0, [one])
    array([0.75])
    """
    if not records:
        return 1.0
    judged = add_up(record.judged.astype(float) for record in records)
    credit = prior + add_up(record.kept for record in records)
    return np.divide(credit, prior + judged, out=np.ones_like(judged), where=judged > 0)
