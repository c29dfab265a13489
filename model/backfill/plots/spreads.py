"""How an outcome is spread over runs, arm by arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.axes import round_values
from backfill.plots.courses import BASELINE, arms_of, asks_for_aid, months_of, setting_of, total_aid
from backfill.plots.house import LABEL, MARGIN, NOTE, Page, in_house_style, subtitle_lines
from backfill.plots.words import (
    DASH,
    Scale,
    month_words,
    plain,
    scale_for,
    sentence,
    spoken,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.results import Results

ROW, HEAD, BELOW = 0.26, 0.34, 0.78
NAMES_ROOM, AIR = 1.9, 0.14
MOST_ARMS = 16
LEAST_RUNS = 5


@dataclass(frozen=True)
class Spread:
    """An outcome of one arm, one value a run  [runs]."""

    arm: str
    values: Floats

    def at(self, share: float) -> float:
        """A quantile over runs."""
        return float(np.quantile(self.values, share))


def can_be_drawn(results: Results) -> bool:
    """Whether there are enough runs to speak of a spread of the aid in several arms."""
    return results.runs >= LEAST_RUNS and len(arms_of(results)) > 1 and asks_for_aid(results)


def aid_spread_by_arm(results: Results) -> Figure:
    """Units that have reached the aided state by the end, spread over runs, arm by arm."""
    setting = setting_of(results)
    aided, last = with_article(state_name(setting, setting.roles.aided)), month_words(months_of(results)[-1])
    values = {arm: total_aid(results, arm, setting.roles.aided)[:, -1] for arm in arms_of(results)}
    return outcome_by_arm(results, values, what=f"to {aided} by {last}")


@in_house_style
def outcome_by_arm(results: Results, values: Mapping[str, Floats], *, what: str, unit: str = "units") -> Figure:
    """Ring: median; thick: 25-75 %; thin: 5-95 % of runs; the baseline first, the others by their medians.

    values: an outcome of each arm, one value a run  [runs];  what: what it is, after its unit: `to Ukraine by 2030`
    """
    rows = rows_of(values)
    scale = scale_for(row.at(0.95) for row in rows)
    page = Page(height=1.0 + HEAD + ROW * len(rows) + BELOW)
    below = page.head(finding(rows, what, unit), subtitle_lines(*described(rows, what, unit, scale)))
    top = below + HEAD
    names = min(NAMES_ROOM, max(page.width_of(spoken(row.arm), LABEL, "bold") for row in rows))
    numbers = max(page.width_of(scale.number(row.at(0.5)), LABEL, "bold") for row in rows)
    spans = max(page.width_of(_span(row, scale), LABEL) for row in rows)
    left, right = MARGIN + names + AIR, MARGIN + spans + numbers + 2 * AIR
    axes = page.axes(left=left, top=top, right=right, bottom=page.height - top - ROW * len(rows))
    _scale(axes, rows, scale)
    for number, row in enumerate(rows):
        _draw(axes, row, number + 0.5)
        _write(page, row, scale, down=top + ROW * (number + 0.5), names=left - AIR, numbers=page.width - MARGIN - spans)
    page.write(page.width - MARGIN - spans, top - 0.13, f"5{DASH}95 %", size=NOTE, color=palette.SOFT)
    page.write(page.width - MARGIN - spans - 0.08, top - 0.13, "median", size=NOTE, color=palette.SOFT, ha="right")
    page.foot(results)
    return page.figure


def rows_of(values: Mapping[str, Floats]) -> list[Spread]:
    """The baseline first, then the arms from the largest median to the smallest, as many as the page holds."""
    others = [Spread(arm, np.asarray(found, float)) for arm, found in values.items() if arm != BASELINE]
    base = Spread(BASELINE, np.asarray(values[BASELINE], float))
    far = sorted(others, key=lambda row: -abs(row.at(0.5) - base.at(0.5)))[: MOST_ARMS - 1]
    return [base, *sorted(far, key=lambda row: -row.at(0.5))]


def finding(rows: Sequence[Spread], what: str, unit: str) -> str:
    """The title: what the baseline brings, and between which arms the medians lie."""
    scale = scale_for(row.at(0.95) for row in rows)
    medians = [row.at(0.5) for row in rows]
    low, high = scale.number(min(medians)), scale.number(max(medians))
    first = " ".join(part for part in (scale.number(medians[0]), scale.words, unit, plain(what)) if part)
    if low == high:
        return f"{first} in every arm"
    return f"{first}; from {low} to {' '.join(part for part in (high, scale.words) if part)} by arm"


def described(rows: Sequence[Spread], what: str, unit: str, scale: Scale) -> list[str]:
    """What is drawn, and what the marks mean."""
    counted = sentence(f"{scale.words} {unit}".strip())
    marks = f"Ring: median; thick: 25{DASH}75 %; thin: 5{DASH}95 % of {len(rows[0].values):,} runs"
    return [f"{counted} {plain(what)}, by arm", marks]


def _scale(axes: Axes, rows: Sequence[Spread], scale: Scale) -> None:
    """A scale that begins at nothing unless all lies far from it; the baseline's median is a guide."""
    low, high = min(row.at(0.05) for row in rows), max(row.at(0.95) for row in rows)
    ticks = round_values(min(low, 0.0) if low < 0.5 * high else low, high)
    axes.set_ylim(len(rows), 0)
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks(ticks, [scale.number(tick) for tick in ticks])
    axes.tick_params(axis="x", length=0, pad=4)
    for tick in ticks:
        axes.axvline(tick, color=palette.GRID, linewidth=0.6, zorder=0.5)
    axes.axvline(rows[0].at(0.5), color=palette.INK, linewidth=0.9, zorder=0.8)


def _draw(axes: Axes, row: Spread, place: float) -> None:
    """Thin and thick bar, and a ring."""
    colour = palette.DONOR if row.arm == BASELINE else palette.OTHER
    edge = palette.DONOR if row.arm == BASELINE else palette.INK
    for ends, wide in (((0.05, 0.95), 1.3), ((0.25, 0.75), 5.0)):
        axes.plot([row.at(end) for end in ends], [place] * 2, color=colour, linewidth=wide, solid_capstyle="butt")
    style: dict[str, Any] = {"markerfacecolor": palette.PAPER, "markeredgecolor": edge, "markeredgewidth": 1.6}
    axes.plot([row.at(0.5)], [place], "o", markersize=6.0, zorder=5, clip_on=False, **style)


def _span(row: Spread, scale: Scale) -> str:
    return f"({scale.number(row.at(0.05))} to {scale.number(row.at(0.95))})"


def _write(page: Page, row: Spread, scale: Scale, *, down: float, names: float, numbers: float) -> None:
    """The arm on the left, its median and its interval on the right."""
    bold = "bold" if row.arm == BASELINE else "normal"
    colour = palette.INK if row.arm == BASELINE else palette.SOFT
    style: dict[str, Any] = {"va": "center_baseline", "size": LABEL}
    name = page.fitted(spoken(row.arm), NAMES_ROOM, LABEL, bold)
    page.write(names, down, name, ha="right", weight=bold, color=colour, **style)
    page.write(numbers - 0.08, down, scale.number(row.at(0.5)), ha="right", weight="bold", color=palette.INK, **style)
    page.write(numbers, down, _span(row, scale), color=palette.SOFT, **style)
