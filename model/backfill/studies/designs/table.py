"""Points from a table: a CSV file with a column for each factor and a row for each point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backfill.errors import Place, ScenarioProblems
from backfill.reading.document import Map, scalar
from backfill.reading.series import rows_of
from backfill.scenario.fields import shown
from backfill.scenario.shelf import Shelf
from backfill.studies.designs.desk import Desk
from backfill.studies.designs.factors import Factor


@dataclass(frozen=True)
class Table:
    """The factors that a table has columns for, now with the places of their values, and its rows."""

    factors: dict[str, Factor]
    rows: tuple[tuple[Any, ...], ...]


def read_table(desk: Desk, design: Map, factors: dict[str, Factor], beside: Path) -> Table | None:
    """The table that a layout names; None if it names none, or if there is none to read."""
    layout = design.get("layout")
    if not isinstance(layout, Map) or "table" not in layout:
        return None
    name, place = layout["table"], layout.place_of("table")
    there = Shelf().find_below(name, beside) if isinstance(name, str) else None
    if there is None:
        desk.complain("layout.table", shown(name), "a CSV file below the design's folder", "", place)
        return None
    try:
        rows = list(rows_of(*there, (), told="layout.table"))
    except ScenarioProblems as fault:
        desk.problems += fault.problems
        return None
    return _table(desk, rows, factors, there[1], place)


def _table(
    desk: Desk, rows: list[tuple[int, dict[str, str]]], factors: dict[str, Factor], shown_as: str, place: Place
) -> Table | None:
    names = tuple(rows[0][1]) if rows else ()
    known = [desk.known(name, "layout.table", Place(shown_as, 1, 1), factors, "a factor") for name in names]
    for name in (name for name in names if name in factors):
        if factors[name].values or factors[name].span or factors[name].same_as:
            desk.complain("layout.table", f"the column {name!r}, whose factor has values", "a path alone", "", place)
    if not all(known):
        return None
    columns = {}
    for name in names:
        at = {
            cell: ("layout.table", Place(shown_as, line, 1))
            for line, row in reversed(rows)
            for cell in [row[name].strip()]
        }
        columns[name] = replace(factors[name], at=at)
    for line, row in rows:
        for name in names:
            if not row[name].strip():
                desk.complain("layout.table", f"nothing under {name!r}", "a value", "", Place(shown_as, line, 1))
    values = tuple(tuple(scalar(row[name].strip()) for name in names) for _, row in rows)
    return Table(columns, values)
