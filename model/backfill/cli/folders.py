"""Folders for results: each run has its own, and a run that does not end leaves none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def new_folder(out: Path | None, name: str) -> Iterator[Path]:
    """A folder made for one run: `out`, or the next free `results/NAME-N`; what ends the run early takes it along.

    Raises FolderTaken: nothing that exists is overwritten.
    """
    from backfill.results.store import HOME, next_free

    missing = [parent for parent in (out or HOME / name).parents if not parent.exists()]
    folder = next_free(name) if out is None else _made(out)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
        raise


def _made(out: Path) -> Path:
    from backfill.results.store import FolderTaken

    try:
        out.mkdir(parents=True)
    except (FileExistsError, NotADirectoryError) as taken:
        raise FolderTaken(f"--out {out} exists; nothing of yours is overwritten") from taken
    return out
