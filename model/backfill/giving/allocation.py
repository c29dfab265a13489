"""Who gives what to whom this month: offers cut to the need, whole units, orders for what no stock covers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backfill.agents.giving import Giving
from backfill.agents.position import ROUNDING, Position
from backfill.agents.state import State
from backfill.arrays import Floats, PerRun, add_up, sum_rows
from backfill.ordering.money import Budget
from backfill.passing.transfers import GIVEN_BY, Case, Delays

if TYPE_CHECKING:
    from backfill.lines.line import Line
    from backfill.world import World


ALMOST = 0.999
"""Of a unit: with less of a need, or of an offer, nobody is handed one, whatever the last bit of a division says."""


class Offer:
    """One supplier's offer in one case: how much it lets go, and what it has handed out of it.

    amount: equivalents of the supplier that it lets go to this recipient; units, if it gives packages   [runs]
    spent:  what was committed of it so far, in the same measure                                          [runs]
    parted: equivalents of the supplier committed so far                                                  [runs]
    given:  the same in equivalents of the recipient                                                      [runs]
    """

    def __init__(self, world: World, state: State, case: Case, channel: str, budget: Budget | None) -> None:
        self.world, self.case, self.route, self.budget = world, case, case.routes[channel], budget
        self.position = state.positions[case.need]
        self.giving: Giving = self.position.giving[GIVEN_BY[channel]]
        self.left = self.giving.left
        self.ready = case.matured(world.month) & (world.case_permitted(case))
        from_headroom = self.giving.doctrine.kind == "headroom"
        offered = np.minimum(self.left, self.position.headroom_left) if from_headroom else self.left
        self.amount = np.where(self.ready, offered * world.open_share(case.supplier, case.recipient), 0.0)
        self.authorities = [] if budget else world.authorities_for(case.supplier, case.recipient)
        self.whole_package = self.giving.doctrine.kind == "packages"
        self.spent, self.parted, self.given = (np.zeros(world.runs) for _ in range(3))

    @cached_property
    def delays(self) -> Delays:
        """The stages of what is committed this month: a sale arrives after the lag of its money."""
        if self.budget is None:
            return self.world.procedures.delays(self.route, self.world.month)
        lag = self.budget.lag
        return Delays(lag * 0, lag - 1, lag)

    def hand_out(self, recipient: Position, need: Floats) -> None:
        """Commit whole units worth no more than the need, no more than the offer, and no more than can be spared."""
        smallest = 1.0 if self.whole_package else self.position.smallest_worth
        wanted, offered = need > ALMOST * recipient.smallest_worth, self.amount - self.spent > ALMOST * smallest
        if not (wanted & offered).any():  # skips work, decides nothing
            return
        kept = np.maximum(self.position.minimum(), self.giving.reserve)
        spare = np.maximum(self.position.free_equivalents() - kept, 0.0)
        left, need_left = self.amount - self.spent, np.array(need)
        before = self.given
        for index in self._order():
            item = self.position.items[index]
            lanes = self.world.open_lanes(self.route, item)
            if not lanes or item not in recipient.items:
                continue
            worth, value = self.position.worth[index], recipient.worth[recipient.items.index(item)]
            counted = 1.0 if self.whole_package else worth
            let_go = self._let_go(left, spare, worth)
            units = self._affordable(item, np.minimum(let_go, whole_units(need_left, value)))
            taken = sum_rows(self.world.commit(lanes, units, self.delays))
            self._settle(item, taken)
            left, spare, need_left = left - taken * counted, spare - taken * worth, need_left - taken * value
            self.spent, self.parted = self.spent + taken * counted, self.parted + taken * worth
            self.given = self.given + taken * value
        self.case.moved(self.given - before, self.world.month)

    def _let_go(self, left: Floats, spare: Floats, worth: PerRun) -> Floats:
        """Whole units of what is left of the offer that can be spared.  [runs]"""
        if self.whole_package:
            return np.minimum(whole_units(left, 1.0), whole_units(spare, worth))
        return whole_units(np.minimum(left, spare), worth)

    def _order(self) -> list[int]:
        """A gift takes what is worth least first, a sale the one item that the money buys."""
        if self.budget is None:
            return self.position.least_worth_first
        return [index for index, item in enumerate(self.position.items) if item == self.budget.event.item]

    def _affordable(self, item: str, units: Floats) -> Floats:
        """Units for which there is money: that of the sale, or the value that the donor may still give away."""
        if self.budget is not None:
            return np.minimum(units, self.budget.affordable_from_stock())
        for authority in self.authorities:
            units = np.minimum(units, authority.affordable(item))
        return units

    def _settle(self, item: str, units: Floats) -> None:
        """Gifts are charged by value; a sale is paid, and where a line is named the supplier orders as many again."""
        for authority in self.authorities:
            authority.pay(item, units)
        if self.budget is None or not units.any():
            return
        self.budget.pay_from_stock(units)
        if self.budget.event.line is not None:
            line = self.world.allocation.line_named(self.budget.event.line)
            self.world.new_orders.append((line, line.book.index(self.case.supplier), units))

    def close(self) -> None:
        """Draw what was given from this month's offer and headroom; the part of a unit that is left waits a month."""
        self.giving.draw(self.spent)
        self.position.headroom_left = np.maximum(self.position.headroom_left - self.parted, 0.0)
        kept = np.mod(np.maximum(self.giving.left, 0.0), self.position.largest_worth)
        self.giving.fraction = np.where(self.ready & self.giving.offering, kept, self.giving.fraction)


