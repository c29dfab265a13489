"""The page on which every figure stands: its style, its inches, its title and its honesty tag."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from backfill.errors import BackfillError
from backfill.plots import palette
from backfill.plots.words import cut, lines_of, plain

if TYPE_CHECKING:
    from backfill.results import Results

STYLE = Path(__file__).with_name("backfill.mplstyle")
WIDTH, HEIGHT, TALL = 6.4, 4.0, 4.9
WIDE = 9.6
MARGIN = 0.17
TITLE, SUBTITLE, LABEL, NOTE, SOURCE, TAG = 10.5, 7.8, 7.5, 6.8, 6.3, 5.8
TITLE_LETTERS, SUBTITLE_LETTERS = 56, 92
WIDE_TITLE_LETTERS = 88
AXES_BOTTOM = 0.57
FINDING = "finding_"
"""Begins the id of each line of a title in an SVG, so that a page can read the sentence whole."""
POINTS = 72.0

Drawing = ParamSpec("Drawing")


class LabelOutsidePage(BackfillError):
    """A label of a figure would be cropped; the message says which."""


@contextmanager
def house_style() -> Iterator[None]:
    """The house style on top of matplotlib's own defaults, whatever the user has set."""
    with matplotlib.style.context(["default", str(STYLE)]):
        yield


def in_house_style(draw: Callable[Drawing, Figure]) -> Callable[Drawing, Figure]:
    """A figure function that runs inside the style and refuses to hand out a page with a cropped label."""

    @wraps(draw)
    def drawn(*args: Drawing.args, **kwargs: Drawing.kwargs) -> Figure:
        with house_style():
            figure = draw(*args, **kwargs)
            figure.draw_without_rendering()
            refuse_cropped(figure)
        return figure

    return drawn


def refuse_cropped(figure: Figure) -> None:
    """Raise LabelOutsidePage if any text reaches over the edge of its page."""
    page = figure.bbox
    for label in texts(figure):
        box = label.get_window_extent()
        if box.x0 < page.x0 or box.y0 < page.y0 or box.x1 > page.x1 or box.y1 > page.y1:
            message = f"a label of the figure reaches over the page: {label.get_text()!r}"
            raise LabelOutsidePage(message)


def texts(figure: Figure) -> list[Text]:
    """Every text that can be seen on a figure."""
    found = figure.findobj(Text, include_self=False)
    return [label for label in found if isinstance(label, Text) and label.get_visible() and label.get_text().strip()]


class Page:
    """A sheet of paper measured in inches from its upper left corner."""

    def __init__(self, *, height: float = HEIGHT, width: float = WIDTH) -> None:
        self.figure = Figure(figsize=(width, height))
        self.width, self.height = width, height
        FigureCanvasAgg(self.figure)

    def head(self, title: str, subtitle: Sequence[str]) -> float:
        """Write the finding and, below it, what is drawn; return how far down they reach."""
        room = self.width - 2 * MARGIN
        below = 0.15
        letters = WIDE_TITLE_LETTERS if self.width > WIDTH else TITLE_LETTERS
        for number, line in enumerate(lines_of(drawable(title), letters, 2)):
            below += 0.178
            self.write(
                MARGIN,
                below - 0.045,
                self.fitted(line, room, TITLE, "bold"),
                size=TITLE,
                weight="bold",
                color=palette.INK,
                gid=f"{FINDING}{number}",
            )
        below += 0.055
        for line in subtitle:
            below += 0.15
            self.write(MARGIN, below - 0.025, self.fitted(line, room, SUBTITLE), size=SUBTITLE, color=palette.SOFT)
        return below

    def foot(self, results: Results) -> None:
        """Write how the numbers were made and whether the world is invented."""
        self.sign(source_line(results), honesty(results))

    def sign(self, source: str, tag: str) -> None:
        """Write a source line and the honesty tag."""
        room = self.width - 2 * MARGIN - 0.8
        self.write(MARGIN, self.height - 0.18, self.fitted(source, room, SOURCE), size=SOURCE, color=palette.SOFT)
        fill, letters, edge = TAG_COLOURS[tag]
        box = {"boxstyle": "square,pad=0.5", "facecolor": fill, "edgecolor": edge, "linewidth": 0.8}
        self.write(
            self.width - MARGIN,
            self.height - 0.19,
            tag,
            size=TAG,
            weight="bold",
            color=letters,
            ha="right",
            va="center",
            bbox=box,
        )

    def write(self, left: float, down: float, text: str, *, size: float, color: str, **more: Any) -> Text:
        """Write a text whose base line is so many inches from the left and from the top."""
        x, y = left / self.width, 1 - down / self.height
        return self.figure.text(x, y, drawable(text), fontsize=size, color=color, **more)

    def axes(self, *, left: float, top: float, right: float, bottom: float) -> Axes:
        """Axes between four margins: inches from the left, top, right and lower edge of the page."""
        width, height = self.width - left - right, self.height - top - bottom
        place = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(place)

    def width_of(self, text: str, size: float, weight: str = "normal") -> float:
        """How many inches a text takes."""
        label = self.figure.text(0, 0, drawable(text), fontsize=size, fontweight=weight)
        wide = label.get_window_extent().width / self.figure.dpi
        label.remove()
        return float(wide)

    def fitted(self, text: str, room: float, size: float, weight: str = "normal") -> str:
        """The text, cut as far as it must be to fit into so many inches."""
        text = drawable(text)
        letters = len(text)
        while letters > 1 and self.width_of(cut(text, letters), size, weight) > room:
            letters -= max(1, math.floor(letters * 0.03))
        return cut(text, letters)


TAG_COLOURS = {
    "FICTIONAL": (palette.INK, palette.PAPER, palette.INK),
    "PUBLIC": (palette.PAPER, palette.INK, palette.INK),
    "USER": (palette.WASH, palette.INK, palette.EDGE),
}


def honesty(results: Results) -> str:
    """FICTIONAL, PUBLIC or USER: where the numbers of the scenario come from."""
    tag = str(results.scenario.label).upper()
    return tag if tag in TAG_COLOURS else "USER"


def source_line(results: Results) -> str:
    """Which scenario, how many runs, which seed."""
    paired = "paired " if len(results.arms) > 1 else ""
    runs = "one run" if results.runs == 1 else f"{results.runs:,} {paired}runs"
    numbers = ", central numbers" if results.central else ""
    return f"{plain(results.scenario.name)}: {runs}, seed {results.seed}{numbers}. {plain(results.scenario.title)}."


def subtitle_lines(*parts: str) -> list[str]:
    """Sentences in one line if they are short, else one in each of two lines."""
    said = [plain(part) for part in parts if part]
    one = ". ".join(said)
    return [one] if len(one) <= SUBTITLE_LETTERS or len(said) < 2 else [said[0], ". ".join(said[1:])]


@lru_cache(maxsize=1)
def known_letters() -> frozenset[int]:
    """Every letter that the font of the figures can draw."""
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def drawable(text: str) -> str:
    """The text in one line; a letter that the font lacks becomes an empty square."""
    known = known_letters()
    return "".join(letter if ord(letter) in known else "\N{WHITE SQUARE}" for letter in plain(text))
