"""What a study answers at each of its points: a value with its interval, the settings of the point beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from backfill.arrays import Floats
from backfill.errors import BackfillError, UnknownName
from backfill.plots import palette
from backfill.plots.house import (
    AXES_BOTTOM,
    LABEL,
    MARGIN,
    NOTE,
    SUBTITLE_LETTERS,
    TAG_COLOURS,
    Page,
    in_house_style,
    subtitle_lines,
)
from backfill.plots.words import DASH, cut, month_words, plain, sentence, several, spoken, state_name, with_article
from backfill.reading.words import hint
from backfill.results.headline import kind_of
from backfill.studies.store import written
from backfill.studies.summing import rows
from backfill.words import few_digits, interval, number

if TYPE_CHECKING:
    from backfill.studies.design import Design
    from backfill.studies.study import Study
    from backfill.studies.summing import Estimate, Row

HEAD, ROW, BELOW = 0.68, 0.22, 0.6
NAMES_ROOM, AIR = 2.3, 0.14
TITLE_ROOM = 104
OVER_RUNS, BY_MEAN = f"5{DASH}95 % of runs", "90 % interval"
MOST_ROWS = 24
"""Points that are named one by one; more of them stand in the order of their values."""


@dataclass(frozen=True)
class Dot:
    """One point: its settings in words, its value, and its interval (None: not told)."""

    point: int
    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Answer:
    """What is drawn: which outcome in how many digits, what its bars are, every point that has it.

    open: points at which it is undefined or does not come by the end
    """

    outcome: str
    digits: int
    bars: str
    by: str
    dots: tuple[Dot, ...]
    open: int

    def said(self, value: float) -> str:
        """A value in words."""
        return number(value, self.digits)


def answer_of(study: Study, outcome: str | None = None) -> Answer | None:
    """The headline of a study at its points, for its first arm by the last date; None if no point has it.

    outcome: another one: pass_through, units, or what a headline is made of. Raises UnknownName.
    """
    every = list(rows(study.folder, study.design, study.entries))
    last = max((row.by for row in every), default="")
    mine = [row for row in every if row.arm == study.arms[0] and row.by == last]
    outcome, digits, bars = _asked(study.design, mine) if outcome is None else _called(outcome, mine)
    names = _names(study.design)
    found = [(row, _value(row, outcome)) for row in mine]
    dots = tuple(Dot(row.point, names[row.point], *value) for row, value in found if value is not None)
    return Answer(outcome, digits, bars, last, dots, len(found) - len(dots)) if dots else None


def _asked(design: Design, mine: Sequence[Row]) -> tuple[str, int, str]:
    """Which outcome answers the headline, its digits, and what its ends are."""
    headlines = [row.headline[0] for row in mine if row.headline]
    if headlines:
        return headlines[0].name, headlines[0].decimals, OVER_RUNS
    if kind_of(design.scenario.setting) == "pass_through" and any(row.pass_through for row in mine):
        return "pass_through", 2, BY_MEAN
    return "units", 0, BY_MEAN


def _called(outcome: str, mine: Sequence[Row]) -> tuple[str, int, str]:
    """The outcome that goes by this name, its digits, and what its ends are."""
    kinds = {"pass_through": (2, BY_MEAN), "units": (0, BY_MEAN)}
    kinds |= {one.name: (one.decimals, OVER_RUNS) for row in mine for one in row.headline}
    if outcome not in kinds:
        raise UnknownName(f"found no outcome {outcome!r}{hint(outcome, kinds)}\n  expected one of {', '.join(kinds)}")
    return (outcome, *kinds[outcome])


def _value(row: Row, outcome: str) -> tuple[float, float | None, float | None] | None:
    """The value of a point and its ends; None where there is none."""
    if outcome in ("pass_through", "units"):
        estimate: Estimate | None = getattr(row, outcome)
        return None if estimate is None else (estimate.value, estimate.low, estimate.high)
    spread = next((one for one in row.headline if one.name == outcome), None)
    return None if spread is None or spread.value is None else (spread.value, spread.low, spread.high)


def _names(design: Design) -> dict[int, str]:
    """The settings of each point in words, as far as points differ in them."""
    varied = [name for name in design.paths if len({written(point.settings.get(name)) for point in design.points}) > 1]
    return {
        point.number: ", ".join(f"{spoken(name)} {setting_words(point.settings.get(name))}" for name in varied)
        or f"point {point.number}"
        for point in design.points
    }


def setting_words(value: Any) -> str:
    """What a factor is at a point, in few digits."""
    return "as written" if value in (None, "", "null") else plain(few_digits(written(value)))


def outcome_by_point(study: Study) -> Figure:
    """The headline at every point of a study, with its interval. Raises BackfillError if no point has it."""
    found = answer_of(study)
    if found is None:
        raise BackfillError(f"{study.folder}: no point has an answer yet")
    return drawn_answer(study, found)


@in_house_style
def drawn_answer(study: Study, found: Answer) -> Figure:
    """An answer as a row for each point, or in the order of the values where there are many."""
    few = len(found.dots) <= MOST_ROWS
    subtitle = described(study, found, few=few)
    page = Page(height=HEAD + 0.15 * len(subtitle) + ROW * len(found.dots) + BELOW) if few else Page()
    below = page.head(finding(study.design, found), subtitle) + 0.14
    if few:
        _rows(page, found, below)
    else:
        _ranked(page, found, below + 0.12)
    tag = str(study.manifest["label"]).upper()
    page.sign(source_of(study), tag if tag in TAG_COLOURS else "USER")
    return page.figure


def finding(design: Design, found: Answer) -> str:
    """The title: from the least to the most, and at which points."""
    low, high = (end(found.dots, key=lambda dot: dot.value) for end in (min, max))
    what, by = sentence(outcome_words(design, found)), month_words(found.by)
    if len(found.dots) == 1:
        return f"{what} by {by}: {found.said(low.value)} at the one point that is done"
    if not _apart(low, high):
        return f"{what} by {by}: {found.said(low.value)} to {found.said(high.value)}, no point clearly apart"
    ends = [f"{found.said(dot.value)} with {dot.name}" for dot in (low, high)]
    title = f"{what} by {by}: from {ends[0]} to {ends[1]}"
    if len(title) <= TITLE_ROOM:
        return title
    return f"{what} by {by}: from {found.said(low.value)} to {found.said(high.value)} over {len(found.dots):,} points"


def _apart(low: Dot, high: Dot) -> bool:
    """Whether the intervals of two points lie wholly apart."""
    return low.high is not None and high.low is not None and low.high < high.low


def outcome_words(design: Design, found: Answer) -> str:
    """The outcome in words."""
    setting = design.scenario.setting
    if found.outcome == "units":
        return f"units to {with_article(state_name(setting, setting.roles.aided))}"
    return {"pass_through": "pass-through"}.get(found.outcome, spoken(found.outcome))


def described(study: Study, found: Answer, *, few: bool) -> list[str]:
    """What the marks are, which arm, and how many points have no value."""
    order = "" if few else "Points in the order of their values"
    middle = "mean" if found.outcome == "units" else "ratio of means" if found.outcome == "pass_through" else "median"
    bars = f"bar: {found.bars}" if any(dot.low is not None for dot in found.dots) else "one run: no interval"
    left = f"{several(found.open, 'point')} without a value" if found.open else ""
    said = subtitle_lines(order, f"Dot: {middle} over runs; {bars}", f"Arm: {spoken(study.arms[0])}", left)
    return [cut(line, SUBTITLE_LETTERS) for line in said]


def source_of(study: Study) -> str:
    """Which design, how much of it is done, which seed."""
    done, points = len(study.points_done), len(study.design.points)
    said = several(points, "point") if done == points else f"{done} of {several(points, 'point')} done"
    return f"{plain(study.design.name)}: {said}, seed {study.seed}. {plain(study.title)}."


def _rows(page: Page, found: Answer, below: float) -> None:
    """A row for each point: its settings, its mark, its value."""
    names = min(NAMES_ROOM, max(page.width_of(dot.name, LABEL) for dot in found.dots))
    words = max(page.width_of(_said(found, dot), LABEL) for dot in found.dots)
    left, right, height = MARGIN + names + AIR, MARGIN + words + AIR, ROW * len(found.dots)
    axes = page.axes(left=left, top=below, right=right, bottom=page.height - below - height)
    axes.set_ylim(len(found.dots), 0)
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    ticks = _ticks(found)
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(ticks, [_short(tick) for tick in ticks])
    axes.tick_params(axis="x", length=0, pad=4)
    axes.spines["bottom"].set_visible(False)
    for tick in ticks:
        heavy = tick == 0
        colour = palette.INK if heavy else palette.GRID
        axes.axvline(tick, color=colour, linewidth=1.0 if heavy else 0.6, zorder=0.5)
    for place, dot in enumerate(found.dots):
        if dot.low is not None:
            ends = [dot.low, ticks[-1] if dot.high is None else dot.high]
            shade = palette.tint(palette.DONOR, palette.BAR_TINT)
            axes.plot(ends, [place + 0.5] * 2, color=shade, linewidth=2.4, solid_capstyle="butt", zorder=3)
        axes.plot([dot.value], [place + 0.5], "o", color=palette.DONOR, markersize=5.4, zorder=4, clip_on=False)
        down = below + ROW * (place + 0.5)
        style: dict[str, Any] = {"size": LABEL, "ha": "right", "va": "center_baseline"}
        page.write(left - AIR, down, page.fitted(dot.name, NAMES_ROOM, LABEL), color=palette.INK, **style)
        page.write(page.width - MARGIN, down, _said(found, dot), color=palette.SOFT, **style)


def _said(found: Answer, dot: Dot) -> str:
    """A value and its interval."""
    if dot.low is None or dot.high is None:
        return found.said(dot.value)
    return f"{found.said(dot.value)} ({interval(dot.low, dot.high, found.digits)})"


def _ticks(found: Answer) -> Floats:
    """Round values from nothing, or below it, to above every interval."""
    ends = [end for dot in found.dots for end in (dot.low, dot.value, dot.high) if end is not None]
    values = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=found.digits == 0, min_n_ticks=2).tick_values(
        min(0.0, *ends), max(*ends, min(ends) + 10.0**-found.digits)
    )
    return np.asarray(values, float)


def _short(tick: float) -> str:
    """A value of the scale without digits that say nothing.

    >>> _short(0.0), _short(0.25), _short(1500.0)
    ('0', '0.25', '1,500')
    """
    digits = next(digits for digits in range(4) if abs(tick - round(tick, digits)) < 1e-9 or digits == 3)
    return number(tick, digits)


def _ranked(page: Page, found: Answer, below: float) -> None:
    """Many points side by side, the least first; the two ends are named."""
    dots = sorted(found.dots, key=lambda dot: (dot.value, dot.point))
    ticks = _ticks(found)
    left = MARGIN + max(page.width_of(_short(tick), LABEL) for tick in ticks) + AIR
    axes = page.axes(left=left, top=below, right=MARGIN + 0.1, bottom=AXES_BOTTOM)
    axes.set_xlim(-0.02 * len(dots), 1.02 * len(dots))
    axes.set_ylim(ticks[0], ticks[-1])
    axes.set_yticks(ticks, [_short(tick) for tick in ticks])
    axes.set_xticks([])
    axes.axhline(0.0, color=palette.INK, linewidth=1.0, zorder=1)
    axes.spines["bottom"].set_visible(False)
    shade = palette.tint(palette.DONOR, palette.BAR_TINT)
    for place, dot in enumerate(dots):
        if dot.low is not None:
            top = ticks[-1] if dot.high is None else dot.high
            axes.plot([place + 0.5] * 2, [dot.low, top], color=shade, linewidth=_wide(dots), zorder=2)
    axes.plot(
        np.arange(len(dots)) + 0.5, [dot.value for dot in dots], ".", color=palette.DONOR, markersize=_wide(dots) + 1.4,
        linestyle="none", zorder=3, clip_on=False,
    )  # fmt: skip
    bottom = page.height - AXES_BOTTOM + 0.2
    room = (page.width - left - 2 * MARGIN) / 2
    for dot, where, side in ((dots[0], left, "left"), (dots[-1], page.width - MARGIN - 0.1, "right")):
        text = page.fitted(f"{found.said(dot.value)}: {dot.name}", room, NOTE)
        page.write(where, bottom, text, size=NOTE, color=palette.SOFT, ha=side)


def _wide(dots: Sequence[Dot]) -> float:
    """Points of a line that leave a gap to the next one."""
    return float(np.clip(250 / len(dots), 0.5, 3.0))
