"""Who waits for whom: what events that re-order a queue take from its other customers, and for how many months."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backfill.errors import UnknownName
from backfill.results import outcomes
from backfill.words import capital, count, long_month, markdown, number, one_line, state_name

if TYPE_CHECKING:
    import xarray as xr

    from backfill.results import Results

OUTSIDE = "OTHER"
NOBODY = "nobody"
AXES = ("arm", "run", "queue", "customer")


@dataclass(frozen=True)
class Slip:
    """What one customer of a re-ordered line loses or gains, as means over runs.

    lost:    unit-months that it waits longer than in the usual order; negative: gained
    delayed: units that come later than they would
    months:  how much later each of these comes; None if there is none
    """

    queue: str
    customer: str
    lost: float
    delayed: float
    months: float | None


def displaced(results: Results, by: str) -> xr.DataArray | None:
    """Unit-months that each customer of a re-ordered line has lost by a month; None where nothing is re-ordered.

    sum over months of (units that it would have had in the usual order - units that it has had): over all customers of
    a line this is zero in every run  (arm, run, queue, customer)
    """
    return _at(results, "displaced", by)


def delayed(results: Results, by: str) -> xr.DataArray | None:
    """Units that have come, or are to come, later than in the usual order, by a month.  (arm, run, queue, customer)"""
    return _at(results, "delayed", by)


def months_slipped(results: Results, by: str) -> xr.DataArray | None:
    """By how many months a delayed unit is late, up to a month.  (arm, queue, customer)

    sum over runs and months of units that are late / sum over runs of units that were delayed
    Not-a-number where none was delayed; a unit that has not come yet counts with the months so far.
    """
    if "slipped" not in results.dataset or delayed(results, by) is None:
        return None
    _lost, units, late = in_total(results, by).transpose("measure", ...)
    each: xr.DataArray = late / units.where(units > 0)
    return each.rename("months_slipped")


def _at(results: Results, name: str, by: str) -> xr.DataArray | None:
    """A running total at the end of a month."""
    if by not in results.months:
        raise UnknownName(f"found the month {by!r}; expected one from {results.months[0]} to {results.months[-1]}")
    total = results.dataset.get(name)
    return None if total is None else total.sel(month=by, drop=True).astype(float).transpose(*AXES)


def slips(results: Results, arm: str, by: str) -> list[Slip]:
    """Who gains and who loses in an arm, line by line, the greatest losses first; empty if nothing is moved."""
    if not is_recorded(results, by):
        return []
    late = in_total(results, by).sel(arm=arm)
    found = []
    for queue in late["queue"].values:
        for customer in late["customer"].values:
            lost, units, months = (float(value) / results.runs for value in late.sel(queue=queue, customer=customer))
            waits = months / units if units else None
            found.append(Slip(str(queue), str(customer), lost, units, waits))
    moved = [slip for slip in found if slip.lost or slip.delayed]
    return sorted(moved, key=lambda slip: (slip.queue, -slip.lost, slip.customer))


def total_name(by: str) -> str:
    """Under which name the totals up to a month are remembered."""
    return f"late by {by}"


def is_recorded(results: Results, by: str) -> bool:
    """Whether it is known what re-ordered queues give and take, up to a month."""
    return results.knows(total_name(by)) or {"displaced", "slipped"} <= set(results.dataset)


def in_total(results: Results, by: str) -> xr.DataArray:
    """Over all runs: unit-months lost, units delayed, and months for which units were late.

    (arm, queue, customer, measure)
    """
    return results.remembered(total_name(by), lambda: _in_total(results, by))


def _in_total(results: Results, by: str) -> xr.DataArray:
    import xarray as xr

    lost, units = results.dataset["displaced"].sel(month=by), results.dataset["delayed"].sel(month=by)
    late = results.dataset["slipped"].isel(month=slice(0, results.months.index(by) + 1))
    axes = ("arm", "queue", "customer")
    parts = [outcomes.every_axis_but(found.drop_vars("month"), *axes) for found in (lost, units)]
    return xr.concat([*parts, outcomes.every_axis_but(late, *axes)], dim="measure").transpose(*axes, "measure")


def notes(results: Results) -> list[str]:
    """One sentence for each line that the baseline re-orders: who gains most, and who waits longest for it."""
    last = results.months[-1]
    by_queue: dict[str, list[Slip]] = {}
    for slip in slips(results, results.arms[0], last):
        by_queue.setdefault(slip.queue, []).append(slip)
    return [_note(results, queue, found, last) for queue, found in by_queue.items()]


def _note(results: Results, queue: str, found: list[Slip], last: str) -> str:
    most, winner = found[0], found[-1]
    waits = "" if most.months is None else f": {_units(most.delayed)} by {_months(most.months)} each"
    gains = f"{_name(results, winner.customer)} gains {number(-winner.lost)} unit-months"
    loses = f"most is lost by {_name(results, most.customer)}, {number(most.lost)}{waits}"
    return f"In the re-ordered queue of {one_line(queue)}, by {long_month(last)}, {gains}; {loses}."


def _months(many: float) -> str:
    return "a month" if round(many) == 1 else f"{number(many)} months"


def _units(many: float) -> str:
    return count(max(round(many), 1), "unit")


def _name(results: Results, customer: str) -> str:
    if customer == OUTSIDE:
        return "customers outside the model"
    return "nobody" if customer == NOBODY else state_name(results.setting, customer)


def section(results: Results) -> Iterator[str]:
    """The part of a summary that tells who waits for whom, in Markdown; nothing where no queue is re-ordered."""
    last, arm = results.months[-1], results.arms[0]
    found = slips(results, arm, last)
    if not found:
        return
    lines = ["| line | customer | unit-months lost | units delayed | months each |", "|---|---|--:|--:|--:|"]
    lines += [_line(results, slip) for slip in found]
    yield (
        f"## Who waits for whom\n\nWhat re-ordered queues give and take by {long_month(last)}, in the mean over runs "
        f"of {markdown(arm)}, held against the same orders and the same output in the usual order. Over all customers "
        "of a line it adds up to nothing."
    )
    yield "\n".join(lines)


def _line(results: Results, slip: Slip) -> str:
    months = "" if slip.months is None else number(slip.months, 1)
    cells = [
        markdown(slip.queue),
        markdown(capital(_name(results, slip.customer))),
        number(slip.lost),
        number(slip.delayed),
        months,
    ]
    return f"| {' | '.join(cells)} |"


def as_data(results: Results) -> list[dict[str, Any]]:
    """Who gains and who loses in each arm by the last month, as data that strict JSON can hold."""
    last = results.months[-1]
    return [
        {
            "arm": arm,
            "line": slip.queue,
            "customer": slip.customer,
            "unit_months_lost": slip.lost,
            "units_delayed": slip.delayed,
            "months_each": slip.months,
        }
        for arm in results.arms
        for slip in slips(results, arm, last)
    ]


Columns = Mapping[str, Any]


def columns(results: Results, dates: list[str]) -> Iterator[Columns]:
    """Unit-months lost, units late and units delayed by arm, run, date, line and customer; rows of zeros left out."""
    import numpy as np

    for by in dates:
        tables = [_at(results, name, by) for name in ("displaced", "slipped", "delayed")]
        if any(table is None for table in tables):
            return
        values = [np.rint(table.values).astype(np.int32) for table in tables if table is not None]
        places = np.nonzero(np.logical_or.reduce([found != 0 for found in values]))
        labels = {axis: [one_line(str(label)) for label in results.dataset["displaced"][axis].values] for axis in AXES}
        words = {axis: (place, labels[axis]) for axis, place in zip(AXES, places, strict=True) if axis != "run"}
        yield {"run": places[1], "by": (np.zeros(len(places[0]), dtype=np.int32), [by])} | {
            "arm": words["arm"],
            "line": words["queue"],
            "customer": words["customer"],
            **dict(zip(("lost", "late", "delayed"), (found[places] for found in values), strict=True)),
        }
