"""The columns of a headline that is not pass-through: units and their differences, years to refill, a promise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backfill.results.headline import PAIRED, Measure, as_number
from backfill.words import DASH, UNDEFINED, interval, number, percent, signed

if TYPE_CHECKING:
    from backfill.results.closing import ClosingTable

OPEN = "open"
"""In place of a time that has not come by the end of the horizon."""

Columns = tuple[tuple[str, tuple[str, ...]], ...]
"""Heads with their cells."""


def column_groups(table: ClosingTable) -> list[tuple[str, Columns]]:
    """A title and its columns for each thing that the headline counts, in the order of the arms."""
    by_arm = [table.measures[row.arm] for row in table.rows]
    return [columns_of(list(of_all)) for of_all in zip(*by_arm, strict=True)]


def columns_of(found: Sequence[Measure]) -> tuple[str, Columns]:
    """A median (or a mean difference), its ends, and in which share of runs it has not come by the end."""
    first = found[0]
    paired = first.ends == PAIRED
    head = {"share": "median", "units": "mean" if paired else "median"}.get(first.unit, "median")
    columns = [(head, tuple(_said(one, one.value) for one in found))]
    if any(one.low is not None for one in found):
        columns.append(("90 %, paired" if paired else f"5{DASH}95 %", tuple(map(_ends, found))))
    if any(one.never for one in found):
        columns.append((OPEN, tuple(UNDEFINED if one.never is None else percent(one.never) for one in found)))
    return first.title, tuple(columns)


def _said(one: Measure, value: float | None) -> str:
    if value is None:
        return UNDEFINED
    return _say(one)(value) if math.isfinite(value) else OPEN


def _say(one: Measure) -> Callable[[float], str]:
    """How a value of this measure is written."""
    if one.ends == PAIRED:
        return signed
    return {"share": percent, "years": lambda years: number(years, 1)}.get(one.unit, number)


def _ends(one: Measure) -> str:
    if one.low is None or one.high is None:
        return UNDEFINED
    if one.ends == PAIRED:
        return interval(one.low, one.high)
    low, high = _said(one, one.low), _said(one, one.high)
    if low == high == OPEN:
        return OPEN
    return f"{low.removesuffix(' %')}{DASH}{high}" if one.unit == "share" else f"{low}{DASH}{high}"


def explained(table: ClosingTable) -> str:
    """What `open` stands for, if it stands anywhere."""
    every = [one for found in table.measures.values() for one in found]
    return open_means(every, table.results.months[-1])


def open_means(found: Sequence[Measure], last: str) -> str:
    """What `open` stands for, if it stands anywhere; last: the last month of the horizon."""
    never = any(one.never for one in found)
    return f"{OPEN}: not by {last}, the end of the horizon; with the share of runs." if never else ""


def cells(found: Sequence[Measure]) -> list[tuple[str | float | None, ...]]:
    """Rows of a spreadsheet: name, month, unit, value, low, high, what the ends are."""
    rows: list[tuple[str | float | None, ...]] = []
    for one in found:
        rows.append((one.name, one.by, one.unit, *map(as_number, (one.value, one.low, one.high)), one.ends))
        if one.never is not None:
            rows.append((f"{one.name}: not by the end", one.by, "share of runs", one.never, None, None, ""))
    return rows
