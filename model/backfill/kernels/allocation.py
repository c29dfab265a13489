"""Who gets how much when not everybody can get all: whole units in, whole units out, in every run at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from backfill.arrays import Floats, Masks, Whole
from backfill.kernels.production import running_total

FEW = 6
"""Rows up to which comparing each pair is faster than sorting."""


def share_in_proportion(wanted: Floats, supply: Floats) -> Floats:
    """Whole units in proportion to what is wanted; the largest remainders get the units left over, ties in row order.

    wanted: whole units asked for           [rows, runs]
    supply: whole units there are           [runs]

    Returns what each row is given, never more than it wanted  [rows, runs]

    >>> share_in_proportion(np.array([[6.0], [3.0], [3.0]]), np.array([7.0]))[:, 0]
    array([3., 2., 2.])
    """
    asked = np.add.reduce(wanted)
    given = np.minimum(asked, supply)
    if (given == asked).all():  # skips work, decides nothing
        return np.array(wanted)
    claim = wanted * given  # multiply first: exact below 2**53
    share = np.floor(claim / np.maximum(asked, 1.0))
    left_over = given - np.add.reduce(share)
    one_more = _largest if len(wanted) <= FEW else _largest_by_sorting
    shared: Floats = share + one_more(claim - share * asked, left_over)
    return shared


def ask_makers(needed: Floats, able: Floats) -> Floats:
    """Ask several makers for what is needed, in proportion to what each can build; a need is never asked for twice.

    needed: whole units that are needed                            [runs]
    able:   whole units that each can build, or without limit      [makers, runs]

    What all of them together cannot build is asked of each, so that it shows who was at the limit.  [makers, runs]

    >>> ask_makers(np.array([8.0, 8.0]), np.array([[9.0, 2.0], [3.0, 1.0]]))
    array([[6., 7.],
           [2., 6.]])
    """
    unlimited = np.isinf(able)
    weights = np.where(unlimited.any(axis=0), np.where(unlimited, needed, 0.0), able)
    share = share_in_proportion(weights, needed)
    asked: Floats = share + (needed - np.add.reduce(share))
    return asked


def _largest(values: Floats, how_many: Floats) -> Masks:
    """Where the largest values stand, the first of equals first; each pair of rows is compared.  [rows, runs]"""
    rank = np.zeros_like(values)
    for later, value in enumerate(values):
        for earlier in range(later):
            loses = values[earlier] >= value
            rank[later] += loses
            rank[earlier] += ~loses
    return rank < how_many


def _largest_by_sorting(values: Floats, how_many: Floats) -> Masks:
    """The same for many rows: whole values are told apart by their rows, and the last one chosen sets the bar."""
    rows = len(values)
    apart = values * rows + np.arange(rows - 1.0, -1.0, -1.0)[:, np.newaxis]
    ranked = np.sort(apart.T)
    last = np.minimum(rows - how_many, rows - 1.0).astype(np.intp)
    bar = np.take_along_axis(ranked, last[:, np.newaxis], axis=-1)[:, 0]
    return (apart >= bar) & (how_many > 0)


def take_in_order(available: Floats, wanted: Floats) -> Floats:
    """Take what is wanted from the first row, then from the next, until it is all there.

    available: units on hand in each row     [rows, runs]
    wanted:    units to take                 [runs]

    Returns what is taken from each row  [rows, runs]

    >>> take_in_order(np.array([[6.0], [5.0]]), np.array([8.0]))[:, 0]
    array([6., 2.])
    """
    taken, left = np.zeros_like(available), wanted
    for on_hand, row in zip(available, taken, strict=True):
        np.minimum(on_hand, left, out=row)
        left = left - row
        if not left.any():  # skips work, decides nothing
            break
    return taken


def serve_oldest_first(due: Floats, supply: Floats) -> Floats:
    """Serve the oldest due month first, and within the month that is served in part everybody in proportion.

    due:    whole units owed, oldest month first     [months, customers, runs]
    supply: whole units there are                     [runs]

    Returns what is given on each debt  [months, customers, runs]

    >>> owed = np.array([[[2.0], [1.0]], [[4.0], [4.0]]])      # two months, two customers
    >>> serve_oldest_first(owed, np.array([7.0]))[:, :, 0]
    array([[2., 1.],
           [2., 2.]])
    """
    given = np.zeros_like(due)
    _serve(given, due, range(due.shape[1]), supply)
    return given


def serve_by_class(
    due: Floats, classes: Sequence[int], supply: Floats, *, only: Collection[int] | None = None
) -> Floats:
    """Serve the lowest class first, oldest due month first within it, and the next class from what is left.

    due:     whole units owed, oldest month first     [months, customers, runs]
    classes: the class of each customer               [customers]
    supply:  whole units there are                     [runs]
    only:    the customers who may be served; None: everybody

    Returns what is given on each debt  [months, customers, runs]

    >>> owed = np.array([[[2.0], [3.0]], [[4.0], [0.0]]])
    >>> serve_by_class(owed, [1, 0], np.array([6.0]))[:, :, 0]
    array([[2., 3.],
           [1., 0.]])
    """
    given, left = np.zeros_like(due), supply
    served = [customer for customer in range(len(classes)) if only is None or customer in only]
    for rank in sorted({classes[customer] for customer in served}):
        left = left - _serve(given, due, [customer for customer in served if classes[customer] == rank], left)
        if not left.any():  # skips work, decides nothing
            break
    return given


def _serve(given: Floats, due: Floats, members: Sequence[int], supply: Floats) -> Floats:
    """Serve some customers, oldest due month first, into `given`; returns what they took in all.  [runs]"""
    owed = np.zeros((len(due), len(supply)))
    for member in members:
        owed += due[:, member]
    covered = running_total(owed)  # units owed up to and in each month
    full = np.add.reduce(covered <= supply)  # months that are served in full
    always, sometimes = int(full.min(initial=len(due))), int(full.max(initial=0))
    months = np.arange(always, sometimes)[:, np.newaxis]
    for member in members:
        given[:always, member] = due[:always, member]
        np.multiply(due[always:sometimes, member], months < full, out=given[always:sometimes, member])
    if always < len(due):
        rest = supply - np.where(full > 0, covered[full - 1, np.arange(len(supply))], 0.0)
        _serve_in_part(given, due, members, full, rest)
    return np.minimum(covered[-1], supply) if len(due) else np.zeros_like(supply)


def _serve_in_part(given: Floats, due: Floats, members: Sequence[int], month: Whole, rest: Floats) -> None:
    """The one month in each run that is reached and not served in full, if there is one: everybody in proportion."""
    last = len(due) - 1
    cells = (np.minimum(month, last), np.array(members, dtype=np.intp)[:, np.newaxis], np.arange(len(rest)))
    given[cells] += share_in_proportion(due[cells] * (month <= last), rest)
