"""Who handed how much to whom in each year, and what was asked of a giver and not given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

BY_YEAR = "flows by year"
TO = ">"


def is_recorded(results: Results) -> bool:
    """Whether it is known who handed what to whom."""
    return results.knows(BY_YEAR) or "supplied" in results.dataset


def by_year(results: Results) -> xr.DataArray:
    """Units sent in each year and equivalents still asked for at its end, mean over runs.

    (arm, year, pair, measure): pair is `USA>UKR`, measure is sent or asked
    """
    return results.remembered(BY_YEAR, lambda: _by_year(results))


def _by_year(results: Results) -> xr.DataArray:
    import numpy as np
    import xarray as xr

    sent = results.dataset["supplied"].mean("run", dtype="float64")
    years = [str(month)[:4] for month in sent["month"].values]
    last = {year: number for number, year in enumerate(years)}
    sent = sent.assign_coords(year=("month", years)).groupby("year").sum("month")
    found = [sent.assign_coords(measure="sent")]
    if "requested" in results.dataset:
        asked = results.dataset["requested"].isel(month=list(last.values())).mean("run", dtype="float64")
        asked = asked.rename(month="year").assign_coords(year=list(last))
        found.append(asked.assign_coords(measure="asked"))
    table = xr.concat(found, "measure", join="outer", fill_value=0.0).transpose("arm", "year", "pair", "measure")
    return table.copy(data=np.ascontiguousarray(table.values))  # so that sums over it are the same once it is stored


def ends_of(pair: str) -> tuple[str, str]:
    """Giver and receiver.

    >>> ends_of("USA>UKR")
    ('USA', 'UKR')
    """
    giver, _, taker = pair.partition(TO)
    return giver, taker
