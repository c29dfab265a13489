"""Who is served when a line cannot serve everybody: one small class for each rule, found by its name.

Another rule is another class with the same method, registered under its name. A line names it as its `allocation`.
For a line of finished items the customers are the accounts of its order book; for a line of components they are the
lines that need them, in one month, those of its own state in class 0 and all others in class 1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, cast

import numpy as np

from backfill.arrays import Floats, sum_rows
from backfill.kernels.allocation import serve_by_class, serve_in_proportion, strike_by_class
from backfill.registry import ALLOCATION_RULES, PluginFault

FOR_FINISHED, FOR_COMPONENTS = "priority", "proportional"
"""The rules of lines that name none."""


class Allocates(Protocol):
    """A rule divides a month's output among those who wait for it."""

    def serve(
        self, due: Floats, classes: Sequence[int], supply: Floats, *, only: Collection[int] | None = None
    ) -> Floats:
        """Whole units on each debt, together the supply, or all that is due where that is less.

        due:     whole units owed, oldest due month first     [months, customers, runs]
        classes: the priority class of each customer, the lowest first
        supply:  whole units there are                         [runs]
        only:    the customers who may be served; None: everybody

        Returns what is given on each debt  [months, customers, runs]
        """
        ...


@ALLOCATION_RULES.register("priority")
class Priority:
    """Class by class; within a class the oldest due month first; within a month in proportion."""

    def serve(
        self, due: Floats, classes: Sequence[int], supply: Floats, *, only: Collection[int] | None = None
    ) -> Floats:
        return serve_by_class(due, classes, supply, only=only)

    def strike(
        self, due: Floats, classes: Sequence[int], supply: Floats, *, only: Collection[int] | None = None
    ) -> Floats:
        """Serve and strike what is given off the debts in one go: the same units, sooner done.  [customers, runs]"""
        return strike_by_class(due, classes, supply, only=only)


@ALLOCATION_RULES.register("proportional")
class Proportional:
    """Everybody in proportion to all that he is owed, whatever his class; each his oldest due month first."""

    def serve(
        self, due: Floats, classes: Sequence[int], supply: Floats, *, only: Collection[int] | None = None
    ) -> Floats:
        del classes
        return serve_in_proportion(due, supply, only=only)


OWN = (Priority, Proportional)
"""Rules that need no watching."""


def served_by(rule: Allocates, due: Floats, classes: Sequence[int], supply: Floats, only: Collection[int]) -> Floats:
    """What a rule gives on each debt. Raises PluginFault for a user's rule that gives what it may not."""
    given = rule.serve(due, classes, supply, only=only)
    if not isinstance(rule, OWN):
        _watch(type(rule).__name__, np.asarray(given), due, supply, only)
    return given


def _watch(name: str, given: Floats, due: Floats, supply: Floats, only: Collection[int]) -> None:
    """Whole units, none on a debt that is not there, none for who may not be served, no more than there are."""
    said = f"the allocation rule {name}"
    if given.shape != due.shape:
        raise PluginFault(f"{said} gives an array {given.shape}; expected {due.shape}: [months, customers, runs]")
    barred = [customer for customer in range(due.shape[1]) if customer not in only]
    wrong = {
        "parts of units": given != np.floor(given),
        "less than nothing or more than is owed": (given < 0) | (given > due),
        "units to who may not be served": given[:, barred] > 0,
        "more than was built": sum_rows(sum_rows(given)) > supply,
    }
    for what, where in wrong.items():
        if where.any():
            raise PluginFault(f"{said} gives {what}")


def rule_of(name: str | None, *, finished: bool) -> Allocates:
    """The rule that a line names, or that of its kind of line."""
    usual = FOR_FINISHED if finished else FOR_COMPONENTS
    return cast("Allocates", ALLOCATION_RULES[name or usual]())
