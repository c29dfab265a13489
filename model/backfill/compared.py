"""Holding one arm against another, wherever the results are: in memory, in a folder, in two folders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from backfill.results import Results
from backfill.results.comparison import Comparison
from backfill.results.comparison import compare as compare_results
from backfill.studies.comparing import StoredComparison, compare_stored
from backfill.studies.study import Study
from backfill.words import listed


def compare(
    first: Results | Study | Path | str,
    second: Study | Path | str | None = None,
    *,
    arms: Sequence[str] | None = None,
    by: str | None = None,
    outcomes: Collection[str] = (),
    point: int | None = None,
) -> Comparison | StoredComparison:
    """Hold one arm against another, paired by replication.

    arms: the first and the second; None: baseline and no_backfill, the baselines of two folders
    by: the end of a month; None: the last one
    Raises UnknownName, NotComparable; TypeError for arms that are not named as such.
    """
    _refuse_arms_as_results(second)
    if isinstance(first, Results):
        _refuse_what_is_stored(second, outcomes, point)
        return compare_results(first, arms or ("baseline", "no_backfill"), by)
    return compare_stored(first, second, arms=arms, by=by, outcomes=outcomes, point=point)


def _refuse_arms_as_results(second: object) -> None:
    """Arms stand behind their name, so that they are never taken for a second folder."""
    if second is not None and not isinstance(second, Study | Path | str):
        written = f"arms={tuple(second)!r}" if isinstance(second, Sequence) else 'arms=("baseline", "no_backfill")'
        raise TypeError(
            f"found {second!r} in place of a second folder of results; "
            f"two arms of the first are named: compare(results, {written})"
        )


def _refuse_what_is_stored(second: object, outcomes: Collection[str], point: int | None) -> None:
    """Results in memory have two arms to compare, and nothing else."""
    words = {"a second folder": second, "outcomes": outcomes, "point": point}
    asked = [word for word, said in words.items() if said not in (None, ())]
    if asked:
        raise TypeError(
            f"found {listed(asked)} beside results in memory, which are compared by their arms alone; "
            "save them first: compare(results.save(), ...)"
        )
