"""A study that is stored: its design, and everything that came of it, read when it is asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.errors import UnknownName
from backfill.studies.journal import Entry, Failure, content_hash, read_journal
from backfill.studies.store import JOURNAL, KINDS, POINTS, QUANTILES, study_manifest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from backfill.studies.design import Design


class Study:
    """A stored study, opened for reading: it may lie anywhere and be worked on elsewhere.

    Raises UnreadableManifest for a folder that holds none.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.manifest = study_manifest(self.folder)

    def __repr__(self) -> str:
        """Where it lies and how much of it there is."""
        runs = sum(len(entry.points) * entry.runs for entry in self.entries)
        return f"Study({self.folder}: {len(self.design.points)} points, {runs:,} runs of each arm)"

    @cached_property
    def design(self) -> Design:
        """The design, read from the folder itself."""
        from backfill.studies.shards import stored_design

        return stored_design(self.folder)

    @cached_property
    def entries(self) -> list[Entry]:
        """The blocks that are done."""
        return read_journal(self.folder / JOURNAL)[0]

    @property
    def failures(self) -> list[Failure]:
        """The points that could not be lived through."""
        return [failure for entry in self.entries for failure in entry.failed]

    @property
    def hash(self) -> str:
        """What came out, as one word: the same however it was worked out."""
        return content_hash(self.entries)

    def table(self, name: str = "outcomes") -> pa.Table:
        """A whole table: outcomes, draws, series, their quantiles, or points. Raises UnknownName."""
        import pyarrow.parquet as pq

        from backfill.studies.rows import all_rows

        files = {path.stem: path for path in (self.folder / POINTS, self.folder / QUANTILES) if path.is_file()}
        if name in files:
            return pq.read_table(files[name])
        if name not in KINDS:
            raise UnknownName(f"found no table {name!r}\n  expected one of {', '.join((*KINDS, *files))}")
        return all_rows(self.folder, self.entries, name)

    def to_pandas(self, name: str = "outcomes") -> pd.DataFrame:
        """A table as a frame, each row with what the factors are at its point."""
        frame: pd.DataFrame = self.table(name).to_pandas()
        if name == "points":
            return frame
        points: pd.DataFrame = self.table("points").to_pandas()
        factors = points.set_index("point").rename(columns={name: f"factor {name}" for name in frame if name in points})
        return frame.join(factors, on="point")
