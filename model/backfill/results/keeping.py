"""How a promise or a pledge is kept: how much of it is there when it is due, and how late the rest comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfill.months import label

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

ALL_BUT = 0.98
"""The share from which a promise counts as kept: the last few units of a large one say little."""


def is_recorded(results: Results) -> bool:
    """Whether these results hold the promise of the question."""
    return "announced_units" in results.dataset


def promised(results: Results) -> xr.DataArray:
    """Units of it in all, as many as have been announced by the end.  (arm, run)"""
    return _over_months(results, "announced_units").max("month")


def arrived(results: Results) -> xr.DataArray:
    """Units of it that have arrived since the start.  (arm, run, month)"""
    return _over_months(results, "arrived_units").cumsum("month")


def due(results: Results) -> xr.DataArray:
    """The month in which it is due, counted from the first; undefined where nothing is promised.  (arm, run)"""
    first = results.setting.horizon[0]
    return _over_months(results, "due_month").isel(month=-1).where(promised(results) > 0) - first


def share_when_due(results: Results) -> xr.DataArray:
    """The share that has arrived by the end of the month in which it is due.  (arm, run)

    share = arrived by then / promised; undefined where nothing is promised or it is due after the horizon
    """
    import numpy as np

    total, months = arrived(results), len(results.months)
    when = due(results)
    known = (when >= 0) & (when < months)
    place = when.where(known, 0).astype(int)
    by_then = total.isel(month=place)
    share = by_then.drop_vars("month", errors="ignore") / promised(results)
    return share.where(known, np.nan).transpose("arm", "run")


def months_late(results: Results) -> xr.DataArray:
    """Months after the month in which it is due until 98 % of it is there.  (arm, run)

    0 where it is there in time, infinite where it is not there by the end of the horizon; undefined where nothing is
    promised, or where it is due later than that and not there yet
    """
    import numpy as np

    total, when = arrived(results), due(results)
    there = total >= ALL_BUT * promised(results) - 1e-9
    late = (there.argmax("month") - when).clip(min=0)
    done, pending = there.any("month"), when >= len(results.months)
    return late.where(done, np.inf).where(done | ~pending).where(promised(results) > 0).transpose("arm", "run")


def usual_due(results: Results, arm: str) -> str | None:
    """The month in which it is due in the median run of an arm; None if that is after the horizon or undefined."""
    import numpy as np

    known = due(results).sel(arm=arm).values
    known = known[np.isfinite(known)]
    if not known.size:
        return None
    middle = int(np.quantile(known, 0.5, method="inverted_cdf"))
    return label(results.setting.horizon[0] + middle)


def _over_months(results: Results, name: str) -> xr.DataArray:
    return results.dataset[name].transpose("arm", "run", "month").astype(float)
