"""The numbers of a stored run: three to begin with, and all arms side by side."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.errors import BackfillError
from backfill.report.html import Html, element, grid, joined
from backfill.words import UNDEFINED, interval, long_month, number, short_month, state_name, with_article

if TYPE_CHECKING:
    from backfill.scenario import Setting

SHARES = "pass_through"
"""Outcomes whose names begin with it are ratios and take two digits."""
FIRST = ("pass_through", "units_to_aided", "backfill_delivered")
"""What a run tells first, behind the measures of its question."""
COMPARED = (*FIRST, "first_backfill", "unmet_demand", "exposure", "promised_and_not_delivered")
IN_UNITS = "units"
INTERVALS = {"90 % paired": "90 % interval, same runs", "5-95 % of runs": "5–95 % of runs", "median": "median of runs"}


class UnreadableSummary(BackfillError):
    """A summary of a run that is missing or not as this program writes it."""


@dataclass(frozen=True)
class Cell:
    """An outcome of an arm by a month, as a row of summary.csv holds it."""

    arm: str
    title: str
    outcome: str
    by: str
    unit: str
    value: str
    low: str
    high: str
    interval: str

    @property
    def digits(self) -> int:
        """Decimals that mean something."""
        return 2 if self.outcome.startswith(SHARES) else 1 if self.unit == "years" else 0

    @property
    def said(self) -> str:
        """The value as one reads it."""
        if not self.value:
            return UNDEFINED
        if self.unit == "month":
            return short_month(self.value)
        try:
            return number(float(self.value), self.digits)
        except ValueError:
            return self.value

    @property
    def span(self) -> str:
        """Its interval; empty if there is none."""
        return interval(float(self.low), float(self.high), self.digits) if self.low and self.high else ""


@dataclass(frozen=True)
class Summary:
    """All cells of the way in which the donor decides as written."""

    cells: tuple[Cell, ...]
    setting: Setting

    @classmethod
    def read(cls, folder: Path, setting: Setting) -> Summary:
        """The table of a stored run. Raises UnreadableSummary."""
        path = folder / "summary.csv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = [row for row in csv.DictReader(file) if not row["decides"]]
                return cls(tuple(Cell(**{key: row[key] for key in Cell.__annotations__}) for row in rows), setting)
        except (OSError, KeyError, TypeError) as broken:
            raise UnreadableSummary(f"{path} is missing or not as it was written; run it again") from broken

    @cached_property
    def arms(self) -> dict[str, str]:
        """Every arm with its title, the baseline first."""
        return {cell.arm: cell.title for cell in self.cells}

    def last(self, arm: str, outcome: str) -> Cell | None:
        """An outcome by its last date; of pass-through that in units."""
        found = [cell for cell in self.cells if (cell.arm, cell.outcome) == (arm, outcome)]
        found = [cell for cell in found if outcome != SHARES or cell.unit == IN_UNITS]
        return max(found, key=lambda cell: cell.by, default=None)

    @cached_property
    def outcomes(self) -> list[str]:
        """What the question asks first, then what every run tells, then the months below floors."""
        named = list(dict.fromkeys(cell.outcome for cell in self.cells))
        floors = [name for name in named if name.startswith("months_below_floor_")]
        own = [name for name in named if name not in (*COMPARED, *floors, "pass_through_per_promised")]
        own = [name for name in own if ", " not in name]
        return [*own, *(name for name in COMPARED if name in named), *floors]

    def meaning(self, cell: Cell) -> str:
        """What an outcome is, in words."""
        by = long_month(cell.by)
        aided = with_article(state_name(self.setting, self.setting.roles.aided))
        known = {
            "pass_through": f"more units reach {aided} for each unit delivered as backfill, by {by}",
            "units_to_aided": f"units reach {aided} by {by}",
            "backfill_delivered": f"units of backfill are delivered by {by}",
            "first_backfill": "first backfill",
            "unmet_demand": "demand not met, in equivalents",
            "exposure": "below the floor, in equivalent-months",
            "promised_and_not_delivered": f"units promised and not delivered by {by}",
        }
        if cell.outcome.startswith("months_below_floor_"):
            return f"months of {state_name(self.setting, cell.outcome.rpartition('_')[2])} below its floor"
        return known.get(cell.outcome) or f"{cell.outcome.replace('_', ' ')}, {cell.unit}, by {by}"

    def head(self, cell: Cell) -> str:
        """The same in the head of a column."""
        known = {
            "pass_through": "pass-through, per unit delivered",
            "units_to_aided": f"units to {state_name(self.setting, self.setting.roles.aided)}",
            "backfill_delivered": "backfill delivered, units",
            "promised_and_not_delivered": "promised and not delivered",
            "exposure": "below the floor, equivalent-months",
        }
        return known.get(cell.outcome) or self.meaning(cell)


def three(summary: Summary) -> Html:
    """Three numbers of the baseline, each with its meaning and its interval."""
    baseline = next(iter(summary.arms), "")
    found = [summary.last(baseline, name) for name in summary.outcomes]
    shown = [cell for cell in found if cell is not None and cell.value][:3]
    return element("dl", *(_one(summary, cell) for cell in shown), class_="three") if shown else Html()


def _one(summary: Summary, cell: Cell) -> Html:
    unit = f" {cell.unit}" if cell.unit in ("years", "months") else ""
    return element(
        "div",
        element("dt", f"{summary.meaning(cell)}, baseline"),
        element("dd", f"{cell.said}{unit}", class_="value"),
        element("dd", _doubt(cell), class_="doubt"),
    )


def _doubt(cell: Cell) -> str:
    known = INTERVALS.get(cell.interval, cell.interval)
    return f"{known}: {cell.span}" if cell.span else "no interval"


def arms(summary: Summary) -> Html:
    """All arms, the baseline first and bold, with the outcomes that any of them has."""
    names = [name for name in summary.outcomes if any(_has(summary, arm, name) for arm in summary.arms)]
    heads = list(_heads(summary, names))
    rows = [list(_row(summary, arm, names)) for arm in summary.arms]
    until = long_month(max(cell.by for cell in summary.cells))
    return grid(f"Arms side by side, by {until}; below each number its interval", ["arm", *heads], rows)


def _has(summary: Summary, arm: str, name: str) -> bool:
    cell = summary.last(arm, name)
    return cell is not None and bool(cell.value)


def _heads(summary: Summary, names: Sequence[str]) -> Iterator[Html]:
    for name in names:
        cell = next(cell for arm in summary.arms if (cell := summary.last(arm, name)) is not None)
        level = INTERVALS.get(cell.interval, cell.interval)
        yield joined([summary.head(cell), element("span", level, class_="span")])


def _row(summary: Summary, arm: str, names: Sequence[str]) -> Iterator[Html]:
    title = summary.arms[arm]
    name = element("strong", arm) if arm == next(iter(summary.arms)) else element("span", arm)
    yield joined([name, element("span", title, class_="soft")], " ") if title else name
    for outcome in names:
        cell = summary.last(arm, outcome)
        said = UNDEFINED if cell is None else cell.said
        span = "" if cell is None else cell.span
        yield joined([said, element("span", span, class_="span")] if span else [said])
