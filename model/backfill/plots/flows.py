"""Who supplied whom: ribbons from givers to receivers, and hatched what was asked and not given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from backfill.plots import palette
from backfill.plots.courses import BASELINE, months_of, setting_of
from backfill.plots.house import AXES_BOTTOM, LABEL, MARGIN, NOTE, POINTS, WIDE, Page, in_house_style, subtitle_lines
from backfill.plots.labels import spread
from backfill.plots.words import (
    Scale,
    about,
    month_words,
    plain,
    scale_for,
    sentence,
    spelled,
    state_name,
    with_article,
)
from backfill.results import flows
from backfill.words import listed, percent

if TYPE_CHECKING:
    from backfill.results import Results

HEIGHT = 4.6
BAR = 0.11
SMALL = 0.01
"""Givers and receivers with less than this part of all that is sent are drawn as one."""
OTHERS, NOT_GIVEN = "others", "not given"
RIBBON, REFUSED = 0.42, 0.07
MOST_REFUSED = 0.35
"""What is asked and not given is drawn at most so large, measured by all that is sent: it would hide the rest."""
LINE = 0.155
NAMES = 1.3
AIR = 0.5


@dataclass(frozen=True)
class Flows:
    """What every giver sent to every receiver, and what was still asked of each giver at the end, mean over runs.

    sent: units by (giver, receiver);  asked: equivalents by giver;  span: the months that are counted, in words
    givers, takers: in the order of the whole horizon, so that one order is kept over the years
    """

    sent: Mapping[tuple[str, str], float]
    asked: Mapping[str, float]
    givers: tuple[str, ...]
    takers: tuple[str, ...]
    span: str
    runs: int

    @property
    def total(self) -> float:
        """All units that changed hands."""
        return sum(self.sent.values())

    def of(self, giver: str) -> float:
        """Units that a giver sent."""
        return sum(units for (one, _), units in self.sent.items() if one == giver)

    def to(self, taker: str) -> float:
        """Units that came to a receiver."""
        return sum(units for (_, one), units in self.sent.items() if one == taker)

    @property
    def shown(self) -> float:
        """The part of what is asked and not given that is drawn: 1, or less where it would hide the rest."""
        asked = sum(self.asked.values())
        return min(1.0, MOST_REFUSED * self.total / asked) if asked and self.total else 1.0


def can_be_drawn(results: Results) -> bool:
    """Whether anything changed hands between states."""
    return flows.is_recorded(results) and bool(flows_of(results).total >= 1)


@in_house_style
def who_supplied_whom(results: Results, *, year: str | None = None) -> Figure:
    """Givers on the left, receivers on the right, ribbons as wide as the units between them, mean over runs.

    year: one calendar year, `2024`; None: the whole horizon
    """
    setting, found = setting_of(results), flows_of(results, year)
    page = Page(height=HEIGHT, width=WIDE)
    below = page.head(finding(setting, found), subtitle_lines(*described(setting, found)))
    top = below + AIR
    axes = page.axes(left=0, top=top, right=0, bottom=AXES_BOTTOM + 0.1)
    blank(axes)
    axes.set_xlim(0, page.width)
    axes.set_ylim(page.height - top - AXES_BOTTOM - 0.1, 0)
    if found.total:
        _draw(page, axes, setting, found, top)
    page.foot(results)
    return page.figure


def flows_of(results: Results, year: str | None = None) -> Flows:
    """Read the flows of the baseline, the small ones put together."""
    table = flows.by_year(results).sel(arm=BASELINE)
    years = [str(label) for label in table["year"].values]
    if year is not None and year not in years:
        raise ValueError(f"found the year {year!r}; expected one from {years[0]} to {years[-1]}")
    pairs = [flows.ends_of(str(pair)) for pair in table["pair"].values]
    whole = dict(zip(pairs, table.sel(measure="sent").sum("year").values.tolist(), strict=True))
    chosen = table.sel(year=[year] if year else years)
    sent = dict(zip(pairs, chosen.sel(measure="sent").sum("year").values.tolist(), strict=True))
    asked: dict[str, float] = {}
    if "asked" in table["measure"].values:
        for (giver, _), units in zip(pairs, chosen.sel(measure="asked").isel(year=-1).values.tolist(), strict=True):
            asked[giver] = asked.get(giver, 0.0) + units
    roles = setting_of(results).roles
    always = (roles.donor, roles.backfiller, roles.aided)
    givers, takers = _named(whole, 0, always), _named(whole, 1, always)
    known = {giver: giver if giver in givers else OTHERS for giver, _ in pairs}
    received = {taker: taker if taker in takers else OTHERS for _, taker in pairs}
    together: dict[tuple[str, str], float] = {}
    for (giver, taker), units in sent.items():
        ends = (known[giver], received[taker])
        together[ends] = together.get(ends, 0.0) + units
    open_ = dict[str, float]()
    for giver, units in asked.items():
        open_[known[giver]] = open_.get(known[giver], 0.0) + units
    months = months_of(results)
    span = year or f"{month_words(months[0])} to {month_words(months[-1])}"
    least = max(1.0, SMALL * sum(whole.values()))
    return Flows(
        {ends: units for ends, units in together.items() if units > 0},
        {giver: units for giver, units in open_.items() if units >= least},
        tuple(dict.fromkeys([*givers, *known.values()])),
        tuple(dict.fromkeys([*takers, *received.values()])),
        span,
        results.runs,
    )


def _named(sent: Mapping[tuple[str, str], float], end: int, always: Collection[str | None]) -> list[str]:
    """The givers (0) or receivers (1) that are drawn by name, the largest first; whoever has a role is among them."""
    total: dict[str, float] = {}
    for ends, units in sent.items():
        total[ends[end]] = total.get(ends[end], 0.0) + units
    least = SMALL * sum(total.values())
    small = [state for state, units in total.items() if units < least and state not in always]
    kept = set(total) if len(small) < 2 else set(total) - set(small)
    return sorted((state for state in kept if total[state] > 0), key=lambda state: (-total[state], state))


def finding(setting: Any, found: Flows) -> str:
    """The title: who sends most, and which part of all the aided state receives."""
    if not found.total:
        return f"Nothing changes hands, {found.span}"
    givers = [giver for giver in found.givers if giver != OTHERS and found.of(giver)]
    most = max(givers, key=found.of)
    first = f"{sentence(with_article(state_name(setting, most)))} sends {percent(found.of(most) / found.total)}"
    aided = setting.roles.aided
    second = f"; {with_article(state_name(setting, aided))} receives {percent(found.to(aided) / found.total)}"
    return f"{first} of {about(found.total)} units{second if found.to(aided) else ''}"


def described(setting: Any, found: Flows) -> list[str]:
    """What is drawn, in which unit, and what is hatched."""
    names = [plain(setting.items[item].name) for item in setting.roles.items]
    what = listed(names if len(names) <= 3 else [*names[:2], f"{spelled(len(names) - 2)} more"])
    counted = "thousand units" if scale_of(found).words else "units"
    how = f"mean of {found.runs:,} runs" if found.runs > 1 else "one run"
    hatched = "Hatched: still asked for at the end and not given, in equivalents"
    cut = ", drawn smaller than it is" if found.shown < 1 else ""
    return [f"{what}, {found.span}, {counted} that arrived, {how}", hatched + cut if found.asked else ""]


def scale_of(found: Flows) -> Scale:
    """What units are counted in."""
    return scale_for([*(found.of(giver) for giver in found.givers), *found.asked.values()])


def colours_of(setting: Any, state: str) -> tuple[str, str]:
    """The colour of a state by its role, for marks and for text."""
    roles = setting.roles
    known = {
        roles.aided: (palette.AIDED, palette.AIDED_TEXT),
        roles.backfiller: (palette.BACKFILLER, palette.BACKFILLER),
        roles.donor: (palette.DONOR, palette.DONOR),
    }
    return known.get(state, (palette.OTHER, palette.OTHER_TEXT))


def blank(axes: Axes) -> None:
    """Axes without scales and lines."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


