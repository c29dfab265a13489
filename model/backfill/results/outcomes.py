"""What a simulated world answers to the question: aid by date, pass-through, floors, delays, exposure.

Every function takes Results and names its formula. Arrays keep the axes (arm, run); months are written 2025-12.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from backfill.errors import UnknownName
from backfill.words import number

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from backfill.results import Results

    Floats = NDArray[np.float64]

NO_BACKFILL = "no_backfill"
LEAST_BACKFILL = 1.0
"""Units: a ratio to less backfill than this says nothing."""
IN_90_PERCENT = 1.645
"""Standard errors on either side of a mean that hold it in 90 of 100 cases."""

Measure = Literal["units", "equivalents"]
Per = Literal["delivered", "promised"]
Flow = Literal["aid", "backfill"]


@dataclass(frozen=True)
class Ratio:
    """A ratio of two means over paired runs, with its standard error (None: one run)."""

    value: float
    error: float | None
    runs: int

    @property
    def low(self) -> float | None:
        """The lower end of the 90 % interval, which uses the pairing of runs."""
        return None if self.error is None else self.value - IN_90_PERCENT * self.error

    @property
    def high(self) -> float | None:
        """The upper end of the 90 % interval."""
        return None if self.error is None else self.value + IN_90_PERCENT * self.error

    @property
    def may_be_nothing(self) -> bool:
        """Whether the interval holds zero, or there is none."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high

    def __str__(self) -> str:
        """The value and its interval: 0.02 (0.00 to 0.08)."""
        if self.low is None or self.high is None:
            return number(self.value, 2)
        return f"{number(self.value, 2)} ({number(self.low, 2)} to {number(self.high, 2)})"


class PassThrough(Ratio):
    """Extra units to the aided state per unit of backfill."""


def to_date(flow: xr.DataArray, by: str) -> xr.DataArray:
    """A monthly flow summed from the start to the end of a month, over everything but arm and run  (arm, run)."""
    months = [str(month) for month in flow["month"].values]
    if by not in months:
        raise UnknownName(f"found the month {by!r}; expected one from {months[0]} to {months[-1]}")
    return every_axis_but(flow.isel(month=slice(0, months.index(by) + 1)), "arm", "run")


def every_axis_but(flow: xr.DataArray, *kept: str) -> xr.DataArray:
    """The sum over all axes but those kept, as exact whole numbers."""
    others = [axis for axis in flow.dims if axis not in kept]
    return flow.sum(others, skipna=False, dtype="float64").transpose(*kept)


def aid(results: Results, items: Sequence[str] | None = None) -> xr.DataArray:
    """Units that arrive at the aided state in each month.  (arm, run, month, item)"""
    return _arriving(results, "aid", results.setting.roles.aided, items)


def backfill(results: Results, items: Sequence[str] | None = None) -> xr.DataArray:
    """Units that arrive at the donor as backfill in each month.  (arm, run, month, item)"""
    return _arriving(results, "backfill", results.setting.roles.donor, items)


def _arriving(results: Results, name: str, state: str, items: Sequence[str] | None) -> xr.DataArray:
    """A flow into a state by item; nothing where the world has no such flow."""
    flow = results.remembered(name, lambda: _by_item(results, name, state))
    known = [item for item in (items or counted(results.setting)) if item in flow["item"].values]
    return flow.sel(item=known)


def leading(setting: Any) -> Any | None:
    """The family of items of which the headline speaks; None: all items of the question."""
    asked = getattr(setting, "outcomes", None)
    lead = getattr(asked, "lead", None)
    return None if asked is None or lead is None else asked.families.get(lead)


def counted(setting: Any) -> tuple[str, ...]:
    """The items that the headline counts: those of the question, or of the family that leads."""
    family = leading(setting)
    return tuple(setting.roles.items if family is None else family.items)


def _by_item(results: Results, name: str, state: str) -> xr.DataArray:
    import xarray as xr

    flow = results.dataset.get(name)
    if flow is None or state not in flow["state"].values:
        coords = {axis: results.dataset[axis] for axis in ("arm", "run", "month")} | {"item": [""]}
        return xr.DataArray(0.0, coords=coords, dims=("arm", "run", "month", "item"))
    return every_axis_but(flow.sel(state=state), "arm", "run", "month", "item")


