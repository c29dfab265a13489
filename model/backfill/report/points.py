"""The points of a study: what was varied, what came of each, and how far that moves over all of them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backfill.report.html import Html, element, grid, joined
from backfill.results.headline import need_name
from backfill.studies.headlining import LATE, REFILL, SHARE
from backfill.studies.mattering import leading_number
from backfill.studies.store import written
from backfill.words import (
    UNDEFINED,
    capital,
    count,
    few_digits,
    interval,
    number,
    percent,
    short_month,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.scenario import Setting

Row = Mapping[str, str]
Settings = Mapping[str, Any]

MOST_LEVELS, SHOWN_ROWS, MOST_ROWS = 12, 12, 400
"""Levels of a factor told one by one; rows that stand open; rows on the page: the others are in summary.csv."""


@dataclass(frozen=True)
class Measure:
    """Something that came of every point: how it is called and where its value and its ends stand in summary.csv.

    what: as the subject of a sentence;  head: over a column;  level: what its ends are
    """

    column: str
    what: str
    head: str
    digits: int
    ends: tuple[str, str]
    level: str
    never: str = ""

    def value(self, row: Row) -> float:
        """Its value; infinite where it has not come by the end in most runs, not-a-number where it is undefined."""
        if row.get(self.column):
            return float(row[self.column])
        return math.inf if self.never and row.get(self.never) else math.nan

    def number(self, value: float) -> str:
        """A value as one reads it."""
        if math.isnan(value):
            return UNDEFINED
        if math.isinf(value):
            return "not by the end"
        if self.column.startswith(SHARE):
            return percent(value)
        return f"{number(value, self.digits)}{' years' if self.column.startswith(REFILL) else ''}"

    def span(self, row: Row) -> str:
        """From where to where its interval goes; empty if it has none."""
        low, high = (row.get(end, "") for end in self.ends)
        if low and high and not self.column.startswith(SHARE):
            return interval(float(low), float(high), self.digits)
        said = f"{self.number(float(low))} to {self.number(float(high)) if high else 'open'}" if low else ""
        open_in = float(row.get(self.never) or 0) if self.never else 0.0
        return ", ".join(filter(None, [said, f"open in {percent(open_in)}" if open_in else ""]))

    def cell(self, row: Row) -> Html:
        """Value and interval below each other."""
        said, span = self.number(self.value(row)), self.span(row)
        return joined([said, element("span", span, class_="span")] if span else [said])


def measures(setting: Setting, rows: Sequence[Row]) -> list[Measure]:
    """What the headline of the scenario counts first, then units to the aided state."""
    columns = list(rows[0]) if rows else []
    asked = [name.removesuffix("_median") for name in columns if name.endswith("_median")]
    found = [_headline(setting, name) for name in asked]
    if setting.outcomes.headline == "pass_through":
        found.append(_mean("pass_through", "Pass-through", "pass-through", 2))
    aided = with_article(state_name(setting, setting.roles.aided))
    found.append(_mean("units_mean", f"What reaches {aided}", f"units to {aided}", 0))
    if setting.outcomes.headline == "units":
        found.append(_mean("more_units", "What an arm adds", "more than the baseline", 0))
    return [one for one in found if any(not math.isnan(one.value(row)) for row in rows)]


def _mean(name: str, what: str, head: str, digits: int) -> Measure:
    return Measure(name, what, head, digits, (f"{name}_low_90", f"{name}_high_90"), "90 % interval of the mean")


def _headline(setting: Setting, name: str) -> Measure:
    ends, never = (f"{name}_5", f"{name}_95"), f"{name}_never"
    if name.startswith(REFILL):
        need = need_name(setting, name.removeprefix(REFILL))
        what, head, digits = f"The time until the stock of {need} is back", f"{need}: back after", 1
    else:
        what, head, digits = {
            SHARE: ("What is there when it is due", "there when due", 0),
            LATE: ("The delay of what was promised", "months late", 0),
        }.get(name, (capital(name.replace("_", " ")), name.replace("_", " "), 2))
    return Measure(f"{name}_median", what, head, digits, ends, "5–95 % of runs", never)


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of summary.csv."""
    return list(csv.DictReader(text.splitlines()))


def last_rows(rows: Sequence[Row]) -> list[Row]:
    """Those by the last date."""
    last = max((row["by"] for row in rows), default="")
    return [row for row in rows if row["by"] == last]


def lead(rows: Sequence[Row], measure: Measure, arm: str) -> str:
    """How far the first measure of the first arm moves over the points."""
    mine = [row for row in rows if row["arm"] == arm and not math.isnan(measure.value(row))]
    values = sorted(measure.value(row) for row in mine)
    if not values:
        return f"{measure.what} is defined at no point."
    by = f"by {short_month(mine[0]['by'])}" if measure.column in ("pass_through", "units_mean", "more_units") else ""
    if len(values) == 1:
        span = measure.span(mine[0])
        doubt = f" ({measure.level}: {span})" if span else ""
        return f"{' '.join(filter(None, [measure.what, 'is', measure.number(values[0])]))}{doubt}{by and f' {by}'}."
    low, high = measure.number(values[0]), measure.number(values[-1])
    over = f"over {count(len(values), 'point')}{by and f', {by}'}"
    return f"{measure.what} {f'is {low}' if low == high else f'lies between {low} and {high}'} {over}."