@dataclass(frozen=True)
class Bar:
    """One bar of a column: who, how large, where it begins in inches from the top, and what stands beside it."""

    state: str
    size: float
    start: float
    number: str
    name: str
    colour: str


def _bars(setting: Any, found: Flows, height: float) -> tuple[list[Bar], list[Bar], float]:
    """Both columns on one scale, and inches for each unit."""
    said = scale_of(found).number
    refused = {giver: units * found.shown for giver, units in found.asked.items()}
    left = [(state, found.of(state) + refused.get(state, 0.0), found.of(state)) for state in found.givers]
    right = [(state, found.to(state), found.to(state)) for state in found.takers]
    if refused:
        right.append((NOT_GIVEN, sum(refused.values()), sum(found.asked.values())))
    left, right = ([row for row in rows if row[1] > 0] for rows in (left, right))
    most = max(len(left), len(right))
    gap = min(0.24, 0.45 * height / max(most - 1, 1))
    each = (height - gap * (most - 1)) / sum(size for _, size, _ in left)
    columns = []
    for rows in (left, right):
        room = height - each * sum(size for _, size, _ in rows)
        between, at, bars = min(room / max(len(rows) - 1, 1), 2.2 * gap), 0.0, []
        for state, size, told in rows:
            name = _name(setting, state)
            colour = palette.INK if state == NOT_GIVEN else colours_of(setting, state)[0]
            bars.append(Bar(state, size * each, at, said(told), name, colour))
            at += size * each + between
        columns.append(bars)
    return columns[0], columns[1], each


