"""Where units went: great circles on an outline of the world, as thick as the flow is large."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from backfill.arrays import Floats
from backfill.plots import palette
from backfill.plots.courses import BASELINE, months_of, setting_of
from backfill.plots.flows import blank, colours_of
from backfill.plots.house import AXES_BOTTOM, LABEL, MARGIN, WIDE, Page, in_house_style, subtitle_lines
from backfill.plots.words import about, month_words, sentence, state_name, with_article
from backfill.results import flows
from backfill.words import count

if TYPE_CHECKING:
    from backfill.results import Results

OUTLINE = Path(__file__).with_name("world.json")
HEIGHT = 4.6
LAND, SEA = "#E9EDF0", palette.PAPER
THIN, THICK = 0.8, 5.0
"""Points: the least and the largest flow, between them by the root of units."""
STEPS = 60
ARROW = 0.6
"""Which part of the way has the arrow's head."""
AROUND = 0.14
LEAST_SPAN = 50.0
NORTH, SOUTH = 84.0, -58.0
SMALL = 0.005
"""Flows with a smaller part of all are not drawn."""


@dataclass(frozen=True)
class World:
    """Coasts as rings of longitude and latitude, and the place of each state."""

    land: tuple[Floats, ...]
    places: Mapping[str, tuple[float, float]]


@lru_cache(maxsize=1)
def world() -> World:
    """The outline that comes with this package: Natural Earth, in the public domain."""
    stored = json.loads(OUTLINE.read_text(encoding="utf-8"))
    rings = tuple(np.asarray(ring, float).reshape(-1, 2) for ring in stored["land"])
    return World(rings, {code: (place[0], place[1]) for code, place in stored["places"].items()})


def can_be_drawn(results: Results) -> bool:
    """Whether something went from one real state to another."""
    return flows.is_recorded(results) and bool(routes_of(results, None)[0])


@in_house_style
def map_of_flows(results: Results, *, year: str | None = None) -> Figure:
    """Great circles from giver to receiver in the baseline, mean over runs; the smallest flows are left out.

    year: one calendar year, `2024`; None: the whole horizon
    """
    setting, (routes, left_out) = setting_of(results), routes_of(results, year)
    page = Page(height=HEIGHT, width=WIDE)
    below = page.head(finding(setting, routes), subtitle_lines(*described(results, year, left_out)))
    top = below + 0.16
    axes = page.axes(left=MARGIN, top=top, right=MARGIN, bottom=AXES_BOTTOM - 0.1)
    shape = (page.width - 2 * MARGIN) / (page.height - top - AXES_BOTTOM + 0.1)
    blank(axes)
    centre = _window(axes, routes, shape)
    _land(axes)
    _circles(axes, setting, routes, centre)
    _names(page, axes, setting, routes, centre)
    page.foot(results)
    return page.figure


Route = tuple[str, str, float]
Spot = tuple[float, float, float, float]
"""The place of a name: west, south, east, north."""


def routes_of(results: Results, year: str | None) -> tuple[list[Route], list[str]]:
    """Giver, receiver and units, the largest first; and the states that no map knows."""
    table = flows.by_year(results).sel(arm=BASELINE, measure="sent")
    chosen = table.sel(year=year) if year else table.sum("year")
    found = [
        (*flows.ends_of(str(pair)), float(units)) for pair, units in zip(table["pair"].values, chosen, strict=True)
    ]
    least = max(0.5, SMALL * sum(units for _, _, units in found))
    roles = setting_of(results).roles
    ours = (roles.donor, roles.backfiller, roles.aided)
    known = [one for one in found if one[2] >= (0.5 if one[0] in ours and one[1] in ours else least)]
    drawn = sorted(known, key=lambda route: (-route[2], route[:2]))
    places = world().places
    unknown = sorted({state for route in drawn for state in route[:2] if state not in places})
    return [route for route in drawn if route[0] in places and route[1] in places], unknown


def finding(setting: Any, routes: Sequence[Route]) -> str:
    """The title: the largest flow and how many others there are."""
    if not routes:
        return "Nothing goes from one state to another"
    giver, taker, units = routes[0]
    ends = [with_article(state_name(setting, state)) for state in (giver, taker)]
    first = f"{sentence(ends[0])} sends {about(units)} units to {ends[1]}"
    rest = sum(units for _, _, units in routes[1:])
    return f"{first}; {count(len(routes) - 1, 'other way')} carry {about(rest)}" if len(routes) > 2 else first


