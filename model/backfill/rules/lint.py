"""Law under inspection: what stands in the files and cannot be meant, and which rules no case puts to the test."""

from __future__ import annotations

from collections.abc import Sequence

from backfill.errors import Problem
from backfill.rules.book import Rulebook
from backfill.rules.casebook import Case


def findings(book: Rulebook, cases: Sequence[Case] | None = None) -> list[Problem]:
    """Faults of a rulebook that could be read.

    cases: also what they show, such as words for a destination that no rule asks about
    """
    raise NotImplementedError


def unexercised(book: Rulebook, cases: Sequence[Case]) -> list[str]:
    """Rules that decide none of the cases, neither by their effect nor by what they defeat."""
    raise NotImplementedError
