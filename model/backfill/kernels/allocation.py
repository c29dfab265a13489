"""Who gets how much when not everybody can get all: whole units in, whole units out, in every run at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from backfill.arrays import Floats, Masks, Whole
from backfill.kernels.production import running_total

FEW = 6
"""Rows up to which comparing each pair is faster than sorting."""
AT_ONCE = 6
"""Months that are looked at together before asking whether the supply reaches further."""


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
    given = np.zeros_like(due)
    for members, served in _by_class(due, classes, supply, only):
        given[: len(served), members] = served
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
    taken = np.zeros(due.shape[1:])
    for members, served in _by_class(due, classes, supply, only):
        taken[members] = np.add.reduce(served)
        for place, member in enumerate(members):
            due[: len(served), member] -= served[:, place]
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


def _by_class(
    due: Floats, classes: Sequence[int], supply: Floats, only: Collection[int] | None
) -> Iterator[tuple[list[int], Floats]]:
    """Class after class: its customers, and what each is given in the months that the supply reaches.

    [months, customers, runs]
    """
    left = supply
    served = [customer for customer in range(len(classes)) if only is None or customer in only]
    for rank in sorted({classes[customer] for customer in served}):
        members = [customer for customer in served if classes[customer] == rank]
        given, taken = _serve(due, members, left)
        yield members, given
        left = left - taken
        if not left.any():  # skips work, decides nothing
            break


def _serve(due: Floats, members: Sequence[int], supply: Floats) -> tuple[Floats, Floats]:
    """Serve some customers, oldest due month first, as far as the supply reaches in any run.

    Returns what each is given in each month  [months, members, runs], and what they take in all  [runs]
    """
    owed, covered = _reached(due, members, supply)
    if not len(owed):
        return owed, np.zeros_like(supply)
    full = np.add.reduce(covered <= supply)  # months that are served in full
    given = owed * (np.arange(len(owed))[:, np.newaxis] < full)[:, np.newaxis]
    if (full < len(owed)).any():  # skips work, decides nothing
        rest = supply - np.where(full > 0, covered[full - 1, np.arange(len(supply))], 0.0)
        _serve_in_part(given, owed, full, rest)
    return given, np.minimum(covered[-1], supply)


def _reached(due: Floats, members: Sequence[int], supply: Floats) -> tuple[Floats, Floats]:
    """What is owed to some customers in each month, and in all up to and in it, until no run's supply reaches further.

    [months, members, runs] and [months, runs]
    """
    owed = [due[:0][:, members]]
    covered = [np.zeros((0, len(supply)))]
    before = np.zeros_like(supply)
    for start in range(0, len(due), AT_ONCE):
        owed.append(due[start : start + AT_ONCE][:, members])
        total = np.add.reduce(owed[-1], axis=1)
        total[0] += before
        covered.append(running_total(total))
        before = covered[-1][-1]
        if (before > supply).all():  # skips work, decides nothing
            break
    return np.concatenate(owed), np.concatenate(covered)


def _serve_in_part(given: Floats, owed: Floats, month: Whole, rest: Floats) -> None:
    """The one month in each run that is reached and not served in full, if there is one: everybody in proportion."""
    last = len(owed) - 1
    cells = (np.minimum(month, last), np.arange(owed.shape[1])[:, np.newaxis], np.arange(len(rest)))
    given[cells] += share_in_proportion(owed[cells] * (month <= last), rest)
