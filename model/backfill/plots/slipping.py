"""Who slips in a re-ordered queue: how many months later the units of each customer come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from backfill.plots import palette
from backfill.plots.axes import round_values, value_axis
from backfill.plots.courses import BASELINE, setting_of
from backfill.plots.flows import colours_of
from backfill.plots.house import AXES_BOTTOM, Page, in_house_style, subtitle_lines
from backfill.plots.labels import EndLabel, column, write_column
from backfill.plots.limits import name_of
from backfill.plots.words import about, month_words, sentence, state_name, whole, with_article
from backfill.results import displacement
from backfill.results.displacement import NOBODY, OUTSIDE, Slip

if TYPE_CHECKING:
    from backfill.results import Results

FAR = 6.0
"""Months from which a slip is drawn in ink."""
LEFT, ROOM, AIR = 0.95, 2.3, 0.4
MOST_CUSTOMERS = 10


def can_be_drawn(results: Results) -> bool:
    """Whether an event re-orders a queue and somebody waits longer for it."""
    return bool(_late(results))


def _late(results: Results) -> list[Slip]:
    """Who waits longer in the baseline."""
    found = displacement.slips(results, BASELINE, results.months[-1])
    return [slip for slip in found if slip.months is not None and slip.lost > 0 and slip.customer != NOBODY]


@in_house_style
def queue_displacement(results: Results, *, queue: str | None = None) -> Figure:
    """From the usual place to the new one: how much later each customer of a line gets its delayed units.

    queue: the line, `camden.mse`; None: the one whose customers lose most
    """
    setting, late = setting_of(results), _late(results)
    chosen = queue or max(late, key=lambda slip: slip.lost).queue
    shown = [slip for slip in late if slip.queue == chosen][:MOST_CUSTOMERS]
    gains = [slip for slip in displacement.slips(results, BASELINE, results.months[-1]) if slip.queue == chosen]
    page = Page()
    title = finding(setting, shown, gains)
    below = page.head(title, subtitle_lines(*described(results, chosen)))
    values = round_values(0, max(float(slip.months or 0) for slip in shown))
    labels = column(page, [_label(setting, slip) for slip in shown], most=ROOM)
    axes = page.axes(left=LEFT, top=below + AIR, right=labels.room, bottom=AXES_BOTTOM)
    axes.set_xlim(0, 1)
    axes.set_ylim(values[-1] * 1.02, -values[-1] * 0.03)
    axes.set_xticks([0, 1], ["usual order", "as re-ordered"])
    axes.tick_params(axis="x", length=0, pad=9)
    axes.spines["bottom"].set_visible(False)
    value_axis(axes, values, lambda value: "on time" if not value else f"{whole(value)} months")
    for slip in shown:
        ink, wide = (_colour(setting, slip), 1.8) if _far(slip) else (palette.OTHER, 1.0)
        style: dict[str, Any] = {"color": ink, "linewidth": wide, "clip_on": False, "zorder": 3}
        axes.plot([0, 1], [0, slip.months or 0], **style)
        axes.plot([0, 1], [0, slip.months or 0], "o", color=ink, markersize=4.0, clip_on=False, zorder=4)
    write_column(page, axes, labels, end=1.0)
    page.foot(results)
    return page.figure


def _far(slip: Slip) -> bool:
    return (slip.months or 0) > FAR


def _colour(setting: Any, slip: Slip) -> str:
    """The colour of a role; ink for everybody else."""
    colour = colours_of(setting, slip.customer)[0]
    return palette.INK if colour == palette.OTHER else colour


def _label(setting: Any, slip: Slip) -> EndLabel:
    """Months, who, and how many units."""
    colour = colours_of(setting, slip.customer)[1] if _far(slip) else palette.OTHER_TEXT
    text = palette.INK if _far(slip) and colour == palette.OTHER_TEXT else colour
    months = float(slip.months or 0)
    return EndLabel(months, whole(months), f"{_name(setting, slip.customer)}, {about(slip.delayed)} units", text)


def _name(setting: Any, customer: str) -> str:
    return "others outside" if customer == OUTSIDE else state_name(setting, customer)


def finding(setting: Any, shown: Sequence[Slip], every: Sequence[Slip]) -> str:
    """The title: who waits longest, and for whom."""
    most = max(shown, key=lambda slip: slip.months or 0)
    first = min(every, key=lambda slip: slip.lost)
    who = sentence(with_article(_name(setting, most.customer)))
    verb = "wait" if most.customer == OUTSIDE else "waits"
    ahead = f" because {with_article(_name(setting, first.customer))} goes first" if first.lost < 0 else ""
    return f"{who} {verb} {whole(float(most.months or 0))} months longer{ahead}"


def described(results: Results, queue: str) -> list[str]:
    """What is drawn: which line, which units."""
    setting = setting_of(results)
    return [
        f"{name_of(setting, queue)}. How much later each delayed unit comes, by {month_words(results.months[-1])}",
        "Against the same orders and output in the usual order, mean of runs",
    ]
