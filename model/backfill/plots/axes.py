"""Scales that a reader takes in at a glance: few round values, whole years."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.house import LABEL, MARGIN, POINTS, Page
from backfill.plots.words import MONTHS, month_number

YEARS_IN_MONTHS = 36
MOST_YEARS = 6


def round_values(low: float, high: float, *, most: int = 5) -> Floats:
    """About four to six round whole numbers that reach from below `low` to above `high`.

    >>> round_values(0, 2480)
    array([   0.,  500., 1000., 1500., 2000., 2500.])
    """
    span = max(high, low + 1.0)
    return np.asarray(
        MaxNLocator(nbins=most, steps=[1, 2, 2.5, 4, 5, 10], integer=True, min_n_ticks=2).tick_values(low, span), float
    )


def left_margin(page: Page, written: list[str], months: list[str]) -> float:
    """Inches left of the axes: for the widest value, and for half of the first month's label."""
    widest = max(page.width_of(text, LABEL) for text in written)
    label = page.width_of(_tick_label(month_number(months[0]), len(months)), LABEL)
    return MARGIN + max(widest + 6 / POINTS, label / 2)


def value_axis(axes: Axes, values: Floats, written: Callable[[float], str]) -> None:
    """Round values with hairlines, no line, no ticks."""
    axes.set_yticks(values, [written(value) for value in values])


def places_in_time(months: list[str]) -> Floats:
    """Where months stand on the axis: calendar years with their fractions; a lone month lasts until its end."""
    numbers = [month_number(label) for label in months]
    return np.asarray(numbers if len(numbers) > 1 else [numbers[0], numbers[0] + 1], float) / 12


def end_in_time(months: list[str]) -> float:
    """Where the axis ends: with the last month, or at its beginning if every month is wide."""
    return (month_number(months[-1]) + 1) / 12 if len(months) >= YEARS_IN_MONTHS else float(places_in_time(months)[-1])


def time_axis(axes: Axes, months: list[str], *, end: float, named: bool = True) -> None:
    """Years, or months if there are fewer than 36: never rotated, six labels at most."""
    first, last = month_number(months[0]), month_number(months[-1])
    axes.set_xlim(first / 12, end)
    major, minor = _month_ticks(first, last) if last - first + 1 < YEARS_IN_MONTHS else _year_ticks(first, last)
    labels = [_tick_label(month, last - first + 1) if named else "" for month in major]
    axes.set_xticks([month / 12 for month in major], labels)
    axes.set_xticks([month / 12 for month in minor], minor=True)
    axes.spines["bottom"].set_color(palette.SOFT)


def _year_ticks(first: int, last: int) -> tuple[list[int], list[int]]:
    """Every n-th January with a label, every January with a tick."""
    januaries = [month for month in range(first, last + 2) if month % 12 == 0]
    every = next(step for step in (1, 2, 4, 5, 10, 20, 25, 50, 100, 1000) if len(januaries) / step <= MOST_YEARS)
    every = max(every, 2) if len(januaries) > 4 else every
    named = [month for month in januaries[::every] if month <= last]
    return named, [month for month in januaries if month not in named]


def _month_ticks(first: int, last: int) -> tuple[list[int], list[int]]:
    """Every n-th month with a label, every month with a tick."""
    months = list(range(first, last + 1))
    every = next(step for step in (1, 2, 3, 6) if len(months) / step <= MOST_YEARS)
    named = (
        [month for month in months if month % every == first % every]
        if every < 3
        else [m for m in months if m % every == 0]
    )
    return named, [month for month in months if month not in named]


def _tick_label(month: int, span: int) -> str:
    year, index = divmod(month, 12)
    return str(year) if span >= YEARS_IN_MONTHS else f"{MONTHS[index][:3]} {year}"
