"""What a line can build in a month, and how its capacity moves between the points that were announced."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole

ROUNDING = 1e-9
"""A unit that is there but for the last bit of a division is there."""

ORDERS, CAPACITY, COMPONENT, DOWN = 0.0, 1.0, 2.0, 3.0
"""What bound a line: nobody wants more, it cannot build more, a part is missing, or it stands still."""


def build(carry: Floats, capacity: PerRun, due: Floats, possible: PerRun) -> tuple[Floats, Floats, Floats]:
    """A month of a line: whole units, as far as capacity, orders and components go; a part of a unit waits.

    carry:    the part of a unit left from last month            [runs]
    capacity: units that can be built this month                 [runs]
    due:      whole units that are wanted                        [runs]
    possible: whole units for which all components are there     [runs]

    Returns what is built, the part of a unit that is left, and what bound: orders, capacity or component.
    Capacity that nobody needed is not stored.  [runs] each

    >>> built, carry, bound = build(np.array([0.5]), np.array([2.75]), np.array([9.0]), np.array([9.0]))
    >>> float(built[0]), float(carry[0]), float(bound[0]) == CAPACITY
    (3.0, 0.25, True)
    """
    available = carry + capacity
    whole = np.floor(available + ROUNDING)
    left = np.subtract(available, whole, out=np.zeros_like(available), where=np.isfinite(available))
    can = np.minimum(whole, possible)
    built = np.minimum(can, due)
    bound = np.where(due <= can, ORDERS, np.where(whole <= possible, CAPACITY, COMPONENT))
    return built, left, bound


def grow(decided: Floats, *, room: PerRun, longer: Masks, rise: PerRun, fall: PerRun) -> Floats:
    """Extra capacity that is decided: more while the order book is too long, less while it is not.

    decided:    units a month decided so far, beyond the announced ones            [runs]
    room:       units a month from the announced capacity to the ceiling            [runs]
    longer:     where the book is longer than what is built in the lead time        [runs]
    rise, fall: months from the announced capacity to the ceiling, and back         [runs]

    >>> grow(np.array([1.0, 5.0]), room=6.0, longer=np.array([True, False]), rise=3.0, fall=6.0)
    array([3., 4.])
    """
    step = np.where(longer, room / rise, -room / fall)
    return np.clip(decided + step, 0.0, room)


def in_place(levels: Floats, ages: Whole, wait: Whole) -> Floats:
    """Capacity that stands: what was decided without a break for as long as investment takes.

    levels: units a month decided, in the months that are remembered     [months, runs]
    ages:   how many months ago that was                                  [months, 1]
    wait:   months from a decision to the first output                    [runs]

    >>> in_place(np.array([[2.0], [5.0], [9.0]]), np.array([[2], [1], [0]]), np.array([1]))
    array([5.])
    """
    least: Floats = np.min(np.where(ages <= wait, levels, np.inf), axis=0)
    return least


def stays_up(up: Masks, luck: Floats, *, fails: PerRun, repaired: PerRun) -> Masks:
    """Where a line is up in the next month: one that is up fails by chance, one that is down is repaired by chance.

    luck: uniform between 0 and 1; good luck is never worse than bad luck    [runs]
    fails, repaired: chance of a failure, of the end of a repair, a month     [runs]

    >>> stays_up(np.array([True, True, False, False]), np.array([0.01, 0.5, 0.5, 0.9]), fails=0.02, repaired=0.25)
    array([False,  True, False,  True])
    """
    return luck >= np.where(up, fails, 1.0 - np.asarray(repaired))


def learned(total: Floats, before: PerRun, rate: PerRun) -> Floats:
    """The share of its first cost that a unit still costs: `rate` of it for every doubling of what was ever built.

    (Wright 1936, "Factors affecting the cost of airplanes".)

    total:  units built since                 [runs]
    before: units that were built already      [runs]

    >>> learned(np.array([0.0, 100.0, 300.0]), 100.0, 0.8).round(6)
    array([1.  , 0.8 , 0.64])
    """
    experience = (before + total) / before
    exponent = np.zeros_like(experience) + np.log2(np.zeros_like(experience) + rate)
    return np.power(experience, exponent)


def whole_steps(rates: Floats) -> Floats:
    """Whole units for each month, so that their running total is that of the rates, rounded down.

    rates: units a month       [months, runs] or [months, 1]

    >>> whole_steps(np.full((5, 1), 2.5))[:, 0]
    array([2., 3., 2., 3., 2.])
    """
    total = np.floor(running_total(rates) + ROUNDING)
    steps = np.array(total)
    steps[1:] -= total[:-1]
    return steps


def running_total(rows: Floats) -> Floats:
    """Each row with all rows before it, added in their order: the same in any block, and faster than accumulating.

    >>> running_total(np.array([[1.0], [2.0], [4.0]]))[:, 0]
    array([1., 3., 7.])
    """
    total = np.array(rows)
    for before, row in pairwise(total):
        np.add(before, row, out=row)
    return total


def straight_lines(points: Sequence[tuple[PerRun, PerRun]], months: Floats) -> Floats:
    """A rate over time: straight lines from point to point, level before the first and after the last.

    points: month and rate of each, in order; either may differ from run to run     floats or [runs]
    months: the months asked for                                                     [months, 1]

    A line to or from a rate without limit is a step. Returns the rate  [months, runs] or [months, 1]

    >>> straight_lines([(0.0, 10.0), (4.0, 30.0)], np.array([[-1.0], [1.0], [9.0]]))[:, 0]
    array([10., 15., 30.])
    """
    start, rate = points[0]
    rates = np.zeros_like(months) + rate
    for month, becomes in points[1:]:
        part = np.clip((months - start) / np.maximum(np.subtract(month, start), ROUNDING), 0.0, 1.0)
        between = rate + part * _rise(rate, becomes)
        rates = np.where(months < start, rates, np.where(months >= month, becomes, between))
        start, rate = month, becomes
    return rates


def _rise(rate: PerRun, becomes: PerRun) -> Floats:
    """How much a rate grows from one point to the next; nothing before a step from or to no limit."""
    limited = np.isfinite(rate) & np.isfinite(becomes)
    rise = np.zeros(np.broadcast_shapes(np.shape(rate), np.shape(becomes)))
    return np.subtract(becomes, rate, out=rise, where=limited)
