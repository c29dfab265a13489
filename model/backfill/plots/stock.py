"""Does the donor's stock stay above the floor below which it gives nothing?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats, Masks
from backfill.plots import palette
from backfill.plots.axes import end_in_time, left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import drawn, levels, months_of, setting_of, spread
from backfill.plots.events import Placed, chosen, height_of, placed, write_events
from backfill.plots.house import AXES_BOTTOM, NOTE, Page, in_house_style, subtitle_lines
from backfill.plots.labels import Column, EndLabel, column, free_place, write_column
from backfill.plots.words import (
    DASH,
    Scale,
    about,
    doctrine_words,
    month_number,
    month_words,
    plain,
    possessive,
    scale_for,
    sentence,
    several,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.results import Results

FINE = 4


@dataclass(frozen=True)
class Course:
    """The donor's stock and floor in equivalents over the months, medians and bands over runs  [months]."""

    months: list[str]
    runs: int
    median: Floats
    floor: Floats
    bands: dict[float, Floats]
    central: Floats | None

    @property
    def below(self) -> Masks:
        """Months in which the median stock is under the median floor."""
        return self.median < self.floor

    @property
    def top(self) -> float:
        """The highest value to be drawn."""
        central = [] if self.central is None else [self.central]
        return float(max(part.max() for part in (self.median, self.floor, *self.bands.values(), *central)))

    @property
    def scale(self) -> Scale:
        """What the stock is counted in."""
        return scale_for([self.top])

    @property
    def has_floor(self) -> bool:
        """Whether there is a floor that could keep anything back."""
        return bool(self.floor.any())


@in_house_style
def stock_against_floor(results: Results, *, central: Results | None = None) -> Figure:
    """The donor's stock with its bands over the runs, against its floor; hatched where the median is under it.

    central: results of the same scenario with central numbers, drawn as a dashed line
    """
    setting, course = setting_of(results), course_of(results, central)
    page = Page()
    below = page.head(
        finding(course, state_name(setting, setting.roles.donor)), subtitle_lines(*described(setting, course))
    )
    axes, labels, events = _axes(page, setting, course, below)
    _draw(axes, course)
    _note(page, axes, course, [event.mark.month / 12 for event in events])
    write_column(page, axes, labels, end=places_in_time(course.months)[-1])
    page.foot(results)
    return page.figure


def course_of(results: Results, central: Results | None = None) -> Course:
    """Read the donor's course from results."""
    donor = setting_of(results).roles.donor
    stock, floor = spread(results, "position", donor), spread(results, "floor", donor)
    shares = (0.05, 0.25, 0.75, 0.95) if results.runs > 1 else ()
    dashed = None if central is None else levels(central, "position", donor)[0]
    bands = {share: stock[share] for share in shares}
    return Course(months_of(results), results.runs, stock[0.5], floor[0.5], bands, dashed)


def finding(course: Course, name: str) -> str:
    """The title: when, and for how long, the stock is under its floor."""
    if not course.has_floor:
        start, end = about(course.median[0]), about(course.median[-1])
        held = "median stock" if course.runs > 1 else "stock"
        last = month_words(course.months[-1])
        return (
            f"{sentence(possessive(with_article(name)))} {held} moves from {start} to {end} by {last}; it has no floor"
        )
    stock = f"{'Median stock' if course.runs > 1 else 'Stock'} of {with_article(name)}"
    under, months = course.below, len(course.months)
    count = int(under.sum())
    if not count:
        least = about((course.median - course.floor).min())
        how = "at times it just meets it" if least == "0" else f"it stays at least {least} above it"
        return f"{stock} never falls below its floor; {how}"
    if count == months:
        deepest = about((course.floor - course.median).max())
        return f"{stock} is below its floor in all {several(months, 'month')}, by up to {deepest}"
    starts = np.flatnonzero(np.diff(under.astype(int), prepend=0) == 1)
    first = month_words(course.months[starts[0]])
    if len(starts) > 1:
        return f"{stock} is below its floor in {count} of {months} months, first in {first}"
    if under[-1]:
        return f"{stock} falls below its floor in {first} and stays there for {several(count, 'month')}"
    if under[0]:
        return f"{stock} starts below its floor and is above it after {several(count, 'month')}"
    return f"{stock} falls below its floor in {first} and is back above it {several(count, 'month')} later"


