"""A forecast of the past as a fan over the months, with what was known on the day and what came after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.axes import end_in_time, left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import drawn, quantile
from backfill.plots.files import save
from backfill.plots.house import AXES_BOTTOM, NOTE, TAG_COLOURS, Page, in_house_style, subtitle_lines
from backfill.plots.labels import EndLabel, column, write_column
from backfill.plots.words import DASH, month_number, sentence, several, whole
from backfill.reading.dates import written
from backfill.reading.observed import Point
from backfill.results.scorecard import Comparison, Scorecard

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
KNOWN, SEEN = 3.6, 4.4
"""Size of the dots, points: what was known, what was observed later."""
BESIDE = 1
"""Months beside a bar, so that it is not cut."""


def write_scorecard_figures(card: Scorecard, folder: Path) -> list[Path]:
    """Draw every comparison into a folder, each as PNG and as SVG; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        path
        for one in card.comparisons
        for path in save(forecast_and_observed(one, card), folder / f"{one.scenario}-{one.name}")
    ]


@in_house_style
def forecast_and_observed(one: Comparison, card: Scorecard) -> Figure:
    """The forecast's median and bands with the points: hollow what was known, filled what came."""
    page = Page()
    below = page.head(finding(one), subtitle_lines(*described(one)))
    months = _months(one)
    values = round_values(0, _top(one))
    labels = column(page, _end_labels(one))
    left = left_margin(page, [whole(value) for value in values], months)
    axes = page.axes(left=left, top=below + 0.42, right=labels.room, bottom=AXES_BOTTOM)
    axes.set_ylim(0, values[-1])
    time_axis(axes, months, end=end_in_time(months))
    value_axis(axes, values, whole)
    _draw_forecast(axes, one)
    _draw_plan(axes, one)
    _draw_points(axes, one)
    _mark_day(axes, one)
    write_column(page, axes, labels, end=_end(one))
    page.sign(_source(one, card), _tag(one))
    return page.figure


def finding(one: Comparison) -> str:
    """The title: how many observations lie where, and on which side the forecast errs."""
    own, name = one.score, sentence(one.title)
    bias = f"{abs(own.bias):,.1f}".removesuffix(".0") if abs(own.bias) < 100 else whole(abs(own.bias))
    side = "high" if own.bias > 0 else "low"
    return f"{name}: {own.inside[1]} of {several(own.points, 'observation')} in the 90 % band; median {bias} too {side}"


def described(one: Comparison) -> list[str]:
    """The unit, what the bands are and what the dots are."""
    what = {"total": "In all", "first": "Time to the first"}.get(one.reads, "")
    unit = sentence(f"{what}, {one.unit}".strip(", "))
    day = f"{one.frozen.day} {one.frozen:%B %Y}"
    known = f"Hollow: known on {day}" if one.known else f"Made on {day}"
    plan = [f"{'Diamond' if one.reads == 'first' else 'Dashed'}: the plan of the day"] if one.plans else []
    return [f"{unit}. Bands: 5{DASH}95 % and 25{DASH}75 % of runs", ". ".join([known, "Filled: observed later", *plan])]


def _source(one: Comparison, card: Scorecard) -> str:
    newest = f". Newest source: @{one.newest[0]}, {one.newest[1].isoformat()}" if one.newest else ""
    return f"{one.scenario}: {several(card.runs, 'run')}, seed {card.seed}{newest}."


def _tag(one: Comparison) -> str:
    tag = one.label.upper()
    return tag if tag in TAG_COLOURS else "USER"


def _months(one: Comparison) -> list[str]:
    """From the first month that is known or simulated to the last."""
    first = min([month_number(one.months[0]), *(_month(point) for point in one.known)])
    last = month_number(one.months[-1]) + (0 if one.course is not None else BESIDE)
    return [written(month) for month in range(first - (one.course is None), last + 1)]


def _month(point: Point) -> int:
    return point.day.year * 12 + point.day.month - 1


def _place(point: Point) -> float:
    """Where a point stands in time: a whole month where the fan has its end, a day so much before."""
    return _month(point) / 12 if point.whole else _day(point.day)


def _day(day: dt.date) -> float:
    """Where a day stands, the end of a month standing where that month does."""
    return (day.year * 12 + day.month - 2 + day.day / 31) / 12


def _values(points: Sequence[Point], one: Comparison) -> Floats:
    return np.array([point.value for point in points]) / one.per


