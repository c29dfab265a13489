"""The columns in which a study answers the headline of its scenario, as the table of a run does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backfill.results.headline import Measure, need_name
from backfill.words import cut

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from backfill.scenario import Scenario

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

    def measured(self, scenario: Scenario, by: str, *, alone: bool) -> Measure:
        """As the closing table of a run tells it; without ends where it is told from one run alone."""
        value, low, high = (math.inf if end is None else end for end in (self.value, self.low, self.high))
        title, unit = TITLES.get(self.name, (_until_back(scenario, self.name), "years"))
        never = None if self.name == SHARE else self.never
        return Measure(self.name, title, unit, by, value, None if alone else low, None if alone else high, never=never)


TITLES = {SHARE: ("share there\nwhen due", "share"), LATE: ("months late until\n98 % is there", "months")}
"""What stands over the columns of a promise, and its unit."""


def _until_back(scenario: Scenario, name: str) -> str:
    return f"years until back:\n{cut(need_name(scenario.setting, name.removeprefix(REFILL)), 26)}"


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
