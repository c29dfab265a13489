"""Whose turn it is: one month's order in which the book of a line is served."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, sum_rows
from backfill.ordering.allocation import Allocates, served_by
from backfill.ordering.orders import OrderBook

FRONT, USUAL, LAST = -1, 0, 1
"""Before all others, in the usual classes, after all others."""


@dataclass(frozen=True)
class Open:
    """Whose deliveries the export rules let out: the accounts, and where law is uncertain in which runs.

    let_out: 1 where they are let out, else 0; None: in every run   [accounts, runs]
    """

    served: Collection[int]
    let_out: Floats | None = None

    def share(self, account: int) -> PerRun:
        """1 where an account is served, else 0.  [runs]"""
        if account not in self.served:
            return 0.0
        return 1.0 if self.let_out is None else self.let_out[account]


class Turn:
    """The order of one month: the rule of the line in its usual classes, and whom events put in front or behind.

    due:    units that are due and may be delivered    [slots, accounts, runs]
    places: FRONT, USUAL or LAST                        [accounts, runs]; None: nobody is moved
    """

    def __init__(self, due: Floats, rule: Allocates, classes: Sequence[int], open_now: Open) -> None:
        self.due, self.rule, self.classes, self.open_now = due, rule, classes, open_now
        self.places: Floats | None = None

    @classmethod
    def of(cls, book: OrderBook, slot: int, rule: Allocates, classes: Sequence[int], open_now: Open) -> Turn:
        """The turn at a book in a month, before any event."""
        return cls(book.debts(slot, open_now.let_out), rule, classes, open_now)

    def put(self, accounts: Sequence[int], place: int, where: Masks) -> None:
        """Give some accounts another place, where an event says so.  [runs]"""
        if not accounts:
            return
        if self.places is None:
            self.places = np.zeros(self.due.shape[1:])
        self.places[accounts] = np.where(where, place, self.places[accounts])

    def held_by(self, place: int, units: Floats, accounts: Collection[int]) -> Floats:
        """What those at a place have of some units, counting some accounts only.

        units: [accounts, runs];  returns [runs]
        """
        chosen = list(accounts)
        if self.places is None:
            return sum_rows(units[chosen]) * (place == USUAL)
        return sum_rows(units[chosen] * (self.places[chosen] == place))

    def serve(
        self,
        supply: Floats,
        only: Collection[int] | None = None,
        most_in_front: PerRun = np.inf,
        least_for_last: PerRun = 0.0,
    ) -> Floats:
        """What is given on each debt: who is in front, then the others by rule and class, then who is behind.

        most_in_front, least_for_last: what limits the units that change hands     [runs]
        Returns units  [slots, accounts, runs]; the book is left as it was until `deliver`
        """
        served = self.open_now.served if only is None else only
        if self.places is None:
            return served_by(self.rule, self.due, self.classes, supply, served)
        front = self._serve_at(FRONT, np.minimum(supply, most_in_front), served)
        left = supply - sum_rows(sum_rows(front))
        usual = self._serve_at(USUAL, np.maximum(left - least_for_last, 0.0), served)
        last = self._serve_at(LAST, left - sum_rows(sum_rows(usual)), served)
        return front + usual + last

    def _serve_at(self, place: int, supply: Floats, served: Collection[int]) -> Floats:
        """Serve those at one place; in front and behind all are of one class.  [slots, accounts, runs]"""
        classes = self.classes if place == USUAL else [0] * len(self.classes)
        return served_by(self.rule, self.due * (self.places == place), classes, supply, served)
