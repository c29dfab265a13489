"""The folder of a study: complete before the first run, whole after any accident, written by one process at a time."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import BackfillError
from backfill.results.store import (
    CHECK,
    FORMAT,
    MANIFEST,
    UnreadableManifest,
    check_of,
    processor,
    read_manifest,
    versions,
)
from backfill.studies import shards
from backfill.studies.journal import Entry, Shard, append, read_journal
from backfill.studies.run import BLOCK
from backfill.studies.shards import DESIGN, SHARDS, UNFINISHED, settle, sha256_of, write_safely

if TYPE_CHECKING:
    from backfill.studies.design import Design

JOURNAL, POINTS, QUANTILES, LOCK = "journal.jsonl", "points.parquet", "quantiles.parquet", ".lock"
KINDS = ("outcomes", "draws", "series")
MOST_CHANGES = 5
"""Differences between two designs that are told one by one."""
NO_LOCKS = "note: {} lies on a file system without locks; see to it that no other process works on this study"


class StoreLocked(BackfillError):
    """Another process works on the study."""


class OtherStudy(BackfillError):
    """A folder that was written by another version, from another scenario or design; the message says what differs."""


class ShardDamaged(BackfillError):
    """A file of a study that is not as it was written, or missing."""


class StudyFolder:
    """An open study, owned by this process: its design, and the blocks that are done.

    block: runs of each arm that are worked out at once; it stays, so that the blocks of one sitting fit to the next's
    notes: what was found and put right on opening it
    """

    def __init__(self, folder: Path, design: Design, plugins: tuple[str, ...], block: int) -> None:
        self.folder, self.design, self.plugins, self.block = folder, design, plugins, block
        self.notes: list[str] = []
        self.entries: list[Entry] = []
        self._numbers = 0

    def tidy(self) -> None:
        """Read the journal, drop its torn end and every file that it does not know."""
        path, design = self.folder / JOURNAL, self.design
        self.entries, torn = read_journal(path, points=len(design.points), runs=design.replications.most)
        if torn:
            self.notes.append(f"note: the last line of {path} was cut off; its block is worked out again")
            os.truncate(path, path.stat().st_size - torn)
        self._drop_damaged()
        known = {shard.path for entry in self.entries for shard in entry.files.values()}
        for file in sorted(file for place in self._places() for file in place.iterdir()):
            if file.relative_to(self.folder).as_posix() not in known:
                file.unlink()
        self._numbers = 1 + max((_number(line) for line in path.read_bytes().splitlines()), default=-1)

    def _places(self) -> list[Path]:
        """Where shards lie, each of them in the study itself. Raises ShardDamaged for a link that leads elsewhere."""
        places = [self.folder / SHARDS / kind for kind in KINDS]
        for place in (self.folder / SHARDS, *places):
            if place.is_symlink():
                raise ShardDamaged(f"{place} is a link; the shards of a study lie in its folder, and nowhere else")
            place.mkdir(exist_ok=True)
        return places

    def _drop_damaged(self) -> None:
        """Blocks of which a shard is missing or altered are worked out again."""
        for entry in list(self.entries):
            wrong = damaged(self.folder, entry)
            if wrong:
                self.notes.append(f"note: {self.folder / wrong} is missing or damaged; its block is worked out again")
                self.entries.remove(entry)

    def accept(self, done: shards.Done) -> Entry:
        """Take in a block that was worked out: its files get their names, then the journal its line."""
        stem, files = f"b{self._numbers:06d}.parquet", {}
        for name, written in done.files.items():
            path = f"{SHARDS}/{name}/{stem}"
            Path(written.path).replace(self.folder / path)
            settle((self.folder / path).parent)
            files[name] = Shard(path, written.rows, written.sha256)
        task = done.task
        entry = Entry(self._numbers, task.points, task.first, task.runs, files, done.failed, round(done.seconds, 3))
        append(self.folder / JOURNAL, entry)
        self._numbers += 1
        replaced = [other for other in self.entries if entry.replaces(other)]
        self.entries = [other for other in self.entries if other not in replaced] + [entry]
        for other in replaced:
            for shard in other.files.values():
                (self.folder / shard.path).unlink(missing_ok=True)
        return entry

    def drop_unfinished(self) -> None:
        """Remove what blocks have left that nobody waits for any more."""
        for file in (self.folder / SHARDS).glob(f"*/*{UNFINISHED}"):
            with suppress(OSError):
                file.unlink()


def _number(line: bytes) -> int:
    return int(json.loads(line)["number"])


def damaged(folder: Path, entry: Entry) -> str | None:
    """The first shard of a block that is missing or not as it was written."""
    for shard in entry.files.values():
        path = folder / shard.path
        if not path.is_file() or sha256_of(path) != shard.sha256:
            return shard.path
    return None


@contextmanager
def locked(folder: Path) -> Iterator[list[str]]:
    """This process alone works on a folder, until it ends, however it ends; yields what is to be told about that.

    Raises StoreLocked at once if another one does.
    """
    from filelock import FileLock, Timeout

    path = folder / LOCK
    lock = FileLock(path, timeout=0, fallback_to_soft=False)
    notes: list[str] = []
    try:
        lock.acquire()
    except Timeout as taken:
        raise StoreLocked(f"another process works on {folder}; wait until it ends, or take another --out") from taken
    except (NotImplementedError, OSError) as unable:
        if isinstance(unable, OSError) and not _knows_no_locks(path):
            raise
        notes.append(NO_LOCKS.format(folder))
    try:
        yield notes
    finally:
        lock.release()


def _knows_no_locks(path: Path) -> bool:
    """Whether the lock could be written but not locked."""
    return path.is_file() and os.access(path, os.W_OK)


def lay_out(
    folder: Path, design: Design, plugins: Sequence[str] = (), *, command: str = "", block: int = BLOCK
) -> StudyFolder:
    """Write all that a study is into its empty folder, the manifest last."""
    for kind in KINDS:
        (folder / SHARDS / kind).mkdir(parents=True, exist_ok=True)
    write_safely(folder / DESIGN, _dumped(design.raw).encode("utf-8"))
    write_safely(folder / POINTS, _points(design))
    write_safely(folder / JOURNAL, b"")
    content = _manifest(folder, design, plugins) | {"command": command, "block": block}
    unfinished = folder / f"{MANIFEST}{UNFINISHED}"
    write_safely(unfinished, _dumped(content | {CHECK: check_of(content)}).encode("utf-8"))
    unfinished.replace(folder / MANIFEST)
    settle(folder)
    return StudyFolder(folder, design, tuple(plugins), block)


def _dumped(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n"


def _manifest(folder: Path, design: Design, plugins: Sequence[str]) -> dict[str, Any]:
    """What the study is: enough to repeat it, to know it again and to check it."""
    from backfill.studies.borrowed import written_by_users

    modules = written_by_users(design, plugins)
    return {
        "format": FORMAT,
        "program": "backfill",
        "kind": "study",
        "title": design.title,
        "label": design.scenario.label,
        "scenario": {"name": design.scenario.name, "resolved": design.scenario.raw},
        "arms": list(design.arms),
        "ways": [],
        "runs": design.replications.most,
        "seed": design.seed,
        "central": design.central,
        **({"plugins": modules} if modules else {}),
        "identity": identity(design, modules),
        "versions": versions(),
        "processor": processor(),
        "tables": {name: sha256_of(folder / name) for name in (DESIGN, POINTS)},
    }


def identity(design: Design, modules: Mapping[str, str]) -> str:
    """The hash of what a study means: its design with the resolved scenario, and the user's modules."""
    text = json.dumps([design.raw, dict(modules)], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _points(design: Design) -> bytes:
    """The points as a table: a column for each factor, of numbers where all of it are numbers, else as written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {"point": pa.array([point.number for point in design.points], pa.int32())}
    for factor in design.paths:
        said = [point.settings.get(factor) for point in design.points]
        if all(value is None or type(value) in (int, float) for value in said):
            columns[factor] = pa.array(said, pa.float64())
        else:
            columns[factor] = pa.array([None if value is None else written(value) for value in said], pa.string())
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd", write_statistics=False)
    return buffer.getvalue()


def written(value: Any) -> str:
    """What a factor is at a point, as a word."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def study_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a study, checked byte for byte. Raises UnreadableManifest."""
    content = read_manifest(folder)
    path = folder / MANIFEST
    if content.get("kind") != "study":
        raise UnreadableManifest(f"{folder} holds a single run; repeat it: backfill run {folder}")
    known = dict(content)
    check = known.pop(CHECK, None)
    if check != check_of(known) or path.read_bytes() != _dumped(content).encode("utf-8"):
        raise UnreadableManifest(f"{path} is not as it was written; bring it back, or begin the study anew")
    if type(content.get("block")) is not int or content["block"] < 1 or "processor" not in content:
        raise UnreadableManifest(f"{path} is damaged at its block or processor; begin the study anew in another folder")
    for name, wanted in content["tables"].items():
        if not (folder / name).is_file() or sha256_of(folder / name) != wanted:
            raise UnreadableManifest(
                f"{folder / name} is not as it was written; bring it back, or begin the study anew"
            )
    return content


def reopen(folder: Path, plugins: Sequence[str] = (), design: Design | None = None) -> StudyFolder:
    """A study to go on with; the lock has to be held.

    design: what the user asks for, to be the same as what the study holds
    Raises OtherStudy, UnreadableManifest, JournalDamaged, OtherPlugins.
    """
    from backfill.plugins import refuse_changed, refuse_missing, use

    manifest = study_manifest(folder)
    modules = use(plugins)
    refuse_other_versions(folder, manifest["versions"])
    refuse_missing(manifest.get("plugins", {}), folder)
    refuse_changed(manifest.get("plugins", {}), folder)
    if design is not None:
        _refuse_other_design(folder, design.raw)
    held = shards.stored_design(folder, modules)
    if identity(held, manifest.get("plugins", {})) != manifest["identity"]:
        raise OtherStudy(
            f"{folder}: its design is no longer understood as it was; begin the study anew in another folder"
        )
    study = StudyFolder(folder, held, modules, manifest["block"])
    if manifest["processor"] != processor():
        study.notes.append("note: this is another machine than before; the last bits of numbers may differ")
    study.tidy()
    return study


def refuse_other_versions(folder: Path, stored: Mapping[str, str]) -> None:
    """Numbers of two versions do not belong into one study."""
    present = versions()
    changed = [
        f"{name} {stored.get(name, 'none')}, this is {present.get(name, 'none')}"
        for name in sorted({*stored, *present} - {"python"})
        if stored.get(name) != present.get(name)
    ]
    if changed:
        raise OtherStudy(f"{folder} was written with {'; '.join(changed)}; begin the study anew in another folder")


def _refuse_other_design(folder: Path, wanted: Mapping[str, Any]) -> None:
    stored = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
    asked = json.loads(_dumped(wanted))
    found = list(differences(stored, asked))
    if found:
        more = f"; and {len(found) - MOST_CHANGES} more" if len(found) > MOST_CHANGES else ""
        told = "; ".join(found[:MOST_CHANGES])
        raise OtherStudy(f"{folder} was made from something else: {told}{more}. Begin a new study in another folder")


def differences(stored: Any, asked: Any, path: str = "") -> Iterator[str]:
    """Where two designs differ: the dotted path, what was there and what is there now.

    >>> list(differences({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 2}))
    ['a.b was 1, is 3']
    """
    if isinstance(stored, dict) and isinstance(asked, dict):
        for key in dict.fromkeys([*stored, *asked]):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(stored.get(key, _MISSING), asked.get(key, _MISSING), inner)
    elif isinstance(stored, list) and isinstance(asked, list) and len(stored) == len(asked):
        for number, pair in enumerate(zip(stored, asked, strict=True)):
            yield from differences(*pair, f"{path}.{number}")
    elif stored != asked:
        yield f"{path} was {_short(stored)}, is {_short(asked)}"


class _Missing:
    """A value that is not there."""


_MISSING = _Missing()
LONGEST = 60


def _short(value: Any) -> str:
    if isinstance(value, _Missing):
        return "not there"
    said = written(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}..."
