"""Years until the donor's stock is back at its requirement, by need and arm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.courses import BASELINE, arms_of, setting_of
from backfill.plots.house import LABEL, MARGIN, NOTE, Page, in_house_style, subtitle_lines
from backfill.plots.words import DASH, month_words, possessive, several, spoken, state_name, whole, with_article
from backfill.results import refill
from backfill.results.headline import kind_of, need_words
from backfill.words import in_runs

if TYPE_CHECKING:
    from backfill.results import Results

ROW, HEAD, GAP = 0.175, 0.2, 0.1
"""Inches for one arm, for the name of a need above its arms, and between two needs."""
BASE = 0.15
"""Inches from the top of a name's line to its foot."""
BELOW = 0.72
NAMES_ROOM = 1.75
AIR = 0.14
MOST_ARMS, MOST_ROWS = 8, 42
STEPS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True)
class Row:
    """One need in one arm: years in each run, infinite where it is not back by the end  [runs]."""

    need: str
    arm: str
    years: Floats

    def at(self, share: float) -> float:
        """A quantile that some run has."""
        return float(np.quantile(self.years, share, method="inverted_cdf"))

    @property
    def never(self) -> float:
        """The share of runs in which it is not back."""
        return float(np.isinf(self.years).mean())


def can_be_drawn(results: Results) -> bool:
    """Whether a refill is the question and something is to be refilled."""
    return kind_of(setting_of(results)) == "refill" and bool(refill.needs_of_question(results))


@in_house_style
def years_to_refill(results: Results) -> Figure:
    """For each need and arm the median year in which the stock is back, with a bar for 90 % of runs."""
    rows, span = rows_of(results), refill.horizon_in_years(results)
    needs = list(dict.fromkeys(row.need for row in rows))
    height = (HEAD + GAP) * len(needs) + ROW * len(rows)
    page = Page(height=1.05 + height + BELOW)
    below = page.head(finding(results, rows), described(results, rows)) + 0.12
    names = min(max(page.width_of(spoken(row.arm), LABEL, "bold") for row in rows), NAMES_ROOM)
    words = max(page.width_of(_said(row), LABEL, "bold") for row in rows)
    left, right = MARGIN + names + AIR, MARGIN + words + AIR
    axes = page.axes(left=left, top=below, right=right, bottom=page.height - below - height)
    _scale(axes, height, span)
    for row, down in _places(rows):
        if isinstance(row, str):
            _guides(axes, down + HEAD - BASE, ROW * sum(one.need == row for one in rows))
            name = page.fitted(need_words(results, row), page.width / 2, LABEL, "bold")
            page.write(MARGIN, below + down, name, size=LABEL, color=palette.INK, weight="bold")
        else:
            _draw(axes, row, down, span)
            _write(page, row, down=below + down, names=left - AIR, words=page.width - MARGIN)
    box = axes.get_position()
    start = f"years after the start of {month_words(results.months[0])}"
    page.write(box.x0 * page.width, below + height + 0.34, start, size=NOTE, color=palette.SOFT)
    page.foot(results)
    return page.figure


