"""What bound each production line month after month: orders, capacity, a part, or that it stood still."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

BY_MONTH = "limits by month"
LIMITS = ("orders", "capacity", "component", "down")
"""In the order of their numbers in the kernel of production."""


def is_recorded(results: Results) -> bool:
    """Whether it is known what bound some line."""
    return results.knows(BY_MONTH) or "bound" in results.dataset


def by_month(results: Results) -> xr.DataArray:
    """The share of runs in which each limit bound a line.  (arm, line, month, limit)"""
    return results.remembered(BY_MONTH, lambda: _by_month(results))


def _by_month(results: Results) -> xr.DataArray:
    import xarray as xr

    bound = results.dataset["bound"]
    shares = [
        (bound == number).mean("run", dtype="float64").assign_coords(limit=limit) for number, limit in enumerate(LIMITS)
    ]
    return xr.concat(shares, "limit").transpose("arm", "line", "month", "limit")
