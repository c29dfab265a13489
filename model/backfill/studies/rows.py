"""The stored rows of a study, read block by block."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.studies.journal import Entry
from backfill.studies.shards import sha256_of
from backfill.studies.store import ShardDamaged
from backfill.studies.task import table_kinds

if TYPE_CHECKING:
    import pyarrow as pa


def rows_of(
    folder: Path,
    entries: Iterable[Entry],
    kind: str,
    point: int,
    runs: int | None = None,
    where: Conditions | None = None,
) -> pa.Table:
    """What is stored of one point in a table, run by run; of its first runs alone, if so many are named.

    where: what else a row has to be; memory holds one block whole and of the others these rows only
    """
    found = [
        chosen(_at(_shard(str(folder / entry.files[kind].path), entry.files[kind].sha256, kind), point), where or {})
        for entry in sorted(entries, key=lambda entry: entry.first)
        if point in entry.points and kind in entry.files and (runs is None or entry.first < runs)
    ]
    return joined(found, kind)


def parts(
    folder: Path,
    entries: Iterable[Entry],
    kind: str,
    *,
    columns: Sequence[str] | None = None,
    where: Conditions | None = None,
) -> Iterator[pa.Table]:
    """A table of a study, one block after the other, so that memory holds one of them.

    columns: those wanted (None: all)     where: `point` too, so that blocks without any of these points stay unread
    """
    import pyarrow.parquet as pq

    wanted = dict(where or {})
    for entry in sorted(entries, key=lambda entry: (entry.points, entry.first)):
        here = set(entry.points) & set(wanted.get("point", entry.points))
        if not here or kind not in entry.files:
            continue
        file = entry.files[kind]
        refuse_damaged(str(folder / file.path), file.sha256, kind)
        needed = None if columns is None else list(dict.fromkeys([*columns, *wanted]))
        table = chosen(pq.read_table(folder / file.path, columns=needed), wanted)
        yield table if columns is None else table.select(columns)


def all_rows(folder: Path, entries: Sequence[Entry], kind: str) -> pa.Table:
    """A whole table of a study, block by block."""
    files = [entry.files[kind] for entry in entries if kind in entry.files]
    return joined([_shard(str(folder / file.path), file.sha256, kind) for file in files], kind)


Conditions = Mapping[str, Collection[Any]]
"""What a column may be, by its name."""


def chosen(table: pa.Table, where: Conditions) -> pa.Table:
    """The rows of a table in which every named column is one of the values given."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for column, values in where.items():
        cells = table[column]
        kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
        table = table.filter(pc.is_in(cells.cast(kind), value_set=pa.array(list(values), kind)))
    return table


def joined(parts: Sequence[pa.Table], kind: str) -> pa.Table:
    """Tables of one kind as one, with the columns of that kind also where there is no row."""
    import pyarrow as pa

    return pa.concat_tables([table_kinds()[kind].empty_table(), *parts]).unify_dictionaries()


def _at(table: pa.Table, point: int) -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(pc.field("point") == point)


@lru_cache(maxsize=1)
def _shard(path: str, sha256: str, kind: str) -> pa.Table:
    """A shard as it was written. Raises ShardDamaged."""
    import pyarrow.parquet as pq

    refuse_damaged(path, sha256, kind)
    return pq.read_table(path)


def refuse_damaged(path: str, sha256: str, kind: str) -> None:
    """Raise ShardDamaged unless a shard is as it was written, with the columns of its table."""
    if not Path(path).is_file() or sha256_of(Path(path)) != sha256 or not _has_columns(path, kind):
        folder = Path(path).parents[2]
        raise ShardDamaged(
            f"{path} is missing or damaged; its block is worked out again by: backfill sweep {folder} --resume"
        )


def _has_columns(path: str, kind: str) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return bool(pq.read_schema(path).remove_metadata().equals(table_kinds()[kind]))
    except (OSError, pa.ArrowException):
        return False
