"""The promise of the question: what was promised, when it was due, and what came of it in each arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.arms import coloured
from backfill.plots.axes import end_in_time, left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import BASELINE, arms_of, drawn, months_of, quantile, setting_of
from backfill.plots.house import AXES_BOTTOM, NOTE, Page, in_house_style, subtitle_lines
from backfill.plots.labels import EndLabel, column, write_column
from backfill.plots.words import DASH, month_number, month_words, plain, scale_for, sentence, spelled, spoken, whole
from backfill.results import keeping
from backfill.results.headline import kind_of
from backfill.words import percent

if TYPE_CHECKING:
    from backfill.results import Results

AIR, MOST_ROOM = 0.42, 2.1
"""Inches between the subtitle and the axes: the word for the due month stands there."""


def can_be_drawn(results: Results) -> bool:
    """Whether a promise is the question and something was promised."""
    asked = kind_of(results.setting) == "promise" and keeping.is_recorded(results)
    return asked and bool(keeping.promised(results).sel(arm=BASELINE).values.any())


@in_house_style
def promise_kept(results: Results) -> Figure:
    """Units of a promise that have arrived, by arm, against what was promised and the month in which it is due."""
    months, courses = months_of(results), _courses(results)
    total = float(np.median(keeping.promised(results).sel(arm=BASELINE).values))
    middles = {arm: quantile(runs, 0.5) for arm, runs in courses.items()}
    colours = coloured({arm: courses[arm] - courses[BASELINE] for arm in courses if arm != BASELINE})
    page = Page()
    below = page.head(finding(results), described(results, total))
    shares = {arm: _on_time(results, arm) for arm in courses}
    values = round_values(0, max(total, *(float(quantile(runs, 0.95).max()) for runs in courses.values())))
    labels = column(page, _labels(middles, colours, shares, total), most=MOST_ROOM)
    said = scale_for([total]).number
    left = left_margin(page, [said(value) for value in values], months)
    axes = page.axes(left=left, top=below + AIR, right=labels.room, bottom=AXES_BOTTOM)
    axes.set_ylim(0, values[-1])
    time_axis(axes, months, end=end_in_time(months))
    value_axis(axes, values, said)
    places = places_in_time(months)
    _band(axes, places, courses[BASELINE])
    axes.plot(places, np.full(len(places), total), color=palette.SOFT, linewidth=1.4, linestyle=(0, (4, 2)))
    for arm, middle in middles.items():
        colour = palette.INK if arm == BASELINE else colours.get(arm, (palette.OTHER, ""))[0]
        wide = 2.2 if arm == BASELINE else 1.5
        axes.plot(
            places, drawn(middle), color=colour, linewidth=wide, zorder=5 if arm == BASELINE else 3, clip_on=False
        )
    _due(page, axes, results, below)
    write_column(page, axes, labels, end=places[-1])
    page.foot(results)
    return page.figure


def _courses(results: Results) -> dict[str, Floats]:
    """Units that have arrived since the start, by arm  [runs, months]."""
    total = keeping.arrived(results)
    return {arm: np.asarray(total.sel(arm=arm).transpose("run", "month").values, float) for arm in arms_of(results)}


def finding(results: Results) -> str:
    """The title: which share is there when it is due."""
    name = setting_of(results).outcomes.promise
    event = setting_of(results).events.get(name)
    title = plain(getattr(event, "title", "") or spoken(name))
    share = keeping.share_when_due(results).sel(arm=BASELINE).values
    share = share[~np.isnan(share)]
    if not share.size:
        return f"{title[:1].upper()}{title[1:]}: due after {month_words(results.months[-1])}"
    middle = float(np.quantile(share, 0.5, method="inverted_cdf"))
    return f"{title[:1].upper()}{title[1:]}: {whole(100 * middle)} % of it is there when it is due"


def described(results: Results, total: float) -> list[str]:
    """What is drawn."""
    band = f"; band: 5{DASH}95 % of baseline runs" if results.runs > 1 else "; one run: no interval"
    middle = ", median of runs" if results.runs > 1 else ""
    counted = sentence(f"{scale_for([total]).words} units".strip())
    return subtitle_lines(
        f"{counted} of the promise that have arrived{middle}, by arm{band}",
        "Dashed: promised. At the right: the share that is there when it is due",
    )


def _on_time(results: Results, arm: str) -> str:
    """The median share that is there when it is due, in words; a dash where it is due after the horizon."""
    share = keeping.share_when_due(results).sel(arm=arm).values
    share = share[~np.isnan(share)]
    return percent(float(np.quantile(share, 0.5, method="inverted_cdf"))) if share.size else DASH


def _labels(
    middles: dict[str, Floats], colours: dict[str, tuple[str, str]], shares: dict[str, str], total: float
) -> list[EndLabel]:
    """The share on the due date beside the end of each line; arms without a colour are told together."""
    ends = [
        EndLabel(
            float(middle[-1]),
            shares[arm],
            spoken(arm),
            palette.INK if arm == BASELINE else colours[arm][1],
            bold=arm == BASELINE,
        )
        for arm, middle in middles.items()
        if arm == BASELINE or arm in colours
    ]
    rest = [arm for arm in middles if arm != BASELINE and arm not in colours]
    if rest:
        height = float(np.median([middles[arm][-1] for arm in rest]))
        number, name = (shares[rest[0]], spoken(rest[0])) if len(rest) == 1 else ("", f"{spelled(len(rest))} others")
        ends.append(EndLabel(height, number, name, palette.OTHER_TEXT))
    ends.sort(key=lambda label: (label.value, int(label.number.removesuffix(" %") or 0) if label.number != DASH else 0))
    return [*ends, EndLabel(total, "", "promised", palette.SOFT)]


def _band(axes: Axes, places: Floats, runs: Floats) -> None:
    """What 90 % of runs lie between in the baseline."""
    if len(runs) > 1:
        low, high = (drawn(quantile(runs, share)) for share in (0.05, 0.95))
        axes.fill_between(
            places, low, high, color=palette.tint(palette.INK, palette.OUTER_BAND), linewidth=0, zorder=1.5
        )


def _due(page: Page, axes: Axes, results: Results, below: float) -> None:
    """A line in the month in which it is due in the median run."""
    month = keeping.usual_due(results, BASELINE)
    if month is None or month not in months_of(results):
        return
    place = month_number(month) / 12
    axes.axvline(place, color=palette.EDGE, linewidth=0.9, zorder=2)
    low, high = axes.get_xlim()
    box = axes.get_position()
    across = (box.x0 + (place - low) / (high - low) * box.width) * page.width
    middle = across > page.width / 2
    text = f"due {month_words(month)}"
    page.write(across, below + AIR - 0.08, text, size=NOTE, color=palette.SOFT, ha="right" if middle else "left")
