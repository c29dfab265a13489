"""The closing table as a terminal shows it, as rows for a spreadsheet, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backfill.results import displacement, sentence
from backfill.results.closing import ArmRow, ClosingTable, FamilyRow, Passing, Spread
from backfill.results.columns import cells as measure_cells
from backfill.results.columns import column_groups, explained
from backfill.results.headline import as_data as measured
from backfill.results.headline import kind_of
from backfill.results.outcomes import PassThrough, Ratio, leading
from backfill.results.weakness import warning
from backfill.words import (
    DASH,
    UNDEFINED,
    cut,
    decides,
    interval,
    number,
    one_line,
    short_month,
    state_name,
    width,
)

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.results.drivers import Drivers
    from backfill.results.history import HistoryTest

WIDEST = 100
WIDEST_NAME = 30
BETWEEN_COLUMNS, BETWEEN_GROUPS = 2, 3
RUNS_90 = f"5{DASH}95 %"
PAIRED_90 = "90 %, paired"
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True)
class Column:
    """Cells under a head, to be aligned on their right."""

    head: str
    cells: tuple[str, ...]

    @property
    def width(self) -> int:
        """Columns of the terminal that its widest cell takes."""
        return max(width(text) for text in (self.head, *self.cells))


@dataclass(frozen=True)
class Group:
    """Columns that share a title of one or two lines."""

    title: str
    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        """Columns of the terminal that it takes."""
        inside = sum(column.width for column in self.columns) + BETWEEN_COLUMNS * (len(self.columns) - 1)
        return max(inside, *(width(line) for line in self.title.split("\n")))

    def titles(self, deepest: int) -> list[str]:
        """The lines of its title, on the right, with empty lines above them up to so many."""
        lines = self.title.split("\n")
        return [right(line, self.width) for line in [""] * (deepest - len(lines)) + lines]

    def lines(self) -> list[str]:
        """Heads and cells: each on the right of its column, the columns on the right of the group."""
        padded = [[right(cell, column.width) for cell in (column.head, *column.cells)] for column in self.columns]
        return [right((" " * BETWEEN_COLUMNS).join(cells), self.width) for cells in zip(*padded, strict=True)]


def right(text: str, columns: int) -> str:
    """The text at the right end of so many columns."""
    return " " * (columns - width(text)) + text


def left(text: str, columns: int) -> str:
    """The text at the left end of so many columns."""
    return text + " " * (columns - width(text))


def render(results: Results, *, bold: bool = False) -> str:
    """The closing table with its sentences, at most 100 columns wide.

    bold: mark the baseline for a terminal; only there, since it takes an escape code
    """
    return text_of(results.table, bold=bold)


def text_of(table: ClosingTable, *, bold: bool = False) -> str:
    """A closing table as text: blocks of columns, pass-through under other doctrines, sentences, notes."""
    names = [cut(row.arm, WIDEST_NAME) for row in table.rows]
    parts = [block(names, groups, bold=bold) for groups in _blocks(names, _groups(table))]
    parts += [block(names, groups, bold=bold) for groups in _blocks(names, _families(table))]
    elsewhere = list(_blocks(names, _elsewhere(table)))
    parts += [block(names, groups, bold=bold) for groups in elsewhere[:1]]
    said = (sentence.answer(table), sentence.otherwise(table), sentence.leaning(table))
    parts.append(paragraph(" ".join(filter(None, said))))
    shown = len(elsewhere[0]) if elsewhere else 0
    last = [sentence.resting(table), sentence.left_out(table, shown), explained(table), warning(table)]
    notes = [*sentence.notes(table), *filter(None, last)]
    parts.append("\n".join(paragraph(f"Note: {note}") for note in notes))
    return "\n\n".join(part for part in parts if part)


def paragraph(text: str) -> str:
    """A text in lines that a terminal of 100 columns can show."""
    return textwrap.fill(text, WIDEST, break_on_hyphens=False)


def _blocks(names: Sequence[str], groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Groups that fit beside each other and the names of arms, as many as there is room for."""
    return beside(groups, WIDEST - max(map(width, ("arm", *names))))