def rows_of(results: Results) -> list[Row]:
    """The baseline and the arms that move it most, for every need, as many as the page holds."""
    needs = refill.needs_of_question(results)
    years = {need: refill.years_to_refill(results, need) for need in needs}
    total = refill.years_until_all(results)
    base = refill.capped(results, total.sel(arm=BASELINE).values)
    moved = {
        arm: float(np.abs(refill.capped(results, total.sel(arm=arm).values) - base).mean())
        for arm in arms_of(results)
        if arm != BASELINE
    }
    room = min(MOST_ARMS, max(2, MOST_ROWS // len(needs)))
    chosen = {BASELINE, *sorted(moved, key=lambda arm: -moved[arm])[: room - 1]}
    arms = [arm for arm in arms_of(results) if arm in chosen]
    return [Row(need, arm, np.asarray(years[need].sel(arm=arm).values, float)) for need in needs for arm in arms]


def finding(results: Results, rows: Sequence[Row]) -> str:
    """The title: which stock is back last in the baseline, and when."""
    setting = setting_of(results)
    donor = possessive(with_article(state_name(setting, setting.roles.donor)))
    last = max((row for row in rows if row.arm == BASELINE), key=lambda row: (row.at(0.5), float(row.never)))
    what, end = need_words(results, last.need), month_words(results.months[-1])
    if not math.isfinite(last.at(0.5)):
        return f"{donor[:1].upper()}{donor[1:]} stock of {what} is not back at its requirement by {end}"
    if not last.at(0.95):
        return f"{donor[:1].upper()}{donor[1:]} stock of {what} never lies below its requirement"
    late = f"; {in_runs(last.never)} not by {end}" if last.never else ""
    stock = f"{donor[:1].upper()}{donor[1:]} stock of {what} is back"
    where = "last" if len({row.need for row in rows}) > 1 else "at its requirement"
    return f"{stock} {where}, after {whole(last.at(0.5), 1)} years{late}"


def described(results: Results, rows: Sequence[Row]) -> list[str]:
    """What is drawn, and what the marks mean."""
    if results.runs == 1:
        return subtitle_lines(
            f"Until the stock is back at its requirement, by arm{_left_out(results, rows)}; one run: no interval"
        )
    marks = f"Dot: median; bar: 5{DASH}95 % of runs"
    reach = "; arrow at the edge: open, not back by the end" if any(row.never for row in rows) else ""
    return subtitle_lines(
        f"Until the stock is back at its requirement, by arm{_left_out(results, rows)}", marks + reach
    )


def _left_out(results: Results, rows: Sequence[Row]) -> str:
    """How many arms the page has no room for; those that move least."""
    left = len(arms_of(results)) - len({row.arm for row in rows})
    return f"; {several(left, 'arm')} that move{'s' if left == 1 else ''} it less left out" if left else ""


def _places(rows: Sequence[Row]) -> Iterator[tuple[Row | str, float]]:
    """Every row and the head of each need, with the inches below the upper edge at which its middle stands."""
    down, known = 0.0, ""
    for row in rows:
        if row.need != known:
            known = row.need
            down += GAP if down else 0.0
            yield known, down + BASE
            down += HEAD
        yield row, down + ROW / 2
        down += ROW


def _scale(axes: Axes, height: float, span: float) -> None:
    """Years from nothing to the end of the horizon."""
    axes.set_ylim(height, 0)
    axes.set_xlim(0, span)
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.spines["bottom"].set_visible(False)
    step = next((step for step in STEPS if span / step <= 6.5), STEPS[-1])
    ticks = [step * number for number in range(int(span / step + 1e-9) + 1)]
    axes.set_xticks(ticks, [whole(tick, 0 if step >= 1 else 2) for tick in ticks])
    axes.tick_params(axis="x", length=0, pad=4)
    axes.grid(visible=False, axis="x")


def _guides(axes: Axes, top: float, height: float) -> None:
    """The years as lines behind the arms of one need, the start in ink; names of needs stay clear of them."""
    for tick in axes.get_xticks():
        colour, width = (palette.GRID, 0.6) if tick else (palette.INK, 1.0)
        axes.plot(
            [tick, tick],
            [top, top + height],
            color=colour,
            linewidth=width,
            solid_capstyle="butt",
            zorder=0.5,
            clip_on=False,
        )


def _draw(axes: Axes, row: Row, down: float, span: float) -> None:
    """A bar from 5 to 95 %, and the median where it has come."""
    colour = palette.DONOR if row.arm == BASELINE else palette.OTHER
    low, middle, high = (row.at(share) for share in (0.05, 0.5, 0.95))
    if math.isfinite(low) and len(row.years) > 1:
        ends = [low, min(high, span)]
        axes.plot(
            ends, [down, down], color=palette.tint(colour, palette.BAR_TINT), linewidth=2.4, solid_capstyle="butt"
        )
    if not math.isfinite(high):
        shade = palette.tint(colour, palette.BAR_TINT)
        axes.plot([span], [down], ">", color=shade, markersize=4.6, markeredgewidth=0, zorder=3, clip_on=False)
    if math.isfinite(middle):
        axes.plot([middle], [down], "o", color=colour, markersize=5.4, zorder=4, clip_on=False)


def _write(page: Page, row: Row, *, down: float, names: float, words: float) -> None:
    """The arm on the left, its years on the right."""
    bold = row.arm == BASELINE
    style: dict[str, Any] = {"ha": "right", "va": "center_baseline", "weight": "bold" if bold else "normal"}
    colour = palette.INK if bold else palette.SOFT
    page.write(names, down, page.fitted(spoken(row.arm), NAMES_ROOM, LABEL), size=LABEL, color=colour, **style)
    page.write(words, down, _said(row), size=LABEL, color=colour, **style)


def _said(row: Row) -> str:
    """The median and its ends in words; in which share of runs it is open."""
    if row.never == 1.0:
        return "open"
    middle = whole(row.at(0.5), 1) if math.isfinite(row.at(0.5)) else "open"
    if len(row.years) == 1:
        return middle
    ends = [whole(row.at(share), 1) if math.isfinite(row.at(share)) else "open" for share in (0.05, 0.95)]
    late = f", open {whole(100 * row.never)} %" if row.never >= 0.005 else ""
    return f"{middle} ({DASH.join(ends)}){late}"