def _name(setting: Any, state: str) -> str:
    return {OTHERS: "others", NOT_GIVEN: "asked, not given"}.get(state) or state_name(setting, state)


def _draw(page: Page, axes: Axes, setting: Any, found: Flows, top: float) -> None:
    """Ribbons below, bars above, words beside."""
    height = axes.get_ylim()[0]
    left, right, each = _bars(setting, found, height)
    names = max(page.width_of(bar.name, LABEL) for bar in left), max(page.width_of(bar.name, LABEL) for bar in right)
    numbers = max(page.width_of(bar.number, LABEL, "bold") for bar in (*left, *right))
    start = MARGIN + min(names[0], NAMES) + 0.12 + numbers + 0.1
    end = page.width - MARGIN - min(names[1], NAMES) - 0.12 - numbers - 0.1 - BAR
    out = {bar.state: bar.start for bar in left}
    into = {bar.state: bar.start for bar in right}
    for refused in (True, False):
        for giver in found.givers:
            for taker in (NOT_GIVEN,) if refused else found.takers:
                units = found.asked.get(giver, 0.0) * found.shown if refused else found.sent.get((giver, taker), 0.0)
                if units <= 0:
                    continue
                sent = each * found.of(giver)
                first = out[giver] + sent if refused else out[giver]
                ends = (start + BAR, first, end, into[taker], each * units)
                _ribbon(axes, ends, colours_of(setting, giver)[0], refused=refused)
                into[taker] += each * units
                if not refused:
                    out[giver] += each * units
    for bars, across in ((left, start), (right, end)):
        for bar in bars:
            axes.add_patch(Rectangle((across, bar.start), BAR, bar.size, color=bar.colour, linewidth=0, zorder=4))
    for bar in left:
        sent = each * found.of(bar.state)
        pale: dict[str, Any] = {"color": palette.tint(bar.colour, RIBBON), "linewidth": 0, "zorder": 5}
        axes.add_patch(Rectangle((start, bar.start + sent), BAR, bar.size - sent, **pale))
    _words(page, axes, left, right, ends=(start, end), numbers=numbers)
    style: dict[str, Any] = {"size": NOTE, "color": palette.SOFT}
    heading = "sent by" + (" and still asked of" if found.asked else "")
    page.write(max(MARGIN, start + BAR - page.width_of(heading, NOTE)), top - 0.1, heading, **style)
    page.write(end, top - 0.1, "received by", **style)


def _ribbon(axes: Axes, ends: tuple[float, float, float, float, float], colour: str, *, refused: bool) -> None:
    """A band between two bars, its edges cubic with both handles half way."""
    x0, y0, x1, y1, size = ends
    middle = (x0 + x1) / 2
    upper = [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    lower = [(x1, y1 + size), (middle, y1 + size), (middle, y0 + size), (x0, y0 + size)]
    kinds = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    path = Path([*upper, *lower, (x0, y0)], kinds)
    look: dict[str, Any] = {
        "facecolor": palette.tint(colour, RIBBON),
        "edgecolor": palette.PAPER,
        "linewidth": min(0.7, 0.25 * size * POINTS),
    }
    if refused:
        look = {"facecolor": palette.tint(colour, REFUSED), "edgecolor": palette.tint(colour, 0.5), "linewidth": 0.6}
        with mpl.rc_context({"hatch.color": palette.tint(colour, 0.6)}):
            axes.add_patch(PathPatch(path, hatch="////", zorder=2, **look))
    else:
        axes.add_patch(PathPatch(path, zorder=3, **look))


def _words(
    page: Page, axes: Axes, left: Sequence[Bar], right: Sequence[Bar], *, ends: tuple[float, float], numbers: float
) -> None:
    """Names and numbers beside the bars, apart from one another."""
    height = axes.get_ylim()[0]
    for bars, side in ((left, "left"), (right, "right")):
        places = spread([bar.start + bar.size / 2 for bar in bars], LINE, 0.0, height)
        for bar, place in zip(bars, places, strict=True):
            style: dict[str, Any] = {"fontsize": LABEL, "va": "center_baseline"}
            number = ends[0] - 0.1 if side == "left" else ends[1] + BAR + 0.1 + numbers
            axes.text(number, place, bar.number, color=palette.INK, weight="bold", ha="right", **style)
            name = page.fitted(bar.name, NAMES, LABEL)
            if side == "left":
                axes.text(number - numbers - 0.12, place, name, color=palette.SOFT, ha="right", **style)
            else:
                axes.text(number + 0.12, place, name, color=palette.SOFT, **style)
