"""A manufacturer and its lines: what they can build, of what, for whom, and which limit binds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import mesa
import numpy as np

from backfill.arrays import Floats, PerRun, Whole, add_up, sum_rows
from backfill.blueprint import accounts_of, events
from backfill.errors import UnitsLost
from backfill.kernels.allocation import share_in_proportion
from backfill.kernels.production import ROUNDING, build, straight_lines, whole_steps
from backfill.months import label, month_of
from backfill.ordering.orders import OUTSIDE, Account, OrderBook
from backfill.ordering.queues import Open
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.ordering.queues import Reordering
    from backfill.world import World


class Line:
    """One line: capacity by month, an order book (finished items), components on hand.

    capacity:   units a month as it will be, slips included        [slots, runs]
    announced:  whole units a month as announced, without slip     [slots, runs]
    built, carry: this month's output, and the part of a unit that is under way   [runs]
    outbound:   units that leave for abroad; underway: those of last month, which arrive now   [accounts, runs]
    """

    def __init__(self, world: World, maker: str, name: str, state: str, entry: schema.Line) -> None:
        self.world, self.name, self.state, self.entry = world, f"{maker}.{name}", state, entry
        self.item = entry.item
        self.finished = world.setting.items[entry.item].is_finished
        self.needs = world.setting.items[entry.item].needs
        shape = (world.slots, world.runs)
        slack = 1.0 if entry.slack is None else 1.0 + np.asarray(world.draws.of(entry.slack))
        self.capacity: Floats = np.broadcast_to(course(world, self.name, entry, slipped=True) * slack, shape)
        self.nameplate: Floats = np.broadcast_to(course(world, self.name, entry, slipped=False), shape)
        self.announced: Floats = whole_steps(np.where(np.isfinite(self.nameplate), self.nameplate, 0.0))
        lead = 0 if entry.lead_time is None else world.draws.months(entry.lead_time)
        self.lead: Whole = np.broadcast_to(np.asarray(lead, dtype=np.intp), (world.runs,))
        self.carry, self.built, self.bound = (np.zeros(world.runs) for _ in range(3))
        accounts = accounts_of(world.setting, self.name, entry) if self.finished else []
        self.book = OrderBook(accounts, world.slots, world.runs)
        self.usual_classes = self._classes()
        self.closed = [world.closed_months(self, account) for account in accounts]
        self.delivered, self.outbound, self.underway = (np.zeros((len(accounts), world.runs)) for _ in range(3))
        self.reorderings = world.reorderings(self)

    def _classes(self) -> list[int]:
        """The priority class of each account: the first that names its customer, else that of the others."""
        named = self.entry.priority
        others = next((index for index, group in enumerate(named) if "others" in group), len(named))
        return [
            next((index for index, group in enumerate(named) if account.customer in group), others)
            for account in self.book.accounts
        ]

    # --- component lines --------------------------------------------------------------------------------------

    def components_needed(self, component: str, index: int) -> Floats:
        """What this month's output asks for, less what is on hand.  [runs]"""
        potential = np.floor(self.carry + self.capacity[index] + ROUNDING)
        wanted = np.minimum(potential, sum_rows(self.book.overdue(index)))
        needed: Floats = np.maximum(self.needs[component] * wanted - self.on_hand(component), 0.0)
        return needed

    def on_hand(self, component: str) -> Floats:
        """Components in the hands of the line, of any origin.  [runs]"""
        rows = self.world.ledger.rows(self.name, component)
        return sum_rows(self.world.ledger.stock[rows])

    def supply_components(self, takers: Sequence[Line], index: int) -> None:
        """Build to what the takers need, share it, and put it into their hands in the same month."""
        wanted = np.array([taker.components_needed(self.item, index) for taker in takers])
        total = sum_rows(wanted)
        self.built, self.carry, self.bound = build(self.carry, self.capacity[index], total, np.inf)
        for taker, units in zip(takers, self._share(takers, wanted), strict=True):
            self.world.ledger.create(self.world.ledger.row(taker.name, self.item, self.state), units)

    def _share(self, takers: Sequence[Line], wanted: Floats) -> Floats:
        if self.entry.allocation == "proportional":
            return share_in_proportion(wanted, self.built)
        own = np.array([[float(taker.state == self.state)] for taker in takers])
        first = share_in_proportion(wanted * own, self.built)
        return first + share_in_proportion(wanted * (1.0 - own), self.built - sum_rows(first))

    # --- lines of finished items ------------------------------------------------------------------------------

    def run(self, index: int) -> None:
        """A month of production: build what is due as far as capacity and components go, and deliver it."""
        let_out = self._let_out(index)
        overdue = self.book.overdue(index) if let_out is None else self.book.overdue(index) * let_out
        due = sum_rows(overdue[self._served(index)])
        self.built, self.carry, self.bound = build(self.carry, self.capacity[index], due, self._possible())
        self._use_components()
        self._deliver(index)
        self._hand_over()

    def _served(self, index: int) -> list[int]:
        """Accounts whose deliveries the export rules let out this month, in some run at least."""
        return [account for account, closed in enumerate(self.closed) if closed is None or not closed[index].all()]

    def _let_out(self, index: int) -> Floats | None:
        """1 where uncertain law lets deliveries out, else 0; None where none touches them.  [accounts, runs]"""
        if all(closed is None or closed.ndim == 1 for closed in self.closed):
            return None
        open_ = [True if closed is None else ~closed[index] for closed in self.closed]
        return np.array([np.broadcast_to(mask, (self.world.runs,)) for mask in open_], dtype=float)

    def _possible(self) -> PerRun:
        """Units for which all components are there.  [runs]"""
        possible: PerRun = np.inf
        for component, units in self.needs.items():
            possible = np.minimum(possible, np.floor(self.on_hand(component) / units))
        return possible

    def _use_components(self) -> None:
        for component, units in self.needs.items():
            left = self.built * units
            for row in self.world.ledger.rows(self.name, component):
                taken = np.minimum(self.world.ledger.stock[row], left)
                self.world.ledger.use_up(row, taken)
                left = left - taken

    def _deliver(self, index: int) -> None:
        """Serve the book; while a queue is re-ordered, some take a share of what would have gone to others."""
        served, let_out = self._served(index), self._let_out(index)
        given = self.book.serve(index, self.usual_classes, self.built, served, let_out)
        early: list[tuple[list[int], Floats]] = []
        for event in self.reorderings:
            if event.share is None:
                given = self._with_others_first(event, given, index)
                continue
            already = add_up(units for accounts, units in early if set(accounts) & set(event.first))
            open_now = Open(served, let_out)
            units = event.diverted(self.book, given, self.world.month, open_now, already)
            if units.any():
                rest = event.serve_rest(self.book, given, units, index, self.usual_classes, open_now)
                given = np.where(units > 0, rest, given)
                early.append(([account for account in event.first if account in served], units))
        self.delivered = self.book.deliver(given, index)
        for accounts, units in early:
            self._advance(accounts, units, Open(served, let_out))
        self._account_for_output()

    def _account_for_output(self) -> None:
        """Whatever was built has gone to somebody. Raises UnitsLost with the month and run where it has not."""
        wrong = np.flatnonzero(sum_rows(self.delivered) != self.built)
        if wrong.size:
            run = wrong[0]
            raise UnitsLost(
                f"{label(self.world.month)}, run {run}: {self.name} built {self.built[run]:g} units and delivered "
                f"{self.delivered[:, run].sum():g}"
            )

    def _with_others_first(self, event: Reordering, given: Floats, index: int) -> Floats:
        """The deliveries where an event puts some customers into a class in front.  [slots, accounts, runs]"""
        holds = event.in_force(self.world.month)
        if not holds.any():
            return given
        classes = event.classes(self.usual_classes)
        served = self.book.serve(index, classes, self.built, self._served(index), self._let_out(index))
        return np.where(holds, served, given)

    def _advance(self, accounts: Sequence[int], units: Floats, open_now: Open) -> None:
        """Deliver to re-ordered customers before their time, one after the other."""
        left = units
        for account in accounts:
            advanced = self.book.advance(account, left * open_now.share(account))
            self.delivered[account] += advanced
            left = left - advanced

    def _hand_over(self) -> None:
        """Output for the maker's own state enters at once; what crosses a border is a month under way."""
        for index, account in enumerate(self.book.accounts):
            units = self.delivered[index]
            if account.customer == OUTSIDE or not units.any():
                continue
            if account.customer == self.state:
                self.world.ledger.create(self.row_of(account), units)
                self.world.received(account.customer, self.item, units)
            else:
                self._send(index, units)

    def row_of(self, account: Account) -> int:
        """Where the deliveries to a customer are booked."""
        return self.world.ledger.row(account.customer, self.item, self.state)

    def _send(self, index: int, units: Floats) -> None:
        self.world.ledger.owe(self.item, units)
        self.outbound[index] += units

    def arrive(self) -> None:
        """What left last month is there; what leaves now is under way, less what a pause holds back at the border."""
        for index, account in enumerate(self.book.accounts):
            if self.underway[index].any():
                self.world.ledger.stock[self.row_of(account)] += self.underway[index]
                self.world.received(account.customer, self.item, self.underway[index])
        self.arrived = self.underway
        self.underway = np.array([self._released(account, units) for account, units in self._outgoing()])
        self.outbound = self.outbound - self.underway if len(self.outbound) else self.outbound

    def _outgoing(self) -> Iterator[tuple[Account, Floats]]:
        yield from zip(self.book.accounts, self.outbound, strict=True)

    def _released(self, account: Account, units: Floats) -> Floats:
        share = self.world.open_share(self.state, account.customer)
        return units if share == 1.0 else np.floor(units * share + 0.5)


