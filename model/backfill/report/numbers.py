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
from backfill.results.headline import need_name
from backfill.words import (
    UNDEFINED,
    interval,
    listed,
    long_month,
    number,
    percent,
    short_month,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.scenario import Setting

SHARES = "pass_through"
"""Outcomes whose names begin with it are ratios and take two digits."""
ASKED = ("share_when_due", "months_late", "units_promised")
"""What is asked of a promise: how much of it is there in time first, its size last."""
ALWAYS = ("pass_through", "units_to_aided", *ASKED)
"""What is told also where it is nothing."""
COMPARED = (
    "pass_through",
    "units_to_aided",
    "more_units",
    "backfill_delivered",
    "first_backfill",
    "unmet_demand",
    "exposure",
    "promised_and_not_delivered",
)
IN_UNITS = "units"
REFILL, BELOW, MORE = "years_to_refill_", "months_below_floor_", "more_units"
NEVER = ": not by the end"
"""Ends the name of an outcome that says in which share of runs another one has not come by the end."""
OPEN = "open"
SPELLED = {
    "share_when_due": "of what was promised is there when it is due",
    "months_late": "until 98 % of what was promised is there, after it was due",
    "units_promised": "units are promised",
    "first_backfill": "first backfill",
    "unmet_demand": "equivalents that are asked for and not met",
    "exposure": "equivalent-months below the floor",
}
HEADS = {
    "pass_through": "pass-through, per unit delivered",
    "backfill_delivered": "backfill delivered, units",
    "promised_and_not_delivered": "promised and not delivered, units",
    "exposure": "below the floor, equivalent-months",
    "unmet_demand": "demand not met, equivalents",
    "share_when_due": "there when due",
    "months_late": "months late until 98 % is there",
    "units_promised": "promised, units",
    MORE: "more than the baseline, units",
}
OVER_RUNS, PAIRED = "5-95 % of runs", "90 % paired"
INTERVALS = {PAIRED: "90 % interval, same runs", OVER_RUNS: "5–95 % of runs", "median": "median of runs"}


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
            return self._number(self.value)
        except ValueError:
            return self.value

    @property
    def span(self) -> str:
        """Its interval; open at the end where it has not come in so many runs; empty if there is none to speak of."""
        if not self.low or self.low == self.high == self.value:
            return ""
        if not self.high:
            return f"from {self._number(self.low)}"
        if self.unit == "share":
            return f"{self._number(self.low)} to {self._number(self.high)}"
        return interval(float(self.low), float(self.high), self.digits)

    @property
    def is_nothing(self) -> bool:
        """Whether it is zero in every run that the interval holds, or undefined."""
        return all(not end or end == "0" or _is_zero(end) for end in (self.value, self.low, self.high))

    def _number(self, text: str) -> str:
        return percent(float(text)) if self.unit == "share" else number(float(text), self.digits)


def _is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False


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
        floors = [name for name in named if name.startswith(BELOW)]
        own = [name for name in named if name not in (*COMPARED, *ASKED, *floors, "pass_through_per_promised")]
        own = [name for name in own if ", " not in name and not name.endswith(NEVER)]
        return [*own, *(name for name in (*ASKED, *COMPARED) if name in named), *floors]

    def never(self, cell: Cell) -> float | None:
        """The share of runs in which an outcome has not come by the end; None where that is not asked."""
        found = self.last(cell.arm, f"{cell.outcome}{NEVER}")
        return float(found.value) if found is not None and found.value else None

    def said(self, cell: Cell) -> str:
        """The value as one reads it; whether it comes at all."""
        return OPEN if not cell.value and self.never(cell) else cell.said

    def doubt(self, cell: Cell) -> str:
        """Its interval, and in which share of runs it has not come by the end."""
        never = self.never(cell)
        late = f"{OPEN} in {percent(never)}" if never else ""
        return ", ".join(part for part in (cell.span, late) if part).replace(" %", "\N{NO-BREAK SPACE}%")

    def _aided(self) -> str:
        return state_name(self.setting, self.setting.roles.aided)

    def meaning(self, cell: Cell) -> str:
        """What an outcome is, in words."""
        by, aided = f"by {long_month(cell.by)}", with_article(self._aided())
        known = {
            "pass_through": f"more units reach {aided} for each unit delivered as backfill, {by}",
            "units_to_aided": f"units reach {aided} {by}",
            "backfill_delivered": f"units of backfill are delivered {by}",
            "promised_and_not_delivered": f"units promised and not delivered {by}",
            MORE: f"more units than in the baseline reach {aided} {by}",
            **SPELLED,
        }
        if cell.outcome.startswith(REFILL):
            return f"until the stock of {need_name(self.setting, cell.outcome.removeprefix(REFILL))} is back"
        if cell.outcome.startswith(BELOW):
            return f"months of {state_name(self.setting, cell.outcome.removeprefix(BELOW))} below its floor"
        return known.get(cell.outcome) or f"{cell.outcome.replace('_', ' ')}, {cell.unit}, {by}"

    def head(self, cell: Cell) -> str:
        """The same in the head of a column, and in a list of what is nothing."""
        if cell.outcome.startswith(REFILL):
            return f"{need_name(self.setting, cell.outcome.removeprefix(REFILL))}, years"
        if cell.outcome == "units_to_aided":
            return f"units to {with_article(self._aided())}"
        return HEADS.get(cell.outcome) or self.meaning(cell)


def three(summary: Summary) -> Html:
    """Three numbers of the baseline, each with its meaning and its interval."""
    baseline = next(iter(summary.arms), "")
    found = [summary.last(baseline, name) for name in summary.outcomes]
    known = [cell for cell in found if cell is not None and cell.value]
    telling = [cell for cell in known if not cell.is_nothing or cell.outcome in ALWAYS]
    shown = (telling or known)[:3]
    return element("dl", *(_one(summary, cell) for cell in shown), class_="three") if shown else Html()


def _one(summary: Summary, cell: Cell) -> Html:
    unit = f" {cell.unit}" if cell.unit in ("years", "months") else ""
    return element(
        "div",
        element("dt", f"{summary.meaning(cell)}, baseline"),
        element("dd", f"{summary.said(cell)}{unit}", class_="value"),
        element("dd", _doubt(summary, cell), class_="doubt"),
    )


def _doubt(summary: Summary, cell: Cell) -> str:
    known = INTERVALS.get(cell.interval, cell.interval)
    said = summary.doubt(cell)
    if not said and cell.low:
        return "in 5–95 % of runs"
    return f"{known}: {said}" if said else "median of runs, no interval" if cell.interval == "median" else "no interval"


def arms(summary: Summary) -> Html:
    """All arms, the baseline first and bold, with the outcomes that any of them has; what is nothing is told below."""
    names = [name for name in summary.outcomes if any(_has(summary, arm, name) for arm in summary.arms)]
    empty = [name for name in names if _is_nothing(summary, name)]
    shown = [name for name in names if name not in empty]
    rows = [list(_row(summary, arm, shown)) for arm in summary.arms]
    until = long_month(max(cell.by for cell in summary.cells))
    heads = [summary.head(_cell(summary, name)) for name in shown]
    caption = f"Arms side by side, by {until}{_levels(summary, shown)}"
    table = grid(caption, ["arm", *heads], rows)
    return joined([table, _nothing(summary, empty)])


def _nothing(summary: Summary, names: Sequence[str]) -> Html:
    """Which outcomes are zero in every arm, in one line in place of columns."""
    said = listed([summary.head(_cell(summary, name)).partition(",")[0] for name in names])
    return element("p", f"Zero in every arm, in 5–95 % of runs: {said}.", class_="soft") if names else Html()


def _levels(summary: Summary, names: Sequence[str]) -> str:
    """What stands below the numbers: what nine runs of ten lie between, or how well a mean is known."""
    if not any(cell.low for cell in summary.cells):
        return "; one run: no interval"
    cells = [_cell(summary, name) for name in names]
    usual = any(cell.interval == OVER_RUNS for cell in cells)
    means = [summary.head(cell).partition(",")[0] for cell in cells if cell.interval == PAIRED]
    said = ["below each number 5–95 % of runs, where it varies"] if usual else []
    said += [f"below {listed(means)} the {INTERVALS[PAIRED]}"] if means else []
    return "".join(f"; {part}" for part in said)


def _cell(summary: Summary, name: str) -> Cell:
    """An outcome in the first arm that has it; of those with an interval if there are any."""
    cells = [cell for arm in summary.arms if (cell := summary.last(arm, name)) is not None]
    return next((cell for cell in cells if cell.low), cells[0])


def _is_nothing(summary: Summary, name: str) -> bool:
    """Whether an outcome that is not of the question is zero in every arm."""
    if name in ALWAYS or name.startswith(REFILL):
        return False
    return all(cell is None or cell.is_nothing for cell in (summary.last(arm, name) for arm in summary.arms))


def _has(summary: Summary, arm: str, name: str) -> bool:
    cell = summary.last(arm, name)
    return cell is not None and bool(cell.value)


def _row(summary: Summary, arm: str, names: Sequence[str]) -> Iterator[Html]:
    title = summary.arms[arm]
    name = element("strong", arm) if arm == next(iter(summary.arms)) else element("span", arm)
    yield joined([name, element("span", title, class_="soft")], " ") if title else name
    for outcome in names:
        cell = summary.last(arm, outcome)
        said = UNDEFINED if cell is None else summary.said(cell)
        span = "" if cell is None else summary.doubt(cell)
        yield joined([said, element("span", span, class_="span")] if span else [said])
