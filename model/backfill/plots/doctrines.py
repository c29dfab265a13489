"""The headline side by side: pass-through under each way in which the donor may decide, found or assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.plots import palette
from backfill.plots.courses import setting_of
from backfill.plots.house import LABEL, MARGIN, NOTE, Page, in_house_style
from backfill.plots.words import lines_of, month_words, sentence, state_name, whole, with_article
from backfill.results.by_doctrine import DoctrineRow, doctrine_rows
from backfill.results.headline import kind_of
from backfill.results.outcomes import PassThrough
from backfill.words import interval, short_month

if TYPE_CHECKING:
    from backfill.results import Results

LINE = 0.13
ROW = 0.56
"""Inches for one way of deciding, more where its name and its basis take more lines."""
LOOSE = 0.17
BETWEEN_DATES = 0.17
HEADS = 0.46
BELOW = 0.78
NAMES_ROOM, HISTORY_ROOM = 1.6, 0.66
NAME_LETTERS, NOTE_LETTERS = 22, 34
AIR = 0.14
PARTS = {0.25: "a quarter goes to", 0.5: "half goes to", 1.0: "all goes to"}
"""How far the scale reaches, and what its end means."""
STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 1e9)
MARKS: dict[str, dict[str, Any]] = {
    "found": {"fillstyle": "full"},
    "mixed": {"fillstyle": "left", "markerfacecoloralt": palette.PAPER},
    "assumed": {"fillstyle": "none"},
}
KEYS = {
    "found": "filled: found from floors and stocks",
    "assumed": "ring: assumed by the doctrine",
    "mixed": "half: one of them for each channel",
}


def can_be_drawn(results: Results) -> bool:
    """Whether the donor may decide in more than one way and pass-through is defined in some of them."""
    asked = kind_of(setting_of(results)) == "pass_through"
    if not asked or results.is_central_run or len(doctrine_rows(results)) < 2:
        return False
    return bool(drawable_rows(results))


def drawable_rows(results: Results) -> list[DoctrineRow]:
    """The ways of deciding with a pass-through at the last date, the scenario's own first."""
    return [row for row in doctrine_rows(results) if last_of(row) is not None]


def last_of(row: DoctrineRow) -> PassThrough | None:
    """Pass-through at the last date."""
    return list(row.passing.values())[-1]


@in_house_style
def headline_by_doctrine(results: Results) -> Figure:
    """Pass-through by way of deciding and date, the mark filled where it is found and hollow where it is assumed."""
    rows, setting = drawable_rows(results), setting_of(results)
    dates = list(rows[0].passing)
    high = row_height(rows)
    page = Page(height=0.98 + HEADS + high * len(rows) + BELOW)
    below = page.head(finding(setting, rows, dates[-1]), described(setting, rows)) + HEADS
    names = _names(page, rows)
    numbers = max(page.width_of(_value(found), LABEL, "bold") for row in rows for found in _known(row))
    heads = [page.width_of(f"by {short_month(date)}", NOTE, "bold") for date in dates]
    spans = max(*heads, *(page.width_of(_span(found), LABEL) for row in rows for found in _known(row)))
    history = HISTORY_ROOM if any(row.history for row in rows) else 0.0
    right = MARGIN + history + spans + numbers + 3 * AIR
    axes = _axes(page, rows, left=MARGIN + names + AIR, top=below, right=right, high=high)
    columns = page.width - right + AIR
    for number, row in enumerate(rows):
        _draw(axes, row, number, high=high)
        _label(page, row, right_of_names=MARGIN + names, middle=below + high * (number + 0.5))
        _write(page, row, middle=below + high * (number + 0.5), left=columns + numbers)
    _heads(page, dates, left=columns + numbers, down=below - 0.13, history=bool(history))
    _ends(page, axes, setting)
    page.foot(results)
    return page.figure


def finding(setting: Any, rows: Sequence[DoctrineRow], date: str) -> str:
    """The title: from the least to the most that is passed on; that it depends only if the intervals say so."""
    aided, donor = (with_article(state_name(setting, code)) for code in (setting.roles.aided, setting.roles.donor))
    known = [found for found in map(last_of, rows) if found is not None]
    low, high = (whole(end(found.value for found in known), 2) for end in (min, max))
    if differ(known):
        return f"How {donor} decides moves the answer from {low} to {high} of each unit by {month_words(date)}"
    size = low if low == high else f"{low} to {high}"
    return f"However {donor} decides, {size} of each unit reach {aided} by {month_words(date)}"


