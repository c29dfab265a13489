"""How a level of a state is spread over runs, month by month: what a fan is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

BASELINE = "baseline"


def course_name(name: str, state: str) -> str:
    """Under which name a spread is remembered."""
    return f"{name} of {state} over runs"


def is_kept(results: Results, name: str, state: str) -> bool:
    """Whether a level of a state is known in the baseline."""
    level = results.dataset.get(name)
    recorded = level is not None and state in level["state"].values
    return recorded or results.knows(course_name(name, state))


def over_runs(results: Results, name: str, state: str) -> xr.DataArray:
    """The quantiles of a level over the runs of the baseline, at the end of each month.  (share, month)"""
    return results.remembered(course_name(name, state), lambda: _over_runs(results, name, state))


def _over_runs(results: Results, name: str, state: str) -> xr.DataArray:
    import numpy as np
    import xarray as xr

    from backfill.results.tables import QUANTILES

    level = results.dataset[name].sel(arm=BASELINE, state=state).transpose("run", "month")
    found = np.quantile(np.asarray(level.values, float), QUANTILES, axis=0)
    return xr.DataArray(found, dims=("share", "month"), coords={"share": list(QUANTILES), "month": level["month"]})
