"""How a world is founded before its first month: law, lots, states, theatres, routes, dated gifts, lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backfill import blueprint
from backfill.agents.actor import Actor
from backfill.agents.conflict import Conflict
from backfill.agents.manufacturer import Manufacturer
from backfill.agents.position import Position
from backfill.agents.state import State
from backfill.arrays import PerRun
from backfill.giving.allocation import Allocation
from backfill.giving.pledges import Pledge
from backfill.giving.promises import Promise
from backfill.lines.materials import BillOfMaterials
from backfill.numbers import Draws
from backfill.ordering.money import Authority, Budget
from backfill.ordering.procurement import Purchasing
from backfill.passing.consent import Consents
from backfill.passing.gate import Gate
from backfill.passing.transfers import Case, Procedures, Route, Shipments
from backfill.registry import ACTORS
from backfill.scenario import schema
from backfill.scenario.schema import Setting
from backfill.stock.expiry import Expiry
from backfill.stock.first import first_stocks
from backfill.stock.ledger import Ledger
from backfill.stock.shocks import Shock

if TYPE_CHECKING:
    from backfill.world import World

ASKED = ("gift", "sale", "backfill", "bought")
"""Channels along which somebody asks."""


def found(world: World) -> None:
    """Raise everything that the setting describes; who comes later may look at who was there before."""
    setting = world.setting
    world.gate = Gate(setting, world.draws, world.chance)
    routes = blueprint.routes_of(setting)
    _settle_stock(world, routes)
    _settle_states(world, routes)
    world.conflicts = [Conflict(world, name, entry) for name, entry in setting.conflicts.items()]
    world.census.note_theatres()
    lanes = blueprint.lanes_of(setting, world.gate, world.ledger, routes)
    world.shipments = Shipments(world.ledger, lanes, _longest_transfer(setting, world.draws, world.procedures))
    world.cases = standing_cases(routes, world.shipments, world.runs)
    world.consents = Consents(world)
    _settle_dated(world)
    _settle_lines(world)
    world.theatres = world.agents.select(agent_type=Conflict)
    world.governments = world.agents.select(agent_type=State)
    for name, actor in setting.actors.items():
        ACTORS[actor.kind](world, name, actor)
    world.actors = world.agents.select(agent_type=Actor)
    world.allocation = Allocation(world)


def _settle_stock(world: World, routes: Sequence[Route]) -> None:
    """Every lot that can ever hold a unit, and what lies there when the first month begins."""
    licensors = {name: item.licensor for name, item in world.setting.items.items() if item.licensor}
    world.expiry = Expiry(world.setting, world.draws)
    lots = blueprint.lots_of(world.setting, world.gate, routes, world.expiry)
    world.ledger = Ledger(lots, licensors, world.runs)
    first_stocks(world.setting, world.ledger, world.draws, world.expiry)


def _settle_states(world: World, routes: Iterable[Route]) -> None:
    """Each state with a position towards every need for which it can hold something, or in which it fights."""
    involved = {
        (state, need)
        for entry in world.setting.conflicts.values()
        for need in world.needs
        if world.uses(entry, need)
        for state in entry.fighting
    }
    for code in world.setting.states:
        own = {need: Position(world.setting, world.ledger, world.draws, code, need) for need in world.needs}
        held = {need: position for need, position in own.items() if position.items or (code, need) in involved}
        world.positions |= {(code, need): position for need, position in held.items()}
        State(world, code, held)
    for position in world.positions.values():
        position.settle_first_levels()
    for route in (route for route in routes if route.channel in ASKED):
        for state in (route.supplier, route.recipient):
            if (state, route.need) in world.positions:
                world.positions[state, route.need].note_route(route)


def standing_cases(routes: Iterable[Route], shipments: Shipments, runs: int) -> list[Case]:
    """One case for each supplier, recipient and need: gift and sale together, backfill given and bought apart."""
    groups: dict[tuple[str, str, str, bool], list[Route]] = {}
    for route in routes:
        if route.channel in ASKED:
            key = (route.supplier, route.recipient, route.need, route.channel in ("backfill", "bought"))
            groups.setdefault(key, []).append(route)
    return [
        Case(group, {route.channel: shipments.of(route) for route in group}, runs)
        for _key, group in sorted(groups.items())
    ]


def _settle_dated(world: World) -> None:
    """Promises, packages, shocks and money with a date."""
    events = world.setting.events
    world.promises = [Promise(world, name, event) for name, event in _named(events, schema.Promise)]
    world.pledges = [Pledge(world, name, event) for name, event in _named(events, schema.Pledge)]
    _settle_swaps(world)
    world.shocks = [Shock(world, event) for _name, event in _named(events, schema.Shock)]
    world.budgets = {
        name: Budget(name, event, _price(world, event.item), world.draws, world.runs)
        for name, event in _named(events, schema.Budget)
    }
    costs = {item: entry.cost for item, entry in world.setting.items.items()}
    world.authorities = {
        name: Authority(name, event, costs, world.draws, world.runs) for name, event in _named(events, schema.Authority)
    }


def _settle_swaps(world: World) -> None:
    """Which promise is in exchange for which gift, and which gift is made against which promise."""
    pledges = {pledge.name: pledge for pledge in world.pledges}
    promises = {promise.name: promise for promise in world.promises}
    for promise in world.promises:
        promise.gift = pledges.get(promise.event.for_ or "")
    for pledge in world.pledges:
        pledge.claim = promises.get(pledge.event.against or "")


def _named(events: Mapping[str, schema.Happening], kind: type[blueprint.Kind]) -> Iterable[tuple[str, blueprint.Kind]]:
    return ((name, event) for name, event in events.items() if isinstance(event, kind))


def _price(world: World, item: str) -> PerRun:
    cost = world.setting.items[item].cost
    return np.inf if cost is None else world.draws.of(cost)


def _settle_lines(world: World) -> None:
    """Manufacturers with their lines, and the orders that are in the books already."""
    world.manufacturers = [Manufacturer(world, name, entry) for name, entry in world.setting.manufacturers.items()]
    lines = [line for maker in world.manufacturers for line in maker.lines]
    world.finished_lines = [line for line in lines if line.finished]
    world.component_lines = [line for line in lines if not line.finished]
    priced = {line.name: line for line in lines if line.price.own}
    budgets = world.budgets.values()
    world.repriced = [(budget, priced[budget.event.line]) for budget in budgets if budget.event.line in priced]
    world.materials = BillOfMaterials(lines, world.setting.items, world.runs)
    world.census.note_accounts()
    world.purchasing = [Purchasing(world, line) for line in world.finished_lines]
    for purchasing in world.purchasing:
        purchasing.open_book()


def longest_lead(setting: Setting, draws: Draws) -> int:
    """Months that no lead time exceeds, whatever is drawn."""
    leads = [entry.lead_time for _name, _state, entry in blueprint.lines_of(setting) if entry.lead_time]
    ranges = [draws.resolved(lead) for lead in leads]
    return max([int(np.ceil(max(lead.value, lead.high))) for lead in ranges], default=0) + 1


def _longest_transfer(setting: Setting, draws: Draws, procedures: Procedures) -> int:
    """Months that no transfer exceeds, whatever is drawn."""
    said = [0.0]
    for event in blueprint.events(setting, schema.Promise):
        numbers = [number for number in (event.contract, event.handover, event.transit) if number is not None]
        said.append(sum(max(draws.resolved(number).high, number.value) for number in numbers))
    lags = [float(budget.lag.high) for budget in blueprint.events(setting, schema.Budget) if budget.lag]
    return procedures.longest() + int(np.ceil(max(said))) + int(np.ceil(max(lags, default=0.0))) + 2
