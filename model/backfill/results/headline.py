"""What heads the report of a world: what its headline counts in each arm, run by run and over the runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backfill.results import keeping, outcomes, refill
from backfill.results.gaps import gap_of
from backfill.words import cut, one_line, short_month

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from backfill.results import Results

RUNS, PAIRED = "5-95 % of runs", "90 % paired"


@dataclass(frozen=True)
class Measure:
    """What a headline counts in one arm: a median over runs and its ends, or a mean difference and its interval.

    name: as in stored tables;  title: as over a column;  unit, by: of what, up to which month
    ends: what low and high are;  never: the share of runs in which it has not come by the end (None: not asked)
    Values are infinite where it has not come by the end; None is undefined, and ends are None for a single run.
    """

    name: str
    title: str
    unit: str
    by: str
    value: float | None
    low: float | None
    high: float | None
    ends: str = RUNS
    never: float | None = None


def kind_of(setting: Any) -> str:
    """What heads the report of a scenario."""
    return str(getattr(getattr(setting, "outcomes", None), "headline", "pass_through"))


def measures(results: Results, dates: tuple[str, ...]) -> dict[str, tuple[Measure, ...]]:
    """What the headline counts, by arm; nothing for pass-through, which has columns of its own."""
    match kind_of(results.setting):
        case "units":
            return {arm: _more_units(results, arm, dates) for arm in results.arms}
        case "refill":
            return {arm: _refilled(results, arm) for arm in results.arms}
        case "promise" if keeping.is_recorded(results):
            return {arm: _kept(results, arm) for arm in results.arms}
    return dict.fromkeys(results.arms, ())


def per_run(results: Results) -> dict[tuple[str, str], xr.DataArray]:
    """What the headline counts with one number for each arm and run, by its name and date."""
    last = results.months[-1]
    if "held_of_need" in results.dataset:
        needs = refill.needs_of_question(results)
        return {(f"years_to_refill_{need}", last): refill.years_to_refill(results, need) for need in needs}
    if keeping.is_recorded(results):
        return {
            ("units_promised", last): keeping.promised(results),
            ("share_when_due", last): keeping.share_when_due(results),
            ("months_late", last): keeping.months_late(results),
        }
    return {}


def leaned_on(results: Results) -> tuple[NDArray[np.float64], str] | None:
    """What the ranges of the world have to explain: a value for each run, and its name; None: the units."""
    import numpy as np

    base = results.arms[0]
    if kind_of(results.setting) == "refill" and "held_of_need" in results.dataset:
        return refill.capped(results, refill.years_until_all(results).sel(arm=base).values), "the years to refill"
    if kind_of(results.setting) == "promise" and keeping.is_recorded(results):
        share = np.nan_to_num(keeping.share_when_due(results).sel(arm=base).values)
        if np.ptp(share) > 0:
            return share, "the share when due"
        late = np.nan_to_num(keeping.months_late(results).sel(arm=base).values, posinf=float(len(results.months)))
        return late, "the months of delay"
    return None


def _more_units(results: Results, arm: str, dates: tuple[str, ...]) -> tuple[Measure, ...]:
    """What an arm changes in the units, against the baseline in the same random futures."""
    found = []
    for date in dates:
        title = f"more than baseline\nby {short_month(date)}"
        if arm == results.arms[0]:
            found.append(Measure("more_units", title, "units", date, None, None, None, PAIRED))
            continue
        gap = gap_of(outcomes.units_to_aided(results, date), arm, results.arms[0])
        found.append(Measure("more_units", title, "units", date, gap.mean, gap.low, gap.high, PAIRED))
    return tuple(found)


def _refilled(results: Results, arm: str) -> tuple[Measure, ...]:
    last = results.months[-1]
    return tuple(
        _over_runs(
            f"years_to_refill_{need}",
            f"years until back:\n{cut(need_words(results, need), 26)}",
            "years",
            last,
            refill.years_to_refill(results, need).sel(arm=arm),
            comes=True,
        )
        for need in refill.needs_of_question(results)
    )


def need_words(results: Results, need: str) -> str:
    """What a need of a run is called."""
    return need_name(results.setting, need)


def need_name(setting: Any, need: str) -> str:
    """What a need is called: its own name, else that of the item that is one by itself."""
    entry = setting.needs.get(need) or setting.items.get(need)
    return one_line(getattr(entry, "name", "") or need.replace("_", " "))


def _kept(results: Results, arm: str) -> tuple[Measure, ...]:
    last = results.months[-1]
    units, share, late = keeping.promised(results), keeping.share_when_due(results), keeping.months_late(results)
    return (
        _over_runs("units_promised", "promised\nin all", "units", last, units.sel(arm=arm)),
        _over_runs("share_when_due", "share there\nwhen due", "share", last, share.sel(arm=arm)),
        _over_runs("months_late", "months late until\n98 % is there", "months", last, late.sel(arm=arm), comes=True),
    )


def _over_runs(name: str, title: str, unit: str, by: str, outcome: xr.DataArray, *, comes: bool = False) -> Measure:
    """Median, 5 % and 95 % of the runs in which it is defined; values that some run has."""
    import numpy as np

    values = np.asarray(outcome.values, dtype=float)
    known = values[~np.isnan(values)]
    if not known.size:
        return Measure(name, title, unit, by, None, None, None)
    low, middle, high = map(float, np.quantile(known, (0.05, 0.5, 0.95), method="inverted_cdf"))
    never = float(np.isinf(known).mean()) if comes else None
    if known.size == 1:
        return Measure(name, title, unit, by, middle, None, None, RUNS, never)
    return Measure(name, title, unit, by, middle, low, high, RUNS, never)


def as_number(value: float | None) -> float | None:
    """A value that a spreadsheet and strict JSON can hold: what has not come by the end is undefined."""
    return value if value is not None and math.isfinite(value) else None


def as_data(found: Mapping[str, tuple[Measure, ...]]) -> dict[str, Any]:
    """The measures by arm, as data that strict JSON can hold."""
    return {
        arm: [
            {
                "name": one.name,
                "by": one.by,
                "unit": one.unit,
                "value": as_number(one.value),
                "low": as_number(one.low),
                "high": as_number(one.high),
                "interval": one.ends,
                "never": one.never,
            }
            for one in measures_of_arm
        ]
        for arm, measures_of_arm in found.items()
    }
