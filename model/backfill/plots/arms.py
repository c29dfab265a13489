"""What reaches the aided state in each arm, and what an arm changes in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.axes import end_in_time, left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import BASELINE, arms_of, drawn, months_of, quantile, setting_of, total_aid
from backfill.plots.house import (
    AXES_BOTTOM,
    HEIGHT,
    MARGIN,
    POINTS,
    SUBTITLE,
    TALL,
    Page,
    in_house_style,
    subtitle_lines,
)
from backfill.plots.labels import CLEAR, Column, EndLabel, column, write_column
from backfill.plots.words import (
    DASH,
    Scale,
    about,
    doctrine_words,
    month_words,
    plain,
    possessive,
    scale_for,
    sentence,
    spelled,
    spoken,
    state_name,
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
SHORT_LEADER = 0.16
AIR = 0.27


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
    months = months_of(results)
    page = Page(height=TALL if len(arms) > 1 else HEIGHT)
    title = finding(setting, arms, month_words(months[-1]))
    below = page.head(title, subtitle_lines(*described(setting, arms, months)))
    if len(arms) == 1:
        _alone(page, arms[0], months, below)
    else:
        _two_panels(page, arms, months, below)
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
        spread = f" ({about(np.quantile(total, 0.05))} to {about(np.quantile(total, 0.95))})" if len(total) > 1 else ""
        return f"{about(np.median(total))} units reach {aided} by {last}{spread}"
    largest = max(arms[1:], key=lambda arm: abs(arm.gap[0]))
    giver = setting.roles.backfiller
    without = next((arm for arm in arms if arm.name == NO_BACKFILL and giver is not None), None)
    if not any(arm.change[:, -1].any() for arm in arms):
        return f"No arm changes what reaches {aided} by {last}: {about(arms[0].median[-1])} units"
    if without is None:
        return f"{_effect(_quoted(largest), largest.gap, aided)} by {last}"
    if not without.change[:, -1].any():
        return f"{possessive(state_name(setting, giver))} backfill changes nothing for {aided} by {last}"
    middle, low, high = without.gap
    backfill = f"{possessive(state_name(setting, giver))} backfill"
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
    for_whom = f" for {aided}" if aided else ""
    if low == high == 0:
        return f"{who} changes nothing{for_whom} in 90 % of runs"
    if not round(middle):
        return f"{who} changes little{for_whom} ({_signed(low)} to {_signed(high)} units)"
    sure, gain = low > 0 or high < 0, middle > 0
    verb = ("brings" if gain else "costs") if sure else ("may bring" if gain else "may cost")
    receiver = f" {aided}" if aided else ""
    noun = " unit" if abs(round(middle)) == 1 else " units"
    return f"{who} {verb}{receiver} {about(abs(middle))}{' more' if gain else ''}{noun if aided else ''}"


def _signed(value: float) -> str:
    """A difference inside a sentence."""
    return f"+{about(value)}" if round(value) > 0 else about(value)


def described(setting: Any, arms: Sequence[Arm], months: Sequence[str]) -> list[str]:
    """What is drawn, in which unit, under which doctrine."""
    aided = with_article(state_name(setting, setting.roles.aided))
    by_arm = ", by arm" if len(arms) > 1 else ""
    band = "" if len(arms) > 1 else f"; band: 5{DASH}95 % of runs"
    how = f", median of runs{by_arm}{band}" if len(arms[0].total) > 1 else f"{by_arm}; one run: no interval"
    counted = sentence(f"{upper_scale(arms).words} units".strip())
    return [f"{counted} delivered to {aided} since {month_words(months[0])}{how}", doctrine_words(setting)]


def upper_scale(arms: Sequence[Arm]) -> Scale:
    """What totals are counted in."""
    return scale_for(float(arm.median[-1]) for arm in arms)


def lower_scale(arms: Sequence[Arm]) -> Scale:
    """What differences are counted in."""
    return scale_for(value for arm in arms for value in arm.gap)


def with_colour(arms: Sequence[Arm]) -> list[Arm]:
    """The baseline and the arms with a colour of their own."""
    return [arm for arm in arms if arm.colour != palette.OTHER]


def in_grey(arms: Sequence[Arm]) -> list[Arm]:
    """The arms that differ least, when there are more than five."""
    return [arm for arm in arms if arm.colour == palette.OTHER]


def _upper_labels(arms: Sequence[Arm]) -> list[EndLabel]:
    """The end of each coloured line, and one label for all grey ones."""
    said = upper_scale(arms).number
    labels = [
        EndLabel(
            float(arm.median[-1]), said(float(arm.median[-1])), spoken(arm.name), arm.text, bold=arm.name == BASELINE
        )
        for arm in with_colour(arms)
    ]
    if rest := in_grey(arms):
        middle = float(np.median([arm.median[-1] for arm in rest]))
        number, name = (said(middle), spoken(rest[0].name)) if len(rest) == 1 else ("", f"{spelled(len(rest))} others")
        labels.append(EndLabel(middle, number, name, palette.OTHER_TEXT))
    return labels


def _alone(page: Page, arm: Arm, months: list[str], below: float) -> None:
    """The baseline without other arms: its median in its band."""
    places, labels = places_in_time(months), column(page, _upper_labels([arm]))
    low, high = (quantile(arm.total, share) for share in (0.05, 0.95))
    values = round_values(0, float(high.max()))
    said = upper_scale([arm]).number
    left = left_margin(page, [said(value) for value in values], months)
    axes = page.axes(left=left, top=below + AIR, right=labels.room, bottom=AXES_BOTTOM)
    axes.set_ylim(0, values[-1])
    time_axis(axes, months, end=end_in_time(months))
    value_axis(axes, values, said)
    shade = palette.tint(palette.INK, palette.OUTER_BAND)
    axes.fill_between(places, drawn(low), drawn(high), color=shade, linewidth=0, zorder=1.5)
    _lines(axes, places, [(arm, arm.median)])
    write_column(page, axes, labels, end=places[-1])


def _two_panels(page: Page, arms: Sequence[Arm], months: list[str], below: float) -> None:
    """Totals above, differences below, their months below one another."""
    upper, lower = column(page, _upper_labels(arms), most=MOST_LOWER_ROOM), _lower_column(page, arms)
    totals = round_values(0, float(np.max([arm.median for arm in arms])), most=4)
    low, high = lower_limits(arms)
    changes = np.array([value for value in round_values(low, high, most=4) if low <= value <= high])
    said, said_below = upper_scale(arms).number, lower_scale(arms).signed
    left = left_margin(page, [*map(said, totals), *map(said_below, changes)], months)
    right, edge = max(upper.room, lower.room), AXES_BOTTOM + LOWER_HEIGHT
    axes = page.axes(left=left, top=below + AIR, right=right, bottom=edge + BETWEEN_PANELS)
    axes.set_ylim(0, totals[-1])
    time_axis(axes, months, end=end_in_time(months), named=False)
    value_axis(axes, totals, said)
    _lines(axes, places_in_time(months), [(arm, arm.median) for arm in arms])
    write_column(page, axes, upper, end=places_in_time(months)[-1])
    axes = page.axes(left=left, top=page.height - edge, right=right, bottom=AXES_BOTTOM)
    axes.set_ylim(low, high)
    time_axis(axes, months, end=end_in_time(months))
    value_axis(axes, changes, said_below)
    _differences(page, axes, arms, places_in_time(months))
    write_column(page, axes, lower, end=places_in_time(months)[-1], leaders=None if banded(arms) else False)
    page.write(MARGIN, page.height - edge - 0.2, _lower_subtitle(arms), size=SUBTITLE, color=palette.SOFT)


def _lines(axes: Axes, places: Floats, courses: Sequence[tuple[Arm, Floats]]) -> None:
    """Grey arms first, then those with a colour, the baseline on top."""
    for arm, course in courses:
        layer = 5 if arm.name == BASELINE else 2 if arm.colour == palette.OTHER else 3
        width = 2.2 if arm.name == BASELINE else 1.5 if arm.colour != palette.OTHER else 1.0
        axes.plot(places, drawn(course), color=arm.colour, linewidth=width, zorder=layer, clip_on=False)


def lower_limits(arms: Sequence[Arm]) -> tuple[float, float]:
    """The limits of the lower panel: every difference to be drawn, zero, and a little air."""
    shares = (0.05, 0.5, 0.95) if banded(arms) else (0.5,)
    courses = [quantile(arm.change, share) for arm in arms for share in shares]
    values = [0.0, *(value for arm in with_colour(arms) for value in arm.gap), *np.ravel(courses)]
    low, high = min(values), max(*values, min(values) + 1.0)
    return float(low - 0.08 * (high - low)), float(high + 0.08 * (high - low))


def banded(arms: Sequence[Arm]) -> bool:
    """Whether the differences are few enough for bands instead of bars at the end."""
    return len(arms) - 1 <= MOST_BANDS and len(arms[0].total) > 1


def _lower_column(page: Page, arms: Sequence[Arm]) -> Column:
    """Median difference and interval of each coloured arm; bars stand between the axes and these labels."""
    said = lower_scale(arms).signed
    labels = [EndLabel(arm.gap[0], said(arm.gap[0]), _span(arm, said), arm.text) for arm in with_colour(arms)[1:]]
    if banded(arms) or len(arms[0].total) == 1:
        return column(page, labels, most=MOST_LOWER_ROOM)
    return column(page, labels, before=CLEAR + BAR_STEP * len(labels), leader=SHORT_LEADER, most=MOST_LOWER_ROOM)


def _span(arm: Arm, said: Callable[[float], str]) -> str:
    _, low, high = arm.gap
    return f"({said(low)} to {said(high)})" if len(arm.total) > 1 else spoken(arm.name)


def _lower_subtitle(arms: Sequence[Arm]) -> str:
    counted = lower_scale(arms).words
    same = f"Difference from the baseline in the same run{', thousand units' if counted else ''}"
    if len(arms[0].total) == 1:
        return f"{same}; one run: no interval"
    marks = "bands" if banded(arms) else "bars at the end"
    return f"{same}; {marks}: 5{DASH}95 % of runs"


def _differences(page: Page, axes: Axes, arms: Sequence[Arm], places: Floats) -> None:
    """Median differences around a heavy zero line, with bands if they are few, else with bars at the end."""
    _lines(axes, places, [(arm, quantile(arm.change, 0.5)) for arm in arms[1:]])
    axes.plot(places, np.zeros(len(places)), color=palette.INK, linewidth=2.2, zorder=4, clip_on=False)
    if banded(arms):
        _bands(axes, places, arms)
    elif len(arms[0].total) > 1:
        _bars(page, axes, arms)


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
        style: dict[str, Any] = {"transform": across, "clip_on": False}
        axes.plot([place, place], [low, high], color=shade, linewidth=4.0, solid_capstyle="butt", zorder=3, **style)
        axes.plot([place], [middle], "o", color=arm.colour, markersize=2.8, markeredgewidth=0, zorder=4, **style)