def units_to_aided(results: Results, by: str, items: Sequence[str] | None = None) -> xr.DataArray:
    """Units that have reached the aided state by a month: the sum of arrivals since the start.  (arm, run)"""
    return _arrived(results, "aid", by, items)


def backfill_delivered(results: Results, by: str, items: Sequence[str] | None = None) -> xr.DataArray:
    """Units of backfill that have reached the donor by a month: the sum of arrivals since the start.  (arm, run)"""
    return _arrived(results, "backfill", by, items)


def _arrived(results: Results, flow: Flow, by: str, items: Sequence[str] | None) -> xr.DataArray:
    """A flow summed to the end of a month; once, since every arm and every measure asks for it again."""
    return results.remembered(f"{flow} of {items} by {by}", lambda: to_date(_flow(results, flow, items), by))


def _flow(results: Results, flow: Flow, items: Sequence[str] | None) -> xr.DataArray:
    return aid(results, items) if flow == "aid" else backfill(results, items)


def first_delivery(results: Results) -> xr.DataArray:
    """Months from the start to the first arrival of backfill; infinite where none arrives.  (arm, run)"""
    import numpy as np

    arrived = every_axis_but(backfill(results), "arm", "run", "month") > 0
    first = arrived.argmax("month").astype(float)
    return first.where(arrived.any("month"), np.inf)


def promised(results: Results, by: str) -> xr.DataArray:
    """Units of backfill that have been announced to the donor by a month.  (arm, run)"""
    return _level(results, "promised", by)


def undelivered(results: Results, by: str) -> xr.DataArray:
    """Units announced by a month and not delivered by it: promised - delivered.  (arm, run)"""
    return promised(results, by) - _level(results, "delivered", by)


def _level(results: Results, name: str, by: str) -> xr.DataArray:
    """A running total at the end of a month; zero in a world that records none."""
    if by not in results.months:
        raise UnknownName(f"found the month {by!r}; expected one from {results.months[0]} to {results.months[-1]}")
    if name not in results.dataset:
        return to_date(backfill(results), by) * 0.0
    return results.dataset[name].sel(month=by, drop=True).astype(float).transpose("arm", "run")


def in_equivalents(results: Results, flow: xr.DataArray) -> xr.DataArray | None:
    """A flow by item, weighed with what each item is worth in each run; None where the world states no worth.

    equivalents = sum over items of units * worth of the item for the need that the first item of the roles meets
    """
    import numpy as np
    import xarray as xr

    known = [str(item) for item in flow["item"].values]
    need = next((need for need in results.setting.needs.values() if results.setting.roles.items[0] in need.worth), None)
    if need is None:
        return flow if len(known) == 1 else None
    rows = [results.drawn(need.worth[item]) if item in need.worth else np.zeros(results.runs) for item in known]
    drawn = np.array(rows).reshape(len(known), results.runs)
    worth = xr.DataArray(drawn, dims=("item", "run"), coords={"item": known, "run": flow["run"]})
    return flow * worth


def reference(results: Results) -> str | None:
    """The arm without backfill: `no_backfill`, else the first arm in which none arrives, else None."""
    if NO_BACKFILL in results.arms:
        return NO_BACKFILL
    arrived = backfill_delivered(results, results.months[-1]).sum("run")
    if not float(arrived.sum()):
        return None
    return next((arm for arm in results.arms if not float(arrived.sel(arm=arm))), None)


def counterpart(results: Results, arm: str, against: str | None = None) -> tuple[Results, str] | None:
    """The world to hold an arm against: a named arm, else the arm itself without the backfill, else the reference.

    Returns the results in which it stands and its name there; None if there is no world without backfill.
    """
    if against is None and results.bare is not None:
        return results.bare, arm
    none = against or reference(results)
    return None if none is None else (results, none)


