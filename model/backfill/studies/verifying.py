"""Whether stored results are what was stored, and what comes out when some of them are lived through again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from backfill.errors import BackfillError
from backfill.results.store import MANIFEST, changed_tables, is_as_written, versions
from backfill.results.tables import OWN_WAY
from backfill.studies.journal import JournalDamaged, read_journal
from backfill.studies.shards import SHARDS
from backfill.studies.store import JOURNAL, QUANTILES, OtherStudy, damaged, differences, refuse_other_versions
from backfill.studies.study import Study, open_study
from backfill.studies.summary import SUMMARY_MD, write_summary
from backfill.studies.task import DRAWS, OUTCOMES, SERIES, Task, work_out
from backfill.studies.telling import SUMMARY_CSV

if TYPE_CHECKING:
    import pandas as pd

MOST_TOLD = 5
"""Values of one run that are told one by one."""


@dataclass
class Verdict:
    """What was checked and what is wrong with it.

    files: whose hashes were checked     runs: (point, run) that were lived through again
    wrong: what differs, a sentence each     notes: what does not count as a difference
    """

    files: int = 0
    runs: list[tuple[int, int]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing differs."""
        return not self.wrong


def verify(folder: Path | str, *, sample: int = 20, seed: int = 0, plugins: Sequence[str] = ()) -> Verdict:
    """Check every hash of stored results, then live through a random sample of runs again, from the manifest alone.

    Raises UnknownName or UnreadableManifest where there are no results at all.
    """
    verdict, place = Verdict(), Path(folder)
    try:
        study = open_study(place, plugins)
        entries = study.entries
    except (BackfillError, JournalDamaged) as unreadable:
        if not (place / MANIFEST).is_file():
            raise
        verdict.wrong.append(str(unreadable))
        return verdict
    _check_files(study, verdict)
    if verdict.is_whole and not study.is_run:
        _check_journal(study, verdict)
        _check_summary(study, verdict)
    if verdict.is_whole and sample and (study.is_run or entries):
        _run_again(study, sample, seed, verdict)
    return verdict


def _check_files(study: Study, verdict: Verdict) -> None:
    """The hash of every file that the manifest or the journal names."""
    verdict.files += 1 + len(study.manifest["tables"])
    if study.is_run:
        if not is_as_written(study.folder):
            verdict.wrong.append(f"{study.folder / MANIFEST} is not as it was written")
        if "check" not in study.manifest:
            verdict.notes.append("the manifest is older than the hash over itself: its own bytes are not checked")
        names = changed_tables(study.folder)
        verdict.wrong += [f"{study.folder / name} is missing or not as it was written" for name in names]
        return
    for entry in study.entries:
        verdict.files += len(entry.files)
        wrong = damaged(study.folder, entry)
        if wrong:
            points = ", ".join(map(str, entry.points))
            verdict.wrong.append(f"{study.folder / wrong} is missing or not as it was written (points {points})")


def _check_journal(study: Study, verdict: Verdict) -> None:
    """Whether the journal ends with a whole line and names every shard that is there."""
    path, again = study.folder / JOURNAL, f"backfill sweep {study.folder} --resume puts that right"
    verdict.files += 1
    if read_journal(path)[1]:
        verdict.wrong.append(f"the last line of {path} is cut off; {again}")
    known = {study.folder / shard.path for entry in study.entries for shard in entry.files.values()}
    strange = sorted(path for path in (study.folder / SHARDS).glob("*/*.parquet") if path not in known)
    if strange:
        more = f" and {len(strange) - 1:,} more" if len(strange) > 1 else ""
        verdict.wrong.append(f"{path} does not name {strange[0]}{more}; {again}")


def _check_summary(study: Study, verdict: Verdict) -> None:
    """Whether the files that sum the study up are what comes of its shards; those of other versions are let be."""
    there = [name for name in (SUMMARY_CSV, SUMMARY_MD, QUANTILES) if (study.folder / name).is_file()]
    if not there or study.manifest["versions"] != versions():
        return
    with TemporaryDirectory() as place:
        write_summary(study.folder, study.design, study.entries, Path(place))
        for name in there:
            verdict.files += 1
            made = Path(place) / name
            if not made.is_file() or made.read_bytes() != (study.folder / name).read_bytes():
                again = f"backfill sweep {study.folder} --resume writes it again"
                verdict.wrong.append(f"{study.folder / name} is not what its shards say; {again}")


def _run_again(study: Study, sample: int, seed: int, verdict: Verdict) -> None:
    """A random sample of runs, each compared bit for bit with what is stored of it."""
    try:
        refuse_other_versions(study.folder, study.manifest["versions"])
    except OtherStudy:
        changed = "; ".join(differences(study.manifest["versions"], versions()))
        verdict.notes.append(f"other versions than those that wrote it: {changed}")
    for point, run in sampled(study, sample, seed):
        verdict.runs.append((point, run))
        verdict.wrong += list(_differences(study, point, run))


def sampled(study: Study, sample: int, seed: int) -> list[tuple[int, int]]:
    """Some of the runs that are stored, each at most once, by point and replication."""
    if study.is_run:
        stored = [(0, run) for run in range(study.manifest["runs"])]
    else:
        stored = sorted(
            (point, run)
            for entry in study.entries
            for point in set(entry.points) - {failure.point for failure in entry.failed}
            for run in range(entry.first, entry.first + entry.runs)
        )
    places = np.random.default_rng(seed).permutation(len(stored))[:sample]
    return [stored[place] for place in sorted(places)]


def _differences(study: Study, point: int, run: int) -> Iterator[str]:
    """Where a run that is lived through again is not what is stored of it."""
    again = work_out(study.design, Task(0, (point,), run, 1), study.plugins)
    if again["failures"].num_rows:
        said = again["failures"].to_pylist()[0]
        yield f"point {point}, run {run}: failed now, {said['stage']}: {said['reason']}"
        return
    for name in (OUTCOMES, DRAWS) if study.is_run else (OUTCOMES, DRAWS, SERIES):
        where = {"point": [point], "run": [run]} | ({"decides": [OWN_WAY]} if name == OUTCOMES else {})
        stored, made = (_by_key(frame) for frame in (study.table(name, where=where), again[name].to_pandas()))
        rows = stored.index.union(made.index)
        both = (side.reindex(rows).to_numpy(dtype=float) for side in (stored, made))
        bits = [np.ascontiguousarray(values).view(np.int64) for values in both]
        odd = np.flatnonzero(bits[0] != bits[1])
        for place in odd[:MOST_TOLD]:
            key = ", ".join(str(word) for word in rows[place] if word != "")
            old, new = (side.get(rows[place], "not there") for side in (stored, made))
            yield f"point {point}, run {run}: {name} ({key}) is stored as {old}, and comes out as {new}"
        if len(odd) > MOST_TOLD:
            yield f"point {point}, run {run}: {len(odd) - MOST_TOLD} values more of {name}"


def _by_key(frame: pd.DataFrame) -> pd.Series:
    """The values of one run under all that says what they are."""
    key = [column for column in frame if column not in ("point", "run", "value")]
    found: pd.Series = frame.astype(dict.fromkeys(key, str)).set_index(key)["value"].astype(float).sort_index()
    found.index = found.index.to_flat_index() if len(key) > 1 else found.index.map(lambda word: (word,))
    return found
