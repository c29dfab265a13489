"""How a donor decides to give: one small class for each doctrine, found by its name.

Another doctrine is another class with the same method, registered under its name; `fields` says which numbers of its
own a scenario may give it, each with its kind, `required` which of them it must have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, cast, runtime_checkable

import numpy as np

from backfill.arrays import Floats, PerRun
from backfill.chance import negative_binomial
from backfill.registry import DOCTRINES

if TYPE_CHECKING:
    from backfill.agents.giving import Giving
    from backfill.agents.position import Position
    from backfill.census import Census
    from backfill.giving.promises import Promise
    from backfill.scenario.schema import Doctrine

ALMOST_ONE = 1.0 - 2.0**-53
"""The largest quantile that a demand without end still has."""


class Decides(Protocol):
    """What a doctrine has to answer."""

    def offer(self, position: Position, giving: Giving) -> Floats:
        """What the state lets go this month through one channel, in equivalents, before any physical limit.  [runs]"""
        ...


@runtime_checkable
class Follows(Protocol):
    """What a doctrine with a memory does beside: it takes account of every month, also of those without an offer."""

    def follow(self, position: Position, giving: Giving, census: Census) -> None:
        """Take account of what came in and of what was promised, once headroom and will of the month are known."""
        ...


@runtime_checkable
class KeepsAccount(Protocol):
    """A doctrine that knows what may be given in all; two channels under it draw on one account."""

    account: str


@DOCTRINES.register("headroom")
class Headroom:
    """Gives from what it holds above its floor: will * release * headroom, through both channels together."""

    account: ClassVar[str] = "headroom"

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * position.release * position.headroom_left


@DOCTRINES.register("flow")
class Flow:
    """Gives a share of what came in this month, whatever the stock: will * share * inflow, both channels together."""

    account: ClassVar[str] = "inflow"
    fields: ClassVar[Mapping[str, str]] = {"share": "share"}

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * giving.share * position.inflow


@DOCTRINES.register("packages")
class Packages:
    """Gives dated packages only; `units`, if any, fall due evenly over the months in which the channel is open.

    What a pause, an undecided case or a veto holds back stays due.

    due: units that were to be given by now, whatever they are worth   [runs]
    """

    fields: ClassVar[Mapping[str, str]] = {"units": "count"}

    def __init__(self) -> None:
        self.due: PerRun = 0.0

    def follow(self, position: Position, giving: Giving, census: Census) -> None:
        if giving.open_in(census.world.month):
            self.due = self.due + np.asarray(giving.units) / max(giving.months_open, 1)
        giving.fraction = position.zeros()

    def offer(self, position: Position, giving: Giving) -> Floats:
        return np.maximum(self.due - giving.given, position.zeros())


@DOCTRINES.register("replacement")
class Replacement:
    """Gives what was replaced, or will surely be: (E - given)+, with E the replacement so far, in equivalents.

    E grows each month by will * (backfill received + a * tau * newly promised + own deliveries above the plan). A unit
    that was promised adds only what its promise had not added; what lapses takes back what its promise had added.

    Gifts and sales under it draw on one account: a unit that was replaced once is given once.

    replaced: E                                                                                          [runs]
    above:    own deliveries above the planned path: the most that the running total was above it so far   [runs]
    """

    account: ClassVar[str] = "replacement"

    def __init__(self) -> None:
        self.replaced: PerRun = 0.0
        self.above: PerRun = 0.0
        self._gap: PerRun = 0.0
        self._credits: dict[str, Credit] = {}

    def follow(self, position: Position, giving: Giving, census: Census) -> None:
        received = census.requested_backfill_received(position) + self._above_plan(position, census)
        self.replaced = self.replaced + giving.will * received
        for promise, worth in census.promises_to(position):
            counted = promise.counted(census.world.month)
            believed = position.anticipation * census.trust(position, promise.event.from_)
            credit = self._credits.setdefault(promise.name, Credit(position.runs))
            self.replaced = self.replaced + credit.move(promise, counted, believed, giving.will * worth)
        giving.fraction = position.zeros()

    def _above_plan(self, position: Position, census: Census) -> Floats:
        """What this month's own deliveries add to the record of the running total above plan.  [runs]"""
        self._gap = self._gap + census.own_deliveries(position) - census.planned_receipts(position)
        before, self.above = self.above, np.maximum(self.above, self._gap)
        return np.asarray(self.above - before)

    def offer(self, position: Position, giving: Giving) -> Floats:
        return np.maximum(self.replaced - giving.given, position.zeros())


