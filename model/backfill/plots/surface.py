"""How an answer moves with two numbers at once: a cell for each pair of them, and which cells may well be nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from backfill.arrays import Floats
from backfill.errors import BackfillError, UnknownName
from backfill.plots import palette
from backfill.plots.house import LABEL, MARGIN, NOTE, TAG_COLOURS, Page, in_house_style, subtitle_lines
from backfill.plots.points import Answer, Dot, answer_of, finding, setting_words, source_of
from backfill.plots.words import cut, plain, spoken
from backfill.reading.words import hint
from backfill.studies.store import written
from backfill.words import number

if TYPE_CHECKING:
    from backfill.studies.design import Design, Point
    from backfill.studies.study import Study

ROW, HEAD, KEY_ROOM, BELOW = 0.3, 0.46, 0.42, 0.36
WIDEST_CELL, NAMES_ROOM, AIR = 0.92, 1.6, 0.1
MOST_LEVELS, MOST_FACTORS = 16, 12
"""Factors with more values than this make no cells that a page holds; more factors are a sample, not a grid."""
MOST_LETTERS = 40
HATCH = "//////"


@dataclass(frozen=True)
class Grid:
    """All pairs of what two factors may be, with every other factor held.

    across, down: the two factors        columns, rows: what they may be, in the order of the design
    points: the number of the point in each cell, by column and row        held: the other factors, in words
    """

    across: str
    down: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    points: Mapping[tuple[int, int], int]
    held: str


@dataclass(frozen=True)
class Surface:
    """A grid with what came out of it; a cell without a value is not among `cells`."""

    grid: Grid
    answer: Answer
    cells: Mapping[tuple[int, int], Dot]

    @property
    def doubtful(self) -> list[tuple[int, int]]:
        """The cells whose interval holds zero."""
        return [place for place, dot in self.cells.items() if holds_zero(dot)]

    @property
    def edges(self) -> Floats:
        """Where one step of colour ends and the next begins; even about zero where there are losses and gains."""
        values = [dot.value for dot in self.cells.values()]
        low, high = min(values), max(values)
        if low < 0 < high:
            far = max(-low, high)
            return np.linspace(-far, far, len(palette.DIVERGING) + 1)
        least = 10.0**-self.answer.digits
        steps = MaxNLocator(nbins=len(palette.SEQUENTIAL), steps=[1, 2, 2.5, 4, 5, 10], min_n_ticks=2)
        return np.asarray(steps.tick_values(low, max(high, low + least)), float)

    def colour(self, value: float) -> str:
        """The colour of a value."""
        edges = self.edges
        step = int(np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(edges) - 2))
        return shades(edges)[step]


def holds_zero(dot: Dot) -> bool:
    """Whether an interval holds zero, so that its value may well be nothing."""
    return dot.low is not None and dot.low <= 0 and (dot.high is None or dot.high >= 0)


def shades(edges: Floats) -> tuple[str, ...]:
    """A colour for each step: from light to dark, or about zero where the edges lie on both sides of it."""
    if edges[0] < 0 < edges[-1]:
        return palette.DIVERGING
    steps = len(edges) - 1
    return tuple(palette.SEQUENTIAL[round(at)] for at in np.linspace(0, len(palette.SEQUENTIAL) - 1, steps))


def grid_of(design: Design, factors: Sequence[str] = (), held: Mapping[str, str] | None = None) -> Grid | None:
    """The largest grid of two factors in a design; None where it has none.

    factors: which two, across and down; empty: those with the most pairs        held: what others shall be
    """
    levels = _levels(design)
    for name in (*factors, *(held or {})):
        if name not in design.paths:
            known = ", ".join(design.paths)
            raise UnknownName(f"found no factor {name!r}{hint(name, design.paths)}\n  expected one of {known}")
    usable = [name for name, values in levels.items() if 2 <= len(values) <= MOST_LEVELS]
    pairs = [(factors[0], factors[1])] if factors else list(combinations(usable, 2))
    if len(usable) > MOST_FACTORS and not factors:
        return None
    found = [grid for pair in pairs for grid in _grids(design, pair, levels, held or {})]
    best = max(found, key=lambda grid: len(grid.points), default=None)
    if best is None or factors or len(best.columns) >= len(best.rows):
        return best
    turned = {(row, column): point for (column, row), point in best.points.items()}
    return Grid(best.down, best.across, best.rows, best.columns, turned, best.held)


def _levels(design: Design) -> dict[str, list[str]]:
    """What each factor may be, in the order of the points."""
    found: dict[str, dict[str, None]] = {name: {} for name in design.paths}
    for point in design.points:
        for name, value in point.settings.items():
            found[name][written(value)] = None
    return {name: list(values) for name, values in found.items()}


def _grids(
    design: Design, pair: tuple[str, str], levels: Mapping[str, Sequence[str]], held: Mapping[str, str]
) -> list[Grid]:
    """The grids of two factors: one for each way in which the others are held."""
    together: dict[tuple[tuple[str, str], ...], list[Point]] = {}
    for point in design.points:
        said = {name: written(value) for name, value in point.settings.items()}
        if all(name in said for name in pair) and all(said.get(name) == value for name, value in held.items()):
            rest = tuple((name, value) for name, value in said.items() if name not in pair)
            together.setdefault(rest, []).append(point)
    grids = [_grid(pair, levels, rest, points) for rest, points in together.items()]
    return [grid for grid in grids if len(grid.points) == len(grid.columns) * len(grid.rows) and len(grid.rows) > 1]


def _grid(
    pair: tuple[str, str], levels: Mapping[str, Sequence[str]], rest: Sequence[tuple[str, str]], points: Sequence[Point]
) -> Grid:
    """Some points as cells."""
    places = [tuple(written(point.settings[name]) for name in pair) for point in points]
    present = [{place[end] for place in places} for end in (0, 1)]
    sides = [[value for value in levels[name] if value in present[end]] for end, name in enumerate(pair)]
    cells = {
        (sides[0].index(place[0]), sides[1].index(place[1])): point.number
        for place, point in zip(places, points, strict=True)
    }
    said = ", ".join(f"{spoken(name)} {setting_words(value)}" for name, value in rest)
    return Grid(*pair, tuple(sides[0]), tuple(sides[1]), cells, said)


def surface_of(
    study: Study,
    *,
    outcome: str | None = None,
    factors: Sequence[str] = (),
    held: Mapping[str, str] | None = None,
) -> Surface | None:
    """What came out of the grid of a study; None where it has no grid, or no value yet in it. Raises UnknownName."""
    grid, answer = grid_of(study.design, factors, held), answer_of(study, outcome)
    if grid is None or answer is None:
        return None
    dots = {dot.point: dot for dot in answer.dots}
    cells = {
        place: replace(dots[point], name=_named(grid, place)) for place, point in grid.points.items() if point in dots
    }
    left = len(grid.points) - len(cells)
    return Surface(grid, replace(answer, dots=tuple(cells.values()), open=left), cells) if cells else None


def _named(grid: Grid, place: tuple[int, int]) -> str:
    """A cell in words."""
    across, down = setting_words(grid.columns[place[0]]), setting_words(grid.rows[place[1]])
    return f"{spoken(grid.across)} {across}, {spoken(grid.down)} {down}"


def answer_surface(
    study: Study,
    *,
    outcome: str | None = None,
    factors: Sequence[str] = (),
    held: Mapping[str, str] | None = None,
) -> Figure:
    """An answer over two factors of a study, every other factor held; hatched where its interval holds zero.

    outcome: pass_through, units, or what a headline is made of; None: what the scenario asks
    factors: which two, across and down; empty: those with the most pairs
    held:    what other factors shall be, as written; None: as in the first such grid
    Raises UnknownName for a name that is none; BackfillError where no two factors of the design make a grid.
    """
    found = surface_of(study, outcome=outcome, factors=factors, held=held)
    if found is None:
        raise BackfillError(f"{study.folder}: no two factors make a grid that has an answer yet")
    return drawn_surface(study, found)


@in_house_style
def drawn_surface(study: Study, found: Surface) -> Figure:
    """A cell for each pair, its value in it, and a key of the steps."""
    grid = found.grid
    subtitle = described(study, found)
    height = 0.57 + 0.15 * len(subtitle) + HEAD + ROW * len(grid.rows) + KEY_ROOM + BELOW
    page = Page(height=height)
    top = page.head(finding(study.design, found.answer), subtitle) + HEAD
    names = [page.fitted(setting_words(row), NAMES_ROOM, LABEL) for row in grid.rows]
    called = min(NAMES_ROOM, page.width_of(spoken(grid.down), LABEL, "bold"))
    left = MARGIN + AIR + max(called, *(page.width_of(name, LABEL) for name in names))
    wide = min(WIDEST_CELL, (page.width - left - MARGIN) / len(grid.columns))
    right = page.width - left - wide * len(grid.columns)
    axes = page.axes(left=left, top=top, right=right, bottom=page.height - top - ROW * len(grid.rows))
    _blank(axes, grid)
    _cells(page, axes, found, wide)
    _names(page, grid, names, left=left, top=top, wide=wide)
    _key(page, found, left=left, down=top + ROW * len(grid.rows) + 0.14)
    tag = str(study.manifest["label"]).upper()
    page.sign(source_of(study), tag if tag in TAG_COLOURS else "USER")
    return page.figure


def described(study: Study, found: Surface) -> list[str]:
    """What a cell holds, what is held, what is hatched."""
    told = any(dot.low is not None for dot in found.cells.values())
    number_of = {"units": "mean", "pass_through": "ratio of means"}.get(found.answer.outcome, "median")
    doubt = (
        f"Hatched: the {found.answer.bars} holds zero ({len(found.doubtful)} of {len(found.cells)} cells)"
        if found.doubtful
        else ("No interval holds zero" if told else "One run: no interval")
    )
    held = f"held: {cut(found.grid.held, MOST_LETTERS)}" if found.grid.held else ""
    said = f"Cell: {number_of} over runs, arm {spoken(study.arms[0])}"
    return subtitle_lines(f"{said}; {held}" if held else said, doubt)


def _blank(axes: Axes, grid: Grid) -> None:
    axes.set_xlim(0, len(grid.columns))
    axes.set_ylim(len(grid.rows), 0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


def _cells(page: Page, axes: Axes, found: Surface, wide: float) -> None:
    """Fills with white seams, hatching, and numbers if they fit into every cell."""
    fits = max(page.width_of(found.answer.said(dot.value), LABEL) for dot in found.cells.values()) + 0.12 < wide
    for place in found.grid.points:
        dot = found.cells.get(place)
        fill = palette.PAPER if dot is None else found.colour(dot.value)
        hatched = dot is not None and holds_zero(dot)
        _fill(axes, place, fill, hatched=hatched)
        if dot is None or fits:
            text = "\N{EN DASH}" if dot is None else found.answer.said(dot.value)
            label = axes.text(place[0] + 0.5, place[1] + 0.5, text, fontsize=LABEL, color=letters_on(fill), zorder=5)
            label.set(ha="center", va="center_baseline")
            if hatched:
                label.set_bbox({"boxstyle": "square,pad=0.18", "facecolor": fill, "edgecolor": "none"})


def _fill(axes: Axes, place: tuple[int, int], fill: str, *, hatched: bool) -> None:
    """One cell; hatching in the colour of its letters."""
    axes.add_patch(Rectangle(place, 1, 1, facecolor=fill, edgecolor=palette.PAPER, linewidth=0.9, zorder=2))
    if hatched:
        ink = palette.tint(letters_on(fill), 0.5, fill)
        style: dict[str, Any] = {"hatch": HATCH, "edgecolor": ink, "facecolor": "none", "linewidth": 0}
        axes.add_patch(Rectangle(place, 1, 1, zorder=3, **style))


def letters_on(fill: str) -> str:
    """Ink or paper, whichever is read better on a colour."""
    return palette.INK if _light(fill) > 0.21 else palette.PAPER


def _light(colour: str) -> float:
    """The relative luminance of a colour, 0 to 1, as the web guidelines measure it."""
    parts = np.array(palette.rgb(colour)) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _names(page: Page, grid: Grid, names: Sequence[str], *, left: float, top: float, wide: float) -> None:
    """What the columns and the rows are, and what the two factors are called."""
    style: dict[str, Any] = {"size": LABEL, "color": palette.SOFT}
    for place, name in enumerate(names):
        page.write(left - AIR, top + ROW * (place + 0.5), name, ha="right", va="center_baseline", **style)
    columns = [setting_words(column) for column in grid.columns]
    room = wide - 0.04
    size = LABEL if max(page.width_of(column, LABEL) for column in columns) < room else NOTE
    for place, column in enumerate(columns):
        text = page.fitted(column, room, size)
        page.write(left + wide * (place + 0.5), top - 0.07, text, ha="center", size=size, color=palette.SOFT)
    bold: dict[str, Any] = {"size": LABEL, "weight": "bold", "color": palette.INK}
    page.write(left, top - 0.23, page.fitted(spoken(grid.across), 3.0, LABEL, "bold"), **bold)
    page.write(
        left - AIR,
        top - 0.07,
        page.fitted(spoken(grid.down), left - AIR - MARGIN + 0.01, LABEL, "bold"),
        ha="right",
        **bold,
    )


def _key(page: Page, found: Surface, *, left: float, down: float) -> None:
    """The steps of colour with the values between them."""
    edges, wide = found.edges, 0.44
    for place, shade in enumerate(shades(edges)):
        corner = ((left + wide * place) / page.width, 1 - (down + 0.1) / page.height)
        page.figure.add_artist(Rectangle(corner, wide / page.width, 0.1 / page.height, facecolor=shade, linewidth=0))
    for place, edge in enumerate(edges):
        text = plain(_short(edge, edges))
        page.write(left + wide * place, down + 0.23, text, size=NOTE, color=palette.SOFT, ha="center")


def _short(edge: float, edges: Floats) -> str:
    """An edge with the digits that tell it from the next one."""
    gap = float(edges[1] - edges[0])
    digits = next(digits for digits in range(5) if abs(gap - round(gap, digits)) < 1e-9 or digits == 4 or gap > 9)
    return number(edge, min(digits, 2 if gap > 0.01 else 4))