def described(setting: Any, course: Course) -> list[str]:
    """What is drawn, in which unit, and what the bands are."""
    bands = f"Bands: 5{DASH}95 % and 25{DASH}75 % of runs" if course.bands else "One run: no bands"
    donor = with_article(state_name(setting, setting.roles.donor))
    counted = "thousand " if course.scale.words else ""
    return [f"Held by {donor} at the end of each month, in {counted}{unit(setting)}", bands, doctrine_words(setting)]


def unit(setting: Any) -> str:
    """What one equivalent is: a round of the item that is worth one."""
    for need in setting.needs.values():
        if set(need.worth) & set(setting.roles.items):
            full = [item for item, worth in need.worth.items() if float(getattr(worth, "value", worth)) == 1.0]
            return f"{plain(setting.items[full[0]].name)} equivalents" if full else "equivalents"
    return f"units of {plain(setting.items[setting.roles.items[0]].name)}"


def _axes(page: Page, setting: Any, course: Course, below: float) -> tuple[Axes, Column, list[Placed]]:
    """Axes as wide as the end labels allow and as high as the events leave them, with both scales."""
    values = round_values(0, course.top)
    labels = column(page, _end_labels(course))
    said = course.scale.number
    left = left_margin(page, [said(value) for value in values], course.months)
    first, last = month_number(course.months[0]), month_number(course.months[-1])
    end = end_in_time(course.months)
    events = placed(
        page,
        chosen(setting, first, last),
        start=first / 12,
        years=end - first / 12,
        width=page.width - left - labels.room,
    )
    axes = page.axes(left=left, top=below + 0.27 + height_of(events), right=labels.room, bottom=AXES_BOTTOM)
    axes.set_ylim(0, values[-1])
    time_axis(axes, course.months, end=end)
    value_axis(axes, values, said)
    write_events(page, axes, events, places_in_time(course.months), drawn(course.median))
    return axes, labels, events


def _end_labels(course: Course) -> list[EndLabel]:
    """What stands at the end of the lines: bands, median, central run, floor."""
    bands = [
        _at_end(course, course.bands[share], f"{100 * share:.0f} %", palette.SOFT)
        for share in (0.95, 0.05)
        if share in course.bands
    ]
    middle = _at_end(course, course.median, "median" if course.runs > 1 else "stock", palette.DONOR, bold=True)
    dashed = [] if course.central is None else [_at_end(course, course.central, "central run", palette.INK)]
    floor = [_at_end(course, course.floor, "floor", palette.INK)] if course.has_floor else []
    return [*bands[1:], *floor, *dashed, middle, *bands[:1]]


def _at_end(course: Course, line: Floats, name: str, colour: str, *, bold: bool = False) -> EndLabel:
    return EndLabel(float(line[-1]), course.scale.number(float(line[-1])), name, colour, bold)


