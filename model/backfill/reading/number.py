"""A number as an analyst writes it: `7 (4 to 10) per year @source`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from backfill.errors import Place

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Number:
    """A value with its range, unit and source, in the canonical unit of its kind.

    Canonical units: rates per month, durations in months, shares between 0 and 1, money in thousands of
    US dollars, stocks and counts in units, months as `year * 12 + month - 1`. `value` is infinite for
    `unlimited` and `never`.

    path: the address at which the number is drawn, a dotted path of the resolved scenario
    drawn_with: the path whose uniform this number uses, on its own range
    same_as: the path of the number whose value this one takes
    reads: how its text is read, a key of `KINDS` of the number line
    of: what a share is a share of ("requirement", "output"; "before": a step on what held before), else ""
    """

    value: float
    low: float
    high: float
    kind: str
    text: str
    path: str = ""
    of: str = ""
    sources: tuple[str, ...] = ()
    grade: str = "plain"
    distribution: str = "triangular"
    note: str = ""
    drawn_with: str = ""
    same_as: str = ""
    reads: str = field(default="", compare=False, repr=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def ranged(self) -> bool:
        """Whether the number is uncertain."""
        return self.low < self.high

    @property
    def unlimited(self) -> bool:
        return math.isinf(self.value)
