"""Four ways of drawing a study: maps over two factors, values on dates, values along a number, bars of correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backfill.plots import palette
from backfill.plots.house import HEIGHT, LABEL, MARGIN, NOTE, Page, in_house_style

SEQUENTIAL = ("#EDF2F8", "#C9D9EE", "#97B5DD", "#5F8AC6", "#2A5DB0", "#173A75", "#0C1F42")
DARK = 3
"""From this step on letters are white."""
LOWEST = 0.57
"""Inches from the lower edge to the axes."""


@dataclass(frozen=True)
class Ring:
    """A value with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Mark:
    """A value at a place on the scale below."""

    place: float
    ring: Ring


@dataclass(frozen=True)
class Bar:
    """A named value."""

    name: str
    ring: Ring


@dataclass(frozen=True)
class Surface:
    """A value for each pair of two numbers.  [points] each"""

    title: str
    across: Sequence[float]
    up: Sequence[float]
    values: Sequence[float]

    def grid(self) -> tuple[Any, Any, Any]:
        """The places across, those up, and the values.  [up, across]"""
        columns, rows = np.unique(self.across), np.unique(self.up)
        table = np.full((len(rows), len(columns)), np.nan)
        table[np.searchsorted(rows, self.up), np.searchsorted(columns, self.across)] = self.values
        return columns, rows, table


@in_house_style
def surfaces(
    title: str,
    subtitle: Sequence[str],
    maps: Sequence[Surface],
    *,
    centre: tuple[float, float],
    source: str,
    tag: str,
) -> Figure:
    """Maps side by side on one scale, each point a cell with its value; a frame where the scenario stands."""
    page = Page()
    below = page.head(title, subtitle) + 0.42
    most = max(max(each.values) for each in maps)
    left, between = 0.56, 0.62
    wide = (page.width - left - MARGIN - between * (len(maps) - 1)) / len(maps)
    for number, each in enumerate(maps):
        start = left + number * (wide + between)
        axes = page.axes(left=start, top=below, right=page.width - start - wide, bottom=LOWEST + 0.12)
        page.write(start, below - 0.1, each.title, size=LABEL, weight="bold", color=palette.INK)
        _map(axes, each, most, centre)
    page.sign(source, tag)
    return page.figure


def _map(axes: Axes, each: Surface, most: float, centre: tuple[float, float]) -> None:
    """Cells in seven steps of one hue, every value written."""
    columns, rows, table = each.grid()
    shades = np.clip((table / most * len(SEQUENTIAL)).astype(int), 0, len(SEQUENTIAL) - 1)
    for (row, column), shade in np.ndenumerate(shades):
        framed = (columns[column], rows[row]) == centre
        size = 0.94
        if framed and shade == len(SEQUENTIAL) - 1:
            axes.add_patch(Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, facecolor=SEQUENTIAL[shade], zorder=2))
            size = 0.8
        axes.add_patch(
            Rectangle(
                (column - size / 2, row - size / 2), size, size, facecolor=SEQUENTIAL[shade],
                linewidth=1.8 if framed else 0,
                edgecolor=palette.PAPER if shade == len(SEQUENTIAL) - 1 else palette.INK, zorder=3 if framed else 2,
            )
        )  # fmt: skip
        axes.text(
            column, row, f"{table[row, column]:.2f}".removeprefix("0"), ha="center", va="center", fontsize=NOTE,
            color=palette.PAPER if shade >= DARK else palette.INK, zorder=4,
        )  # fmt: skip
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(-0.5, len(rows) - 0.5)
    axes.grid(visible=False)
    axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
    axes.set_yticks(range(len(rows)), [f"{value:g} %" for value in rows])
    axes.tick_params(length=0, pad=4)
    axes.spines["bottom"].set_visible(False)


@in_house_style
def on_a_date(
    title: str,
    subtitle: Sequence[str],
    kinds: Sequence[tuple[str, Sequence[Mark]]],
    *,
    windows: Sequence[tuple[str, float, float]],
    source: str,
    tag: str,
) -> Figure:
    """Values at dates, with washed windows behind them."""
    page = Page()
    below = page.head(title, subtitle) + 0.5
    axes = page.axes(left=0.5, top=below, right=1.75, bottom=LOWEST)
    _values(axes, kinds)
    first = int(min(mark.place for _, marks in kinds for mark in marks))
    axes.set_xlim(first, 2027)
    years = range(first, 2028)
    axes.set_xticks(list(years), [str(year) if year < 2027 else "" for year in years])
    axes.tick_params(axis="x", length=3)
    for name, start, stop in windows:
        axes.axvspan(start, stop, color=palette.WASH, zorder=0, linewidth=0)
        axes.annotate(
            name, ((start + stop) / 2, 1.0), xycoords=axes.get_xaxis_transform(), xytext=(0, 4),
            textcoords="offset points", ha="center", fontsize=NOTE, color=palette.SOFT, annotation_clip=False,
        )  # fmt: skip
    _marks(axes, kinds)
    page.sign(source, tag)
    return page.figure