def differ(known: Sequence[PassThrough]) -> bool:
    """Whether some interval lies wholly above another; not without intervals."""
    lows, highs = ([found.low for found in known], [found.high for found in known])
    if None in lows or None in highs:
        return False
    return max(low for low in lows if low is not None) > min(high for high in highs if high is not None)


def described(setting: Any, rows: Sequence[DoctrineRow]) -> list[str]:
    """What is drawn, and what the marks mean."""
    roles = setting.roles
    aided, donor, giver = (
        with_article(state_name(setting, code)) for code in (roles.aided, roles.donor, roles.backfiller)
    )
    single = any(found.error is None for row in rows for found in _known(row))
    bar = "one run: no interval" if single else "bar: 90 % interval, paired"
    kinds = {mark_of(row) for row in rows}
    marks = "; ".join(said for kind, said in KEYS.items() if kind in kinds)
    return [f"Extra units to {aided} per unit that {giver} hands to {donor}; {bar}", sentence(marks)]


def mark_of(row: DoctrineRow) -> str:
    """Which mark a way of deciding has: found, assumed, or mixed; what a user wrote counts as assumed."""
    if row.is_found:
        return "found"
    return "mixed" if "found" in row.basis.values() else "assumed"


def _known(row: DoctrineRow) -> list[PassThrough]:
    return [found for found in row.passing.values() if found is not None]


def _names(page: Page, rows: Sequence[DoctrineRow]) -> float:
    """Inches that the widest name or basis takes, at most so many."""
    said = [line for row in rows for line in _lines_of(row)]
    return min(max(page.width_of(text, size, weight) for text, size, weight, _ in said), NAMES_ROOM)


def _lines_of(row: DoctrineRow) -> list[tuple[str, float, str, str]]:
    """The name of a way of deciding and, below it, what pass-through rests on: text, size, weight, colour."""
    title = [(line, LABEL, "bold", palette.INK) for line in lines_of(row.title, NAME_LETTERS, 3)]
    basis = [line for text in (_own(row), row.stands_on) if text for line in lines_of(text, NOTE_LETTERS, 2)]
    return title + [(line, NOTE, "normal", palette.SOFT) for line in basis]


def row_height(rows: Sequence[DoctrineRow]) -> float:
    """Inches for every way of deciding: as much as the longest name takes with what it rests on."""
    return max(ROW, *(LINE * len(_lines_of(row)) + LOOSE for row in rows))


def _own(row: DoctrineRow) -> str:
    """What the scenario's own way means for gifts and sales; other ways say it in their names."""
    return "" if row.way else row.said


def _axes(page: Page, rows: Sequence[DoctrineRow], *, left: float, top: float, right: float, high: float) -> Axes:
    """A scale from nothing to all, wider if some value lies outside."""
    axes = page.axes(left=left, top=top, right=right, bottom=page.height - top - high * len(rows))
    axes.set_ylim(len(rows), 0)
    axes.set_xlim(*limits(rows))
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.spines["bottom"].set_visible(False)
    ticks = list(_ticks(*axes.get_xlim()))
    axes.set_xticks(ticks, [whole(tick, 2) if tick % 1 else whole(tick) for tick in ticks])
    axes.tick_params(axis="x", length=0, pad=4)
    for tick in ticks:
        heavy = tick in (0, *PARTS) and tick in (0, axes.get_xlim()[1], 1)
        axes.axvline(tick, color=palette.INK if heavy else palette.GRID, linewidth=1.0 if heavy else 0.6, zorder=0.5)
    return axes


def limits(rows: Sequence[DoctrineRow]) -> tuple[float, float]:
    """From nothing to a quarter, a half or all of it, and as far beyond as the intervals reach."""
    ends = [end for row in rows for found in _known(row) for end in (found.low, found.value, found.high)]
    low, high = min(0.0, *(end for end in ends if end is not None)), max(end for end in ends if end is not None)
    top = next((top for top in PARTS if high <= top), high * 1.04)
    return (low - 0.04 * (top - low) if low < 0 else 0.0), top


def _ticks(low: float, high: float) -> Iterator[float]:
    """Round values, at most six of them."""
    step = next(step for step in STEPS if (high - low) / step <= 5.5)
    yield from (step * number for number in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1))


