"""Which limit bound: one strip of months for each production line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backfill.plots import palette
from backfill.plots.axes import end_in_time, time_axis
from backfill.plots.courses import BASELINE, months_of, setting_of
from backfill.plots.house import AXES_BOTTOM, LABEL, MARGIN, NOTE, WIDE, Page, in_house_style, subtitle_lines
from backfill.plots.words import month_number, plain, spoken
from backfill.results import limits
from backfill.words import percent

if TYPE_CHECKING:
    from backfill.results import Results

ROW, STRIP = 0.4, 0.27
NAMES_ROOM = 2.2
LONG = 12
"""Months from which a run of one limit is named on the strip."""
MOST_LINES = 12
COLOURS = {
    "orders": palette.GRID,
    "capacity": palette.tint(palette.CAUSES["lines slow or booked"], 0.85),  # light enough for words in ink
    "component": palette.CAUSES["parts run short"],
    "down": palette.ANSWERS["deny"],
}
SAID = {"orders": "few orders", "capacity": "capacity", "component": "parts", "down": "stands still"}
LETTERS = {"orders": palette.SOFT, "capacity": palette.INK, "component": palette.INK, "down": palette.PAPER}
BINDS = {"capacity": "its capacity", "component": "a part", "down": "a standstill"}
AIR, KEY_ROOM = 0.22, 0.3


@dataclass(frozen=True)
class Strip:
    """A line and what bound it in most runs, month by month."""

    name: str
    months: tuple[str, ...]

    def spans(self) -> Iterator[tuple[str, int, int]]:
        """The limit, the first month and the length of every run of months."""
        start = 0
        for limit, months in groupby(self.months):
            length = len(list(months))
            yield limit, start, length
            start += length

    def part(self, limit: str) -> float:
        """The part of all months in which a limit bound."""
        return self.months.count(limit) / len(self.months)


def can_be_drawn(results: Results) -> bool:
    """Whether some line builds something."""
    return limits.is_recorded(results) and bool(strips_of(results))


@in_house_style
def which_limit_bound(results: Results) -> Figure:
    """For each line of the baseline a strip of months in the colour of what bound it in most runs."""
    strips, months = strips_of(results), months_of(results)
    page = Page(width=WIDE, height=1.15 + AIR + KEY_ROOM + ROW * len(strips) + AXES_BOTTOM)
    below = page.head(finding(strips), subtitle_lines(*described(results)))
    left = MARGIN + min(NAMES_ROOM, max(page.width_of(strip.name, LABEL) for strip in strips)) + 0.12
    top = below + KEY_ROOM + AIR
    axes = page.axes(left=left, top=top, right=MARGIN + 0.1, bottom=AXES_BOTTOM)
    time_axis(axes, months, end=end_in_time(months))
    axes.set_ylim(len(strips), 0)
    axes.set_yticks([])
    axes.grid(visible=False)
    each = (page.height - top - AXES_BOTTOM) / len(strips)
    for number, strip in enumerate(strips):
        _draw(page, axes, strip, number, month_number(months[0]), STRIP / each)
        name = page.fitted(strip.name, NAMES_ROOM, LABEL)
        style: dict[str, Any] = {"ha": "right", "va": "center_baseline"}
        page.write(left - 0.12, top + each * (number + 0.5), name, size=LABEL, color=palette.INK, **style)
    _key(page, strips, left=left, down=below + KEY_ROOM)
    page.foot(results)
    return page.figure


def strips_of(results: Results) -> list[Strip]:
    """The lines of the baseline, those of parts among them; lines that nothing is ever ordered from are left out."""
    setting, table = setting_of(results), limits.by_month(results).sel(arm=BASELINE)
    kinds = [str(limit) for limit in table["limit"].values]
    found = []
    for line in map(str, table["line"].values):
        most = np.asarray(table.sel(line=line).transpose("month", "limit").values).argmax(axis=1)
        strip = Strip(name_of(setting, line), tuple(kinds[index] for index in most))
        if strip.part("orders") < 1:
            found.append(strip)
    return sorted(found, key=lambda strip: strip.part("orders"))[:MOST_LINES]


def name_of(setting: Any, line: str) -> str:
    """What a line is called: its maker and what it builds; its id where the scenario has no names."""
    maker, _, own = line.partition(".")
    entry = setting.manufacturers.get(maker)
    built = getattr(entry, "lines", {}).get(own)
    item = getattr(built, "item", None)
    named = getattr(setting.items.get(item), "name", "") if item else ""
    who = plain(getattr(entry, "name", "") or spoken(maker))
    return f"{who}: {plain(named or spoken(own))}"


def finding(strips: Sequence[Strip]) -> str:
    """The title: the line that is bound most, by what, and for how long."""
    ranked = [(strip.part(limit), limit, strip) for strip in strips for limit in BINDS]
    part, limit, strip = max(ranked, key=lambda found: (found[0], found[1]))
    return f"{strip.name} is bound by {BINDS[limit]} in {percent(part)} of months"


def described(results: Results) -> list[str]:
    """What is drawn."""
    how = "what bound it in most runs" if results.runs > 1 else "one run"
    return [f"Production lines month by month: {how}. Written where it lasts longer than {LONG} months"]


def _draw(page: Page, axes: Axes, strip: Strip, row: int, first: int, share: float) -> None:
    """A strip of months, long runs of one limit with their word."""
    box, (low, high) = axes.get_position(), axes.get_xlim()
    year = box.width * page.width / (high - low)
    for limit, start, length in strip.spans():
        place = ((first + start) / 12, row + (1 - share) / 2)
        edge: dict[str, Any] = {"edgecolor": palette.PAPER, "linewidth": 0.6 if length > 2 else 0.0}
        axes.add_patch(Rectangle(place, length / 12, share, facecolor=COLOURS[limit], zorder=2, **edge))
        word = SAID[limit]
        if length > LONG and page.width_of(word, NOTE) + 0.06 < length / 12 * year:
            style: dict[str, Any] = {"fontsize": NOTE, "color": LETTERS[limit], "ha": "center", "va": "center_baseline"}
            axes.text(place[0] + length / 24, row + 0.5, word, zorder=3, **style)


def _key(page: Page, strips: Sequence[Strip], *, left: float, down: float) -> None:
    """Swatches with their words, for the limits that occur."""
    for limit, word in SAID.items():
        if not any(limit in strip.months for strip in strips):
            continue
        corner = (left / page.width, 1 - (down + 0.01) / page.height)
        size = (0.22 / page.width, 0.1 / page.height)
        page.figure.add_artist(Rectangle(corner, *size, facecolor=COLOURS[limit], linewidth=0))
        page.write(left + 0.28, down, word, size=LABEL, color=palette.SOFT)
        left += 0.28 + page.width_of(word, LABEL) + 0.3
