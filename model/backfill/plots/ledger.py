"""What the backfiller promised, contracted, shipped and delivered, and how long the first unit took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.axes import left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import months_of, promises, setting_of, whole_median
from backfill.plots.events import Mark, Placed, height_of, placed, write_events
from backfill.plots.house import AXES_BOTTOM, LABEL, Page, in_house_style, subtitle_lines
from backfill.plots.labels import Column, EndLabel, column, write_column
from backfill.plots.words import (
    DASH,
    Scale,
    about,
    month_number,
    month_words,
    plain,
    possessive,
    scale_for,
    several,
    state_name,
    with_article,
)

if TYPE_CHECKING:
    from backfill.results import Results

STAGES = ("promised", "contracted", "shipped", "delivered")
TINTS = {
    "promised": palette.PROMISED_TINT,
    "contracted": palette.CONTRACTED_TINT,
    "shipped": palette.SHIPPED_TINT,
    "delivered": 1.0,
}
MOST_STEPS = 5
TITLE_ROOM = 104
ARROW_ROOM = 0.16
LOWEST_ARROW = 0.2
ARROW = "<|-|>,head_length=0.25,head_width=0.13"


@dataclass(frozen=True)
class Ledger:
    """Running totals of promises by stage and the delay of their first delivery.

    totals: units, medians over runs [months]; delays: months, of each run that delivers [runs]
    """

    months: list[str]
    runs: int
    totals: dict[str, Floats]
    delays: Floats

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages to be drawn: shipment and delivery are one where they never differ."""
        same = bool((self.totals["shipped"] == self.totals["delivered"]).all())
        return tuple(stage for stage in STAGES if stage != "shipped" or not same)

    def end(self, stage: str) -> int:
        """Units at the end of the horizon."""
        return round(float(self.totals[stage][-1]))

    @property
    def scale(self) -> Scale:
        """What units are counted in."""
        return scale_for(self.end(stage) for stage in STAGES)

    def first(self, stage: str) -> int | None:
        """The index of the month of the first unit, None if there is none."""
        reached = np.flatnonzero(self.totals[stage] >= 1)
        return int(reached[0]) if len(reached) else None

    @property
    def delay(self) -> int | None:
        """Months from the first promise to the first delivery, as drawn."""
        promise, delivery = self.first("promised"), self.first("delivered")
        return None if promise is None or delivery is None else delivery - promise


@in_house_style
def promise_ledger(results: Results) -> Figure:
    """Running totals of the backfiller's promises to the donor in the baseline, and the delay of the first delivery."""
    setting, ledger = setting_of(results), ledger_of(results)
    page = Page()
    below = page.head(
        finding(ledger, state_name(setting, setting.roles.backfiller)), subtitle_lines(*described(setting, ledger))
    )
    axes, labels = _axes(page, ledger, below)
    _draw(axes, ledger)
    _arrow(page, axes, ledger)
    write_column(page, axes, labels, end=_edges(ledger)[-1])
    page.foot(results)
    return page.figure


def ledger_of(results: Results) -> Ledger:
    """Read the ledger from results."""
    runs = {stage: promises(results, stage) for stage in STAGES}
    totals = {stage: whole_median(total) for stage, total in runs.items()}
    first = {stage: (runs[stage] < 1).sum(axis=1) for stage in ("promised", "delivered")}
    done = runs["delivered"][:, -1] >= 1
    return Ledger(
        months_of(results), len(done), totals, np.asarray((first["delivered"] - first["promised"])[done], float)
    )


def finding(ledger: Ledger, name: str) -> str:
    """The title: the delay and what came of the promise."""
    last = month_words(ledger.months[-1])
    if not ledger.end("promised"):
        return f"{name} promises nothing by {last}"
    if ledger.delay is None:
        return f"{name} promises {_units(ledger.end('promised'))} and delivers none by {last}"
    ends = (ledger.end("delivered"), ledger.end("promised"))
    part = f"all {about(ends[1])}" if ends[0] == ends[1] else f"{about(ends[0])} of {about(ends[1])}"
    came = f"{part} promised units delivered by {last}"
    if not ledger.delay:
        return f"{possessive(name)} first delivery comes in the month of its promise; {came}"
    title = f"{several(ledger.delay, 'month')} from {possessive(name)} promise to its first delivery; {came}"
    short = f"{several(ledger.delay, 'month')} from {possessive(name)} promise to delivery; {part} units by {last}"
    return title if len(title) <= TITLE_ROOM else short


def _units(many: int) -> str:
    return "1 unit" if many == 1 else f"{about(many)} units"


def described(setting: Any, ledger: Ledger) -> list[str]:
    """What is drawn, in which unit, and how sure the delay is."""
    names = [plain(setting.items[item].name) for item in setting.roles.items if item in _promised_items(setting)]
    what = " and ".join(names) if names else "Units"
    middle = "median of runs" if ledger.runs > 1 else "one run: no interval"
    counted = "cumulative units" if not ledger.scale.words else "cumulative, thousand units"
    drawn = f"{what} for {with_article(state_name(setting, setting.roles.donor))}, {counted}, {middle}"
    return [drawn, *_delay_words(ledger)]


def _delay_words(ledger: Ledger) -> list[str]:
    if ledger.runs == 1 or ledger.delay is None:
        return []
    low, high = (round(float(value)) for value in np.quantile(ledger.delays, (0.05, 0.95)))
    after = several(low, "month") if low == high else f"{low} to {high} months"
    some = f"the {len(ledger.delays):,} runs that deliver" if len(ledger.delays) < ledger.runs else "runs"
    if np.ptp(ledger.delays) == 0:
        return [f"First delivery after {after} in {'every run' if some == 'runs' else some}"]
    return [f"First delivery after {after} in 5{DASH}95 % of {some}"]