def _draw(axes: Axes, row: DoctrineRow, number: int, *, high: float) -> None:
    """One mark and one bar for each date, the last date in full colour and below."""
    colour = palette.OTHER if row.way else palette.DONOR
    for place, found, last in _lines(row):
        shade = colour if last else palette.tint(colour, palette.BAR_TINT)
        y = number + 0.5 + place / high
        if found.low is not None and found.high is not None:
            axes.plot([found.low, found.high], [y, y], color=shade, linewidth=2.4, solid_capstyle="butt", zorder=3)
        edge = (palette.DONOR if not row.way else palette.INK) if last else shade
        style: dict[str, Any] = {"color": edge, "markeredgecolor": edge, "markersize": 6.2 if last else 5.0}
        axes.plot([found.value], [y], "o", color=palette.PAPER, markersize=style["markersize"], zorder=4, clip_on=False)
        axes.plot([found.value], [y], "o", markeredgewidth=1.3, zorder=5, clip_on=False, **style, **MARKS[mark_of(row)])


def _lines(row: DoctrineRow) -> Iterator[tuple[float, PassThrough, bool]]:
    """The place of each date below the middle of its row in inches, what is known of it, and whether it is the last."""
    places = _places(len(row.passing))
    for place, found in zip(places, row.passing.values(), strict=True):
        if found is not None:
            yield place, found, place == places[-1]


def _places(dates: int) -> list[float]:
    step = min(BETWEEN_DATES, 0.36 / dates)
    return [step * (number - (dates - 1) / 2) for number in range(dates)]


def _label(page: Page, row: DoctrineRow, *, right_of_names: float, middle: float) -> None:
    """Write what a way of deciding is called and rests on, on the left of its marks."""
    lines = _lines_of(row)
    top = middle - LINE * (len(lines) - 1) / 2
    for number, (text, size, weight, colour) in enumerate(lines):
        fitted = page.fitted(text, NAMES_ROOM, size, weight)
        style: dict[str, Any] = {"ha": "right", "va": "center_baseline", "weight": weight}
        page.write(right_of_names, top + LINE * number, fitted, size=size, color=colour, **style)


def _write(page: Page, row: DoctrineRow, *, middle: float, left: float) -> None:
    """Value and interval beside each mark; the share of draws that agree with history once for all dates."""
    style: dict[str, Any] = {"va": "center_baseline", "size": LABEL}
    for place, found, last in _lines(row):
        down, colour, weight = middle + place, palette.INK if last else palette.SOFT, "bold" if last else "normal"
        page.write(left, down, _value(found), color=colour, ha="right", weight=weight, **style)
        page.write(left + AIR / 2, down, _span(found), color=palette.SOFT, **style)
    if row.history is not None:
        page.write(page.width - MARGIN, middle, _agreeing(row), color=palette.INK, ha="right", **style)


def _value(found: PassThrough) -> str:
    return whole(found.value, 2)


def _span(found: PassThrough) -> str:
    return "" if found.low is None or found.high is None else f"({interval(found.low, found.high, 2)})"


def _agreeing(row: DoctrineRow) -> str:
    """The share of draws that agree with history; a doctrine that none agrees with says of how many."""
    if row.history is None or not row.history.counted:
        return ""
    if row.history.passed_by_none:
        return "ruled out" if row.history.ruled_out else f"none of {row.history.runs:,}"
    return f"{whole(100 * row.history.share)} %"


def _heads(page: Page, dates: Sequence[str], *, left: float, down: float, history: bool) -> None:
    """What the columns of numbers hold: each date in the weight and the order of its numbers."""
    top = down - LINE * (len(dates) - 1)
    for number, date in enumerate(dates):
        last = date == dates[-1]
        style: dict[str, Any] = {"color": palette.INK if last else palette.SOFT, "weight": "bold" if last else "normal"}
        page.write(left + AIR / 2, top + LINE * number, f"by {short_month(date)}", size=NOTE, **style)
    if history:
        for number, text in enumerate(("draws that", "fit history")):
            page.write(page.width - MARGIN, down - LINE * (1 - number), text, size=NOTE, color=palette.SOFT, ha="right")


def _ends(page: Page, axes: Axes, setting: Any) -> None:
    """What nothing and all mean, below the scale; in two lines where they do not fit beside each other."""
    aided = with_article(state_name(setting, setting.roles.aided))
    low, high = axes.get_xlim()
    end = 1.0 if high > 1 else high
    box, words = axes.get_position(), ("stays in stock", f"{PARTS[end]} {aided}")
    places = [(box.x0 + (value - low) / (high - low) * box.width) * page.width for value in (0.0, end)]
    down = (1 - box.y0) * page.height + 0.33
    fits = sum(page.width_of(text, NOTE) for text in words) + AIR <= places[1] - places[0]
    page.write(places[0], down, words[0], size=NOTE, color=palette.SOFT)
    below = down if fits else down + LINE
    page.write(places[1], below, words[1], size=NOTE, color=palette.SOFT, ha="right" if fits else "center")
