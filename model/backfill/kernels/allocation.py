"""Who gets how much when not everybody can get all: whole units in, whole units out, in every run at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backfill.arrays import Floats, Whole


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
    if (given == asked).all():              # skips work, decides nothing
        return np.array(wanted)
    claim = wanted * given                  # multiply first: exact below 2**53
    share = np.floor(claim / np.maximum(asked, 1.0))
    remainder = claim - share * asked
    extra: Floats = share + (_rank_of_largest(remainder) < given - np.add.reduce(share))
    return extra


def _rank_of_largest(values: Floats) -> Whole:
    """The place of each row when the largest comes first and ties keep their order.  [rows, runs]"""
    order = np.argsort(-values, axis=0, kind="stable")
    return np.argsort(order, axis=0, kind="stable")


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
        if not left.any():                  # skips work, decides nothing
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
    covered = np.add.accumulate(np.add.reduce(due, axis=1))          # units owed up to and in each month
    full = np.add.reduce(covered <= supply)                          # months that are served in full
    given = np.zeros_like(due)
    always = int(full.min(initial=len(due)))                         # those that are in every run
    given[:always] = due[:always]
    if always < len(due):
        _serve_the_rest(given, due, covered, full, supply)
    return given


def _serve_the_rest(given: Floats, due: Floats, covered: Floats, full: Whole, supply: Floats) -> None:
    """Months that are served in full in some runs only, then the one in each run that is served in part."""
    runs = np.arange(len(supply))
    always, sometimes = int(full.min()), int(full.max())
    months = np.arange(always, sometimes)[:, np.newaxis, np.newaxis]
    np.multiply(due[always:sometimes], months < full, out=given[always:sometimes])
    short = full < len(due)
    month = np.minimum(full, len(due) - 1)
    before = np.where(full > 0, covered[full - 1, runs], 0.0)
    owed = due[month, :, runs].T * short
    given[month, :, runs] += share_in_proportion(owed, supply - before).T


def serve_by_class(due: Floats, classes: Sequence[int], supply: Floats) -> Floats:
    """Serve the lowest class first, oldest due month first within it, and the next class from what is left.

    due:     whole units owed, oldest month first     [months, customers, runs]
    classes: the class of each customer               [customers]
    supply:  whole units there are                     [runs]

    Returns what is given on each debt  [months, customers, runs]

    >>> owed = np.array([[[2.0], [3.0]], [[4.0], [0.0]]])
    >>> serve_by_class(owed, [1, 0], np.array([6.0]))[:, :, 0]
    array([[2., 3.],
           [1., 0.]])
    """
    ranks = sorted(set(classes))
    if len(ranks) == 1:
        return serve_oldest_first(due, supply)
    given, left = np.zeros_like(due), supply
    for rank in ranks:
        members = [customer for customer, own in enumerate(classes) if own == rank]
        served = serve_oldest_first(due[:, members], left)
        given[:, members] = served
        left = left - np.add.reduce(served, axis=(0, 1))
        if not left.any():                  # skips work, decides nothing
            break
    return given