def beside(groups: Sequence[Group], room: int) -> Iterator[list[Group]]:
    """Groups that fit beside each other into so many columns; at least one."""
    taken: list[Group] = []
    for group in groups:
        if taken and sum(BETWEEN_GROUPS + other.width for other in (*taken, group)) > room:
            yield taken
            taken = []
        taken.append(group)
    if taken:
        yield taken


def block(names: Sequence[str], groups: Sequence[Group], *, bold: bool = False) -> str:
    """A table of text: titles, heads, one thin rule, one line for each arm; the first arm is the baseline."""
    margin = max(map(width, ("arm", *names)))
    deepest = max(group.title.count("\n") for group in groups) + 1
    titles = zip(*(group.titles(deepest) for group in groups), strict=True)
    rest = zip(*(group.lines() for group in groups), strict=True)
    named = zip([*[""] * deepest, "arm", *names], [*titles, *rest], strict=True)
    lines = [(" " * BETWEEN_GROUPS).join([left(name, margin), *cells]).rstrip() for name, cells in named]
    rule = "─" * max(map(width, lines))
    first = f"{BOLD}{lines[deepest + 1]}{PLAIN}" if bold else lines[deepest + 1]
    return "\n".join([*lines[: deepest + 1], rule, first, *lines[deepest + 2 :]])


def _groups(table: ClosingTable) -> list[Group]:
    if not table.asks_for_pass_through:
        return _groups_of_headline(table)
    return [
        *_units_by_date(table),
        *_usual(table),
        *(
            _passing(table, f"passed on by\n{short_month(date)}", [row.passing[date] for row in table.rows])
            for date in table.passing_dates
        ),
    ]


def _groups_of_headline(table: ClosingTable) -> list[Group]:
    """What the headline counts; then the usual columns in which something stands."""
    counted = [
        Group(title, tuple(Column(head, cells) for head, cells in found)) for title, found in column_groups(table)
    ]
    units, usual = _units_by_date(table), [group for group in _usual(table) if _says_something(group)]
    if kind_of(table.results.setting) == "units":
        return [*units, *counted, *usual]
    return [*counted, *filter(_says_something, units), *usual]


def _says_something(group: Group) -> bool:
    """Whether some cell is neither undefined nor zero."""
    return any(cell.strip(f"0{DASH}") for column in group.columns for cell in column.cells)


def _units_by_date(table: ClosingTable) -> list[Group]:
    setting = table.results.setting
    aided = cut(state_name(setting, setting.roles.aided), 20)
    family = leading(setting)
    what = "" if family is None else f"{cut(one_line(family.name), 20)} "
    return [_units(table, f"{what}to {aided} by\n{short_month(date)}", date) for date in table.unit_dates]


def _usual(table: ClosingTable) -> list[Group]:
    """What arrives as backfill, how long stocks lie below their floors, what is not met."""
    return [
        Group(
            "backfill\ndelivered",
            (
                _column("units", table, lambda row: number(row.backfill.median)),
                _column("first", table, lambda row: short_month(row.first) if row.first else UNDEFINED),
            ),
        ),
        Group(
            "months below\nfloor",
            tuple(
                Column(state, tuple(middle(row.below[state]) for row in table.rows)) for state in table.baseline.below
            ),
        ),
        Group("demand\nnot met", (_column("equiv.", table, lambda row: middle(row.unmet)),)),
    ]


def _column(head: str, table: ClosingTable, cell: Callable[[ArmRow], str]) -> Column:
    return Column(head, tuple(cell(row) for row in table.rows))


def _units(table: ClosingTable, title: str, date: str) -> Group:
    return _middles(table, title, [row.units[date] for row in table.rows])


def _middles(table: ClosingTable, title: str, spreads: Sequence[Spread]) -> Group:
    """Medians, and what 90 % of runs lie between."""
    medians, ends = Column("median", tuple(map(middle, spreads))), Column(RUNS_90, tuple(map(between, spreads)))
    return Group(title, (medians, ends) if table.results.runs > 1 else (medians,))


def _passing(table: ClosingTable, title: str, found: Sequence[PassThrough | None]) -> Group:
    ratios, ends = Column("per unit", tuple(map(share, found))), Column(PAIRED_90, tuple(map(unsure, found)))
    return Group(title, (ratios, ends) if table.results.runs > 1 else (ratios,))


