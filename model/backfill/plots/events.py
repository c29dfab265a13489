"""Which events a figure marks, and how their names stand above the plot without crossing each other's lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.house import NOTE, POINTS, Page, drawable
from backfill.plots.words import plain, spoken

MOST_ROWS = 3
MOST_MARKS = 7
MOST_LETTERS = 24
ROW = 0.14
AIR = 5 / POINTS
FIRST_ROW = 0.1
DOT = 2.6
INSET = 0.07
"""Inches by which an event of the first month stands clear of the edge of the plot."""


@dataclass(frozen=True)
class Mark:
    """An event on a figure: its month, one or two words, and its rank, 0 for what matters most."""

    month: int
    text: str
    rank: int = 0


@dataclass(frozen=True)
class Placed:
    """A mark with its row above the plot; `flipped` if its words end at the line instead of starting there."""

    mark: Mark
    row: int
    flipped: bool


def chosen(setting: Any, first: int, last: int) -> list[Mark]:
    """The events that bear on the donor's stock, one a month, those that matter most, in the order of time."""
    ranked = [(_rank(setting.roles, event), name, event) for name, event in setting.events.items()]
    found = [Mark(_month(event), _short(name, event), rank) for rank, name, event in ranked if rank is not None]
    inside = sorted((mark for mark in found if first <= mark.month <= last), key=lambda mark: (mark.rank, mark.month))
    months: dict[int, Mark] = {}
    for mark in inside:
        months.setdefault(mark.month, mark)
    return sorted(months.values(), key=lambda mark: mark.month)


def _rank(roles: Any, event: Any) -> int | None:
    """How much an event matters to the donor's stock, 0 most; None if it is of no concern there."""
    match event.kind:
        case "promise" if (event.from_, event.to) == (roles.backfiller, roles.donor):
            return 0
        case "requirement" if event.state == roles.donor:
            return 1
        case "shock" if roles.donor in event.states:
            return 2
        case "capacity":
            return 3
        case "phase":
            return 4
    return None


def _month(event: Any) -> int:
    """The month in which an event falls, the first one if it lasts."""
    when = getattr(event, "date", None) or getattr(event, "since", None)
    if when is None:
        return int(min(event.months))
    return when.year * 12 + when.month - 1 if isinstance(when, date) else int(when)


def _short(name: str, event: Any) -> str:
    """The title of an event if it is a few words, else its id."""
    title = plain(getattr(event, "title", "") or "")
    return title if 0 < len(title) <= MOST_LETTERS else spoken(name)


def rows_of(lines: Sequence[float], widths: Sequence[float], end: float) -> list[tuple[int, bool]] | None:
    """The row of each label and whether it ends at its line; None if they cannot stand in three rows.

    lines: where the hairlines stand, from left to right; widths: of the labels; end: the right edge; all in inches

    >>> rows_of([1.0, 1.2, 3.0], [0.5, 0.5, 0.5], 5.0)
    [(1, False), (0, False), (0, False)]
    """
    flipped = [line + AIR + width > end for line, width in zip(lines, widths, strict=True)]
    starts = [line - AIR - width if back else line for line, width, back in zip(lines, widths, flipped, strict=True)]
    spans = [(start, start + AIR + width) for start, width in zip(starts, widths, strict=True)]
    below = [[j for j in range(len(lines)) if j != i and _crosses(spans, lines, i, j)] for i in range(len(lines))]
    rows = [0] * len(lines)
    for _ in range(MOST_ROWS):
        rows = [1 + max(rows[j] for j in lower) if lower else 0 for lower in below]
    if any(row >= MOST_ROWS for row in rows) or any(span[0] < 0 for span in spans):
        return None
    return list(zip(rows, flipped, strict=True))


def _crosses(spans: Sequence[tuple[float, float]], lines: Sequence[float], upper: int, lower: int) -> bool:
    """Whether a label would cross the hairline of another one, or touch the label of a later one."""
    left, right = spans[upper]
    over_line = left - AIR < lines[lower] < right + AIR
    touching = upper < lower and left < spans[lower][1] and spans[lower][0] < right + AIR
    return over_line or touching


def placed(page: Page, marks: Sequence[Mark], *, start: float, years: float, width: float) -> list[Placed]:
    """Rows for as many marks as fit, those that matter most first.

    start: the year at the left edge; years: how many the axis spans; width: of the axes in inches
    """
    kept: list[Placed] = []
    for mark in sorted(marks, key=lambda mark: (mark.rank, mark.month)):
        tried = sorted([mark, *(item.mark for item in kept)], key=lambda mark: mark.month)
        lines = [max(INSET, (one.month / 12 - start) / years * width) for one in tried]
        rows = rows_of(lines, [page.width_of(one.text, NOTE) for one in tried], width)
        if rows is not None and len(tried) <= MOST_MARKS:
            kept = [Placed(one, row, back) for one, (row, back) in zip(tried, rows, strict=True)]
    return kept


def height_of(marks: Sequence[Placed]) -> float:
    """Inches that the rows of events take above the plot."""
    return FIRST_ROW + 0.06 + ROW * max(mark.row for mark in marks) if marks else 0.0


def write_events(page: Page, axes: Axes, marks: Sequence[Placed], places: Floats, course: Floats) -> None:
    """A dot on the course, a hairline up to above the plot, and the words beside its top."""
    height = axes.get_position().height * page.height
    width = axes.get_position().width * page.width
    low, high = axes.get_xlim()
    for item in marks:
        place = max(item.mark.month / 12, low + INSET / width * (high - low))
        value = float(np.interp(place, places, course))
        middle = 1 + (FIRST_ROW + ROW * item.row) / height
        top = axes.transData.inverted().transform(axes.transAxes.transform((0, middle + 0.05 / height)))[1]
        axes.plot(
            [place, place],
            [value, top],
            color=palette.HAIRLINE,
            linewidth=0.6,
            clip_on=False,
            solid_capstyle="butt",
            zorder=1.5,
        )
        axes.plot([place], [value], "o", color=palette.INK, markersize=DOT, clip_on=False, zorder=6)
        aside = (place - low) / (high - low) + (-0.04 if item.flipped else 0.04) / width
        axes.text(
            aside,
            middle,
            drawable(item.mark.text),
            fontsize=NOTE,
            color=palette.SOFT,
            ha="right" if item.flipped else "left",
            va="center_baseline",
            transform=axes.transAxes,
        )
