"""Two worlds that differ in one thing, run by run: what the difference is, and whether it could be noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backfill.results import outcomes
from backfill.results.outcomes import IN_90_PERCENT, PassThrough, every_axis_but
from backfill.words import count, long_month, percent, signed, state_name, with_article

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from backfill.results import Results

    Floats = NDArray[np.float64]


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

        n = (1.645 * sd / |mean|)^2, if mean and standard deviation stay as they are
        """
        if self.runs < 2 or self.mean == 0.0:
            return None
        return max(math.floor((IN_90_PERCENT * self.spread / self.mean) ** 2) + 1, 2)

    def in_doubt(self) -> str:
        """Whether it could be noise, in words, and how many runs would tell."""
        if self.is_nothing:
            return "no difference in any run"
        if self.low is None:
            return "one run, so no interval"
        if not self.could_be_noise:
            return f"not noise: {count(self.runs, 'run')} {_are(self.runs)} enough ({self.enough:,} would do)"
        if self.enough is None:
            return "could be noise: the runs balance each other"
        more = self.enough - self.runs
        return f"could be noise: about {count(two_digits(more), 'more run')} would settle it" if more > 0 else "on the edge"


@dataclass(frozen=True)
class Comparison:
    """Two arms of a run, paired run by run, up to the end of a month."""

    results: Results
    arm: str
    against: str
    by: str

    @property
    def pass_through(self) -> PassThrough | None:
        """Extra aid in the first arm per extra unit of backfill in it; None if that is less than one unit."""
        return outcomes.pass_through(self.results, self.by, arm=self.arm, against=self.against)

    @cached_property
    def gaps(self) -> dict[str, Gap]:
        """The paired difference of every outcome of the closing table, by its name."""
        found = {name: outcome for name, outcome in _outcomes(self.results, self.by).items() if outcome is not None}
        return {name: gap_of(outcome, self.arm, self.against) for name, outcome in found.items()}

    @property
    def difference(self) -> pd.DataFrame:
        """One row for each outcome: both means, their paired difference with its 90 % interval, shares of runs."""
        return as_frame(self.gaps, self.arm, self.against)

    @property
    def by_month(self) -> xr.Dataset:
        """The paired difference in units to the aided state, month by month."""
        return difference_by_month(self.results, self.arm, self.against)

    def in_words(self) -> str:
        """What the difference in aid means, and no more than the interval bears out."""
        gap = next(iter(self.gaps.values()))
        aided = with_article(state_name(self.results.setting, self.results.setting.roles.aided))
        where = f"between {self.arm} and {self.against} by {long_month(self.by)}"
        if gap.is_nothing:
            return f"No difference {where}: as many units reach {aided} in every run."
        size = f"{signed(gap.mean, 1)} units to {aided} {where}"
        if gap.low is None or gap.high is None:
            return f"One run, so no interval: {size}."
        doubt = f"{signed(gap.low, 1)} to {signed(gap.high, 1)}, paired 90 %; equal in {percent(gap.equal)} of runs"
        return f"{'Could be noise' if gap.could_be_noise else 'Not noise'}: {size} ({doubt})."

    def plot(self) -> Figure:
        """What reaches the aided state in both arms, and below it their paired difference."""
        from backfill.plots import aid_by_arm

        return aid_by_arm(self.results.of(list(dict.fromkeys(["baseline", self.arm, self.against]))))

    def __str__(self) -> str:
        """The comparison in words."""
        return self.in_words()


def compare(results: Results, arms: Sequence[str] = ("baseline", "no_backfill"), by: str | None = None) -> Comparison:
    """Hold one arm against another in the same random futures, up to the end of a month (None: the last one).

    Raises UnknownName for an arm that was not run or a month outside the horizon.
    """
    arm, against = arms
    for name in (arm, against):
        results.require(name)
    month = results.months[-1] if by is None else by
    outcomes.units_to_aided(results, month)
    return Comparison(results, arm, against, month)


def _outcomes(results: Results, by: str) -> dict[str, xr.DataArray | None]:
    roles = results.setting.roles
    return {
        f"units to {roles.aided}": outcomes.units_to_aided(results, by),
        f"backfill to {roles.donor}": outcomes.backfill_delivered(results, by),
        f"months {roles.donor} below floor": outcomes.months_below_floor(results, roles.donor),
        f"months {roles.backfiller} below floor": outcomes.months_below_floor(results, roles.backfiller),
        "unmet demand": outcomes.unmet_demand(results),
        "exposure": outcomes.exposure(results),
    }


def gap_of(outcome: xr.DataArray, arm: str, against: str) -> Gap:
    """The paired difference of one outcome  (arm, run)."""
    return gap_between(outcome.sel(arm=arm).values, outcome.sel(arm=against).values)


def gap_between(first: Floats, second: Floats) -> Gap:
    """The paired difference of an outcome in two arms, run by run.  [runs]

    A value without end in both arms is the same in both; a pair in which one alone is without end is left out.
    """
    import numpy as np

    mine, theirs = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    counted = same | (np.isfinite(mine) & np.isfinite(theirs))
    difference = np.zeros(len(mine))
    difference[~same] = mine[~same] - theirs[~same]
    difference = difference[counted]
    if not len(difference):
        return Gap(math.nan, math.nan, math.nan, None, None, math.nan, math.nan, 0, math.nan, len(mine))
    mean, half = float(difference.mean()), _half(difference)
    return Gap(
        first=_mean(mine[counted]),
        second=_mean(theirs[counted]),
        mean=mean,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        higher=float((difference > 0).mean()),
        equal=float((difference == 0).mean()),
        runs=len(difference),
        spread=float(difference.std(ddof=1)) if len(difference) > 1 else 0.0,
        left_out=int((~counted).sum()),
    )


def _mean(values: Floats) -> float:
    """The mean of what has an end; not-a-number where nothing has."""
    import numpy as np

    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan


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


def _half(difference: Floats) -> float | None:
    """Half the width of the 90 % interval of a mean; None for one run."""
    if len(difference) == 1:
        return None
    return IN_90_PERCENT * float(difference.std(ddof=1)) / math.sqrt(len(difference))


def difference_by_month(results: Results, arm: str, against: str) -> xr.Dataset:
    """Extra units that have reached the aided state in one arm over another, in the same random futures.  (month)

    mean, with low and high, its 90 % interval (mean +- 1.645 * sd / sqrt(n), not-a-number for one run); p5, p50 and
    p95, the spread over runs
    """
    import numpy as np
    import xarray as xr

    total = every_axis_but(outcomes.aid(results), "arm", "run", "month").cumsum("month")
    gap = (total.sel(arm=arm) - total.sel(arm=against)).transpose("run", "month")
    half = np.full(gap.sizes["month"], np.nan)
    if results.runs > 1:
        half = IN_90_PERCENT * gap.std("run", ddof=1).values / math.sqrt(results.runs)
    mean = gap.mean("run").values
    columns = {"mean": mean, "low": mean - half, "high": mean + half}
    columns |= {f"p{share}": gap.quantile(share / 100, "run").values for share in (5, 50, 95)}
    return xr.Dataset({name: ("month", values) for name, values in columns.items()}, {"month": results.months})