def _families(table: ClosingTable) -> list[Group]:
    """The items that are also counted by themselves: units at the first date, pass-through at the others."""
    groups = []
    for name, rows in table.counted_apart.items():
        said = cut(name, 24)
        for date in rows[table.baseline.arm].units:
            spreads = [rows[row.arm].units[date] for row in table.rows]
            groups.append(_middles(table, f"{said},\nby {short_month(date)}", spreads))
        for date in table.passing_dates if table.asks_for_pass_through else ():
            passed = [rows[row.arm].passing[date] for row in table.rows]
            groups.append(_passing(table, f"{said},\npassed on by {short_month(date)}", passed))
    return groups


def _elsewhere(table: ClosingTable) -> list[Group]:
    """Pass-through at the last date under every other doctrine."""
    date = table.passing_dates[-1]
    return [
        _passing(table, _way_title(table, way, date), [found[row.arm][date] for row in table.rows])
        for way, found in table.elsewhere.items()
    ]


def _way_title(table: ClosingTable, way: str, date: str) -> str:
    said = cut(sentence.way_words(table.results, way), 40)
    return f"passed on by {short_month(date)},\n{said}"


def middle(spread: Spread | None) -> str:
    """A median in whole units."""
    return UNDEFINED if spread is None else number(spread.median)


def between(spread: Spread | None) -> str:
    """What 90 % of runs lie between."""
    return (
        UNDEFINED if spread is None or spread.low is None or spread.high is None else interval(spread.low, spread.high)
    )


def share(found: Ratio | None) -> str:
    """A ratio to two digits."""
    return UNDEFINED if found is None else number(found.value, 2)


def unsure(found: Ratio | None) -> str:
    """The 90 % interval of a ratio."""
    return UNDEFINED if found is None or found.low is None or found.high is None else interval(found.low, found.high, 2)


def as_data(results: Results) -> dict[str, Any]:
    """The closing table as data that strict JSON can hold: undefined is None, arms by their names."""
    from backfill.results.details import details_of

    table = results.table
    scenario = results.scenario
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "label": scenario.label,
        "horizon": [results.months[0], results.months[-1]],
        "runs": results.runs,
        "seed": results.seed,
        "central": results.central,
        "decides": decides(results.setting),
        "headline": kind_of(results.setting),
        "measures": measured(table.measures),
        "arms": {row.arm: _row_data(row) for row in table.rows},
        "families": {name: _family_data(rows) for name, rows in table.families.items()},
        "under": {way: _by_arm(found) for way, found in table.elsewhere.items()},
        **details_of(table),
        "answer": sentence.answer(table),
        "otherwise": sentence.otherwise(table) or None,
        "drivers": _drivers_data(table.drivers),
        "unit_drivers": _drivers_data(table.unit_drivers),
        "history": history_data(table.history),
        "displacement": displacement.as_data(results),
        "notes": sentence.notes(table),
        "warning": warning(table) or None,
        "command": results.command or None,
    }


def _family_data(rows: Mapping[str, FamilyRow]) -> dict[str, Any]:
    return {
        arm: {
            "units": {date: spread_data(spread) for date, spread in row.units.items()},
            "pass_through": passing_data(row.passing),
        }
        for arm, row in rows.items()
    }


def _by_arm(found: Mapping[str, Passing]) -> dict[str, Any]:
    return {arm: passing_data(passing) for arm, passing in found.items()}


def _row_data(row: ArmRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "units": {date: spread_data(spread) for date, spread in row.units.items()},
        "backfill": spread_data(row.backfill),
        "first_backfill": row.first,
        "pass_through": passing_data(row.passing),
        "pass_through_per_promised": passing_data(row.per_promised),
        "pass_through_in_equivalents": passing_data(row.in_equivalents),
        "months_below_floor": {state: spread_data(spread) for state, spread in row.below.items()},
        "unmet_demand": spread_data(row.unmet),
        "exposure": spread_data(row.exposure),
        "promised_and_not_delivered": spread_data(row.owed),
        "delay_months": row.delay,
    }


