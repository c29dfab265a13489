"""What matters: a bar for each number that an outcome leans on, with its 90 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backfill.plots import palette
from backfill.plots.house import AXES_BOTTOM, LABEL, MARGIN, NOTE, TAG_COLOURS, Page, in_house_style, subtitle_lines
from backfill.plots.words import month_words, plain, sentence, spoken
from backfill.words import cut, number

if TYPE_CHECKING:
    from backfill.studies.mattering import Drivers, Ranking, Weight
    from backfill.studies.study import Study

MOST_BARS = 12
MOST_LETTERS = 44
BAR = 0.2
"""Inches that a bar takes, with the gap below it."""
AIR = 0.3
SPOKEN = {"pass_through": "pass-through", "units_to_aided": "what reaches the aided state"}


@in_house_style
def what_matters(study: Study, drivers: Drivers) -> Figure:
    """Bars of the ranking that says most; of a Sobol design total indices lie behind those of first order."""
    told = [ranking for ranking in drivers.rankings if ranking.found]
    first = drivers.leading or told[0]
    behind = _total(told) if first is told[0] else {}
    shown = first.found[:MOST_BARS]
    page = Page(height=1.75 + BAR * len(shown))
    below = page.head(_finding(drivers, first), subtitle_lines(*_described(drivers, first, behind)))
    names = [cut(plain(weight.name), MOST_LETTERS) for weight in shown]
    left = MARGIN + 0.1 + max(page.width_of(name, LABEL) for name in names)
    axes = page.axes(left=left, top=below + AIR, right=MARGIN + 0.55, bottom=AXES_BOTTOM)
    _bars(axes, shown, behind)
    axes.set_yticks(range(len(names)), names, fontsize=LABEL)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=NOTE)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(-1.0 if first.bound is not None else min(0.0, *(one.low or 0.0 for one in shown)), 1.0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    if first.bound is not None:
        axes.axvspan(-first.bound, first.bound, color=palette.WASH, linewidth=0, zorder=0.4)
    axes.axvline(0.0, color=palette.INK, linewidth=0.8, zorder=4)
    tag = str(study.manifest["label"]).upper()
    name = plain(study.manifest["scenario"]["name"])
    page.sign(f"{name}: {first.over}, seed {study.seed}. {plain(study.title)}.", tag if tag in TAG_COLOURS else "USER")
    return page.figure


def _total(told: Sequence[Ranking]) -> dict[str, Weight]:
    if told[0].kind != "first order" or len(told) < 2 or told[1].kind != "total":
        return {}
    return {weight.name: weight for weight in told[1].found}


def _bars(axes: Axes, shown: Sequence[Weight], behind: dict[str, Weight]) -> None:
    """Estimates as bars, intervals as lines over them."""
    places = range(len(shown))
    if behind:
        total = palette.tint(palette.DONOR, palette.OUTER_BAND)
        axes.barh(places, [behind[one.name].value for one in shown], height=0.76, color=total, zorder=1)
    bar = palette.tint(palette.DONOR, palette.BAR_TINT)
    axes.barh(places, [one.value for one in shown], height=0.46, color=bar, zorder=2)
    for place, one in zip(places, shown, strict=True):
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [place, place], color=palette.INK, linewidth=1.1, zorder=3)


def _finding(drivers: Drivers, ranking: Ranking) -> str:
    """The title: what stands out."""
    strongest = ranking.found[0]
    outcome = SPOKEN.get(drivers.outcome, drivers.outcome.replace("_", " "))
    if ranking.bound is not None and abs(strongest.value) < ranking.bound:
        return f"No number stands out from chance in what moves {outcome}"
    return f"{sentence(outcome)} leans most on {strongest.name} ({ranking.kind} {number(strongest.value, 2)})"


def _described(drivers: Drivers, ranking: Ranking, behind: dict[str, Weight]) -> list[str]:
    kind = "First-order Sobol indices, total ones behind them" if behind else ranking.kind.capitalize()
    chance = f"inside \N{PLUS-MINUS SIGN}{number(ranking.bound, 2)} it could be chance" if ranking.bound else ""
    return [
        f"{kind}; lines: 90 % intervals. {sentence(spoken(drivers.arm))}, by {month_words(drivers.by)}",
        sentence(ranking.note or chance),
    ]
