"""Why not more: what a state lacks month after month, and which cause each part of it is charged to.

Amounts are equivalent-months: an equivalent that is missing at the end of each of two months counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from backfill.errors import UnknownName

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

AskedFor = Literal["aid", "backfill"]
ASKED_FOR: tuple[AskedFor, ...] = ("aid", "backfill")


@dataclass(frozen=True)
class Missing:
    """What the asking state of one arm lacks, mean over runs.

    a_month: equivalents that are missing in a usual month
    shares:  the part of the equivalent-months that each cause is charged with; they add up to 1, to 0 if nothing lacks
    """

    a_month: float
    shares: Mapping[str, float]


def asking_state(results: Results, asked_for: AskedFor) -> str:
    """Who asks: the aided state for aid, the donor for backfill."""
    roles = results.setting.roles
    return roles.aided if asked_for == "aid" else roles.donor


def missing(
    results: Results, asked_for: AskedFor = "aid", *, since: str | None = None, until: str | None = None
) -> xr.DataArray | None:
    """Equivalent-months that are missing from one month to another, of the whole horizon unless told.  (arm, run)

    sum over months of (target - position)+; for backfill, of (objective - position)+; None if it is not recorded
    """
    course = _course(results, "short", asked_for)
    return None if course is None else _within(course, results, since, until, "arm", "run")


def by_cause(
    results: Results, asked_for: AskedFor = "aid", *, since: str | None = None, until: str | None = None
) -> xr.DataArray | None:
    """The same by the cause that each part of it is charged to: the causes add up to `missing`.  (arm, run, cause)"""
    course = _course(results, "why_not", asked_for)
    return None if course is None else _within(course, results, since, until, "arm", "run", "cause")


def course_by_cause(results: Results, asked_for: AskedFor = "aid") -> xr.DataArray | None:
    """Equivalents that each cause keeps from the asking state at the end of each month, mean over runs.

    (arm, month, cause)
    """
    return results.remembered(course_name(asked_for), lambda: _course_by_cause(results, asked_for))


def course_name(asked_for: AskedFor) -> str:
    """Under which name the course is remembered."""
    return f"missing {asked_for} by cause"


def _course_by_cause(results: Results, asked_for: AskedFor) -> xr.DataArray | None:
    course = _course(results, "why_not", asked_for)
    return None if course is None else course.mean("run", dtype="float64").transpose("arm", "month", "cause")


def missing_by_arm(results: Results, asked_for: AskedFor) -> dict[str, Missing]:
    """What lacks in each arm and why, over the horizon; empty if it is not recorded.

    share of a cause = mean over runs of its equivalent-months / mean over runs of all
    """
    found = by_cause(results, asked_for)
    if found is None:
        return {}
    means = found.mean("run")
    causes, months = [str(cause) for cause in means["cause"].values], len(results.months)
    return {
        arm: _missing(dict(zip(causes, map(float, means.sel(arm=arm).values), strict=True)), months)
        for arm in results.arms
    }


def _missing(amounts: Mapping[str, float], months: int) -> Missing:
    total = sum(amounts.values())
    return Missing(total / months, {cause: amount / total if total else 0.0 for cause, amount in amounts.items()})


def causes_with_a_part(found: Mapping[str, Missing]) -> list[str]:
    """The causes that are charged with something in some arm, in the order in which they are charged."""
    causes = next(iter(found.values())).shares if found else {}
    return [cause for cause in causes if any(entry.shares[cause] for entry in found.values())]


def _course(results: Results, name: str, asked_for: AskedFor) -> xr.DataArray | None:
    """A recorded course of the state that asks, for the need that the items of the roles meet; None without one."""
    course, state = results.dataset.get(name), asking_state(results, asked_for)
    known = course is not None and state in course["state"].values and asked_for in course["asked_for"].values
    need = _need(results)
    if course is None or not known or need not in course["need"].values:
        return None
    return course.sel(state=state, need=need, asked_for=asked_for, drop=True)


def _need(results: Results) -> str:
    """The need that the items of the roles meet; an item in no need is one by itself."""
    first = results.setting.roles.items[0]
    return next((name for name, need in results.setting.needs.items() if first in need.worth), first)


def _within(course: xr.DataArray, results: Results, since: str | None, until: str | None, *kept: str) -> xr.DataArray:
    """The sum over a span of months, both ends counted, as exact sums of 256ths."""
    from backfill.results.outcomes import every_axis_but

    months = results.months
    for month in filter(None, (since, until)):
        if month not in months:
            raise UnknownName(f"found the month {month!r}; expected one from {months[0]} to {months[-1]}")
    first = months.index(since) if since else 0
    last = months.index(until) if until else len(months) - 1
    return every_axis_but(course.isel(month=slice(first, last + 1)), *kept)
