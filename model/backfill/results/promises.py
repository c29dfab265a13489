"""What became of the promises of a world, over runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfill.giving.trust import VERDICTS
from backfill.words import in_runs

if TYPE_CHECKING:
    from backfill.results import Results


def verdicts(results: Results, arm: str) -> dict[str, dict[str, float]]:
    """The share of runs in which a promise ended in each way, by promise; only ways that some run knows.

    A promise of no unit, of another arm, or without a due month is open in all runs.
    """
    found = results.dataset.get("verdict")
    if found is None:
        return {}
    at_end = found.sel(arm=arm).isel(month=-1)
    return {
        str(name): {
            word: share
            for number, word in enumerate(VERDICTS)
            if (share := float((at_end.sel(promise=name) == number).mean())) > 0
        }
        for name in at_end["promise"].values
    }


def in_short(results: Results) -> str:
    """How the promises of the baseline ended, in a line; empty if none was judged."""
    said = [
        f"{name} {', '.join(f'{word} {in_runs(share)}' for word, share in sorted_by_share(ways))}"
        for name, ways in verdicts(results, results.arms[0]).items()
        if set(ways) != {VERDICTS[0]}
    ]
    return "; ".join(said)


def sorted_by_share(ways: dict[str, float]) -> list[tuple[str, float]]:
    """The commonest ending first."""
    return sorted(ways.items(), key=lambda way: -way[1])
