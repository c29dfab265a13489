"""The figures of a page: those that lie in the folder, or, where none does, the same drawn from its tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def figures_of(folder: Path, plugins: Sequence[str] = (), without: Sequence[str] = ()) -> Iterator[Mapping[str, Path]]:
    """The SVG files of stored results by their names; drawn for as long as they are needed if the folder has none.

    without: those that the page does not need
    Raises TableDamaged, UnreadableManifest where they have to be drawn and cannot be.
    """
    stored = sorted((folder / "figures").glob("*.svg"))
    if stored:
        yield {path.stem: path for path in stored}
        return
    with tempfile.TemporaryDirectory() as desk:
        yield _drawn(folder, Path(desk), plugins, without)


def _drawn(folder: Path, desk: Path, plugins: Sequence[str], without: Sequence[str]) -> dict[str, Path]:
    from backfill.plots.files import write_svg
    from backfill.plots.gallery import gallery

    shown = gallery(folder, plugins=plugins)
    wanted = sorted(name for name in shown.names if name not in without)
    made = {shown.file(name): desk / f"{shown.file(name)}.svg" for name in wanted}
    for name in wanted:
        write_svg(shown.draw(name), made[shown.file(name)])
    return made