def factors(design: Mapping[str, Any]) -> Html:
    """What was varied, and over which levels."""
    points, rows = design.get("points", []), []
    for name, said in design.get("factors", {}).items():
        path = said.get("path", name) if isinstance(said, dict) else name
        rows.append([name, element("code", written(path)), levels([point.get(name) for point in points])])
    others = design.get("others", "")
    told = element("p", f"All other numbers: {written(others)}.") if others else Html()
    table = grid("Factors and their levels", ["factor", "what it sets", "levels"], rows, numbers=False)
    return joined([table if rows else element("p", "No factor: every point is the scenario as it stands."), told])


def levels(said: Sequence[Any]) -> str:
    r"""The levels of a factor one by one, or from where to where they go.

    >>> levels(["40 %", "60 %", None])
    '40\xa0%, 60\xa0%, as written'
    """
    found = list(dict.fromkeys(map(level, said)))
    if len(found) <= MOST_LEVELS:
        return ", ".join(found)
    ordered = sorted(found, key=lambda one: (math.isnan(leading_number(one)), leading_number(one)))
    if math.isnan(leading_number(ordered[-1])):
        return f"{', '.join(found[:MOST_LEVELS])} and {len(found) - MOST_LEVELS} more"
    return f"{len(found):,} values, {ordered[0]} to {ordered[-1]}"


def level(value: Any) -> str:
    r"""What a factor is at a point, in few digits; where the design does not set it, the scenario does.

    >>> level("36.62617 %"), level(None)
    ('36.63\xa0%', 'as written')
    """
    if value in (None, "", "null"):
        return "as written"
    return few_digits(written(value)).replace(" %", "\N{NO-BREAK SPACE}%")


def over_points(rows: Sequence[Row], found: Sequence[Measure], design: Mapping[str, Any]) -> Html:
    """The least, the middle and the most of each measure in each arm, and where the ends are."""
    lines = [
        [joined([element("strong" if arm == design["arms"][0] else "span", arm)]), one.head, *cells]
        for one in found
        for arm in design["arms"]
        if (cells := _ends(rows, one, arm, design))
    ]
    return grid("How far it moves over the points", ["arm", "of what", "least", "middle", "most"], lines, numbers=False)


def _ends(rows: Sequence[Row], one: Measure, arm: str, design: Mapping[str, Any]) -> list[Html]:
    mine = [row for row in rows if row["arm"] == arm and not math.isnan(one.value(row))]
    ordered = sorted(mine, key=one.value)
    if not ordered:
        return []
    chosen = (ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1])
    if one.number(one.value(chosen[0])) == one.number(one.value(chosen[2])):
        return [joined([one.number(one.value(chosen[0])), element("span", "at every point", class_="span")])] * 3
    return [
        joined([one.number(one.value(row)), element("span", _where(row, design), class_="span where")])
        for row in chosen
    ]


def _where(row: Row, design: Mapping[str, Any]) -> str:
    """Which point a row is of, with at most three of its factors."""
    said = [f"{name} {level(row[name])}" for name in design.get("factors", {}) if name in row][:3]
    return f"point {row['point']}{': ' if said else ''}{', '.join(said)}"


def table(rows: Sequence[Row], found: Sequence[Measure], design: Mapping[str, Any]) -> Html:
    """Every point and arm; what is beyond one page of it is folded, what is beyond reading is in summary.csv."""
    names = [name for name in design.get("factors", {}) if rows and name in rows[0]]
    head = ["point", *names, "arm", "runs", *(one.head for one in found)]
    kinds = dict.fromkeys(one.level for one in found)
    caption = f"Point by point; below each number its {' or '.join(kinds)}"
    cells = [list(_cells(row, names, found)) for row in rows[:MOST_ROWS]]
    parts = [grid(caption, head, cells[:SHOWN_ROWS])]
    if len(cells) > SHOWN_ROWS:
        rest = grid("The points that follow", head, cells[SHOWN_ROWS:])
        parts.append(element("details", element("summary", count(len(cells) - SHOWN_ROWS, "more row")), rest))
    if len(rows) > MOST_ROWS:
        parts.append(element("p", f"{count(len(rows) - MOST_ROWS, 'row')} more in summary.csv."))
    return joined(parts)


def _cells(row: Row, names: Sequence[str], found: Sequence[Measure]) -> Iterator[str]:
    yield row["point"]
    yield from (level(row[name]) for name in names)
    yield from (row["arm"], row["runs"])
    yield from (one.cell(row) for one in found)


def failed(failures: Sequence[Any], points: Sequence[Settings]) -> Html:
    """The points that could not be lived through: what they were, at which stage they failed, and why."""
    if not failures:
        return Html()
    rows = [
        [
            f"{one.point}",
            ", ".join(f"{name} {level(value)}" for name, value in points[one.point].items()) or UNDEFINED,
            one.stage,
            one.reason,
        ]
        for one in failures[:MOST_ROWS]
    ]
    left = len(failures) - MOST_ROWS
    more = element("p", f"{count(left, 'failure')} more in journal.jsonl.") if left > 0 else ""
    return joined([grid("Points that failed", ["point", "what it was", "stage", "why"], rows, numbers=False), more])
