"""Where a state stands towards one need: what it holds, what it wants, what it keeps back, what it can give."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy.special import expit, logit

from backfill.agents.giving import NOWHERE, Giving, channel_of
from backfill.arrays import Floats, Masks, PerRun, Whole, sum_rows
from backfill.blueprint import nearest
from backfill.chance import Chance, negative_binomial, normal
from backfill.kernels.allocation import share_in_proportion
from backfill.numbers import Draws
from backfill.passing.transfers import Route
from backfill.reading.number import Number
from backfill.scenario import schema
from backfill.scenario.schema import Setting
from backfill.stock.ledger import Ledger

GIFT, SALE, BACKFILL, BOUGHT = "gift", "sale", "backfill", "bought"
ROUNDING = 1e-9
"""A unit that is there but for the last bit of a division is there."""


class Position:
    """A state's stance towards one need, in equivalents, and views of the lots with which it can meet it.

    items:     what meets the need, in the order of preference        worth: equivalents per unit, in the same order
    rows:      for each item the rows of its lots in the ledger
    headroom:  what can be given without falling below the floor       [runs]
    inflow:    what came in this month                                  [runs]
    """

    def __init__(self, setting: Setting, ledger: Ledger, draws: Draws, state: str, need: str) -> None:
        entry = setting.states[state]
        self.state, self.need, self.ledger, self.runs = state, need, ledger, ledger.runs
        self._entry, self._draws = entry, draws
        self._licensors = {name: item.licensor for name, item in setting.items.items()}
        worth = worth_of(setting, state, need, draws)
        held = [item for item in worth if ledger.rows(state, item)]
        self.items: tuple[str, ...] = tuple(held)
        self.worth: list[PerRun] = [worth[item] for item in held]
        self.rows: list[list[int]] = [ledger.rows(state, item) for item in held]
        self.restricted = {row: self._came_with_strings(row) for rows in self.rows for row in rows}
        usual = worth_of(setting, state, need, draws.central_of())  # in the same order in every run of a block
        self.least_worth_first = sorted(range(len(held)), key=lambda index: float(np.ravel(usual[held[index]])[0]))
        self.used: Floats = np.zeros((len(held), self.runs))
        self._read_levels()
        self.giving = {name: channel_of(setting, state, need, name, draws, self.runs) for name in (GIFT, SALE)}
        self.headroom = self.zeros()
        self.headroom_left = self.zeros()
        self.inflow = self.zeros()
        self.training_left = self.zeros()
        self.tension: PerRun = 0.0
        self.asks_for_aid = self.asks_for_backfill = self.is_asked = False
        self.always = np.ones(self.runs, dtype=bool)
        self.can_engage = self.always
        self.expected_use, self.target, self.shortfall, self.asked = (self.zeros() for _ in range(4))

    # --- what the scenario says -------------------------------------------------------------------------------

    def _came_with_strings(self, row: int) -> bool:
        """Whether a lot came under the conditions of a state that is neither its holder nor the licensor."""
        lot = self.ledger.lots[row]
        return lot.origin not in (self.state, self._licensors.get(lot.item))

    def zeros(self) -> Floats:
        return np.zeros(self.runs)

    def number(self, name: str, otherwise: float) -> PerRun:
        """The value of a field of the stance, drawn; what it is if nothing is said."""
        value: Number | None = nearest(self._entry, self.need, name)
        return otherwise if value is None else self._draws.of(value)

    def _read_levels(self) -> None:
        self.floor_share = self.number("floor", 0.0)
        self.crisis_slope = self.number("floor_in_crisis", 0.0)
        self.release = self.number("release", 1.0)
        self.anticipation = self.number("anticipation", 0.0)
        self.trust_prior = self._trust_prior()
        self.look_ahead: Whole = self.whole_months("look_ahead", 12)
        self.cover = self.number("cover", 0.0)
        self.fire_units_ahead: Whole = self.whole_months("fire_units_ahead", 0)
        self.cover_months: Whole = self.whole_months("cover", 0)
        self.persistence = self.number("persistence", 0.0)
        self.spread = self.number("spread", 0.0)
        self.training = self.number("training", 0.0)
        self.losses = self.number("losses", 0.0)
        self.load = self._load()
        self.requirement: PerRun = self.number("requirement", 0.0)
        self.objective: PerRun = self.number("objective", 0.0)

    def whole_months(self, name: str, otherwise: int) -> Whole:
        """A span of the stance in whole months.  [runs]"""
        value: Number | None = nearest(self._entry, self.need, name)
        months = otherwise if value is None else self._draws.months(value)
        return np.broadcast_to(np.asarray(months, dtype=np.intp), (self.runs,))

    def _trust_prior(self) -> PerRun | None:
        """How many kept promises its trust is worth before it has seen any; None where it does not learn."""
        value: Number | None = nearest(self._entry, self.need, "trust_prior")
        return None if value is None else self._draws.of(value)

    @cached_property
    def fire_units(self) -> list[tuple[int, PerRun]] | None:
        """How many launcher units there are from which month on, in order; None where the scenario says nothing."""
        dated: dict[int, Number] | None = nearest(self._entry, self.need, "fire_units")
        return None if dated is None else [(since, self._draws.of(number)) for since, number in sorted(dated.items())]

    def fire_units_in(self, months: Whole | int) -> Floats:
        """Launcher units in service in a month; none before the first date that the scenario gives.  [runs]"""
        found = self.zeros()
        for since, units in self.fire_units or ():
            found = np.where(np.asarray(months) >= since, units, found)
        return found

    def _load(self) -> PerRun:
        """Rounds for one fire unit, in equivalents: counted at the mean worth of the items they are made of."""
        rounds = self.number("load", 0.0)
        load_in: tuple[str, ...] = nearest(self._entry, self.need, "load_in") or ()
        worths = [self.worth[self.items.index(item)] for item in load_in if item in self.items]
        if not worths:
            return rounds
        total: PerRun = 0.0
        for worth in worths:
            total = total + worth
        return rounds * total / len(worths)

    def lift_bars(self) -> None:
        """A new month: whoever still forbids a channel says so again."""
        for giving in self.giving.values():
            giving.barred = NOWHERE

    def settle_first_levels(self) -> None:
        """Once the first stock stands: a requirement known only by how much of it was in stock; the objective."""
        readiness = self.number("readiness", 0.0)
        if np.any(np.asarray(readiness) > 0):
            self.requirement = self.equivalents() / readiness
        if nearest(self._entry, self.need, "objective") is None:
            self.objective = self.requirement

    def note_route(self, route: Route) -> None:
        """Whether it asks others for aid or backfill along a route, or is asked to give."""
        self.is_asked |= route.supplier == self.state
        self.asks_for_aid |= route.recipient == self.state and route.channel in (GIFT, SALE)
        self.asks_for_backfill |= route.recipient == self.state and route.channel in (BACKFILL, BOUGHT)

    def change(self, event: schema.Requirement | schema.WillStep) -> None:
        """A new objective, which enters the requirement with its weight; another mean readiness to give."""
        if isinstance(event, schema.WillStep):
            for giving in self.giving.values():
                if event.channel in (None, giving.name):
                    giving.mean_will = self._draws.of(event.becomes)
        elif event.need in (None, self.need):
            self.objective = self._draws.of(event.becomes)
            weight = 1.0 if event.weight is None else self._draws.of(event.weight)
            self.requirement = self.requirement + weight * (self.objective - np.asarray(self.requirement))

    # --- what it holds ----------------------------------------------------------------------------------------

    def equivalents(self) -> Floats:
        """All it holds, committed or not.  [runs]"""
        total = self.zeros()
        for worth, rows in zip(self.worth, self.rows, strict=True):
            total += worth * sum_rows(self.ledger.stock[rows])
        return total

    def free_equivalents(self) -> Floats:
        """What it holds and has not committed.  [runs]"""
        total = self.zeros()
        for worth, rows in zip(self.worth, self.rows, strict=True):
            total += worth * sum_rows(self.ledger.free(rows))
        return total

    def minimum(self) -> PerRun:
        """What it keeps whatever its doctrine: a level, or a share of the requirement."""
        value: Number | None = nearest(self._entry, self.need, "minimum")
        if value is None:
            return 0.0
        drawn = self._draws.of(value)
        return drawn * self.requirement if self._draws.is_share(value) else drawn

    def floor(self) -> PerRun:
        """The level below which it offers nothing from headroom."""
        return (self.floor_share + self.crisis_slope * self.tension) * self.requirement

    @cached_property
    def smallest_worth(self) -> PerRun:
        """Equivalents of the unit that is worth least, if anything, of what it holds.  [runs]"""
        smallest: PerRun = np.inf
        for worth in self.worth:
            smallest = np.minimum(smallest, np.where(np.asarray(worth) > 0, worth, np.inf))
        return smallest

    @property
    def largest_worth(self) -> PerRun:
        """Equivalents of the unit that is worth most of what it holds: what a part of a unit may add up to.  [runs]"""
        largest: PerRun = 0.0
        for worth in self.worth:
            largest = np.maximum(largest, worth)
        return np.where(np.asarray(largest) > 0, largest, 1.0)

    def gain(self, item: str, made_of: str | None) -> PerRun:
        """Equivalents that a delivered unit adds: its worth, less that of the old unit of which it was made.  [runs]"""
        worth = self.worth[self.items.index(item)]
        if made_of not in self.items:
            return worth
        return np.maximum(worth - self.worth[self.items.index(made_of)], 0.0)

    # --- what it can give -------------------------------------------------------------------------------------

    def assess(self, own_use: PerRun, own_deliveries: PerRun, backfill_due: PerRun) -> None:
        """What can be given without falling below the floor or the minimum.

        headroom = (min(S - m, S - (U - C)+ + a * P - F))+ with S uncommitted stock, U own use and C own contracted
        deliveries within the horizon, P backfill promised or contracted, F the floor. In equivalents  [runs]
        """
        stock = self.free_equivalents()
        kept = stock - np.maximum(np.asarray(own_use) - own_deliveries, 0.0)
        kept += self.anticipation * np.asarray(backfill_due) - self.floor()
        self.headroom = np.maximum(np.minimum(stock - self.minimum(), kept), 0.0)
        self.headroom_left = self.headroom

    def engages_in(self, month: int) -> Masks:
        """Where it can fight: nobody engages before his first fire unit.  [runs]"""
        return self.always if self.fire_units is None else self.fire_units_in(month) > 0

    def change_will(self, giving: Giving, chance: Chance, month: int) -> None:
        """Readiness to give: AR(1) in log-odds around its mean, with its own noise for each channel."""
        if np.any(np.asarray(self.spread) > 0):
            noise = normal(chance.uniform("will", f"{self.state}.{self.need}.{giving.name}", month))
            step = self.spread * np.sqrt(1.0 - np.square(self.persistence))
            giving.deviation = self.persistence * giving.deviation + step * noise
        giving.will = expit(logit(np.asarray(giving.mean_will, dtype=float)) + giving.deviation)

    # --- what it uses -----------------------------------------------------------------------------------------

    def use(self, wanted: Floats, order: Sequence[int], way: str = "consumed") -> Floats:
        """Meet a demand (equivalents) from stock, restricted lots of any item first, then by the order of items.

        way: how the ledger counts it
        Returns what was met, never more than was wanted  [runs]
        """
        return use_in_order([(self, index, self.always) for index in order], wanted, way)

    def use_item(self, index: int, left: Floats, ready: Masks, way: str, *, restricted: bool) -> None:
        """Use up whole units of an item where it is ready, and take their worth off what is left to meet.

        What is under contract is fired in an emergency; nobody trains with it.
        """
        worth = self.worth[index]
        for row in self.rows[index]:
            held = self.ledger.free([row])[0] if way == "trained" else self.ledger.stock[row]
            if self.restricted[row] is restricted and held.any():
                asked = np.ceil(np.maximum(left, 0.0) / np.maximum(worth, ROUNDING) - ROUNDING)
                units = np.where(ready & (np.asarray(worth) > 0), np.minimum(held, asked), 0.0)
                self.ledger.use_up(row, units, way)
                self.used[index] += units
                left -= units * worth

    def lose(self, chance: Chance, month: int) -> None:
        """Accidents and strikes on depots: units by Poisson chance, `losses` of the stock to be expected.

        Lots lose in proportion to what they hold, committed units with the others.
        """
        rows = [row for rows in self.rows for row in rows]
        held = self.ledger.stock[rows]
        total = sum_rows(held)
        if not total.any():
            return
        uniform = chance.uniform("loss", f"{self.state}.{self.need}", month)
        lost = np.minimum(negative_binomial(uniform, self.losses * total, np.inf), total)
        for row, units in zip(rows, share_in_proportion(held, lost), strict=True):
            self.ledger.use_up(row, units, "lost")


Weapon: TypeAlias = tuple[Position, int, Masks]
"""An item of a position, by its number there, and where it is ready to be used."""


def use_in_order(weapons: Sequence[Weapon], wanted: Floats, way: str = "consumed") -> Floats:
    """Meet a demand (equivalents) with several items of one state: their restricted lots first, then the free ones.

    Each time in the order given, ceil(what is left / worth) whole units of an item, and nothing that is worth nothing.
    Returns what was met, never more than was wanted  [runs]
    """
    if not np.any(wanted):  # skips work, decides nothing
        return np.zeros_like(wanted)
    left = np.array(wanted, dtype=float)
    for restricted in (True, False):
        for position, index, ready in weapons:
            position.use_item(index, left, ready, way, restricted=restricted)
    met: Floats = wanted - np.maximum(left, 0.0)
    return met


def worth_of(setting: Setting, state: str, need: str, draws: Draws) -> dict[str, PerRun]:
    """Equivalents per unit of each item that meets a need, as the state counts them; an item in no need is its own."""
    if need not in setting.needs:
        return {need: 1.0}
    own: dict[str, Number] = nearest(setting.states[state], need, "worth") or {}
    return {item: draws.of(own.get(item, number)) for item, number in setting.needs[need].worth.items()}
