"""The journal of a study: one line for each block that is done, written when its shards are safe on disk."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from backfill.errors import BackfillError

CHECK = "check"
_SHARD = re.compile(r"shards/(?P<table>[a-z]+)/b[0-9]{6,12}\.parquet", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class JournalDamaged(BackfillError):
    """A line of a journal that is not as it was written; the message names it."""


@dataclass(frozen=True)
class Shard:
    """A file of a block: where it lies in its study, its rows, and the hash of its bytes."""

    path: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Failure:
    """A point that could not be lived through: at which stage, and why."""

    point: int
    stage: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A block that is done: replications first .. first + runs - 1 of its points.

    files: by the name of the table     failed: the points of it that went wrong
    """

    number: int
    points: tuple[int, ...]
    first: int
    runs: int
    files: Mapping[str, Shard] = field(default_factory=dict)
    failed: tuple[Failure, ...] = ()
    seconds: float = 0.0

    @property
    def bytes(self) -> bytes:
        """Its line in the journal."""
        content = asdict(self)
        return _text(content | {CHECK: _check(content)}).encode("utf-8") + b"\n"

    def replaces(self, other: Entry) -> bool:
        """Whether this block holds all that another one holds."""
        return other.first == self.first and set(other.points) <= set(self.points)


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _check(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(content).encode("utf-8")).hexdigest()[:16]


def read_journal(path: Path, *, points: int | None = None, runs: int | None = None) -> tuple[list[Entry], int]:
    """The blocks that count, and how many bytes at the end are a torn line; a later block replaces an earlier one.

    points, runs: how many the study has at most (None: not asked)
    Raises JournalDamaged for any other line that cannot be read, and for a block of another study.
    """
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    entries: dict[tuple[tuple[int, ...], int], Entry] = {}
    for number, entry in enumerate(_entries(content[:whole].splitlines(keepends=True), path), 1):
        beyond = points is not None and max(entry.points) >= points
        if beyond or (runs is not None and entry.first + entry.runs > runs):
            raise JournalDamaged(f"{path}:{number} is of another study: this one has {points} points of {runs} runs")
        for key in [key for key, other in entries.items() if entry.replaces(other)]:
            del entries[key]
        entries[entry.points, entry.first] = entry
    return sorted(entries.values(), key=lambda entry: (entry.first, entry.points)), len(content) - whole


def _entries(lines: Iterable[bytes], path: Path) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        try:
            entry = _entry(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            entry = None
        if entry is None or entry.bytes != line:
            raise JournalDamaged(
                f"{path}:{number} is damaged; without this line its block is worked out again, all others stay"
            )
        yield entry


def _entry(content: dict[str, Any]) -> Entry:
    """A block as its line says. Raises ValueError, KeyError, TypeError or AttributeError for a line that cannot be."""
    entry = Entry(
        number=content["number"],
        points=tuple(content["points"]),
        first=content["first"],
        runs=content["runs"],
        files={name: Shard(**file) for name, file in content["files"].items()},
        failed=tuple(Failure(**failure) for failure in content["failed"]),
        seconds=content["seconds"],
    )
    counted = [entry.number, *entry.points, entry.first, entry.runs, *(failure.point for failure in entry.failed)]
    if not all(type(number) is int and number >= 0 for number in counted) or not entry.points or not entry.runs:
        raise ValueError("numbers")
    if not all(isinstance(word, str) for failure in entry.failed for word in (failure.stage, failure.reason)):
        raise TypeError("words")
    for name, shard in entry.files.items():
        place = _SHARD.fullmatch(shard.path)
        if place is None or place["table"] != name or not _SHA256.fullmatch(shard.sha256):
            raise ValueError("a file that no study writes")
    return entry


def append(path: Path, entry: Entry) -> None:
    """Add a block, safe on disk on return; nothing of it stays if the disk is full."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        before = os.fstat(handle).st_size
        try:
            _write_all(handle, entry.bytes)
            os.fsync(handle)
        except OSError as failure:
            os.ftruncate(handle, before)
            raise OSError(failure.errno, failure.strerror, str(path)) from failure
    finally:
        os.close(handle)


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def content_hash(entries: Iterable[Entry]) -> str:
    """What came out, whoever worked it out in which order: the hash of all shards by their block."""
    rows = sorted(
        (entry.first, entry.runs, entry.points, sorted((name, file.sha256) for name, file in entry.files.items()))
        for entry in entries
    )
    failed = sorted((entry.first, failure.point, failure.stage) for entry in entries for failure in entry.failed)
    return hashlib.sha256(json.dumps([rows, failed]).encode("utf-8")).hexdigest()
