"""What reaches the aided state in each arm, and what an arm changes in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.axes import left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import BASELINE, arms_of, drawn, months_of, quantile, setting_of, total_aid
from backfill.plots.house import AXES_BOTTOM, HEIGHT, MARGIN, POINTS, SUBTITLE, TALL, Page, in_house_style, subtitle_lines
from backfill.plots.labels import CLEAR, LEADER, Column, EndLabel, column, write_column
from backfill.plots.words import (
    DASH,
    doctrine_words,
    month_words,
    plain,
    possessive,
    signed,
    spelled,
    spoken,
    state_name,
    whole,
    with_article,
)

if TYPE_CHECKING:
    from backfill.results import Results

MOST_COLOURED = 5
MOST_BANDS = 2
NO_BACKFILL = "no_backfill"
BAR_STEP = 5 / POINTS
LOWER_HEIGHT = 1.2
BETWEEN_PANELS = 0.56
TITLE_ROOM = 106
MOST_LOWER_ROOM = 2.1


@dataclass(frozen=True)
class Arm:
    """One arm: its running total of aid and its difference from the baseline in the same run, both [runs, months]."""

    name: str
    total: Floats
    change: Floats
    colour: str = palette.OTHER
    text: str = palette.OTHER_TEXT

    @property
    def median(self) -> Floats:
        """The median total, month by month."""
        return quantile(self.total, 0.5)

    @property
    def gap(self) -> tuple[float, float, float]:
        """The difference at the end: median, 5 %, 95 % of runs."""
        low, middle, high = (float(quantile(self.change, share)[-1]) for share in (0.05, 0.5, 0.95))
        return middle, low, high

    @property
    def unsure(self) -> bool:
        """Whether the interval of the difference holds zero."""
        _, low, high = self.gap
        return low <= 0 <= high


@in_house_style
def aid_by_arm(results: Results) -> Figure:
    """Units that have reached the aided state by arm, and below it the difference from the baseline in the same run."""
    setting, arms = setting_of(results), arms_from(results)
    months, runs = months_of(results), len(arms[0].total)
    several = len(arms) > 1
    page = Page(height=TALL if several else HEIGHT)
    title = finding(setting, arms, month_words(months[-1]))
    below = page.head(title, subtitle_lines(*described(setting, months, runs, several)))
    lower = _lower_column(page, arms, runs) if several else None
    upper = column(page, _upper_labels(arms))
    right = max(upper.room, lower.room if lower else 0.0)
    _upper_panel(page, arms, months, upper, below=below, right=right, several=several)
    if lower is not None:
        _lower_panel(page, arms, months, lower, right=right)
    page.foot(results)
    return page.figure


def arms_from(results: Results) -> list[Arm]:
    """Read the arms; the baseline first, then the others in their order, the five that differ most with a colour."""
    aided = setting_of(results).roles.aided
    names = arms_of(results)
    totals = {name: total_aid(results, name, aided) for name in names}
    base = totals[BASELINE]
    colours = coloured({name: total - base for name, total in totals.items() if name != BASELINE})
    others = [
        Arm(name, totals[name], totals[name] - base, *colours.get(name, (palette.OTHER, palette.OTHER_TEXT)))
        for name in names
        if name != BASELINE
    ]
    return [Arm(BASELINE, base, base - base, palette.BASELINE, palette.INK), *others]


def coloured(changes: dict[str, Floats]) -> dict[str, tuple[str, str]]:
    """A colour and its text variant for the arms that differ most from the baseline, in the order of the arms.

    The arm without backfill is always among them: the title speaks of it.
    """
    widest = {name: float(np.abs(quantile(change, 0.5)).max()) for name, change in changes.items()}
    most = sorted(widest, key=lambda name: (name != NO_BACKFILL, -widest[name]))[:MOST_COLOURED]
    chosen = [name for name in changes if name in most]
    return dict(zip(chosen, zip(palette.ARMS, palette.ARM_TEXTS, strict=True), strict=False))


def finding(setting: Any, arms: Sequence[Arm], last: str) -> str:
    """The title: what the backfill brings, or the arm that differs most; may, if the interval holds zero."""
    aided = with_article(state_name(setting, setting.roles.aided))
    if len(arms) == 1:
        total = arms[0].total[:, -1]
        spread = f" ({whole(np.quantile(total, 0.05))} to {whole(np.quantile(total, 0.95))})" if len(total) > 1 else ""
        return f"{whole(np.median(total))} units reach {aided} by {last}{spread}"
    largest = max(arms[1:], key=lambda arm: abs(arm.gap[0]))
    without = next((arm for arm in arms if arm.name == NO_BACKFILL), None)
    if without is None:
        return f"{_effect(_quoted(largest), largest.gap, aided)} by {last}"
    middle, low, high = without.gap
    backfill = f"{possessive(state_name(setting, setting.roles.backfiller))} backfill"
    first = f"{_effect(backfill, (-middle, -high, -low), aided)} by {last}"
    second = f"; {_effect(_quoted(largest), largest.gap)}"
    longer = abs(largest.gap[0]) > abs(middle) and len(first + second) <= TITLE_ROOM
    return first + second if longer else first


def _quoted(arm: Arm) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{plain(spoken(arm.name))}\N{RIGHT DOUBLE QUOTATION MARK}"


def _effect(who: str, gap: tuple[float, float, float], aided: str = "") -> str:
    """What somebody changes for the aided state, and no more than the interval bears out.

    gap: more units: median, 5 % and 95 % of runs

    >>> _effect("It", (30.0, 5.0, 55.0), "Norway"), _effect("It", (-30.0, -55.0, 5.0), "Norway")
    ('It brings Norway 30 more units', 'It may cost Norway 30 units')
    """
    middle, low, high = gap
    if low == high == 0:
        return f"{who} changes nothing{' for ' + aided if aided else ''}"
    if not round(middle):
        return f"{who} changes little{' for ' + aided if aided else ''} ({signed(low)} to {signed(high)} units)"
    sure, gain = low > 0 or high < 0, middle > 0
    verb = ("brings" if gain else "costs") if sure else ("may bring" if gain else "may cost")
    receiver = f" {aided}" if aided else ""
    return f"{who} {verb}{receiver} {whole(abs(middle))}{' more' if gain else ''}{' units' if aided else ''}"


def described(setting: Any, months: Sequence[str], runs: int, several: bool) -> list[str]:
    """What is drawn, in which unit, under which doctrine."""
    aided = with_article(state_name(setting, setting.roles.aided))
    middle = "one run: no interval" if runs == 1 else "median of runs"
    by_arm = ", by arm" if several else f"; band: 5{DASH}95 % of runs" if runs > 1 else ""
    return [f"Units delivered to {aided} since {month_words(months[0])}, {middle}{by_arm}", doctrine_words(setting)]


def with_colour(arms: Sequence[Arm]) -> list[Arm]:
    """The baseline and the arms with a colour of their own."""
    return [arm for arm in arms if arm.colour != palette.OTHER]


def in_grey(arms: Sequence[Arm]) -> list[Arm]:
    """The arms that differ least, when there are more than five."""
    return [arm for arm in arms if arm.colour == palette.OTHER]


def _upper_labels(arms: Sequence[Arm]) -> list[EndLabel]:
    """The end of each coloured line, and one label for all grey ones."""
    labels = [
        EndLabel(float(arm.median[-1]), whole(arm.median[-1]), spoken(arm.name), arm.text, bold=arm.name == BASELINE)
        for arm in with_colour(arms)
    ]
    if rest := in_grey(arms):
        middle = float(np.median([arm.median[-1] for arm in rest]))
        labels.append(EndLabel(middle, "", f"{spelled(len(rest))} other{'s' if len(rest) > 1 else ''}", palette.OTHER_TEXT))
    return labels


def _upper_panel(
    page: Page, arms: Sequence[Arm], months: list[str], labels: Column, *, below: float, right: float, several: bool
) -> None:
    """Totals since the start, medians only; a lone baseline has its band."""
    band = quantile(arms[0].total, 0.95) if not several and len(arms[0].total) > 1 else arms[0].median
    values = round_values(0, max(float(np.max([arm.median for arm in arms])), float(band.max())), most=5 if not several else 4)
    bottom = AXES_BOTTOM + LOWER_HEIGHT + BETWEEN_PANELS if several else AXES_BOTTOM
    axes = page.axes(left=_left(page, arms, months), top=below + 0.27, right=right, bottom=bottom)
    axes.set_ylim(0, values[-1])
    time_axis(axes, months, named=not several)
    value_axis(axes, values, whole)
    places = places_in_time(months)
    if not several and len(arms[0].total) > 1:
        low, high = (drawn(quantile(arms[0].total, share)) for share in (0.05, 0.95))
        axes.fill_between(places, low, high, color=palette.tint(palette.INK, palette.OUTER_BAND), linewidth=0, zorder=1.5)
    _lines(axes, places, [(arm, arm.median) for arm in arms])
    write_column(page, axes, labels, end=places[-1])


def _left(page: Page, arms: Sequence[Arm], months: list[str]) -> float:
    """Inches left of both panels, so that their months stand below one another."""
    upper = round_values(0, float(np.max([arm.median for arm in arms])), most=4)
    low, high = lower_limits(arms)
    lower = [signed(value) for value in round_values(low, high, most=4)] if len(arms) > 1 else []
    return left_margin(page, [*(whole(value) for value in upper), *lower])


def _lines(axes: Axes, places: Floats, courses: Sequence[tuple[Arm, Floats]]) -> None:
    """Grey arms first, then those with a colour, the baseline on top."""
    for arm, course in courses:
        layer = 5 if arm.name == BASELINE else 2 if arm.colour == palette.OTHER else 3
        width = 2.2 if arm.name == BASELINE else 1.5 if arm.colour != palette.OTHER else 1.0
        axes.plot(places, drawn(course), color=arm.colour, linewidth=width, zorder=layer, clip_on=False)


def lower_limits(arms: Sequence[Arm]) -> tuple[float, float]:
    """The lowest and highest difference to be drawn, zero included."""
    medians = [quantile(arm.change, 0.5) for arm in arms]
    spans = [value for arm in with_colour(arms) for value in arm.gap]
    if banded(arms):
        medians += [quantile(arm.change, share) for arm in with_colour(arms) for share in (0.05, 0.95)]
    low = min(0.0, *spans, *(float(course.min()) for course in medians))
    return low, max(0.0, *spans, *(float(course.max()) for course in medians))


def banded(arms: Sequence[Arm]) -> bool:
    """Whether the differences are few enough for bands instead of bars at the end."""
    return len(arms) - 1 <= MOST_BANDS and len(arms[0].total) > 1


def _lower_column(page: Page, arms: Sequence[Arm], runs: int) -> Column:
    """Median difference and interval of each coloured arm; bars stand between the axes and these labels."""
    labels = [
        EndLabel(arm.gap[0], signed(arm.gap[0]), f"({signed(arm.gap[1])} to {signed(arm.gap[2])})" if runs > 1 else "", arm.text)
        for arm in with_colour(arms)[1:]
    ]
    bars = 0.0 if banded(arms) or runs == 1 else CLEAR + BAR_STEP * len(labels)
    return column(page, labels, before=bars, leader=0.16 if bars else LEADER, most=MOST_LOWER_ROOM)


def _lower_panel(page: Page, arms: Sequence[Arm], months: list[str], labels: Column, *, right: float) -> None:
    """Differences from the baseline in the same run around a heavy zero line."""
    runs, places = len(arms[0].total), places_in_time(months)
    how = f"{'bands' if banded(arms) else 'bars at the end'}: 5{DASH}95 % of runs" if runs > 1 else "one run: no interval"
    edge = AXES_BOTTOM + LOWER_HEIGHT
    text = f"Difference from the baseline in the same run; {how}"
    page.write(MARGIN, page.height - edge - 0.2, page.fitted(text, page.width - 2 * MARGIN, SUBTITLE), size=SUBTITLE, color=palette.SOFT)
    axes = page.axes(left=_left(page, arms, months), top=page.height - edge, right=right, bottom=AXES_BOTTOM)
    low, high = lower_limits(arms)
    values = round_values(low, high, most=4)
    room = 0.08 * max(high - low, 1.0)
    axes.set_ylim(low - room, max(high, low + 1.0) + room)
    time_axis(axes, months)
    value_axis(axes, np.array([value for value in values if low - room <= value <= max(high, low + 1.0) + room]), signed)
    _lines(axes, places, [(arm, quantile(arm.change, 0.5)) for arm in arms[1:]])
    axes.plot(places, np.zeros(len(places)), color=palette.INK, linewidth=2.2, zorder=4, clip_on=False)
    if banded(arms):
        _bands(axes, places, arms)
    elif runs > 1:
        _bars(page, axes, arms)
    write_column(page, axes, labels, end=places[-1], leaders=None if banded(arms) else False)


def _bands(axes: Axes, places: Floats, arms: Sequence[Arm]) -> None:
    """At most two bands, transparent because they may overlap."""
    for arm in with_colour(arms)[1:]:
        low, high = (drawn(quantile(arm.change, share)) for share in (0.05, 0.95))
        axes.fill_between(places, low, high, color=arm.colour, alpha=palette.OUTER_BAND, linewidth=0, zorder=1.5)


def _bars(page: Page, axes: Axes, arms: Sequence[Arm]) -> None:
    """One bar for the interval of each arm, right of the axes, in the order of their values."""
    width = axes.get_position().width * page.width
    across = axes.get_yaxis_transform()
    for number, arm in enumerate(sorted(with_colour(arms)[1:], key=lambda arm: -arm.gap[0])):
        middle, low, high = arm.gap
        place = 1 + (CLEAR + BAR_STEP * number) / width
        shade = palette.tint(arm.colour, palette.BAR_TINT)
        style = {"transform": across, "clip_on": False}
        axes.plot([place, place], [low, high], color=shade, linewidth=2.5, solid_capstyle="butt", zorder=3, **style)
        axes.plot([place], [middle], "o", color=arm.colour, markersize=4.2, markeredgewidth=0, zorder=4, **style)
