"""Holding one arm against another, wherever the results are: in memory, in a folder, in two folders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from backfill.results import Results
from backfill.results.comparison import Comparison
from backfill.results.comparison import compare as compare_results
from backfill.studies.comparing import StoredComparison, compare_stored
from backfill.studies.study import Study


def compare(
    first: Results | Study | Path | str,
    second: Study | Path | str | None = None,
    arms: Sequence[str] | None = None,
    by: str | None = None,
    *,
    outcomes: Collection[str] = (),
    point: int | None = None,
) -> Comparison | StoredComparison:
    """Hold one arm against another, paired by replication.

    arms: the first and the second; None: baseline and no_backfill, the baselines of two folders
    by: the end of a month; None: the last one
    Raises UnknownName, NotComparable.
    """
    if isinstance(first, Results):
        return compare_results(first, arms or ("baseline", "no_backfill"), by)
    return compare_stored(first, second, arms=arms, by=by, outcomes=outcomes, point=point)
