"""Who gets how much when not everybody can get all: whole units in, whole units out, in every run at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

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
    return serve_by_class(due, [0] * due.shape[1], supply)


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
    for members in _by_class(classes, only):
        if left.any():  # skips work, decides nothing
            left = left - _serve(given, due, members, left)
    return given


def strike_by_class(
    due: Floats, classes: Sequence[int], supply: Floats, *, only: Collection[int] | None = None
) -> Floats:
    """Serve as `serve_by_class` does, and strike what is given off the debts at once.

    Returns what each customer is given  [customers, runs]

    >>> owed = np.array([[[2.0], [3.0]], [[4.0], [0.0]]])
    >>> strike_by_class(owed, [1, 0], np.array([6.0]))[:, 0], owed[:, :, 0].tolist()
    (array([3., 3.]), [[0.0, 0.0], [3.0, 0.0]])
    """
    taken, left = np.zeros(due.shape[1:]), supply
    for members in _by_class(classes, only):
        if left.any():  # skips work, decides nothing
            _strike(taken, due, members, left)
            left = left - np.add.reduce(taken[members])
    return taken


def serve_in_proportion(due: Floats, supply: Floats, *, only: Collection[int] | None = None) -> Floats:
    """Serve all customers in proportion to all that they are owed, each his oldest due month first.

    due:    whole units owed, oldest month first     [months, customers, runs]
    supply: whole units there are                     [runs]
    only:   the customers who may be served; None: everybody

    Returns what is given on each debt  [months, customers, runs]

    >>> owed = np.array([[[4.0], [0.0]], [[2.0], [3.0]]])      # six units for the first, three for the second
    >>> serve_in_proportion(owed, np.array([6.0]))[:, :, 0]
    array([[4., 0.],
           [0., 2.]])
    """
    served = [customer for customer in range(due.shape[1]) if only is None or customer in only]
    given = np.zeros_like(due)
    for customer, units in zip(served, share_in_proportion(np.add.reduce(due)[served], supply), strict=True):
        given[:, customer] = take_in_order(due[:, customer], units)
    return given


def _by_class(classes: Sequence[int], only: Collection[int] | None) -> Iterator[list[int]]:
    """The customers of each class who may be served, the lowest class first."""
    served = [customer for customer in range(len(classes)) if only is None or customer in only]
    for rank in sorted({classes[customer] for customer in served}):
        yield [customer for customer in served if classes[customer] == rank]


def _reach(due: Floats, members: Sequence[int], supply: Floats) -> tuple[Whole, Floats, Floats]:
    """How far a supply reaches: months that are served in full, what is left then, and what is taken in all.

    [runs] each
    """
    if not len(due):
        return np.zeros(len(supply), dtype=np.intp), supply, np.zeros_like(supply)
    owed = np.zeros((len(due), len(supply)))
    for member in members:
        owed += due[:, member]
    covered = running_total(owed)  # units owed up to and in each month
    full: Whole = np.add.reduce(covered <= supply)
    rest = supply - np.where(full > 0, covered[full - 1, np.arange(len(supply))], 0.0)
    return full, rest, np.minimum(covered[-1], supply)


def _serve(given: Floats, due: Floats, members: Sequence[int], supply: Floats) -> Floats:
    """Serve some customers, oldest due month first, into `given`; returns what they took in all.  [runs]"""
    full, rest, taken = _reach(due, members, supply)
    always, sometimes = int(full.min(initial=len(due))), int(full.max(initial=0))
    reached = (np.arange(always, sometimes)[:, np.newaxis] < full).astype(float)
    for member in members:
        given[:always, member] = due[:always, member]
        np.multiply(due[always:sometimes, member], reached, out=given[always:sometimes, member])
    if always < len(due):
        cells, units = _served_in_part(due, members, full, rest)
        given[cells] += units
    return taken


def _strike(taken: Floats, due: Floats, members: Sequence[int], supply: Floats) -> None:
    """Serve some customers in the same way, count what each gets into `taken`, and strike it off the debts."""
    full, rest, _all = _reach(due, members, supply)
    sometimes = int(full.max(initial=0))
    reached = (np.arange(sometimes)[:, np.newaxis] < full).astype(float)
    part = _served_in_part(due, members, full, rest) if int(full.min(initial=len(due))) < len(due) else None
    for member in members:
        served = due[:sometimes, member] * reached
        taken[member] = np.add.reduce(served)
        due[:sometimes, member] -= served
    if part is not None:
        cells, units = part
        due[cells] -= units
        taken[members] += units


def _served_in_part(
    due: Floats, members: Sequence[int], month: Whole, rest: Floats
) -> tuple[tuple[Whole, Whole, Whole], Floats]:
    """The one month in each run that is reached and not served in full, if there is one: everybody in proportion.

    Returns the places of these debts, and what is given on them  [members, runs]
    """
    last = len(due) - 1
    cells = (np.minimum(month, last), np.array(members, dtype=np.intp)[:, np.newaxis], np.arange(len(rest)))
    return cells, share_in_proportion(due[cells] * (month <= last), rest)
