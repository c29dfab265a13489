"""Makers in one run: what a line can build, for whom, and of what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import mesa

from backfill import blueprint
from backfill.months import month_of
from backfill.ordering.orders import OUTSIDE
from backfill.scenario import schema
from scalar_world.arithmetic import ROUNDING, build, share_in_proportion, straight_line, whole_steps

if TYPE_CHECKING:
    from scalar_world.world import ScalarWorld


class Line:
    """A production line and its book: due[slot][account], and all that was ever ordered for a slot."""

    def __init__(self, world: ScalarWorld, name: str, state: str, entry: schema.Line) -> None:
        self.world, self.name, self.state, self.entry, self.item = world, name, state, entry, entry.item
        self.needs = world.setting.items[entry.item].needs
        self.finished = world.setting.items[entry.item].kind == "finished"
        slack = 1.0 if entry.slack is None else 1.0 + world.of(entry.slack)
        self.capacity = [rate * slack for rate in self.course(slipped=True)]
        self.nameplate = self.course(slipped=False)
        self.announced = whole_steps(self.nameplate)
        self.lead = 0 if entry.lead_time is None else round(world.of(entry.lead_time))
        self.carry, self.built, self.bound = 0.0, 0.0, 0.0
        accounts = blueprint.accounts_of(world.setting, name, entry) if self.finished else []
        self.customers = [account.customer for account in accounts]
        self.due = [[0.0] * len(accounts) for _slot in range(world.slots)]
        self.ordered = [0.0] * world.slots
        self.oldest = 0
        self.classes = [self.class_of(customer) for customer in self.customers]
        self.outbound, self.underway, self.arrived = ([0.0] * len(accounts) for _ in range(3))
        if self.finished:
            self.plans = list(self.plan())
            self.open_book()

    def course(self, *, slipped: bool) -> list[float]:
        of, world = self.world.of, self.world
        points = [(float(month), of(rate)) for month, rate in sorted(self.entry.capacity.items())]
        months = [float(world.first + slot) for slot in range(world.slots)]
        rates = [straight_line(points, month) for month in months]
        decisions = blueprint.events(world.setting, schema.CapacityDecision)
        for event in sorted(decisions, key=lambda decision: decision.date):
            if event.line == self.name:
                start = max(points[-1][0], float(month_of(event.date)))
                here = rates[min(max(int(start) - world.first, 0), len(rates) - 1)]
                reached = of(event.by) + (of(event.slip) if slipped and event.slip else 0.0)
                ends = [(start, here), (reached, of(event.becomes))]
                rates = [
                    straight_line(ends, month) if month > start else rate
                    for month, rate in zip(months, rates, strict=True)
                ]
        return rates

    def class_of(self, customer: str) -> int:
        named = self.entry.priority
        others = next((rank for rank, group in enumerate(named) if "others" in group), len(named))
        return next((rank for rank, group in enumerate(named) if customer in group), others)

    def plan(self) -> Iterator[tuple[int, list[float]]]:
        for customer in blueprint.planners(self.world.setting, self.name, self.item):
            dated = self.world.setting.states[customer].items[self.item].procurement or {}
            rates = []
            for slot in range(self.world.slots):
                number = self.world.dated(dated, self.world.first + slot)
                rate = 0.0 if number is None else self.world.of(number)
                rates.append(rate * self.nameplate[slot] if number is not None and number.of == "output" else rate)
            yield self.customers.index(customer), whole_steps(rates)

    def open_book(self) -> None:
        for order in self.entry.orders.values():
            if order.placed < self.world.first:
                self.place_named(order)
        for slot in range(self.lead):
            self.order_for(slot)

    def order(self, index: int) -> None:
        for order in self.entry.orders.values():
            if order.placed == self.world.first + index:
                self.place_named(order)
        self.order_for(index + self.lead)

    def place_named(self, order: schema.Order) -> None:
        months = 1 if order.over is None else max(round(self.world.of(order.over)), 1)
        units, before = float(round(self.world.of(order.units))), 0.0
        for month in range(months):
            by_then = float(math.floor(units * (month + 1) / months + ROUNDING))
            slot = order.placed - self.world.first + self.lead + month
            self.place(self.customers.index(order.customer), slot, by_then - before)
            before = by_then

    def place(self, account: int, slot: int, units: float) -> None:
        if 0 <= slot < len(self.due):
            self.due[slot][account] += units
            self.ordered[slot] += units

    def order_for(self, slot: int) -> None:
        if slot >= len(self.due):
            return
        for account, plan in self.plans:
            self.place(account, slot, plan[slot])
        rest = max(self.announced[slot] - self.ordered[slot], 0.0)
        self.place(self.customers.index(self.entry.rest_to or OUTSIDE), slot, rest)

    def on_hand(self, component: str) -> float:
        return sum(self.world.stock[row] for row in self.world.rows(self.name, component))

    def components_needed(self, component: str, index: int) -> float:
        wanted = min(math.floor(self.carry + self.capacity[index] + ROUNDING), self.overdue(index))
        return max(self.needs[component] * wanted - self.on_hand(component), 0.0)

    def overdue(self, index: int) -> float:
        return sum(sum(slot) for slot in self.due[self.oldest : index + 1])

    def due_within(self, account: int, months: int) -> float:
        index = self.world.index
        return sum(slot[account] for slot in self.due[index + 1 : index + 1 + months])

    def supply_components(self, takers: Sequence[Line], index: int) -> None:
        wanted = [taker.components_needed(self.item, index) for taker in takers]
        self.built, self.carry, self.bound = build(self.carry, self.capacity[index], sum(wanted), math.inf)
        for taker, units in zip(takers, self.split(takers, wanted), strict=True):
            self.world.stock[self.world.row(taker.name, self.item, self.state)] += units

    def split(self, takers: Sequence[Line], wanted: Sequence[float]) -> list[float]:
        if self.entry.allocation == "proportional":
            return share_in_proportion(wanted, self.built)
        at_home = [taker.state == self.state for taker in takers]
        first = share_in_proportion([want * own for want, own in zip(wanted, at_home, strict=True)], self.built)
        abroad = [want * (not own) for want, own in zip(wanted, at_home, strict=True)]
        return [a + b for a, b in zip(first, share_in_proportion(abroad, self.built - sum(first)), strict=True)]

    def run(self, index: int) -> None:
        possible = min((self.on_hand(part) // units for part, units in self.needs.items()), default=math.inf)
        self.built, self.carry, self.bound = build(self.carry, self.capacity[index], self.overdue(index), possible)
        for component, units in self.needs.items():
            left = self.built * units
            for row in self.world.rows(self.name, component):
                taken = min(self.world.stock[row], left)
                self.world.stock[row] -= taken
                left -= taken
        for account, delivered in enumerate(self.serve(index)):
            self.hand_over(account, delivered)

    def serve(self, index: int) -> list[float]:
        delivered, left = [0.0] * len(self.customers), self.built
        for rank in sorted(set(self.classes)):
            members = [account for account, own in enumerate(self.classes) if own == rank]
            for slot in self.due[self.oldest : index + 1]:
                if left == 0:
                    break
                for member, units in zip(
                    members, share_in_proportion([slot[member] for member in members], left), strict=True
                ):
                    slot[member] -= units
                    delivered[member] += units
                    left -= units
        while self.oldest < index and not any(self.due[self.oldest]):
            self.oldest += 1
        return delivered

    def hand_over(self, account: int, units: float) -> None:
        customer = self.customers[account]
        if customer == self.state:
            self.world.stock[self.world.row(customer, self.item, self.state)] += units
            self.world.received(customer, self.item, units)
        elif customer != OUTSIDE:
            self.outbound[account] += units

    def arrive(self) -> None:
        for account, units in enumerate(self.underway):
            if units:
                self.world.stock[self.world.row(self.customers[account], self.item, self.state)] += units
                self.world.received(self.customers[account], self.item, units)
        self.arrived, self.underway = self.underway, []
        for account, units in enumerate(self.outbound):
            share = self.world.open_share(self.state, self.customers[account])
            self.underway.append(units if share == 1.0 else float(math.floor(units * share + 0.5)))
            self.outbound[account] -= self.underway[account]


class Maker(mesa.Agent):
    """A manufacturer: its lines do the work."""

    def __init__(self, world: ScalarWorld, name: str, entry: schema.Manufacturer) -> None:
        super().__init__(world)
        self.lines = [Line(world, f"{name}.{line}", entry.state, said) for line, said in entry.lines.items()]