def _draw(axes: Axes, course: Course) -> None:
    """Wash below the floor, bands, hatching, lines: in this order from the paper upwards."""
    places = places_in_time(course.months)
    bands = {share: drawn(band) for share, band in course.bands.items()}
    fine, floor, median = _fine(course)
    edges, steps = np.append(places[: len(course.months)], fine[-1]), np.append(course.floor, course.floor[-1])
    axes.fill_between(edges, 0, steps, step="post", color=palette.WASH, linewidth=0, zorder=0.5)
    for low, high, strength in ((0.05, 0.95, palette.OUTER_BAND), (0.25, 0.75, palette.INNER_BAND)):
        if low in bands:
            shade = palette.tint(palette.DONOR, strength)
            axes.fill_between(places, bands[low], bands[high], color=shade, linewidth=0, zorder=2)
    axes.fill_between(
        fine,
        floor,
        median,
        where=median < floor,
        facecolor="none",
        edgecolor=palette.INK,
        hatch="////",
        linewidth=0,
        zorder=3,
    )
    if course.has_floor:
        axes.step(edges, steps, where="post", color=palette.INK, linewidth=0.9, zorder=4)
    axes.plot(places, drawn(course.median), color=palette.DONOR, linewidth=2.0, zorder=5, clip_on=False)
    if course.central is not None:
        axes.plot(
            places, drawn(course.central), color=palette.INK, linewidth=0.9, linestyle=(0, (3.2, 1.8)), zorder=5.5
        )


def _fine(course: Course) -> tuple[Floats, Floats, Floats]:
    """Places finer than months, with the floor in steps and the median in straight lines."""
    places = places_in_time(course.months)
    end = end_in_time(course.months)
    fine = np.linspace(places[0], end, FINE * len(course.months) + 1)
    month = np.clip(((fine - places[0]) * 12 + 1e-6).astype(int), 0, len(course.months) - 1)
    median = np.interp(fine, places, drawn(course.median))
    median[fine > places[-1]] = np.nan
    return fine, course.floor[month], median


def _note(page: Page, axes: Axes, course: Course, hairlines: list[float]) -> None:
    """For how many months the median is under the floor, in the free space nearest to the deepest point."""
    if not course.below.any():
        return
    text = f"{'median' if course.runs > 1 else 'stock'} below the floor for {several(int(course.below.sum()), 'month')}"
    box = axes.get_position()
    size = (page.width_of(text, NOTE) / (box.width * page.width), 0.13 / (box.height * page.height))
    deepest = int((course.floor - course.median).argmax())
    low, high = axes.transLimits.transform(
        [(places_in_time(course.months)[deepest], value) for value in (course.median[deepest], course.floor[deepest])]
    )
    place = free_place(
        _taken(axes, course, hairlines), size, (low[0], (low[1] + high[1]) / 2), shape=(box.width, box.height)
    )
    if place is None:
        return
    start = low if place[1] < (low[1] + high[1]) / 2 else high
    end = (
        np.clip(start[0], place[0] - size[0] / 2, place[0] + size[0] / 2),
        place[1] + np.sign(start[1] - place[1]) * size[1] * 0.6,
    )
    axes.plot(
        [start[0], end[0]], [start[1], end[1]], color=palette.INK, linewidth=0.8, transform=axes.transAxes, zorder=6
    )
    axes.text(
        *place,
        text,
        fontsize=NOTE,
        color=palette.INK,
        ha="center",
        va="center_baseline",
        transform=axes.transAxes,
        zorder=7,
    )


def _taken(axes: Axes, course: Course, hairlines: list[float]) -> Masks:
    """Which cells of the axes hold a mark  [rows from the bottom, columns]."""
    fine, floor, median = _fine(course)
    rows = np.linspace(*axes.get_ylim(), 90)[:, None]
    pad = rows[3, 0] - rows[0, 0]
    places = places_in_time(course.months)
    median = np.where(np.isnan(median), course.median[-1], median)
    low, high = (np.interp(fine, places, drawn(course.bands.get(share, course.median))) for share in (0.05, 0.95))
    hatched = (median < floor) & (rows > median - pad) & (rows < floor + pad)
    taken = hatched | ((rows > low - pad) & (rows < high + pad)) | (np.abs(rows - floor) < pad)
    lines = [np.abs(fine - place) < 0.6 / 12 for place in hairlines]
    crossed = np.any(lines, axis=0) if lines else np.zeros(len(fine), bool)
    return np.asarray(taken | (crossed & (rows > median)), bool)
