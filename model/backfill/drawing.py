"""Figures of results, wherever these are: in memory, in a folder, in a study that is open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.results import Results
from backfill.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(source: Results | Study | Path | str, *, plugins: Sequence[str] = ()) -> list[str]:
    """The names of the figures that results can show.

    source: results in memory, or a stored run or study by its folder
    Raises UnknownName, UnreadableManifest, TableDamaged.
    """
    from backfill.plots.gallery import gallery

    return gallery(source, plugins=plugins).names


def plot(source: Results | Study | Path | str, figure: str, *, plugins: Sequence[str] = ()) -> Figure:
    """Draw one figure; of a folder from its tables alone, and the same as when they were written.

    source: results in memory, or a stored run or study by its folder
    figure: one of `figures(source)`
    Raises UnknownName, NothingToDraw, UnreadableManifest, TableDamaged.
    """
    from backfill.plots.gallery import gallery

    return gallery(source, plugins=plugins).draw(figure)