def _promised_items(setting: Any) -> set[str]:
    """Items that the backfiller promises to the donor."""
    ends = (setting.roles.backfiller, setting.roles.donor)
    events = [event for event in setting.events.values() if event.kind == "promise"]
    return {event.item for event in events if (event.from_, event.to) == ends}


def _axes(page: Page, ledger: Ledger, below: float) -> tuple[Axes, Column]:
    """Axes with both scales, the promises marked above."""
    values = round_values(0, max(ledger.end(stage) for stage in STAGES))
    labels = column(page, _end_labels(ledger))
    said = ledger.scale.number
    left = left_margin(page, [said(value) for value in values], ledger.months)
    first, last = month_number(ledger.months[0]), month_number(ledger.months[-1])
    width = page.width - left - labels.room
    marks: list[Placed] = placed(page, _steps(ledger), start=first / 12, years=(last + 1 - first) / 12, width=width)
    axes = page.axes(left=left, top=below + 0.27 + height_of(marks), right=labels.room, bottom=AXES_BOTTOM)
    axes.set_ylim(0, values[-1])
    time_axis(axes, ledger.months, end=float(_edges(ledger)[-1]))
    value_axis(axes, values, said)
    places = places_in_time(ledger.months)
    write_events(page, axes, marks, places, np.resize(ledger.totals["promised"], len(places)))
    return axes, labels


def _steps(ledger: Ledger) -> list[Mark]:
    """The largest promises, in the order of time: `24 promised`, then `16 more`."""
    rises = np.diff(ledger.totals["promised"], prepend=0.0)
    largest = sorted(np.argsort(-rises, kind="stable")[:MOST_STEPS])
    months = [int(index) for index in largest if rises[index] > 0]
    words = ["promised" if index == ledger.first("promised") else "more" for index in months]
    return [
        Mark(month_number(ledger.months[index]), f"{about(rises[index])} {word}", rank)
        for rank, (index, word) in enumerate(zip(months, words, strict=True))
    ]


def _end_labels(ledger: Ledger) -> list[EndLabel]:
    return [
        EndLabel(
            ledger.end(stage),
            ledger.scale.number(ledger.end(stage)),
            stage,
            palette.BACKFILLER,
            bold=stage == "promised",
        )
        for stage in reversed(ledger.stages)
    ]


def _edges(ledger: Ledger) -> Floats:
    """Where months begin and the last one ends  [months + 1]."""
    first = month_number(ledger.months[0])
    return np.arange(first, first + len(ledger.months) + 1) / 12


def _draw(axes: Axes, ledger: Ledger) -> None:
    """One hue from outline to solid, the later stage over the earlier, white seams between."""
    edges = _edges(ledger)
    for stage in ledger.stages:
        shade = palette.tint(palette.BACKFILLER, TINTS[stage])
        axes.stairs(ledger.totals[stage], edges, fill=True, facecolor=shade, edgecolor="none", linewidth=0, zorder=2)
        if stage != "promised" and ledger.end(stage):
            axes.stairs(ledger.totals[stage], edges, color=palette.PAPER, linewidth=0.9, baseline=None, zorder=2.5)
    start = ledger.first("promised")
    if start is not None:
        line = np.concatenate([[0.0], ledger.totals["promised"][start:], [ledger.totals["promised"][-1]]])
        axes.step(
            np.concatenate([[edges[start]], edges[start:]]),
            line,
            where="post",
            color=palette.BACKFILLER,
            linewidth=2.0,
            zorder=4,
            clip_on=False,
        )


def _arrow(page: Page, axes: Axes, ledger: Ledger) -> None:
    """One arrow from the first promise to the first delivery, with its months."""
    promise, delivery = ledger.first("promised"), ledger.first("delivered")
    if promise is None or delivery is None or promise == delivery:
        return
    start, end = float(_edges(ledger)[promise]), float(_edges(ledger)[delivery])
    height = axes.get_position().height * page.height
    least = LOWEST_ARROW * axes.get_ylim()[1] / height
    place = min(0.46 * ledger.totals["promised"][promise], max(0.5 * ledger.totals["delivered"][delivery], least))
    arrow = {"arrowstyle": ARROW, "color": palette.INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (end, place), (start, place), arrowprops=arrow, zorder=5)
    _arrow_words(page, axes, ledger, start=start, end=end, place=float(place))


def _arrow_words(page: Page, axes: Axes, ledger: Ledger, *, start: float, end: float, place: float) -> None:
    """The months of the arrow: above it, or above a low promise, or left of a short arrow.

    Where neither has room the words are left to the title.
    """
    words = several(ledger.delay or 0, "month")
    style: dict[str, Any] = {"fontsize": LABEL, "weight": "bold", "color": palette.INK, "zorder": 6}
    box, (low, high) = axes.get_position(), axes.get_xlim()
    year, unit = (high - low) / (box.width * page.width), axes.get_ylim()[1] / (box.height * page.height)
    wide = (page.width_of(words, LABEL, "bold") + 0.1) * year
    if wide > end - start and wide > start - low:
        return
    if wide > end - start:
        axes.text(start - 0.06 * year, place, words, ha="right", va="center_baseline", **style)
        return
    promised = float(ledger.totals["promised"][ledger.first("delivered")])
    low_promise = promised - place < ARROW_ROOM * unit
    over = promised + 0.07 * unit if low_promise else place + 0.06 * unit
    axes.text((start + end) / 2, over, words, ha="center", **style)