def described(results: Results, year: str | None, left_out: Sequence[str]) -> list[str]:
    """What is drawn, and what is not."""
    months = months_of(results)
    span = year or f"{month_words(months[0])} to {month_words(months[-1])}"
    how = f"mean of {results.runs:,} runs" if results.runs > 1 else "one run"
    setting = setting_of(results)
    missing = f"Not on this map: {', '.join(state_name(setting, state) for state in left_out)}" if left_out else ""
    return [f"Units that arrived, {span}, {how}; width by the root of units", missing]


def great_circle(start: tuple[float, float], end: tuple[float, float], steps: int = STEPS) -> Floats:
    """The shortest way over the sphere in degrees east and north, longitudes without a jump  [steps, 2].

    >>> great_circle((0.0, 0.0), (90.0, 0.0), 3)[1].round(6)
    array([45.,  0.])
    """
    one, other = (_on_sphere(*place) for place in (start, end))
    angle = float(np.arccos(np.clip(one @ other, -1.0, 1.0)))
    share = np.linspace(0.0, 1.0, steps)[:, None]
    if angle < 1e-9:
        return np.repeat(np.array([start], float), steps, axis=0)
    points = (np.sin((1 - share) * angle) * one + np.sin(share * angle) * other) / np.sin(angle)
    east = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
    return np.asarray(np.degrees(np.column_stack([east, np.arcsin(np.clip(points[:, 2], -1, 1))])), float)


def _on_sphere(east: float, north: float) -> Floats:
    across, up = np.radians(east), np.radians(north)
    return np.array([np.cos(up) * np.cos(across), np.cos(up) * np.sin(across), np.sin(up)])


def _window(axes: Axes, routes: Sequence[Route], shape: float) -> float:
    """Look at the part of the world in which flows go, in the shape of the page; return its central meridian."""
    if not routes:
        _look(axes, (-180.0, 180.0), (SOUTH, NORTH), shape)
        return 0.0
    angles = np.radians([world().places[state][0] for route in routes for state in route[:2]])
    centre = float(np.degrees(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean())))
    points = np.vstack([_around(great_circle(world().places[a], world().places[b]), centre) for a, b, _ in routes])
    ends = [(float(points[:, axis].min()), float(points[:, axis].max())) for axis in (0, 1)]
    _look(axes, ends[0], ends[1], shape)
    return centre


def _look(axes: Axes, east: tuple[float, float], north: tuple[float, float], shape: float) -> None:
    """A window around some longitudes and latitudes; a degree north is drawn longer, as it is in the middle of it."""
    stretch = 1 / np.cos(np.radians(np.clip(np.mean(north), -50, 50)))
    wide = max((east[1] - east[0]) * (1 + 2 * AROUND), LEAST_SPAN)
    tall = max((north[1] - north[0]) * (1 + 3 * AROUND), LEAST_SPAN / shape / stretch)
    wide, tall = max(wide, tall * shape * stretch), max(tall, wide / shape / stretch)
    wide = min(wide, 360.0)
    middle, level = np.mean(east), np.clip(np.mean(north), SOUTH + tall / 2, max(SOUTH + tall / 2, NORTH - tall / 2))
    axes.set_xlim(middle - wide / 2, middle + wide / 2)
    axes.set_ylim(level - tall / 2, level + tall / 2)


def _around(points: Floats, centre: float) -> Floats:
    """Longitudes moved by whole turns, so that the middle of a line lies within half a turn of the centre."""
    turn = 360.0 * np.round((points[:, 0].mean() - centre) / 360.0)
    return np.asarray(points - [turn, 0.0], dtype=float)


def _land(axes: Axes) -> None:
    """Land without borders, and its coast in white."""
    rings = [ring + np.array([360.0 * turn, 0.0]) for ring in world().land for turn in _turns(ring, axes.get_xlim())]
    style: dict[str, Any] = {"facecolors": LAND, "edgecolors": LAND, "linewidths": 0.4, "zorder": 1}
    axes.add_collection(PolyCollection(rings, **style), autolim=False)


