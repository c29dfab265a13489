"""Two ways of drawing a claim: courses of arms over the months, and sizes side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from evidence import Floats, spread
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import backfill as bf
from backfill.plots import palette
from backfill.plots.axes import end_in_time, left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.events import Mark, height_of, placed, write_events
from backfill.plots.house import AXES_BOTTOM, HEIGHT, LABEL, MARGIN, NOTE, POINTS, TALL, Page, in_house_style
from backfill.plots.labels import CLEAR, EndLabel, column, write_column
from backfill.plots.words import month_number
from backfill.words import DASH, interval, number

AIR = 0.27
BAR_STEP = 5 / POINTS
ROOM = 2.45
Written = Callable[[float], str]


@dataclass(frozen=True)
class Course:
    """One line: its name, its value in each run and month [runs, months], its place among arms (0: the baseline)."""

    name: str
    runs: Floats
    arm: int = 0

    @property
    def median(self) -> Floats:
        """The median of runs, month by month."""
        return np.median(self.runs, axis=0)

    @property
    def colour(self) -> str:
        """Ink for the baseline, then the colours of the arms in their order."""
        return palette.BASELINE if self.arm == 0 else palette.ARMS[self.arm - 1]

    @property
    def text(self) -> str:
        """The same for letters."""
        return palette.INK if self.arm == 0 else palette.ARM_TEXTS[self.arm - 1]


@dataclass(frozen=True)
class Size:
    """One row: its name, what is said below it, its value in each run [runs]; whether it is what the claim is about."""

    name: str
    said: str
    runs: Floats
    claimed: bool = False


def whole(value: float) -> str:
    """Units without a part."""
    return number(value)


def share(value: float) -> str:
    """A share in per cent."""
    return f"{number(100 * value)} %"


@in_house_style
def courses(
    results: bf.Results,
    title: str,
    subtitle: Sequence[str],
    lines: Sequence[Course],
    marks: Sequence[Mark] = (),
    *,
    written: Written = whole,
    months: list[str] | None = None,
) -> Figure:
    """Medians of arms over the months, with the 5 to 95 % of runs as bars at the end."""
    page = Page()
    below = page.head(title, subtitle)
    months = months or results.months
    labels = [_end_label(line, written) for line in lines]
    ends = column(page, labels, before=CLEAR + BAR_STEP * len(lines), leader=0.16, most=ROOM)
    values = _values(lines, written)
    left = left_margin(page, [written(value) for value in values], months)
    years, width = end_in_time(months) - places_in_time(months)[0], page.width - left - ends.room
    shown = placed(page, marks, start=places_in_time(months)[0], years=years, width=width)
    axes = page.axes(left=left, top=below + AIR + height_of(shown), right=ends.room, bottom=AXES_BOTTOM)
    axes.set_ylim(min(values[0], *(float(line.median.min()) for line in lines)), values[-1])
    time_axis(axes, months, end=end_in_time(months))
    value_axis(axes, values, written)
    for line in reversed(lines):
        axes.plot(
            places_in_time(months), line.median, color=line.colour, linewidth=2.2 if line.arm == 0 else 1.5,
            zorder=5 if line.arm == 0 else 3, clip_on=False,
        )  # fmt: skip
    write_events(page, axes, shown, places_in_time(months), lines[0].median)
    _bars(page, axes, lines)
    write_column(page, axes, ends, end=places_in_time(months)[-1], leaders=False)
    page.foot(results)
    return page.figure


def _end_label(line: Course, written: Written) -> EndLabel:
    middle, low, high = spread(line.runs[:, -1])
    ends = interval(low, high) if written is whole else interval(100 * low, 100 * high)
    return EndLabel(middle, written(middle), f"{line.name} ({ends})", line.text, bold=line.arm == 0)


def _values(lines: Sequence[Course], written: Written) -> Floats:
    if written is share:
        return np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    shown = np.concatenate([[*line.median, *spread(line.runs[:, -1])] for line in lines])
    values = round_values(min(0.0, float(shown.min())), float(shown.max()))
    return values[values >= min(0.0, float(shown.min()))]


def _bars(page: Page, axes: Axes, lines: Sequence[Course]) -> None:
    width = axes.get_position().width * page.width
    for index, line in enumerate(sorted(lines, key=lambda line: -line.median[-1])):
        middle, low, high = spread(line.runs[:, -1])
        place = 1 + (CLEAR + BAR_STEP * index) / width
        style = {"transform": axes.get_yaxis_transform(), "clip_on": False}
        shade = palette.tint(line.colour, palette.BAR_TINT)
        axes.plot([place] * 2, [low, high], color=shade, linewidth=2.5, solid_capstyle="butt", zorder=3, **style)
        axes.plot([place], [middle], "o", color=line.colour, markersize=4.2, markeredgewidth=0, zorder=4, **style)


MOST_ROWS = 5
NAMES, NUMBERS = 2.0, 1.35
"""Inches for the names at the left and the numbers at the right of a row."""


@in_house_style
def sizes(results: bf.Results, title: str, subtitle: Sequence[str], rows: Sequence[Size]) -> Figure:
    """One row for each size: the median as a ring, 25 to 75 % of runs thick, 5 to 95 % thin, then the numbers."""
    page = Page(height=TALL if len(rows) > MOST_ROWS else HEIGHT)
    below = page.head(title, subtitle)
    axes = page.axes(left=MARGIN + NAMES, top=below + 0.45, right=MARGIN + NUMBERS, bottom=AXES_BOTTOM + 0.12)
    values = round_values(min(0.0, *(spread(row.runs)[1] for row in rows)), max(spread(row.runs)[2] for row in rows))
    axes.set_xlim(values[0], values[-1])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(values, [number(value) for value in values])
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    for value in values:
        axes.axvline(value, color=palette.GRID, linewidth=0.6, zorder=0)
    axes.axvline(0, color=palette.INK, linewidth=1.2, zorder=1, clip_on=False)
    for place, row in enumerate(rows):
        _row(page, axes, place, row)
    width = axes.get_position().width * page.width
    head = -0.5 - 0.08 * _inch(page, axes)
    _words(axes, 1 + 0.5 / width, head, "median", "right", palette.SOFT)
    _words(axes, 1 + 0.68 / width, head, f"(5{DASH}95 %)", "left", palette.SOFT)
    page.foot(results)
    return page.figure


def _row(page: Page, axes: Axes, place: int, row: Size) -> None:
    colour, line = (palette.DONOR, 5) if row.claimed else (palette.OTHER, 3)
    middle, low, high = spread(row.runs)
    inner = np.quantile(row.runs, [0.25, 0.75])
    axes.plot([low, high], [place, place], color=colour, linewidth=1.3, zorder=line, clip_on=False)
    axes.plot(inner, [place, place], color=colour, linewidth=5, solid_capstyle="butt", zorder=line, clip_on=False)
    axes.plot(
        [middle], [place], "o", markerfacecolor=palette.PAPER, markeredgecolor=colour, markeredgewidth=1.8,
        markersize=6.5, zorder=line + 1, clip_on=False,
    )  # fmt: skip
    width, inch = axes.get_position().width * page.width, _inch(page, axes)
    _words(
        axes, -0.12 / width, place - (0.06 * inch if row.said else 0.0), row.name, "right", palette.INK, weight="bold"
    )
    _words(axes, -0.12 / width, place + 0.085 * inch, row.said, "right", palette.SOFT, size=NOTE)
    _words(axes, 1 + 0.5 / width, place, number(middle), "right", palette.INK, weight="bold")
    _words(axes, 1 + 0.68 / width, place, f"({interval(low, high)})", "left", palette.SOFT)


def _inch(page: Page, axes: Axes) -> float:
    """How many rows an inch is."""
    low, high = axes.get_ylim()
    return (low - high) / (axes.get_position().height * page.height)


def _words(axes: Axes, across: float, down: float, text: str, side: str, colour: str, **more: object) -> None:
    style = {"fontsize": more.pop("size", LABEL), "fontweight": more.pop("weight", "normal"), "color": colour}
    axes.text(across, down, text, ha=side, va="center_baseline", transform=axes.get_yaxis_transform(), **style)


def mark(month: str, text: str, rank: int = 0) -> Mark:
    """An event above the plot."""
    return Mark(month_number(month), text, rank)
