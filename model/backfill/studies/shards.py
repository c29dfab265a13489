"""Shards: the tables of one block, each a file that is either whole or not there."""

from __future__ import annotations

import hashlib
import os
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.errors import BackfillError
from backfill.studies.journal import Failure
from backfill.studies.task import DRAWS, FAILURES, OUTCOMES, SERIES, Task, work_out

if TYPE_CHECKING:
    import pyarrow as pa

    from backfill.studies.design import Design

SHARDS = "shards"
DESIGN = "design.json"
UNFINISHED = ".part"


class StudyOutOfSight(BackfillError):
    """A worker that does not see the folder of the study: it runs on a machine that does not share it."""


@dataclass(frozen=True)
class Written:
    """A file under a name that nobody reads yet."""

    path: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Done:
    """A block that was worked out: its files, its failures, what it took.

    memory: bytes that the process has held at most so far; 0 where the system does not say
    """

    task: Task
    files: Mapping[str, Written]
    failed: tuple[Failure, ...]
    seconds: float
    memory: int
    size: int


def do_block(folder: str, task: Task, plugins: Sequence[str], design: Design | None = None) -> Done:
    """Work out a block of a study and write its tables beside those of the others, under names of their own.

    design: None, in a worker, takes the one that the study holds
    """
    started = time.perf_counter()
    tables = work_out(design or _design_elsewhere(folder, tuple(plugins)), task, plugins)
    failed = tuple(Failure(row["point"], row["stage"], row["reason"]) for row in tables[FAILURES].to_pylist())
    wanted = [name for name in (OUTCOMES, DRAWS, SERIES) if name != SERIES or tables[name].num_rows]
    written = {name: _write(Path(folder) / SHARDS / name, tables[name]) for name in wanted}
    size = sum(Path(file.path).stat().st_size for file in written.values())
    return Done(task, written, failed, time.perf_counter() - started, peak_memory(), size)


def stored_design(folder: Path | str, plugins: tuple[str, ...] = ()) -> Design:
    """The design that a study holds."""
    from backfill.studies.design import read_design

    return read_design(Path(folder) / DESIGN, plugins=plugins)


def _design_elsewhere(folder: str, plugins: tuple[str, ...]) -> Design:
    """The design as a worker reads it. Raises StudyOutOfSight; OtherStudy where other versions are installed."""
    path = Path(folder) / DESIGN
    if not path.is_file():
        raise StudyOutOfSight(f"a worker does not see {path}; it needs the same file system under the same name")
    return _read_once(folder, plugins, sha256_of(path))


@lru_cache(maxsize=2)
def _read_once(folder: str, plugins: tuple[str, ...], _sha256: str) -> Design:
    """A design, read once in a process as long as its file stays the same."""
    from backfill.results.store import read_manifest
    from backfill.studies.store import refuse_other_versions

    refuse_other_versions(Path(folder), read_manifest(folder)["versions"])
    return stored_design(folder, plugins)


def _write(folder: Path, table: pa.Table) -> Written:
    """A table as a file that is safe on disk, under a name that no other process takes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd", write_statistics=False)
    content = buffer.getvalue()
    path = folder / f"{uuid.uuid4().hex}{UNFINISHED}"
    write_safely(path, memoryview(content))
    return Written(str(path), table.num_rows, hashlib.sha256(content).hexdigest())


def write_safely(path: Path, content: bytes | memoryview) -> None:
    """Write a file that is on disk on return, or leave none."""
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as failure:
        with suppress(OSError):
            path.unlink()
        raise OSError(failure.errno, failure.strerror, str(path)) from failure


def settle(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can be asked for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak_memory() -> int:
    """Bytes that this process has held at most; 0 on a system that does not say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)