def more_than_without(
    results: Results, outcome: Callable[[Results], xr.DataArray | None], arm: str, against: str | None = None
) -> Floats | None:
    """What an arm has more of than the same world without the backfill, run by run; None if there is none.  [runs]

    outcome: a function from Results to an array (arm, run)
    """
    other = counterpart(results, arm, against)
    if other is None:
        return None
    mine, theirs = outcome(results), outcome(other[0])
    return None if mine is None or theirs is None else _gap(mine.sel(arm=arm), theirs.sel(arm=other[1]))


def pass_through(
    results: Results,
    by: str,
    *,
    arm: str = "baseline",
    against: str | None = None,
    measure: Measure = "units",
    per: Per = "delivered",
    items: Sequence[str] | None = None,
) -> PassThrough | None:
    """Extra aid per unit of backfill, arrivals to the end of a month, against the same world without the backfill.

    pass-through = mean(A_arm - A_none) / mean(B_arm - B_none)
    A: units to the aided state; B: units of backfill delivered to, or promised to, the donor
    measure: units, or equivalents where the world says what an item is worth

    None where it is undefined: |mean(B_arm - B_none)| < 1, no world without backfill, or the central run, where
    rounding one unit of seven would weigh 0.14.
    """
    for name in filter(None, (arm, against)):
        results.require(name)
    if results.is_central_run:
        return None
    found = gained_and_moved(results, by, arm=arm, against=against, measure=measure, per=per, items=items)
    return None if found is None else ratio(*found)


def gained_and_moved(
    results: Results,
    by: str,
    *,
    arm: str = "baseline",
    against: str | None = None,
    measure: Measure = "units",
    per: Per = "delivered",
    items: Sequence[str] | None = None,
) -> tuple[Floats, Floats] | None:
    """Extra aid and extra backfill, run by run, whose means pass-through is the ratio of; None without a counterpart.

    [runs] each
    """

    def given(world: Results) -> xr.DataArray | None:
        return _in(world, measure, "aid", by, items)

    def moved(world: Results) -> xr.DataArray | None:
        return promised(world, by) if per == "promised" else _in(world, measure, "backfill", by, items)

    more, cause = more_than_without(results, given, arm, against), more_than_without(results, moved, arm, against)
    return None if more is None or cause is None else (more, cause)


def _in(results: Results, measure: Measure, flow: Flow, by: str, items: Sequence[str] | None) -> xr.DataArray | None:
    """A flow to the end of a month in units or equivalents; None where the world states no worth."""
    if measure == "units":
        return _arrived(results, flow, by, items)
    weighed = in_equivalents(results, _flow(results, flow, items))
    return None if weighed is None else to_date(weighed, by)


def paired(outcome: xr.DataArray, arm: str, against: str) -> Floats:
    """The difference of two arms in the same random future, run by run  [runs]."""
    return _gap(outcome.sel(arm=arm), outcome.sel(arm=against))


def _gap(mine: xr.DataArray, theirs: xr.DataArray) -> Floats:
    import numpy as np

    return np.asarray(mine.values - theirs.values, dtype=float)


def ratio(extra: Floats, moved: Floats) -> PassThrough | None:
    """The ratio of two means over paired runs, and its standard error.

    p = mean(extra) / mean(moved);  se = sd(extra - p * moved) / (sqrt(n) * |mean(moved)|)

    extra, moved: differences between two arms  [runs]

    >>> import numpy as np
    >>> ratio(np.array([1.0, 2.0, 3.0]), np.array([4.0, 4.0, 4.0]))
    PassThrough(value=0.5, error=0.14433756729740646, runs=3)
    """
    mean, runs = float(moved.mean()), len(extra)
    if abs(mean) < LEAST_BACKFILL:
        return None
    value = float(extra.mean()) / mean
    if runs == 1:
        return PassThrough(value, None, runs)
    spread = float((extra - value * moved).std(ddof=1))
    return PassThrough(value, spread / (math.sqrt(runs) * abs(mean)), runs)


def level_of(results: Results, name: str, state: str) -> xr.DataArray | None:
    """A level of one state at the end of each month; None if it is not recorded.  (arm, run, month)"""
    level = results.dataset.get(name)
    if level is None or state not in level["state"].values:
        return None
    return level.sel(state=state, drop=True).transpose("arm", "run", "month")


