"""What follows from a transfer besides the units: money, time to rebuild, regret, trust in what the law leaves open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.results import outcomes
from backfill.results.outcomes import Ratio, more_than_without, ratio, to_date

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

THOUSAND = 1000.0


@dataclass(frozen=True)
class Rebuild:
    """How long a state takes to be back at its floor.

    months: median over runs, None if most runs are not back by the end;  back: the share of runs that are
    """

    months: float | None
    back: float


@dataclass(frozen=True)
class Burden:
    """What else follows in one arm, and for whom.

    rebuilds: by state, only of states that lie below their floor in some month of some run
    cost: million US dollars for each extra unit;  regret: units behind the best arm, mean;  on_trust: share of aid
    """

    rebuilds: Mapping[str, Rebuild]
    cost: Ratio | None
    regret: float
    on_trust: float | None


def burdens(results: Results, by: str) -> dict[str, Burden]:
    """What else follows in each arm by a month."""
    waits = {state: rebuild_time(results, state) for state in outcomes.keepers(results)}
    fallen = {state: wait for state, wait in waits.items() if wait is not None and bool(wait.any())}
    regrets = regret(results, by).mean("run")
    return {
        arm: Burden(
            rebuilds={state: _rebuild(wait.sel(arm=arm)) for state, wait in fallen.items()},
            cost=cost_per_extra_unit(results, by, arm=arm),
            regret=float(regrets.sel(arm=arm)),
            on_trust=share_undetermined(results, by, arm),
        )
        for arm in results.arms
    }


def _rebuild(waits: xr.DataArray) -> Rebuild:
    import numpy as np

    middle = float(np.quantile(waits.values, 0.5, method="inverted_cdf"))
    return Rebuild(middle if math.isfinite(middle) else None, float((waits < math.inf).mean()))


def spent(results: Results, by: str) -> xr.DataArray | None:
    """Million US dollars that all purses have spent by a month; None in a world without a purse.  (arm, run)

    sum over purses and months up to the date; what is paid out of no purse of the scenario costs nothing here
    """
    monthly = results.dataset.get("spent")
    return None if monthly is None else to_date(monthly, by) / THOUSAND


def cost_per_extra_unit(
    results: Results, by: str, *, arm: str = "baseline", against: str | None = None
) -> Ratio | None:
    """Million US dollars that the purses of the scenario spend for each extra unit that reaches the aided state.

    cost = mean(M_arm - M_none) / mean(A_arm - A_none)
    M: money spent by the month; A: units to the aided state by the month; both against the same world without backfill

    None where it is undefined: |mean(A_arm - A_none)| < 1, no purse, no world without backfill, or the central run.
    Below zero, the extra units come with less money spent.
    """
    results.require(arm)
    if results.is_central_run:
        return None
    money = more_than_without(results, lambda world: spent(world, by), arm, against)
    units = more_than_without(results, lambda world: outcomes.units_to_aided(world, by), arm, against)
    found = None if money is None or units is None else ratio(money, units)
    return None if found is None else Ratio(found.value, found.error, found.runs)


def rebuild_time(results: Results, state: str, level: float | xr.DataArray | None = None) -> xr.DataArray | None:
    """Months from where a state lies deepest below a level until its stock is back there; None if unknown.  (arm, run)

    t0 = the first month with the greatest level - position;  rebuild = min{t >= t0: position >= level} - t0
    0 in a run that never lies below it, infinite in one that is not back by the end of the horizon

    level: in equivalents; None: the state's floor, as it moves from month to month
    """
    import numpy as np

    position = outcomes.level_of(results, "position", state)
    wanted = outcomes.level_of(results, "floor", state) if level is None else level
    if position is None or wanted is None:
        return None
    gap = (wanted - position).transpose("arm", "run", "month")
    month = gap["month"].copy(data=np.arange(gap.sizes["month"]))
    deepest = gap.argmax("month")
    back = (gap <= 0) & (month >= deepest)
    waited = (back.argmax("month") - deepest).astype(float)
    return waited.where(back.any("month"), np.inf).where((gap > 0).any("month"), 0.0)


def regret(results: Results, by: str) -> xr.DataArray:
    """Units by which an arm stays behind the arm that is best in the same run, by a month.  (arm, run)

    regret = max over arms of A - A_arm;  A: units to the aided state by the month
    """
    units = outcomes.units_to_aided(results, by)
    return units.max("arm") - units


def undetermined(results: Results, by: str, flow: str = "aid") -> xr.DataArray | None:
    """Units that have arrived by a month along ways that the law leaves open; None if that is not recorded.  (arm, run)

    flow: aid to the aided state, or backfill to the donor
    """
    roles = results.setting.roles
    monthly, state = results.dataset.get("undetermined"), roles.aided if flow == "aid" else roles.donor
    if monthly is None or state not in monthly["state"].values or flow not in monthly["flow"].values:
        return None
    return to_date(monthly.sel(state=state, flow=flow), by)


def share_undetermined(results: Results, by: str, arm: str = "baseline") -> float | None:
    """The share of what has reached the aided state that came along ways that the law leaves open.

    share = mean(units along such ways) / mean(units), by the month; None if nothing has arrived or nobody knows
    """
    open_, all_ = undetermined(results, by), outcomes.units_to_aided(results, by)
    total = float(all_.sel(arm=arm).mean())
    return None if open_ is None or not total else float(open_.sel(arm=arm).mean()) / total
