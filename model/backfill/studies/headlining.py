"""The columns in which a study answers the headline of its scenario, as the table of a run does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backfill.words import interval, number

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

REFILL, SHARE, LATE = "years_to_refill_", "share_when_due", "months_late"


@dataclass(frozen=True)
class Spread:
    """An outcome of the headline over the runs in which it is defined: median, 5 % and 95 %.

    None: not by the end of the horizon;  never: the share of runs in which it has not come by then
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    never: float

    @property
    def decimals(self) -> int:
        """The digits in which it is told: shares in two, years in one, months in whole ones."""
        return 2 if self.name == SHARE else 1 if self.name.startswith(REFILL) else 0

    def cells(self) -> tuple[str, str]:
        """The median, and from where to where nine runs of ten lie."""
        if self.low is None:
            return "not by then", f"in {number(100 * self.never)} % of runs"
        middle = "not by then" if self.value is None else number(self.value, self.decimals)
        if self.high is None:
            return middle, f"from {number(self.low, self.decimals)}, not in {number(100 * self.never)} %"
        return middle, interval(self.low, self.high, self.decimals)


def is_headline(outcome: str) -> bool:
    """Whether a stored outcome answers a headline of its own: a stock that is refilled, a promise that is kept."""
    return outcome.startswith(REFILL) or outcome in (SHARE, LATE)


def spreads(frame: pd.DataFrame) -> tuple[Spread, ...]:
    """What the headline counts, from the stored outcomes of one arm at one point, in the order they are stored."""
    names = [name for name in dict.fromkeys(frame["outcome"].astype(str)) if is_headline(name)]
    return tuple(
        found
        for name in names
        if (found := _spread(name, frame.loc[frame["outcome"] == name, "value"].to_numpy(dtype=float)))
    )


def _spread(name: str, values: NDArray[np.float64]) -> Spread | None:
    """None where no run has it."""
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    low, middle, high = (
        float(value) if np.isfinite(value) else None
        for value in np.quantile(known, (0.05, 0.5, 0.95), method="inverted_cdf")
    )
    return Spread(name, middle, low, high, float(np.isinf(known).mean()))


def heads(every: Iterable[Sequence[Spread]]) -> list[str]:
    """The names of what some row has, each once."""
    return list(dict.fromkeys(one.name for found in every for one in found))


def said(name: str) -> str:
    """The head of a column.

    >>> said("years_to_refill_air_defence"), said("share_when_due")
    ('years to refill air defence', 'share when due')
    """
    return name.replace("_", " ")