def _top(one: Comparison) -> float:
    course = one.ensemble if one.course is None else one.course
    shown = [quantile(course, SHARES[-1]), one.observed, _values(one.known, one), _values(one.plans, one)]
    return float(max(part.max() for part in shown if len(part)))


def _end(one: Comparison) -> float:
    return float(places_in_time(list(one.months))[-1]) if one.course is not None else _place(one.scored[-1])


def _end_labels(one: Comparison) -> list[EndLabel]:
    """The numbers at the end of the fan, and the last observation."""
    course = one.ensemble if one.course is None else one.course
    low, middle, high = (float(quantile(course, share)[-1]) for share in (0.05, 0.5, 0.95))
    labels = [
        EndLabel(low, whole(low), "5 %", palette.SOFT),
        EndLabel(middle, whole(middle), "median", palette.DONOR, bold=True),
        EndLabel(high, whole(high), "95 %", palette.SOFT),
    ]
    if one.course is not None and _month(one.scored[-1]) < month_number(one.months[-1]):
        return labels
    return [*labels, EndLabel(float(one.observed[-1]), whole(one.observed[-1]), "observed", palette.INK, bold=True)]


def _draw_forecast(axes: Axes, one: Comparison) -> None:
    """A fan over the months, or a bar where only some dates have a value."""
    outer, inner = (palette.tint(palette.DONOR, strength) for strength in (palette.OUTER_BAND, palette.INNER_BAND))
    if one.course is None:
        for at, point in enumerate(one.scored):
            low, lower, middle, upper, high = (float(quantile(one.ensemble[:, at], share)) for share in SHARES)
            place = _place(point)
            axes.plot([place, place], [low, high], color=outer, linewidth=9, solid_capstyle="butt", zorder=2)
            axes.plot([place, place], [lower, upper], color=inner, linewidth=9, solid_capstyle="butt", zorder=2.5)
            axes.plot(place, middle, marker="_", color=palette.DONOR, markersize=10, markeredgewidth=2, zorder=3)
        return
    start = max(one.frozen.year * 12 + one.frozen.month - 1 - month_number(one.months[0]), 0)
    places = places_in_time(list(one.months))[start:]
    bands = [drawn(quantile(one.course, share))[start:] for share in SHARES]
    axes.fill_between(places, bands[0], bands[4], color=outer, linewidth=0, zorder=2)
    axes.fill_between(places, bands[1], bands[3], color=inner, linewidth=0, zorder=2.5)
    axes.plot(places, bands[2], color=palette.DONOR, linewidth=2.0, zorder=3, clip_on=False)


def _draw_plan(axes: Axes, one: Comparison) -> None:
    """What was announced by the day, from what was known last."""
    points = [*([] if one.reads == "first" else one.known[-1:]), *one.plans]
    if not one.plans:
        return
    places = [_place(point) for point in points]
    if len(points) == 1:
        axes.plot(places, _values(points, one), marker="D", color=palette.SOFT, markersize=KNOWN, zorder=4)
    axes.plot(places, _values(points, one), color=palette.SOFT, linewidth=0.9, linestyle=(0, (3.2, 1.8)), zorder=4)


def _draw_points(axes: Axes, one: Comparison) -> None:
    """Hollow dots for what was known, filled ones for what came, each with an edge of paper."""
    axes.plot(
        [_place(point) for point in one.known], _values(one.known, one),
        linestyle="none", marker="o", markersize=KNOWN, markerfacecolor=palette.PAPER, markeredgecolor=palette.INK,
        zorder=6, clip_on=False,
    )  # fmt: skip
    axes.plot(
        [_place(point) for point in one.scored], one.observed,
        linestyle="none", marker="o", markersize=SEEN, markerfacecolor=palette.INK, markeredgecolor=palette.PAPER,
        markeredgewidth=0.6, zorder=7, clip_on=False,
    )  # fmt: skip


def _mark_day(axes: Axes, one: Comparison) -> None:
    """The day on which the forecast is made, with a word on either side."""
    place = _day(one.frozen)
    axes.axvline(place, ymax=1.06, color=palette.SOFT, linewidth=0.8, linestyle=(0, (1, 2)), clip_on=False, zorder=1)
    low, high = axes.get_xlim()
    share = (place - low) / (high - low)
    words = [("forecast", share + 0.008, "left")] + ([("known", share - 0.008, "right")] if share > 0.12 else [])
    for word, where, side in words:
        axes.text(where, 1.03, word, fontsize=NOTE, color=palette.SOFT, ha=side, va="bottom", transform=axes.transAxes)