def course(world: World, name: str, entry: schema.Line, *, slipped: bool) -> Floats:
    """Units a month over time: straight lines between announced points, then what was decided since.

    slipped: with the delays of decisions as drawn, or as announced.      [slots, runs] or [slots, 1]
    """
    months = np.arange(world.first, world.first + world.slots, dtype=float)[:, np.newaxis]
    points = [(float(month), world.draws.of(rate)) for month, rate in sorted(entry.capacity.items())]
    rates: Floats = straight_lines(points, months)
    decisions = [event for event in events(world.setting, schema.CapacityDecision) if event.line == name]
    for event in sorted(decisions, key=lambda decision: decision.date):
        if np.all(np.isfinite(rates)):
            start = max(points[-1][0], float(month_of(event.date)))
            rates = _decided(world, event, months, rates, start, slipped=slipped)
    return rates


def _decided(
    world: World, event: schema.CapacityDecision, months: Floats, rates: Floats, start: float, *, slipped: bool
) -> Floats:
    """The rates after a decision: a step, or a straight line from what holds at `start` to what was decided."""
    slip = 0.0 if event.slip is None or not slipped else world.draws.of(event.slip)
    reached, rate = world.draws.of(event.by) + slip, world.draws.of(event.becomes)
    if event.at_once:
        return np.where(months >= np.floor(reached), rate, rates)
    here = rates[int(np.clip(start - world.first, 0, len(rates) - 1))]
    return np.where(months > start, straight_lines([(start, here), (reached, rate)], months), rates)


class Manufacturer(mesa.Agent):
    """A firm in one state with its lines."""

    model: World

    def __init__(self, world: World, name: str, entry: schema.Manufacturer) -> None:
        super().__init__(world)
        self.name, self.state = name, entry.state
        self.lines = [Line(world, name, line, entry.state, said) for line, said in entry.lines.items()]


__all__ = ["Account", "Line", "Manufacturer"]