def below_floor(results: Results, state: str) -> xr.DataArray | None:
    """Whether a state's stock is below its floor at the end of a month; None if it is not kept.  (arm, run, month)"""
    position, floor = level_of(results, "position", state), level_of(results, "floor", state)
    return None if position is None or floor is None else position < floor


def keepers(results: Results) -> tuple[str, ...]:
    """The states whose floors the question is about: the donor, and the backfiller where there is one."""
    roles = results.setting.roles
    return tuple(dict.fromkeys(state for state in (roles.donor, roles.backfiller) if state is not None))


def months_below_floor(results: Results, state: str) -> xr.DataArray | None:
    """In how many months of the horizon a state's stock ends below its floor.  (arm, run)"""
    below = below_floor(results, state)
    return None if below is None else below.sum("month").astype(float)


def probability_below_floor(results: Results, state: str) -> xr.DataArray | None:
    """The share of runs in which a state's stock is below its floor, month by month.  (arm, month)"""
    below = below_floor(results, state)
    return None if below is None else below.mean("run")


def unmet_demand(results: Results) -> xr.DataArray | None:
    """Equivalents that attacks on the aided state called for and nobody could fire, over the horizon.  (arm, run)"""
    unmet, aided = results.dataset.get("unmet"), results.setting.roles.aided
    if unmet is None or aided not in unmet["state"].values:
        return None
    return every_axis_but(unmet.sel(state=aided), "arm", "run")


def exposure(results: Results) -> xr.DataArray | None:
    """Equivalent-months by which the donor lies deeper below its floor while it waits for a promise.  (arm, run)

    sum, from the announcement to the last hand-over, of (floor - position)+, less the same without the backfill
    """
    donor = results.setting.roles.donor
    if below_floor(results, donor) is None or "promised" not in results.dataset:
        return None
    announced, handed = results.dataset["promised"] > 0, results.dataset["delivered"]
    waiting = announced & ((handed < handed.isel(month=-1)) | (handed.isel(month=-1) == 0))
    gap = _below_by(results, donor)
    if results.bare is not None and "floor" in results.bare.dataset:
        gap = gap - _below_by(results.bare, donor)
    return every_axis_but(gap.where(waiting, 0.0), "arm", "run")


def _below_by(results: Results, state: str) -> xr.DataArray:
    """By how many equivalents a state lies below its floor, zero above it.  (arm, run, month)"""
    gap = results.dataset["floor"].sel(state=state) - results.dataset["position"].sel(state=state)
    return gap.clip(min=0)


def delay(results: Results, arm: str = "baseline", against: str | None = None) -> int | None:
    """Months from the backfill's contract to the aid that it frees; negative where aid comes first.

    The months, in the means over runs, in which half of the final extra aid has arrived and half of the backfill
    is contracted. None where either stays below one unit.
    """
    import numpy as np

    other = counterpart(results, arm, against)
    if other is None or "contracted" not in results.dataset:
        return None
    freed = np.cumsum(_mean_course(results, arm, _monthly_aid) - _mean_course(*other, _monthly_aid))
    contracted = _mean_course(results, arm, _contracted) - _mean_course(*other, _contracted)
    if min(abs(freed[-1]), abs(contracted[-1])) < LEAST_BACKFILL:
        return None
    return _half_way(freed) - _half_way(contracted)


def _mean_course(results: Results, arm: str, outcome: Callable[[Results], xr.DataArray]) -> Floats:
    """The mean over runs of an outcome of one arm, month by month  [months]."""
    import numpy as np

    return np.asarray(outcome(results).sel(arm=arm).mean("run").values, dtype=float)


def _monthly_aid(results: Results) -> xr.DataArray:
    return every_axis_but(aid(results), "arm", "run", "month")


def _contracted(results: Results) -> xr.DataArray:
    """Units under contract; none in a world that records none.  (arm, run, month)"""
    if "contracted" not in results.dataset:
        return _monthly_aid(results) * 0.0
    return results.dataset["contracted"].transpose("arm", "run", "month")


def _half_way(course: Floats) -> int:
    """The first month in which a running total has reached half of its final value."""
    return int((course / course[-1] >= 0.5).argmax())
