"""Folders for results: each run has its own, and a run that does not end leaves none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from backfill.errors import BackfillError

RESULTS = Path("results")


@contextmanager
def new_folder(out: Path | None, name: str) -> Iterator[Path]:
    """A folder made for one run: `out`, which must not exist, or the next free `results/NAME-N`.

    Whatever ends the run early takes the folder with it.
    """
    wanted = _missing_parents(out or RESULTS / name)
    folder = _next_free(name) if out is None else _exactly(out)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in wanted:
            with suppress(OSError):
                parent.rmdir()
        raise


def _missing_parents(folder: Path) -> list[Path]:
    """The parents that have to be made for a folder, innermost first."""
    return [parent for parent in folder.parents if not parent.exists()]


def _next_free(name: str) -> Path:
    """Numbered by creating it, so that runs started together never share one."""
    RESULTS.mkdir(exist_ok=True)
    for number in count(1):
        folder = RESULTS / f"{name}-{number}"
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("numbers do not end")


def _exactly(out: Path) -> Path:
    try:
        out.mkdir(parents=True)
    except (FileExistsError, NotADirectoryError) as taken:
        raise BackfillError(f"--out {out} exists; nothing of yours is overwritten") from taken
    return out
