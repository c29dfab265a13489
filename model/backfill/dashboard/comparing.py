"""Two arms of stored results held against each other, as the page shows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backfill.dashboard.answers import Refused
from backfill.dashboard.folders import Stored
from backfill.results.comparison import difference_in_words
from backfill.studies.comparing import UNITS, StoredComparison, compare_stored
from backfill.studies.study import Study
from backfill.words import long_month


def compared(first: Stored, second: Stored, arms: tuple[str, str], by: str | None) -> dict[str, Any]:
    """Every outcome that both have: both means, the paired difference, whether it could be noise.

    Raises Refused for a table that leads elsewhere or is too large, UnknownName, NotComparable.
    """
    one = _opened(first)
    two = one if first.folder == second.folder else _opened(second)
    found = compare_stored(one, None if two is one else two, arms=arms, by=by)
    gaps = found.gaps
    return {
        "first": {"study": first.name, "arm": found.arm},
        "second": {"study": second.name, "arm": found.against},
        "by": found.by,
        "months": [month for month in one.dates if month in two.dates],
        "runs": found.runs,
        "sentence": _sentence(found),
        "rows": [
            {"outcome": name} | asdict(gap) | {"could_be_noise": gap.could_be_noise, "is_nothing": gap.is_nothing}
            for name, gap in gaps.items()
        ],
    }


def _opened(stored: Stored) -> Study:
    """The study behind a name, if its outcomes lie in its own folder."""
    if not stored.is_study and stored.file("tables/outcomes.parquet") is None:
        raise Refused(f"{stored.name} has no table of outcomes, or one that is too large to be read here.")
    return Study(stored.folder)


def _sentence(found: StoredComparison) -> str:
    """What the difference in the headline outcome means."""
    where = f"between {' and '.join(found.names)} by {long_month(found.by)}"
    gap = found.gaps.get(UNITS)
    if gap is None:
        return f"No number of units that reached the aided state is kept {where}."
    return difference_in_words(gap, found.first.design.scenario.setting, where)