@in_house_style
def lines(
    title: str,
    subtitle: Sequence[str],
    kinds: Sequence[tuple[str, Sequence[Mark]]],
    *,
    guides: Sequence[tuple[float, str]],
    source: str,
    tag: str,
) -> Figure:
    """Values along a number, with named upright lines."""
    page = Page()
    below = page.head(title, subtitle) + 0.45
    axes = page.axes(left=0.5, top=below, right=1.55, bottom=LOWEST)
    _values(axes, kinds)
    places = sorted({mark.place for _, marks in kinds for mark in marks})
    axes.set_xlim(places[0] - 0.5, places[-1] + 0.5)
    axes.set_xticks([place for place in places if place % 5 == 0])
    for place, name in guides:
        axes.axvline(place, color=palette.HAIRLINE, linewidth=0.6, zorder=1)
        axes.annotate(
            name, (place, 1.0), xycoords=axes.get_xaxis_transform(), xytext=(0, 4), textcoords="offset points",
            ha="center", fontsize=NOTE, color=palette.SOFT, annotation_clip=False,
        )  # fmt: skip
    _marks(axes, kinds)
    page.sign(source, tag)
    return page.figure


def _values(axes: Axes, kinds: Sequence[tuple[str, Sequence[Mark]]]) -> None:
    """A scale from zero, or a little below, up to the highest interval."""
    highest = max(mark.ring.high for _, marks in kinds for mark in marks)
    lowest = min(mark.ring.low for _, marks in kinds for mark in marks)
    step = 0.25 if highest > 0.5 else 0.05
    top = step * np.ceil(highest / step)
    axes.set_ylim(min(0.0, lowest) - 0.03 * top, top)
    ticks = np.arange(0.0, top + step / 2, step)
    axes.set_yticks(ticks, [f"{tick:.2f}".rstrip("0").rstrip(".") if tick else "0" for tick in ticks])


def _marks(axes: Axes, kinds: Sequence[tuple[str, Sequence[Mark]]]) -> None:
    """A line for each kind, its values with bars, its name at the right edge."""
    colours = ((palette.BASELINE, palette.INK, "o"), (palette.ARMS[0], palette.ARM_TEXTS[0], "s"))
    for (name, marks), (colour, text, shape) in zip(kinds, colours, strict=True):
        for mark in marks:
            axes.plot(
                [mark.place] * 2, [mark.ring.low, mark.ring.high], color=colour, linewidth=1.3, zorder=3, clip_on=False
            )
        places, values = [mark.place for mark in marks], [mark.ring.value for mark in marks]
        axes.plot(places, values, color=colour, linewidth=0.9, linestyle=(0, (3.2, 1.8)), zorder=3, clip_on=False)
        axes.plot(
            places, values, shape, color=colour, markersize=5.2, markerfacecolor=palette.PAPER, markeredgewidth=1.5,
            linestyle="none", zorder=4, clip_on=False,
        )  # fmt: skip
        axes.annotate(
            f"{values[-1]:.2f} {name}", (1.0, values[-1]), xycoords=axes.get_yaxis_transform(), xytext=(9, 0),
            textcoords="offset points", va="center", fontsize=LABEL, color=text,
            fontweight="bold" if colour == palette.BASELINE else "normal", annotation_clip=False,
        )  # fmt: skip


@in_house_style
def bars(
    title: str,
    subtitle: Sequence[str],
    panels: Sequence[tuple[str, Sequence[Bar]]],
    *,
    bound: float,
    source: str,
    tag: str,
) -> Figure:
    """Correlations by size in panels side by side, what chance alone would reach washed."""
    page = Page(height=HEIGHT)
    below = page.head(title, subtitle) + 0.42
    half = (page.width - 2 * MARGIN) / len(panels)
    everything = [bar.ring for _, known in panels for bar in known]
    lowest, highest = min(ring.low for ring in everything), max(ring.high for ring in everything)
    for number, (name, known) in enumerate(panels):
        start = MARGIN + number * half
        names = max(page.width_of(bar.name, LABEL) for bar in known) + 0.1
        right = page.width - start - half + (0.15 if number + 1 == len(panels) else 0.25)
        axes = page.axes(left=start + names, top=below, right=right, bottom=LOWEST)
        page.write(start, below - 0.1, name, size=LABEL, weight="bold", color=palette.INK)
        axes.axvspan(-bound, bound, color=palette.WASH, zorder=0, linewidth=0)
        axes.axvline(0, color=palette.INK, linewidth=1.0, zorder=2)
        for row, bar in enumerate(known):
            axes.barh(row, bar.ring.value, height=0.5, color=palette.DONOR, zorder=3)
            axes.plot([bar.ring.low, bar.ring.high], [row, row], color=palette.INK, linewidth=1.3, zorder=4)
        axes.set_ylim(len(known) - 0.5, -0.5)
        axes.set_yticks(range(len(known)), [bar.name for bar in known])
        axes.tick_params(axis="y", length=0, pad=6)
        axes.grid(visible=False, axis="y")
        axes.set_xlim(min(lowest, -1.5 * bound) - 0.04, max(highest, 1.5 * bound) + 0.04)
        ticks = [0.0, 0.5]
        axes.set_xticks(ticks, [f"{tick:+.1f}".replace("-", "\N{MINUS SIGN}") if tick else "0" for tick in ticks])
        axes.tick_params(axis="x", length=0)
        axes.spines["bottom"].set_visible(False)
    page.sign(source, tag)
    return page.figure