class Credit:
    """What the units of one promise that have not come yet have added to a replacement already.

    units: promised or contracted, and not received                    [runs]
    parts: the part of each that was counted as replaced, added up      [runs]
    added: what they added, in equivalents                              [runs]
    """

    def __init__(self, runs: int) -> None:
        self.units, self.parts, self.added = (np.zeros(runs) for _ in range(3))

    def move(self, promise: Promise, counted: Floats, believed: PerRun, value: PerRun) -> Floats:
        """What a month changes: units that came, units that lapsed, units newly promised; in equivalents  [runs]

        counted:  units that are promised or contracted and have not come     [runs]
        believed: the part of a promised unit that counts: a * tau            value: will * worth
        """
        came = np.minimum(promise.received, self.units)
        change = value * (promise.received - self._share(self.parts) * came)
        self._forget(came)
        lapsed = np.maximum(self.units - counted, 0.0)
        change = change - self._share(self.added) * lapsed
        self._forget(lapsed)
        new = np.maximum(counted - self.units, 0.0)
        self.units, self.parts = self.units + new, self.parts + believed * new
        self.added = self.added + value * believed * new
        return change + value * believed * new

    def _share(self, amount: Floats) -> Floats:
        """The part of an amount that falls to one unit.  [runs]"""
        return np.divide(amount, self.units, out=np.zeros_like(amount), where=self.units > 0)

    def _forget(self, units: Floats) -> None:
        parts, added = self._share(self.parts) * units, self._share(self.added) * units
        self.units, self.parts, self.added = self.units - units, self.parts - parts, self.added - added


@DOCTRINES.register("marginal")
class Marginal:
    """Keeps what one more unit is worth most at home (newsvendor): will * release * (S + C - Q)+, without any floor.

    S is uncommitted stock, C what its lines owe it within the replacement time, Q the level at which one more unit
    is as likely to be missed at home as in the war: the quantile c / (c + 1) of contingency demand over that time,
    with c the cost of a unit short at home for each unit short in the war.

    chance: that there is a contingency at all within the replacement time
    demand, dispersion: mean of its demand in equivalents, and k: variance = mean + mean^2 / k
    cost_ratio: c         replacement_time: else the lead time of each line from which it orders
    """

    fields: ClassVar[Mapping[str, str]] = {
        "chance": "share",
        "demand": "count",
        "dispersion": "factor",
        "cost_ratio": "factor",
        "replacement_time": "duration",
    }
    required: ClassVar[tuple[str, ...]] = ("chance", "demand", "cost_ratio")
    account: ClassVar[str] = "above the level to keep"

    def __init__(self) -> None:
        self.kept: Floats | None = None

    def follow(self, position: Position, giving: Giving, census: Census) -> None:
        if self.kept is None:
            self.kept = level_to_keep(giving, position.runs)
        giving.reserve = self.kept - census.due_within_replacement(position, giving.numbers.get("replacement_time"))

    def offer(self, position: Position, giving: Giving) -> Floats:
        return giving.will * position.release * np.maximum(position.free_equivalents() - giving.reserve, 0.0)


def level_to_keep(giving: Giving, runs: int) -> Floats:
    """Q of the newsvendor, in equivalents: nothing where a contingency is less likely than the cost ratio asks for.

    Demand is 0 with chance 1 - p, else negative binomial; r = c / (c + 1):  Q = 0 if r <= 1 - p, else the quantile
    (r - (1 - p)) / p of the latter.  [runs]
    """
    chance = np.broadcast_to(np.asarray(giving.number("chance", 1.0), dtype=float), (runs,))
    cost = np.broadcast_to(np.asarray(giving.number("cost_ratio", 1.0), dtype=float), (runs,))
    kept_ratio = np.where(np.isinf(cost), 1.0, cost / (1.0 + np.where(np.isinf(cost), 0.0, cost)))
    over = kept_ratio - (1.0 - chance)
    quantile = np.divide(over, chance, out=np.zeros(runs), where=(over > 0) & (chance > 0))
    mean, clumping = giving.number("demand", 0.0), giving.number("dispersion", np.inf)
    level = negative_binomial(np.minimum(quantile, ALMOST_ONE), mean, clumping)
    return np.where(quantile >= 1.0, np.inf, np.where(quantile > 0, level, 0.0))


def decide(doctrine: Doctrine) -> Decides:
    """The doctrine that a scenario names."""
    return cast("Decides", DOCTRINES[doctrine.kind]())
