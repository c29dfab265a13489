"""How long it takes until the donor's stock is back at its requirement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from backfill.results import Results

MONTHS_IN_A_YEAR = 12.0
YEARS = "years to refill"
ROUNDING = 1e-6
"""Equivalents that a sum of weighted units may be off by."""


def needs_of_question(results: Results) -> tuple[str, ...]:
    """The needs that are to be refilled, in the order of the items of the question."""
    if results.knows(YEARS):
        return tuple(str(need) for need in _years(results)["need"].values)
    held = results.dataset.get("held_of_need")
    return () if held is None else tuple(str(need) for need in held["need"].values)


def years_to_refill(results: Results, need: str) -> xr.DataArray:
    """Years from the start of the first month until the stock of a need is back at its requirement.  (arm, run)

    t0 = the first month with the greatest requirement - stock;  years = (min{t >= t0: stock >= requirement} + 1) / 12
    A requirement counts in whole equivalents, rounded down: an order for a drawn 1,234.6 brings 1,234.
    0 in a run that never lies below it, infinite in one that is not back by the end of the horizon
    """
    return _years(results).sel(need=need, drop=True)


def _years(results: Results) -> xr.DataArray:
    """The same for every need of the question.  (need, arm, run)"""
    return results.remembered(YEARS, lambda: _of_every_need(results))


def _of_every_need(results: Results) -> xr.DataArray:
    import pandas as pd
    import xarray as xr

    needs = [str(need) for need in results.dataset["held_of_need"]["need"].values]
    return xr.concat([_years_of(results, need) for need in needs], pd.Index(needs, name="need"))


def _years_of(results: Results, need: str) -> xr.DataArray:
    import numpy as np

    gap = _gap(results, need)
    month = gap["month"].copy(data=np.arange(gap.sizes["month"]))
    back = (gap <= ROUNDING) & (month >= gap.argmax("month"))
    years = (back.argmax("month") + 1) / MONTHS_IN_A_YEAR
    return years.where(back.any("month"), np.inf).where((gap > ROUNDING).any("month"), 0.0)


def _gap(results: Results, need: str) -> xr.DataArray:
    """Equivalents by which the stock of a need lies below its requirement in whole equivalents.  (arm, run, month)"""
    wanted = (results.dataset["wanted_of_need"].sel(need=need, drop=True) + ROUNDING) // 1
    gap = wanted - results.dataset["held_of_need"].sel(need=need, drop=True)
    return gap.transpose("arm", "run", "month")


def years_until_all(results: Results) -> xr.DataArray:
    """Years until the last of the needs is back.  (arm, run)"""
    return _years(results).max("need")


def horizon_in_years(results: Results) -> float:
    """How many years a run lasts."""
    return len(results.months) / MONTHS_IN_A_YEAR


def capped(results: Results, years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Years in which one that is not back stands behind all that are, so that runs can be ranked  [runs]."""
    import numpy as np

    return np.where(np.isfinite(years), years, math.ceil(horizon_in_years(results)) + 1.0)
