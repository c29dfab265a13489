"""The difference of an outcome between two arms, paired run by run, and whether it could be noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.results.outcomes import IN_90_PERCENT
from backfill.words import count

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


ROUNDING = 1e-9
"""Of its standard deviation: a mean difference below it is zero, and no number of runs would settle its sign."""


@dataclass(frozen=True)
class Gap:
    """The paired difference of an outcome between two arms.

    first, second: the means of the two arms;  low, high: the 90 % interval of the mean difference (None: one run)
    higher, equal: the shares of runs in which the first arm has more, and in which both have the same
    runs: the pairs that were counted    spread: standard deviation of the differences
    left_out: pairs in which one arm alone is without end, such as a stock that is never rebuilt
    """

    first: float
    second: float
    mean: float
    low: float | None
    high: float | None
    higher: float
    equal: float
    runs: int = 0
    spread: float = 0.0
    left_out: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether both arms agree in every run."""
        return self.equal == 1.0

    @property
    def could_be_noise(self) -> bool:
        """Whether the interval of the difference holds zero, or there is none."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high

    @property
    def same_sign(self) -> float:
        """The share of runs in which the difference has the sign that it has in the mean."""
        return 1.0 - self.higher - self.equal if self.mean < 0 else self.higher

    @property
    def enough(self) -> int | None:
        """Runs after which the interval of this difference would leave out zero; None where no number of them does.

        n = (1.645 * sd / |mean|)^2, if mean and standard deviation stay as they are; a mean that is only what rounding
        leaves of runs that balance each other counts as zero
        """
        if self.runs < 2 or abs(self.mean) <= ROUNDING * self.spread:
            return None
        return max(math.floor((IN_90_PERCENT * self.spread / self.mean) ** 2) + 1, 2)

    def in_doubt(self) -> str:
        """Whether it could be noise, in words, and how many runs would tell."""
        if not self.runs:
            return "cannot be told: no run in which both arms have it"
        if self.is_nothing:
            return "no difference in any run"
        if self.low is None:
            return "one run, so no interval"
        if not self.could_be_noise:
            return f"not noise: {count(self.runs, 'run')} {_are(self.runs)} enough ({self.enough:,} would do)"
        if self.enough is None:
            return "could be noise: the runs balance each other"
        more = self.enough - self.runs
        return (
            f"could be noise: about {count(two_digits(more), 'more run')} would settle it"
            if more > 0
            else "on the edge"
        )


def gap_between(first: Floats, second: Floats) -> Gap:
    """The paired difference of an outcome in two arms, run by run, in the mean over points.  [runs] or [points, runs]

    A value without end in both arms is the same in both; a run in which one alone is without end, at any point, is
    left out: means over other points in one arm than in the other would not be paired.
    """
    import numpy as np

    mine, theirs = (np.atleast_2d(np.asarray(values, dtype=float)) for values in (first, second))
    same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    counted = (same | (np.isfinite(mine) & np.isfinite(theirs))).all(axis=0)
    at_points = np.zeros(mine.shape)
    at_points[~same] = mine[~same] - theirs[~same]
    difference = at_points[:, counted].mean(axis=0)
    if not len(difference):
        return Gap(math.nan, math.nan, math.nan, None, None, math.nan, math.nan, 0, math.nan, mine.shape[1])
    mean, half = float(difference.mean()), _half(difference)
    return Gap(
        first=_mean(mine[:, counted]),
        second=_mean(theirs[:, counted]),
        mean=mean,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        higher=float((difference > 0).mean()),
        equal=float((difference == 0).mean()),
        runs=len(difference),
        spread=float(difference.std(ddof=1)) if len(difference) > 1 else 0.0,
        left_out=int((~counted).sum()),
    )


def gap_of(outcome: xr.DataArray, arm: str, against: str) -> Gap:
    """The paired difference of one outcome  (arm, run)."""
    return gap_between(outcome.sel(arm=arm).values, outcome.sel(arm=against).values)


def _mean(values: Floats) -> float:
    """The mean of what has an end; not-a-number where nothing has."""
    import numpy as np

    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan


def _half(difference: Floats) -> float | None:
    """Half the width of the 90 % interval of a mean; None for one run."""
    if len(difference) == 1:
        return None
    return IN_90_PERCENT * float(difference.std(ddof=1)) / math.sqrt(len(difference))


def as_frame(gaps: Mapping[str, Gap], arm: str, against: str) -> pd.DataFrame:
    """One row for each outcome: both means, their paired difference with its 90 % interval, shares of runs."""
    import pandas as pd

    rows = {
        name: {
            arm: gap.first,
            against: gap.second,
            "difference": gap.mean,
            "low": math.nan if gap.low is None else gap.low,
            "high": math.nan if gap.high is None else gap.high,
            "higher": gap.higher,
            "equal": gap.equal,
        }
        for name, gap in gaps.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def two_digits(many: int) -> int:
    """A number of runs as one says it, rounded up.

    >>> two_digits(1234), two_digits(87)
    (1300, 87)
    """
    step = int(10 ** max(len(str(many)) - 2, 0))
    return -(-many // step) * step


def _are(runs: int) -> str:
    return "is" if runs == 1 else "are"
