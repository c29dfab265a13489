"""Why not more: what the aided state lacks month after month, stacked by what keeps it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.axes import end_in_time, left_margin, places_in_time, round_values, time_axis, value_axis
from backfill.plots.courses import BASELINE, drawn, months_of, setting_of
from backfill.plots.house import AXES_BOTTOM, HEIGHT, LABEL, MARGIN, NOTE, TALL, Page, in_house_style, subtitle_lines
from backfill.plots.stock import unit
from backfill.plots.words import about, scale_for, spelled, state_name, with_article
from backfill.results.shortfall import course_by_cause
from backfill.words import percent

if TYPE_CHECKING:
    from backfill.results import Results

SEAM = 0.9
SWATCH = 0.09
KEY_LINE, KEY_GAP = 0.135, 0.06
BEFORE_KEY = 0.2
AIR = 0.34
MOST_LINES = 13
SOME = 0.005
"""Causes with a smaller part of all that is missing are drawn as one."""
OTHER = "other causes"


@dataclass(frozen=True)
class Layer:
    """Causes that are drawn as one: their kind, what they are called, how a title says it, their colour.

    course: equivalents at the end of each month, mean over runs  [months]
    """

    kind: str
    name: str
    said: str
    colour: str
    course: Floats


LAYERS = (
    ("Law", "barred by law", "is barred by law", ("rule", "strings")),
    ("Law", "no consent", "lacks a consent", ("consent",)),
    ("Politics", "not let go", "is not let go", ("will",)),
    ("Politics", "not yet decided", "is not yet decided", ("decision",)),
    ("Stock", "kept for a floor", "is kept for a floor", ("floor",)),
    ("Stock", "nobody has it", "is held by nobody", ("stock",)),
    ("Industry", "lines slow or booked", "waits for lines", ("capacity", "queue")),
    ("Industry", "parts run short", "waits for parts", ("component",)),
    ("Money", "no money", "lacks money", ("money",)),
    ("Procedure", "under way", "is under way", ("procedure", "transit")),
)
"""From the top of the stack to its foot: kind, name, words of a title, causes."""


def has_causes(results: Results) -> bool:
    """Whether it is recorded why something is missing, and something is."""
    return bool(layers_of(results))


@in_house_style
def missing_by_cause(results: Results) -> Figure:
    """What the aided state lacks in the baseline at the end of each month, by cause, mean over runs."""
    setting, layers, months = setting_of(results), layers_of(results), months_of(results)
    page = Page(height=TALL if lines_in_key(layers) > MOST_LINES else HEIGHT)
    below = page.head(finding(setting, layers), subtitle_lines(*described(results, setting, layers)))
    total = np.sum([layer.course for layer in layers], axis=0)
    values, key = round_values(0, float(total.max())), _key_width(page, layers)
    said = scale_for([float(total.max())]).number
    left = left_margin(page, [said(value) for value in values], months)
    axes = page.axes(left=left, top=below + AIR, right=BEFORE_KEY + key + MARGIN, bottom=AXES_BOTTOM)
    axes.set_ylim(0, values[-1])
    time_axis(axes, months, end=end_in_time(months))
    value_axis(axes, values, said)
    _stack(axes, layers, places_in_time(months))
    _peak(axes, total, places_in_time(months))
    _key(page, layers, left=page.width - MARGIN - key, top=below + AIR)
    page.foot(results)
    return page.figure


def layers_of(results: Results) -> list[Layer]:
    """The layers from the top of the stack to its foot, the smallest ones drawn as one."""
    course = course_by_cause(results, "aid")
    if course is None:
        return []
    rest = dict(
        zip(map(str, course["cause"].values), course.sel(arm=BASELINE).transpose("cause", "month").values, strict=True)
    )
    layers = [
        Layer(kind, name, said, palette.CAUSES[name], _together([rest.pop(cause) for cause in causes if cause in rest]))
        for kind, name, said, causes in LAYERS
    ]
    layers.append(Layer("Other", OTHER, "has other causes", palette.OTHER, _together(list(rest.values()))))
    return _small_as_one([layer for layer in layers if layer.course.any()])


def _together(courses: Sequence[Floats]) -> Floats:
    return np.sum(courses, axis=0) if courses else np.zeros(1)


def _small_as_one(layers: list[Layer]) -> list[Layer]:
    small = [layer for layer in layers if part_of(layer, layers) < SOME or layer.name == OTHER]
    if len(small) < 2:
        return layers
    name = f"{spelled(len(small))} small causes"
    one = Layer("Other", name, "has other causes", palette.OTHER, _together([layer.course for layer in small]))
    return [*(layer for layer in layers if all(layer is not other for other in small)), one]


def part_of(layer: Layer, layers: Sequence[Layer]) -> float:
    """The part of all equivalent-months that a layer has."""
    return float(layer.course.sum() / sum(other.course.sum() for other in layers))


def finding(setting: Any, layers: Sequence[Layer]) -> str:
    """The title: the two greatest causes with their parts."""
    aided = with_article(state_name(setting, setting.roles.aided))
    first, *others = sorted(layers, key=lambda layer: -part_of(layer, layers))
    if not others:
        return f"All that {aided} lacks {first.said}"
    second = others[0].said.removeprefix("is ") if first.said.startswith("is ") else others[0].said
    parts = [percent(part_of(layer, layers)) for layer in (first, others[0])]
    return f"{parts[0]} of what {aided} lacks {first.said}, {parts[1]} {second}"


def described(results: Results, setting: Any, layers: Sequence[Layer]) -> list[str]:
    """What is drawn, in which unit."""
    how = "mean of runs" if results.runs > 1 else "one run"
    peak = float(np.sum([layer.course for layer in layers], axis=0).max())
    counted = "thousand " if scale_for([peak]).words else ""
    return [
        f"Missing at the end of each month, {counted}{unit(setting)}, by cause; {how}",
        "Each is charged to one cause, in an order that is a convention",
    ]


def _stack(axes: Axes, layers: Sequence[Layer], places: Floats) -> None:
    """Layers from the foot up, with white seams."""
    foot = np.zeros(len(places))
    for layer in reversed(layers):
        top = foot + drawn(layer.course)
        axes.fill_between(places, foot, top, color=layer.colour, linewidth=0, zorder=2)
        if layer is not layers[0]:
            axes.plot(places, top, color=palette.PAPER, linewidth=SEAM, zorder=3)
        foot = top


def _peak(axes: Axes, total: Floats, places: Floats) -> None:
    """The greatest gap, in a number above it."""
    month = int(total.argmax())
    share = (places[month] - places[0]) / max(places[-1] - places[0], 1e-9)
    side = "left" if share < 0.15 else "right" if share > 0.85 else "center"
    place, text = (places[month], total[month]), f"peak: {about(total[month])}"
    axes.annotate(
        text,
        place,
        (0, 5),
        textcoords="offset points",
        fontsize=NOTE,
        color=palette.INK,
        ha=side,
        annotation_clip=False,
    )


def lines_in_key(layers: Sequence[Layer]) -> int:
    """A line for each layer and for each kind."""
    return len(layers) + len({layer.kind for layer in layers})


def _key_width(page: Page, layers: Sequence[Layer]) -> float:
    """Inches that the key takes."""
    names = [page.width_of(layer.name, LABEL) + SWATCH + 0.06 for layer in layers]
    return max(names + [page.width_of(layer.kind, LABEL, "bold") for layer in layers])


def _key(page: Page, layers: Sequence[Layer], *, left: float, top: float) -> None:
    """Swatches and names in stacking order under the names of their kinds."""
    down = top + 0.05
    for number, layer in enumerate(layers):
        if number == 0 or layers[number - 1].kind != layer.kind:
            down += KEY_GAP if number else 0.0
            page.write(left, down, layer.kind, size=LABEL, color=palette.INK, weight="bold", va="center_baseline")
            down += KEY_LINE
        corner = (left / page.width, 1 - (down + SWATCH / 2) / page.height)
        size = (SWATCH / page.width, SWATCH / page.height)
        page.figure.add_artist(Rectangle(corner, *size, color=layer.colour, linewidth=0))
        page.write(left + SWATCH + 0.06, down, layer.name, size=LABEL, color=palette.SOFT, va="center_baseline")
        down += KEY_LINE
