"""Questions in SQL to stored results: DuckDB reads the tables, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backfill.errors import BackfillError
from backfill.reading.words import hint
from backfill.studies.exporting import require_extra
from backfill.studies.rows import refuse_damaged
from backfill.studies.store import KINDS
from backfill.words import one_line

if TYPE_CHECKING:
    from backfill.studies.study import Study

SHUT = (
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""What takes files, networks, extensions and Python's own variables out of reach of the SQL, for good."""
_NO_TABLE = re.compile(r"Table with name (\w+) does not exist")


class FaultInSql(BackfillError):
    """A query that cannot be answered; the message is the first line of what the database says."""


@dataclass(frozen=True)
class Answer:
    """What a query gives: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def query(study: Study, sql: str) -> Answer:
    """Put a question to the tables of a study, each under its name; those of a run belong to point 0.

    The tables are read as the question needs them: columns and rows that it does not ask for stay on disk.
    Raises FaultInSql, MissingExtra, ShardDamaged.
    """
    require_extra("duckdb", "sql")
    import duckdb

    with duckdb.connect(":memory:") as database:
        for name in study.tables:
            database.register(name, _readable(study, name))
        for statement in SHUT:
            database.execute(statement)
        try:
            found = database.execute(sql)
            if found is None:
                raise FaultInSql("found no question; expected SQL such as: SELECT * FROM outcomes LIMIT 5")
            columns = tuple(column[0] for column in found.description or ())
            return Answer(columns, found.fetchall() if columns else [])
        except (duckdb.Error, RuntimeError) as fault:
            raise FaultInSql(_first_line(str(fault)) + _meant(str(fault), study.tables)) from fault


def _readable(study: Study, name: str) -> Any:
    """A table as the database may read it, piece by piece, without a file of its own."""
    import pyarrow.dataset as ds

    if study.is_run or name not in KINDS:
        return study.arrow(name)
    shards = [entry.files[name] for entry in study.entries if name in entry.files]
    for shard in shards:
        refuse_damaged(str(study.folder / shard.path), shard.sha256, name)
    if not shards:
        return study.arrow(name)
    return ds.dataset([str(study.folder / shard.path) for shard in shards], format="parquet")


def _meant(said: str, known: Sequence[str]) -> str:
    """The table that was meant, where one is asked for that is not there."""
    found = _NO_TABLE.search(said)
    if not found:
        return ""
    return f" There are {', '.join(known)}{hint(found[1], known)}"


def _first_line(said: str) -> str:
    """What the database says, in one line."""
    return one_line(said.strip().splitlines()[0]) if said.strip() else "the database refused the query"
