"""Two worlds that differ in one thing, run by run: what the difference is, and whether it could be noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backfill.results import outcomes
from backfill.results.gaps import Gap, as_frame, gap_of
from backfill.results.outcomes import IN_90_PERCENT, PassThrough, every_axis_but
from backfill.words import long_month, percent, signed, state_name, with_article

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

    from backfill.results import Results
    from backfill.scenario import Setting


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
        gap = gap_of(outcomes.units_to_aided(self.results, self.by), self.arm, self.against)
        where = f"between {self.arm} and {self.against} by {long_month(self.by)}"
        return difference_in_words(gap, self.results.setting, where)

    def plot(self) -> Figure:
        """What reaches the aided state in both arms, and below it their paired difference."""
        from backfill.plots.arms import aid_by_arm

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


def difference_in_words(gap: Gap, setting: Setting, where: str) -> str:
    """What a difference in units to the aided state means, and no more than its interval bears out.

    where: between whom, and by when
    """
    aided = with_article(state_name(setting, setting.roles.aided))
    if gap.is_nothing:
        return f"No difference {where}: as many units reach {aided} in every run."
    size = f"{signed(gap.mean, 1)} units to {aided} {where}"
    if gap.low is None or gap.high is None:
        return f"One run, so no interval: {size}."
    doubt = f"{signed(gap.low, 1)} to {signed(gap.high, 1)}, paired 90 %; equal in {percent(gap.equal)} of runs"
    return f"{'Could be noise' if gap.could_be_noise else 'Not noise'}: {size} ({doubt})."


def _outcomes(results: Results, by: str) -> dict[str, xr.DataArray | None]:
    roles = results.setting.roles
    below = {state: outcomes.months_below_floor(results, state) for state in outcomes.keepers(results)}
    return {
        f"units to {roles.aided}": outcomes.units_to_aided(results, by),
        f"backfill to {roles.donor}": outcomes.backfill_delivered(results, by),
        **{f"months {state} below floor": found for state, found in below.items()},
        "unmet demand": outcomes.unmet_demand(results),
        "exposure": outcomes.exposure(results),
    }


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
