"""Figures as files that are equal to the last byte whenever they are made again."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from backfill.plots import flows, kept, limits, palette, refill, slipping, spreads, world_map
from backfill.plots import rules_timeline as timeline
from backfill.plots.arms import aid_by_arm
from backfill.plots.causes import has_causes, missing_by_cause
from backfill.plots.courses import asks_for_aid, has_promises, keeps_stock
from backfill.plots.doctrines import can_be_drawn, headline_by_doctrine
from backfill.plots.flows import who_supplied_whom
from backfill.plots.house import house_style
from backfill.plots.kept import promise_kept
from backfill.plots.ledger import promise_ledger
from backfill.plots.limits import which_limit_bound
from backfill.plots.refill import years_to_refill
from backfill.plots.rules_timeline import rules_timeline
from backfill.plots.slipping import queue_displacement
from backfill.plots.spreads import aid_spread_by_arm
from backfill.plots.stock import stock_against_floor
from backfill.plots.world_map import map_of_flows

if TYPE_CHECKING:
    from backfill.results import Results

FIGURES: dict[str, Callable[[Results], Figure]] = {
    "stock_against_floor": stock_against_floor,
    "aid_by_arm": aid_by_arm,
    "promise_ledger": promise_ledger,
    "doctrines": headline_by_doctrine,
    "years_to_refill": years_to_refill,
    "promise_kept": promise_kept,
    "why_not_more": missing_by_cause,
    "who_supplied_whom": who_supplied_whom,
    "map_of_flows": map_of_flows,
    "which_limit_bound": which_limit_bound,
    "queue_displacement": queue_displacement,
    "aid_spread_by_arm": aid_spread_by_arm,
    "rules_timeline": rules_timeline,
}
ONLY_WHERE: dict[str, Callable[[Results], bool]] = {
    "stock_against_floor": keeps_stock,
    "aid_by_arm": asks_for_aid,
    "promise_ledger": has_promises,
    "doctrines": can_be_drawn,
    "years_to_refill": refill.can_be_drawn,
    "promise_kept": kept.can_be_drawn,
    "why_not_more": has_causes,
    "who_supplied_whom": flows.can_be_drawn,
    "map_of_flows": world_map.can_be_drawn,
    "which_limit_bound": limits.can_be_drawn,
    "queue_displacement": slipping.can_be_drawn,
    "aid_spread_by_arm": spreads.can_be_drawn,
    "rules_timeline": timeline.can_be_drawn,
}
"""What some figures need: a donor that holds something; something that is promised, given, missing; a question."""
FREQUENT = 160
SHAPE, FINER = re.compile(r' d="[^"]*"'), re.compile(r"(\.\d\d)\d+")
"""The course of a shape in an SVG, and what lies below a hundredth of a point in it."""


def write_figures(results: Results, folder: Path) -> list[Path]:
    """Draw the figures that a run has something for into a folder, each as PNG and as SVG; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {name: draw for name, draw in FIGURES.items() if name not in ONLY_WHERE or ONLY_WHERE[name](results)}
    return [path for name, draw in drawn.items() for path in save(draw(results), folder / name)]


def save(figure: Figure, path: Path) -> list[Path]:
    """Write one figure beside `path` with the endings .png and .svg, in the house style and without a date."""
    png, svg = path.with_name(path.name + ".png"), path.with_name(path.name + ".svg")
    with house_style():
        write_png(figure, png)
    write_svg(figure, svg)
    return [png, svg]


def write_svg(figure: Figure, path: Path) -> None:
    """Write a figure as an SVG whose ids are its own, without a date, its shapes no finer than is seen."""
    drawn = BytesIO()
    with house_style(), mpl.rc_context({"svg.hashsalt": path.stem}):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": "backfill"})
    text = SHAPE.sub(lambda shape: FINER.sub(r"\1", shape[0]), drawn.getvalue().decode("utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")


def write_png(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG with a palette of all theme colours and the most frequent others."""
    codes = pixels_of(figure).astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    found, counts = np.unique(codes, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.uint8)
    kept = chosen_colours(colours, counts)
    entry = np.zeros(256**3, np.uint8)
    entry[found] = nearest(colours, kept)
    image = Image.fromarray(entry[codes])
    image.putpalette(kept.tobytes())
    image.save(path, format="PNG", optimize=True, dpi=(figure.dpi, figure.dpi))


def pixels_of(figure: Figure) -> NDArray[np.uint8]:
    """The picture as it is printed  [rows, columns, red green blue]."""
    raw = BytesIO()
    figure.savefig(raw, format="rgba")
    wide = int(figure.bbox.width)  # whole pixels, cut as the canvas cuts them
    return np.frombuffer(raw.getvalue(), np.uint8).reshape(-1, wide, 4)[..., :3]


def chosen_colours(colours: NDArray[np.uint8], counts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """The palette of a picture  [colours, red green blue]."""
    frequent = colours[np.argsort(-counts, kind="stable")[:FREQUENT]]
    theme = np.array([palette.rgb(colour) for colour in palette.theme()], np.uint8)
    return np.asarray(np.unique(np.concatenate([theme, frequent]), axis=0)[:256], np.uint8)


def nearest(colours: NDArray[np.uint8], kept: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Which palette entry is nearest to each colour  [colours]."""
    away = ((colours[:, None].astype(int) - kept[None].astype(int)) ** 2).sum(axis=2)
    return np.asarray(away.argmin(axis=1), np.uint8)
