"""What the law of a month says to a way of goods: whether anybody bars it, and who must consent on which ground."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from backfill.arrays import Masks, Whole
from backfill.rules.decision import Decision
from backfill.rules.law import Answer

NOBODY = -1
"""Stands for the terms of a month in which a state need not be asked."""


@dataclass(frozen=True)
class Terms:
    """Why a state is asked, and what it answers on file; None if no answer of its is.

    Two terms are the same if the same rules ask and the same entry of the same file answers.
    """

    rules: tuple[str, ...]
    entry: str
    answer: Answer | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Verdict:
    """What one law says to a way in one month.

    allowed: with every answer as it is on file     lawful: nobody bars it, consents apart
    hopeful: lawful, and no consent is out of reach  asked: who must consent on which hop of the way
    """

    allowed: bool
    lawful: bool
    hopeful: bool
    asked: tuple[tuple[tuple[str, int], Terms], ...]


@dataclass(frozen=True)
class Veto:
    """A state whose consent a way needs, in some month at least.

    terms:    all the terms on which it may be asked
    by_month: which of them hold, NOBODY where it need not be asked   [months] or [months, runs]
    """

    giver: str
    terms: tuple[Terms, ...]
    by_month: Whole

    def at(self, index: int) -> Whole:
        """The terms of a month.  [] or [runs]"""
        return np.asarray(self.by_month[index])


@dataclass(frozen=True)
class Passage:
    """A way through the months.

    lawful: where nobody bars it     hopeful: where, besides, no consent is out of reach     [months] or [months, runs]
    """

    lawful: Masks
    hopeful: Masks
    vetoes: tuple[Veto, ...] = ()


def terms_of(decision: Decision) -> dict[str, Terms]:
    """On which terms each state that must consent is asked."""
    found = {}
    for one in decision.asked:
        asking = [trace for trace in decision.traces if trace.giver == one.giver]
        rules = {rule.id for trace in asking if trace.outcome == "consent_required" for rule in trace.deciding}
        found[one.giver] = Terms(tuple(sorted(rules)), one.answer.name if one.answer else "", one.answer)
    return found
