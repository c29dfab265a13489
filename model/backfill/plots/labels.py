"""Words beside the lines instead of a legend: at their ends, above their events, in their free space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backfill.arrays import Floats, Masks
from backfill.plots.house import LABEL, MARGIN, POINTS, Page

GAP = 1.28
MOVED = 2.5
LEADER = 0.21
CLEAR = 0.035
BETWEEN = 0.075
MOST_ROOM = 1.75


@dataclass(frozen=True)
class EndLabel:
    """What stands at the end of a line: its value, the number as written, its name, its colour."""

    value: float
    number: str
    name: str
    colour: str
    bold: bool = False

    @property
    def weight(self) -> str:
        return "bold" if self.bold else "normal"


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> Floats:
    """Places at least `gap` apart, in the same order and as near as possible to those wanted.

    >>> spread([1.0, 1.0, 5.0], 2.0, -10.0, 10.0)
    array([0., 2., 5.])
    """
    if not len(wanted):
        return np.zeros(0)
    order = np.argsort(wanted, kind="stable")
    blocks: list[tuple[float, int]] = []
    for place in np.asarray(wanted, float)[order] - gap * np.arange(len(wanted)):
        blocks.append((float(place), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (later, many), (earlier, few) = blocks.pop(), blocks.pop()
            blocks.append(((earlier * few + later * many) / (few + many), few + many))
    fitted = np.concatenate([[place] * count for place, count in blocks])
    fitted = np.clip(fitted, low, max(low, high - gap * (len(wanted) - 1))) + gap * np.arange(len(wanted))
    return np.asarray(fitted[np.argsort(order, kind="stable")], float)


@dataclass(frozen=True)
class Column:
    """End labels of one panel with the inches they take; names are already cut to fit."""

    labels: tuple[EndLabel, ...]
    numbers: float
    names: float
    before: float = 0.0
    leader: float = LEADER

    @property
    def room(self) -> float:
        """Inches from the end of the axes to the edge of the page."""
        return self.before + self.leader + self.numbers + BETWEEN + self.names + MARGIN


def column(
    page: Page, labels: Sequence[EndLabel], *, before: float = 0.0, leader: float = LEADER, most: float = MOST_ROOM
) -> Column:
    """Measure the labels of a panel; `before` keeps inches free between the axes and the leaders."""
    numbers = max((page.width_of(label.number, LABEL, label.weight) for label in labels if label.number), default=0.0)
    left = max(most - before - leader - numbers - BETWEEN - MARGIN, 0.4)
    named = tuple(replace(label, name=page.fitted(label.name, left, LABEL, label.weight)) for label in labels)
    names = max((page.width_of(label.name, LABEL, label.weight) for label in named), default=0.0)
    return Column(named, numbers, names, before, leader)


def write_column(page: Page, axes: Axes, labels: Column, *, end: float, leaders: bool | None = None) -> None:
    """Write end labels right of the axes, apart from one another, with leaders as soon as one had to move.

    end: where the lines end on the time axis
    """
    if not labels.labels:
        return
    height = axes.get_position().height * page.height * POINTS
    low, high = axes.get_ylim()
    wanted = [(label.value - low) / (high - low) * height for label in labels.labels]
    places = spread(wanted, GAP * LABEL, -0.5 * LABEL, height + 12)
    moved = bool(np.abs(places - wanted).max() > MOVED) if leaders is None else leaders
    for label, wish, place in zip(labels.labels, wanted, places, strict=True):
        _write_one(page, axes, labels, label, end=end, wish=wish / height, place=place / height, leader=moved)


def _write_one(
    page: Page, axes: Axes, labels: Column, label: EndLabel, *, end: float, wish: float, place: float, leader: bool
) -> None:
    """One end label; places are shares of the height of the axes."""
    box = axes.get_position()
    width = box.width * page.width
    low, high = axes.get_xlim()
    start = (end - low) / (high - low) + CLEAR / width
    column_left = 1 + (labels.before + (labels.leader if leader else labels.leader / 2)) / width
    if leader:
        axes.plot(
            [start, column_left - CLEAR / width],
            [wish, place],
            color=label.colour,
            linewidth=0.6,
            transform=axes.transAxes,
            clip_on=False,
        )
    style: dict[str, Any] = {
        "fontsize": LABEL,
        "fontweight": label.weight,
        "color": label.colour,
        "va": "center_baseline",
    }
    numbers = column_left + labels.numbers / width
    axes.text(numbers, place, label.number, ha="right", transform=axes.transAxes, **style)
    axes.text(numbers + BETWEEN / width, place, label.name, transform=axes.transAxes, **style)


def free_place(
    taken: Masks, size: tuple[float, float], near: tuple[float, float], *, shape: tuple[float, float]
) -> tuple[float, float] | None:
    """The centre of the free box of a given size that lies nearest to a point; None if everything is taken.

    All lengths are shares of the axes, from the lower left corner.
    taken: which cells of the axes hold a mark  [rows from the bottom, columns from the left]
    shape: width and height of the axes, in one unit
    """
    rows, columns = taken.shape
    tall, wide = max(1, round(size[1] * rows)), max(1, round(size[0] * columns))
    if tall >= rows or wide >= columns:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(taken, (tall, wide))
    free = np.argwhere(~windows.any(axis=(2, 3)))
    if not len(free):
        return None
    centres = (free + np.array([tall / 2, wide / 2])) / [rows, columns]
    away = (centres - [near[1], near[0]]) * [shape[1], shape[0]]
    row, place = centres[(away**2).sum(axis=1).argmin()]
    return float(place), float(row)