def _turns(ring: Floats, seen: tuple[float, float]) -> list[int]:
    """By how many turns a ring is moved to be seen."""
    low, high = float(ring[:, 0].min()), float(ring[:, 0].max())
    return [turn for turn in (-1, 0, 1) if high + 360 * turn > seen[0] and low + 360 * turn < seen[1]]


def _circles(axes: Axes, setting: Any, routes: Sequence[Route], centre: float) -> None:
    """The largest flow lies lowest, so that none is hidden."""
    most = routes[0][2] if routes else 1.0
    for number, (giver, taker, units) in enumerate(routes):
        points = _around(great_circle(world().places[giver], world().places[taker]), centre)
        colour, width = colours_of(setting, giver)[0], THIN + (THICK - THIN) * np.sqrt(units / most)
        layer = 3 + number / len(routes)
        axes.plot(*points.T, color=colour, linewidth=width, zorder=layer, solid_capstyle="butt")
        at = int(ARROW * (len(points) - 1))
        head = {"arrowstyle": f"-|>,head_length={0.5 + 0.16 * width},head_width={0.25 + 0.11 * width}"}
        style: dict[str, Any] = {**head, "color": colour, "linewidth": 0, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", points[at + 1], points[at - 1], arrowprops=style, zorder=layer)


def _names(page: Page, axes: Axes, setting: Any, routes: Sequence[Route], centre: float) -> None:
    """A dot and a name for every state with a flow; a name that would lie on another one is left to its dot."""
    box = axes.get_position()
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    each = ((east - west) / (box.width * page.width), (north - south) / (box.height * page.height))
    lines = np.vstack([_around(great_circle(world().places[a], world().places[b]), centre) for a, b, _ in routes])
    taken: list[Spot] = []
    for state, place in _ends(routes, centre).items():
        colour, text = colours_of(setting, state)
        axes.plot(
            *place, "o", color=colour, markersize=4.2, markeredgecolor=palette.PAPER, markeredgewidth=0.7, zorder=6
        )
        name = state_name(setting, state)
        bold = text != palette.OTHER_TEXT
        size = page.width_of(name, LABEL, "bold" if bold else "normal") * each[0], 0.13 * each[1]
        spots = [(x, y - size[1] / 2, x + size[0], y + size[1] / 2) for x, y in _beside(place, size, each)]
        inside = [spot for spot in spots if west < spot[0] and spot[2] < east and south < spot[1] and spot[3] < north]
        free = [spot for spot in inside if not any(_touch(spot, other) for other in taken)]
        if free:
            spot = min(free, key=lambda spot: _crossed(spot, lines))
            taken.append(spot)
            style: dict[str, Any] = {"fontsize": LABEL, "color": text, "va": "center_baseline", "zorder": 7}
            label = axes.text(spot[0], (spot[1] + spot[3]) / 2, name, weight="bold" if bold else "normal", **style)
            label.set_path_effects(_halo())


def _crossed(spot: Spot, lines: Floats) -> int:
    """How many points of the lines a name would cover."""
    west, south, east, north = spot
    across, up = lines.T
    return int(((across > west) & (across < east) & (up > south) & (up < north)).sum())


def _ends(routes: Sequence[Route], centre: float) -> dict[str, Floats]:
    """Where each state stands in this window: at the end of its largest flow."""
    places: dict[str, Floats] = {}
    for giver, taker, _ in routes:
        points = _around(great_circle(world().places[giver], world().places[taker]), centre)
        places.setdefault(giver, points[0])
        places.setdefault(taker, points[-1])
    return places


def _halo() -> list[Any]:
    """White around letters that cross a coast or a line."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.2, foreground=palette.PAPER)]


def _beside(place: Floats, size: tuple[float, float], each: tuple[float, float]) -> list[tuple[float, float]]:
    """Where a name may stand: right, left, below, above of its dot."""
    near, low = 0.07 * each[0], 0.12 * each[1]
    return [
        (place[0] + near, place[1]),
        (place[0] - near - size[0], place[1]),
        (place[0] - size[0] / 2, place[1] - low),
        (place[0] - size[0] / 2, place[1] + low),
    ]


def _touch(one: Spot, other: Spot) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