def spread_data(spread: Spread | None) -> dict[str, float | None] | None:
    """A median with its ends."""
    return None if spread is None else {"median": spread.median, "p5": spread.low, "p95": spread.high}


def passing_data(passing: Passing) -> dict[str, Any] | None:
    """Pass-through by date; None if it is defined at none."""
    if all(found is None for found in passing.values()):
        return None
    return {date: ratio_data(found) for date, found in passing.items()}


def ratio_data(found: Ratio | None) -> dict[str, float | None] | None:
    """A ratio with the ends of its 90 % interval and its standard error."""
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high, "se": found.error}


def history_data(history: HistoryTest | None) -> dict[str, Any] | None:
    """The share of draws that agree with history, for each criterion and for all."""
    if history is None:
        return None
    held = {entry.criterion.name: {"share": entry.share, "counts": entry.criterion.counts} for entry in history.held}
    return {"share": history.share, "criteria": held, "not_recorded": list(history.left_out)}


def _drivers_data(drivers: Drivers) -> dict[str, Any]:
    return {
        "outcome": drivers.outcome,
        "note": drivers.note,
        "numbers": [
            {
                "path": driver.path,
                "share": driver.share,
                "correlation": driver.correlation,
                "with": list(driver.together),
            }
            for driver in drivers.found
        ],
    }


HEAD = ("arm", "title", "decides", "outcome", "by", "unit", "value", "low", "high", "interval")
RUNS_INTERVAL, PAIRED_INTERVAL = "5-95 % of runs", "90 % paired"
Cells = tuple[str | float | None, ...]


def as_rows(results: Results) -> list[Cells]:
    """The closing table as rows under `HEAD`: one for each arm, outcome and date."""
    table = results.table
    rows: list[Cells] = []
    for row in table.rows:
        listed = [*measure_cells(table.measures.get(row.arm, ())), *_cells(row, table.results.months[-1])]
        rows += [(row.arm, row.title, "", *cells) for cells in listed]
    for name, families in table.families.items():
        for row in table.rows:
            rows += [(row.arm, row.title, "", *cells) for cells in _family_cells(name, families[row.arm])]
    for way, found in table.elsewhere.items():
        said = sentence.way_words(results, way)
        for row in table.rows:
            rows += [
                (row.arm, row.title, said, *cells) for cells in _passing_cells("pass_through", "units", found[row.arm])
            ]
    return rows


def _cells(row: ArmRow, last: str) -> Iterator[Cells]:
    for date, spread in row.units.items():
        yield _spread_cells("units_to_aided", date, "units", spread)
    yield _spread_cells("backfill_delivered", last, "units", row.backfill)
    yield ("first_backfill", last, "month", row.first, None, None, "median")
    yield from _passing_cells("pass_through", "units", row.passing)
    yield from _passing_cells("pass_through", "equivalents", row.in_equivalents)
    yield from _passing_cells("pass_through_per_promised", "units", row.per_promised)
    for state, found in row.below.items():
        yield _spread_cells(f"months_below_floor_{state}", last, "months", found)
    yield _spread_cells("unmet_demand", last, "equivalents", row.unmet)
    yield _spread_cells("exposure", last, "equivalent-months", row.exposure)
    yield _spread_cells("promised_and_not_delivered", last, "units", row.owed)


def _family_cells(name: str, row: FamilyRow) -> Iterator[Cells]:
    for date, spread in row.units.items():
        yield _spread_cells(f"units_to_aided, {name}", date, "units", spread)
    yield from _passing_cells(f"pass_through, {name}", "units", row.passing)


def _spread_cells(name: str, by: str, unit: str, spread: Spread | None) -> Cells:
    if spread is None:
        return (name, by, unit, None, None, None, RUNS_INTERVAL)
    return (name, by, unit, spread.median, spread.low, spread.high, RUNS_INTERVAL)


def _passing_cells(name: str, unit: str, passing: Passing) -> Iterator[Cells]:
    for by, found in passing.items():
        ends = (None, None, None) if found is None else (found.value, found.low, found.high)
        yield (name, by, unit, *ends, PAIRED_INTERVAL)
