"""Stages in a row that order from each other, in many runs at once, on nothing but the kernels of the model.

A period, in its order: the customer's demand comes, each stage orders on its position, and its supplier sees the order
`mail` periods later, in the same one if that is none; then goods that are due arrive and each stage ships what it can,
old debts first. What stands above the last stage always has enough. A stage that reviews its stock once a period, and
so orders without knowing the demand of the period in which the order goes out, has a mail of one period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from backfill.arrays import Floats
from backfill.kernels.allocation import take_in_order
from backfill.kernels.pipeline import Ring

Rule = Callable[[Floats], Floats]


class Stage:
    """A stage: what it holds and owes, what it has ordered, what is on its way to it; and its flows of the last period.

    on_hand: units in stock                            [runs]
    debts:   units owed from before, and those of now   [2, runs]
    ordered: units ordered and not arrived              [runs]
    asked, placed, arrived, shipped: of the last period [runs]
    """

    def __init__(self, runs: int, *, stock: float, lead: int, mail: int = 0) -> None:
        self.lead, self.mail = lead, mail
        self.on_hand: Floats = np.full(runs, float(stock))
        self.debts: Floats = np.zeros((2, runs))
        self.ordered: Floats = np.zeros(runs)
        self.asked = self.placed = self.arrived = self.shipped = np.zeros(runs)
        self._goods, self._letters = Ring(lead + 1, 1, runs), Ring(mail + 1, 1, runs)

    @property
    def level(self) -> Floats:
        """Net stock: negative where it owes more than it holds.  [runs]"""
        return self.on_hand - self.debts[0] - self.debts[1]

    @property
    def on_the_way(self) -> Floats:
        """Goods that were shipped to it and have not arrived.  [runs]"""
        return self._goods.inside[0]

    def fill_pipelines(self, units: float, period: int) -> None:
        """Start with so many units a period in the mail and on the way, the first of them due in this period."""
        for ring, length in ((self._letters, self.mail), (self._goods, self.lead)):
            for later in range(length):
                ring.send(0, units, later, period)
        self.ordered += units * (self.mail + self.lead)

    def order(self, asked: Floats, rule: Rule, period: int) -> Floats:
        """Owe what is asked for, order by the rule; returns the order that the supplier sees in this period.  [runs]"""
        self.asked = asked
        self.debts[1] = asked
        self.placed = rule(self.level + self.ordered)
        self.ordered = self.ordered + self.placed
        self._letters.send(0, self.placed, self.mail, period)
        return self._letters.arrive(period)[0]

    def deliver(self, supplied: Floats, period: int) -> Floats:
        """Its supplier ships, goods arrive, it ships what it can; returns what it ships.  [runs]"""
        self._goods.send(0, supplied, self.lead, period)
        self.arrived = self._goods.arrive(period)[0]
        self.ordered = self.ordered - self.arrived
        self.on_hand = self.on_hand + self.arrived
        given = take_in_order(self.debts, self.on_hand)
        self.debts[0] += self.debts[1] - given[0] - given[1]
        self.debts[1] = 0.0
        self.shipped = given[0] + given[1]
        self.on_hand = self.on_hand - self.shipped
        return self.shipped


class Chain:
    """Stages in a row, the customer's first.

    stock: units that each holds at the start                            [stages]
    leads: periods from shipping to arrival at each                        [stages]
    mails: periods until the order of each is seen; none if left out       [stages]
    """

    def __init__(
        self, runs: int, *, stock: Sequence[float], leads: Sequence[int], mails: Sequence[int] = (), first: int = 0
    ) -> None:
        mails = mails or [0] * len(leads)
        self.stages = [
            Stage(runs, stock=units, lead=lead, mail=mail)
            for units, lead, mail in zip(stock, leads, mails, strict=True)
        ]
        self.period = first

    def step(self, demand: Floats, rules: Sequence[Rule]) -> Floats:
        """Live through a period; returns what the customer gets.  [runs]"""
        asked = demand
        for stage, rule in zip(self.stages, rules, strict=True):
            asked = stage.order(asked, rule, self.period)
        supplied = asked
        for stage in reversed(self.stages):
            supplied = stage.deliver(supplied, self.period)
        self.period += 1
        return supplied

    def echelons(self) -> Floats:
        """Net stock of each stage with all that is on hand or on its way further down.  [stages, runs]"""
        inside = [self.stages[0].level]
        for below, stage in zip(self.stages, self.stages[1:], strict=False):
            inside.append(inside[-1] + below.on_the_way + stage.on_hand)
        return np.array(inside)