def whole_units(equivalents: Floats, worth: PerRun) -> Floats:
    """Units of an item that so many equivalents hold; none of what is worth nothing.  [runs]

    >>> whole_units(np.array([2.4, 2.4]), np.array([0.6, 0.0]))
    array([4., 0.])
    """
    units = np.floor(np.maximum(equivalents, 0.0) / np.maximum(worth, ROUNDING) + ROUNDING)
    return np.where(np.asarray(worth) > 0, units, 0.0)


class Allocation:
    """The suppliers' side of the month, for all requests."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._states = {state.code: state for state in world.states}
        self._lines = {line.name: line for line in world.finished_lines}

    def line_named(self, name: str) -> Line:
        """A line by its full name, such as camden.mse."""
        return self._lines[name]

    def serve_requests(self) -> None:
        """Each request in turn: the gifts offered for it, then what money buys, until the need is met."""
        for state in self._states.values():
            state.open_offers()
        for position in self.world.positions.values():
            if position.asks_for_aid:
                need = self._states[position.state].missing(position)
                self._give_and_sell(position, "gift", "sale", need)
            if position.asks_for_backfill:
                gap = np.maximum(position.objective - self.world.census.whole_position(position), 0.0)
                self._give_and_sell(position, "backfill", "bought", gap)

    def _give_and_sell(self, recipient: Position, gift: str, sale: str, need: Floats) -> None:
        """Gifts for a need first, then each budget in the order of the file for what is left of it."""
        need = need - self._serve(recipient, self._offers(recipient, gift), need)
        for budget in self.world.budgets_for(recipient):
            need = need - self._serve(recipient, self._offers(recipient, sale, budget), need)

    def _serve(self, recipient: Position, offers: list[Offer], need: Floats) -> Floats:
        """Offers in proportion, none above its amount, together never above the need; what was given.  [runs]"""
        total = np.zeros(self.world.runs) + add_up(offer.amount for offer in offers)
        given = np.zeros(self.world.runs)
        for offer in offers:
            portion = need * np.divide(offer.amount, total, out=np.zeros_like(total), where=total > 0)
            if offer.whole_package:
                portion = np.where(offer.amount > 0, np.inf, portion)
            offer.hand_out(recipient, portion)
            given = given + offer.given
        if len(offers) > 1:
            given = given + self._hand_out_rest(recipient, offers, need, given)
        for offer in offers:
            offer.close()
        return given

    def _hand_out_rest(self, recipient: Position, offers: list[Offer], need: Floats, given: Floats) -> Floats:
        """What rounding left over goes where the largest part of a unit was left, ties by code.

        A unit to each, then whatever others could not give.  [runs]
        """
        total = add_up(offer.amount for offer in offers)
        portions = [
            need * np.divide(offer.amount, total, out=np.zeros_like(total), where=total > 0) for offer in offers
        ]
        unserved = np.array([portion - offer.given for portion, offer in zip(portions, offers, strict=True)])
        places = np.argsort(np.argsort(-unserved, axis=0, kind="stable"), axis=0, kind="stable")
        more = np.zeros(self.world.runs)
        for most in (recipient.largest_worth, np.inf):
            if not (need > given + more).any():  # skips work, decides nothing
                break
            for place in range(len(offers)):
                for offer, own in zip(offers, places, strict=True):
                    before = offer.given
                    rest = np.minimum(np.maximum(need - given - more, 0.0), most)
                    offer.hand_out(recipient, np.where(own == place, rest, 0.0))
                    more = more + offer.given - before
        return more

    def _offers(self, recipient: Position, channel: str, budget: Budget | None = None) -> list[Offer]:
        """What suppliers let go through a channel, in the order of their codes; for money, the one it buys from."""
        seller = None if budget is None else budget.event.buys_from
        return [
            Offer(self.world, self._states[case.supplier], case, channel, budget)
            for case in self.world.cases_of(recipient, channel)
            if case.opened.any() and seller in (None, case.supplier)
        ]

    # --- what no stock covers ---------------------------------------------------------------------------------

    def order_on_behalf(self) -> None:
        """Money that found no stock orders from the line, up to the target and what will be used in a lead time.

        units ordered = min(affordable, (level - stock, coming and on order)+), where the level of an aided state is
        target + lead time * expected use, and that of a state which asks for backfill its objective
        """
        for budget in self.world.budgets.values():
            recipient = self.world.positions.get((budget.event.for_, self.world.need_of(budget.event.item)))
            if budget.event.line is None or recipient is None or budget.event.item not in recipient.items:
                continue
            line = self.line_named(budget.event.line)
            worth = recipient.worth[recipient.items.index(budget.event.item)]
            level = self._level_with_orders(recipient, line)
            gap = np.maximum(level - self.world.census.whole_position(recipient) - self._pending(recipient), 0.0)
            units = np.minimum(budget.affordable(line.item), whole_units(gap, worth))
            budget.pay(line.item, units)
            self.world.new_orders.append((line, line.book.index(budget.event.for_, budget.name), units))

    def _level_with_orders(self, recipient: Position, line: Line) -> PerRun:
        """Up to where a state's stock and orders are to be filled.  [runs]"""
        level = recipient.target + line.lead * recipient.expected_use
        return np.maximum(level, recipient.objective) if recipient.asks_for_backfill else level

    def _pending(self, recipient: Position) -> Floats:
        """What was ordered for this need this month already and enters the book next month, in equivalents.  [runs]"""
        total = recipient.zeros()
        for line, account, units in self.world.new_orders:
            if line.book.accounts[account].customer == recipient.state and line.item in recipient.items:
                total = total + recipient.gain(line.item, line.entry.refurbishes) * units
        return total
