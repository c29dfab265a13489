"""What is on its way: each case comes out in the month that its own delay says, in each run its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from backfill.arrays import Floats, Masks, Whole
from backfill.kernels.allocation import take_in_order

Lanes: TypeAlias = int | slice | Sequence[int]


class Ring:
    """Units under way on some lanes, by the month in which they are due.

    slots: months that the ring spans; every delay is shorter
    inside: units under way on each lane   [lanes, runs]

    >>> ring = Ring(4, 1, 2)
    >>> ring.send(0, np.array([5.0, 7.0]), np.array([1, 2]), 24264)
    >>> ring.arrive(24265)
    array([[5., 0.]])
    >>> ring.inside
    array([[0., 7.]])
    """

    def __init__(self, slots: int, lanes: int, runs: int) -> None:
        self._slots = slots
        self._due: Floats = np.zeros((slots, lanes, runs))
        self._cells = self._due.reshape(-1)
        self._first_cell = np.arange(lanes * runs, dtype=np.intp).reshape(lanes, runs)
        self._emptied: int | None = None
        self.inside: Floats = np.zeros((lanes, runs))

    def send(self, lanes: Lanes, amount: Floats | float, delay: Whole | int, month: int) -> None:
        """Send an amount on its way; it is due `delay` months after `month`.

        lanes:  one lane or several, none twice       amount, delay: [runs] for one lane, [lanes, runs] for several

        Raises ValueError for a delay that the ring cannot hold: too long, or none when this month's arrivals are out.
        """
        delay = np.asarray(delay, dtype=np.intp)
        self._refuse(amount, delay, month)
        place = (month + delay) % self._slots * self.inside.size + self._first_cell[lanes]
        self._cells[place] += amount
        self.inside[lanes] += amount

    def _refuse(self, amount: Floats | float, delay: Whole, month: int) -> None:
        soonest = 1 if self._emptied == month else 0
        if soonest <= delay.min(initial=soonest) and delay.max(initial=soonest) < self._slots:
            return
        wrong = (np.asarray(amount) != 0) & ((delay < soonest) | (delay >= self._slots))
        if wrong.any():
            found = int(np.broadcast_to(delay, wrong.shape)[wrong][0])
            raise ValueError(f"a delay of {found} months, in a ring that holds {soonest} to {self._slots - 1}")

    def arrive(self, month: int) -> Floats:
        """What is due this month leaves the ring.  [lanes, runs]"""
        slot = self._due[month % self._slots]
        arrived = np.array(slot)
        slot[...] = 0.0
        self.inside -= arrived
        self._emptied = month
        return arrived

    def due_within(self, month: int, months: Whole | int, lanes: Lanes = slice(None)) -> Floats:
        """Whole units on some lanes that will be due in the `months` months after this one.  [lanes, runs]"""
        after = np.arange(1, min(int(np.max(months, initial=0)), self._slots - 1) + 1)
        inside = after[:, np.newaxis, np.newaxis] <= np.asarray(months)
        slots, places = (month + after) % self._slots, np.arange(len(self.inside))[lanes]
        coming: Floats = np.add.reduce(self._due[slots[:, np.newaxis], places] * inside)
        return coming

    def recall(self, where: Masks) -> Floats:
        """Take back all that is under way in some lanes and runs: a licence is withdrawn.

        where: [lanes, runs], [runs] or [lanes, 1]

        Returns what came back  [lanes, runs]
        """
        back: Floats = self.inside * where
        self._due *= ~where
        self.inside -= back
        return back

    def clear(self, lane: int) -> Floats:
        """Take back all that is under way on one lane, in every run; returns what came back  [runs]"""
        back = np.array(self.inside[lane])
        self._due[:, lane] = 0.0
        self.inside[lane] = 0.0
        return back

    def cut(self, lane: int, amount: Floats, month: int) -> None:
        """Take back some of what is under way on one lane, the latest due first.

        amount: [runs]
        """
        latest_first = (month + np.arange(self._slots - 1, 0, -1)) % self._slots
        taken = take_in_order(self._due[latest_first, lane], amount)
        self._due[latest_first, lane] -= taken
        self.inside[lane] -= np.add.reduce(taken)
