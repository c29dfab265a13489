"""What can exist in a world: its needs, routes, customers and lots, read off a scenario before the first month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from backfill.months import NEVER
from backfill.ordering.orders import OUTSIDE, Account
from backfill.passing.gate import Gate
from backfill.passing.transfers import Lane, Route
from backfill.scenario import schema
from backfill.scenario.schema import Setting
from backfill.stock.ledger import Ledger, Lot

if TYPE_CHECKING:
    from backfill.stock.expiry import Expiry

Kind = TypeVar("Kind", bound=schema.Happening)

GIFTS = ("gift", "backfill")
"""Channels that a state's gift doctrine decides."""


def needs_of(setting: Setting) -> dict[str, tuple[str, ...]]:
    """Every need with its items: those the scenario names, then each finished item that is in none."""
    needs = {name: tuple(need.worth) for name, need in setting.needs.items()}
    covered = {item for items in needs.values() for item in items}
    alone = [name for name, item in setting.items.items() if item.is_finished and name not in covered]
    return needs | {item: (item,) for item in alone}


def need_of(setting: Setting, item: str) -> str:
    """The need that an item meets; an item in no need is one by itself. A need is its own."""
    return next((need for need, items in needs_of(setting).items() if item in items or item == need), item)


def lines_of(setting: Setting) -> Iterator[tuple[str, str, schema.Line]]:
    """Every line: its full name, the state in which it stands, what the scenario says."""
    for maker, entry in setting.manufacturers.items():
        for name, line in entry.lines.items():
            yield f"{maker}.{name}", entry.state, line


def donors_of(setting: Setting, state: str, need: str) -> tuple[str, ...]:
    """Whom a state asks for aid in a need; the aided state of the question asks its donor if nothing else is said."""
    said: tuple[str, ...] | None = nearest(setting.states[state], need, "aid_from")
    if said is not None:
        return said
    return (setting.roles.donor,) if state == setting.roles.aided else ()


def backfillers_of(setting: Setting, state: str, need: str) -> tuple[str, ...]:
    """Whom a state asks for backfill in a need."""
    said: tuple[str, ...] | None = nearest(setting.states[state], need, "backfill_from")
    return said or ()


def nearest(state: schema.State, need: str, name: str) -> Any:
    """What a state says about a need, or about the item that is one by itself, else about all its needs."""
    said = [getattr(part, name, None) for part in (state.needs.get(need), state.items.get(need), state)]
    return next((value for value in said if value is not None), None)


def routes_of(setting: Setting) -> list[Route]:
    """Every way in which one state may hand something to another."""
    return list(dict.fromkeys([*_asked_routes(setting), *_dated_routes(setting)]))


def _asked_routes(setting: Setting) -> Iterator[Route]:
    bought = {(event.buys_from, event.for_) for event in events(setting, schema.Budget)}
    needs = needs_of(setting)
    for state in setting.states:
        for need in needs:
            for donor in donors_of(setting, state, need):
                yield Route(donor, state, need, "gift")
                if (donor, state) in bought:
                    yield Route(donor, state, need, "sale")
            for supplier in backfillers_of(setting, state, need):
                yield Route(supplier, state, need, "backfill")
                if (supplier, state) in bought:
                    yield Route(supplier, state, need, "bought")


def _dated_routes(setting: Setting) -> Iterator[Route]:
    for name, event in setting.events.items():
        if isinstance(event, schema.Pledge):
            yield pledge_route(setting, name, event)
    for name, event in setting.events.items():
        if isinstance(event, schema.Promise):
            yield Route(event.from_, event.to, need_of(setting, event.item), "promise", label=name)


def pledge_route(setting: Setting, name: str, event: schema.Pledge) -> Route:
    """The way of a package: its own if it is swapped or the headline, so that its units are counted apart."""
    need = need_of(setting, event.item or event.rest or next(iter(event.parts)))
    swapped = any(promise.for_ == name for promise in events(setting, schema.Promise))
    apart = swapped or name == setting.outcomes.promise
    return Route(event.from_, event.to, need, "pledge", event.via, label=name if apart else "")


def events(setting: Setting, kind: type[Kind]) -> list[Kind]:
    """The events of one kind, in the order of the file."""
    return [event for event in setting.events.values() if isinstance(event, kind)]


def accounts_of(setting: Setting, line: str, entry: schema.Line) -> list[Account]:
    """Everybody who may order from a line."""
    queues = [event for event in events(setting, schema.Queue) if line in event.lines]
    moved = {name for event in queues for name in (*event.first, *event.behind, *event.exempt)}
    moved |= {name for group in entry.priority for name in group}
    accounts = [Account(entry.rest_to or OUTSIDE)]
    accounts += [Account(customer) for customer in planners(setting, line, entry.item)]
    accounts += [Account(customer) for customer in entry.seed.shares] if entry.seed else []
    accounts += [Account(customer) for contract in entry.contracts.values() for customer in contract.split]
    accounts += [Account(order.customer, name if name in moved else "") for name, order in entry.orders.items()]
    for name, event in setting.events.items():
        if isinstance(event, schema.Budget) and event.line == line:
            accounts += [Account(event.for_, name, "purchase"), Account(event.buys_from)]
    return list(dict.fromkeys(accounts))


def planners(setting: Setting, line: str, item: str) -> list[str]:
    """States whose plan of receipts goes to this line: the one they name, one at home, the first that builds new."""
    holdings = {code: state.items[item] for code, state in setting.states.items() if item in state.items}
    planning = {code: holding for code, holding in holdings.items() if holding.procurement is not None}
    if not planning:
        return []
    makers = [(name, home, entry) for name, home, entry in lines_of(setting) if entry.item == item]
    new = [name for name, _home, entry in makers if entry.refurbishes is None]
    found = []
    for customer, holding in planning.items():
        at_home = next((name for name, home, _entry in makers if home == customer), new[0] if new else None)
        if (holding.line or at_home) == line:
            found.append(customer)
    return found


def lots_of(setting: Setting, gate: Gate, routes: Iterable[Route], expiry: Expiry) -> set[Lot]:
    """Every lot that can ever hold a unit: first stocks, output of lines, what routes carry on until nothing is new."""
    lots = set(_first_lots(setting, expiry)) | set(_built_lots(setting, expiry))
    onward: dict[tuple[str, str], list[Route]] = {}
    needs = needs_of(setting)
    for route in routes:
        for item in needs[route.need]:
            onward.setdefault((route.supplier, item), []).append(route)
    new = lots
    while new:
        handed_on = {lot for old in new for lot in _carried(setting, gate, onward.get((old.holder, old.item), ()), old)}
        new = (handed_on | set(_refurbished(setting, expiry, new))) - lots
        lots = lots | new
    return lots


def _carried(setting: Setting, gate: Gate, onward: Iterable[Route], lot: Lot) -> Iterator[Lot]:
    """The lots that a lot may become, handed on along some routes."""
    for route in onward:
        if gate.may(route.supplier, route.recipient, lot.item, lot.origin, route.via):
            yield _handed_on(setting, route, lot)


def _handed_on(setting: Setting, route: Route, lot: Lot) -> Lot:
    """What a lot is in the hands of a recipient; under the giver's own conditions it takes the giver as origin."""
    origin = route.supplier if setting.states[route.supplier].own_conditions else lot.origin
    return Lot(route.recipient, lot.item, origin, lot.expires)


def _refurbished(setting: Setting, expiry: Expiry, lots: Iterable[Lot]) -> Iterator[Lot]:
    """What lines make of old lots of their state, and the old lots that wait in their yards once they have expired."""
    works = [(name, state, line) for name, state, line in lines_of(setting) if line.refurbishes is not None]
    for name, state, line in works:
        for lot in lots:
            if (lot.holder, lot.item) == (state, line.refurbishes):
                yield from (Lot(state, line.item, lot.origin, month) for month in expiry.classes_of_output(line.item))
                if lot.expires != NEVER:
                    yield Lot(name, lot.item, lot.origin)


def first_origin(setting: Setting, state: str, item: str) -> str:
    """Whose conditions travel with a first stock: those the scenario names, else the licensor's."""
    holding = setting.states[state].items.get(item)
    if holding is not None and holding.origin is not None:
        return holding.origin
    return setting.items[item].licensor or state


def inventories(state: schema.State) -> list[schema.Inventory]:
    """The first stocks of a state that are known in total only."""
    stances = [state, *state.needs.values()]
    return [stance.inventory for stance in stances if stance.inventory is not None]


def _first_lots(setting: Setting, expiry: Expiry) -> Iterator[Lot]:
    for state, entry in setting.states.items():
        named = [item for item, holding in entry.items.items() if holding.stock is not None]
        split = [item for inventory in inventories(entry) for item in (*inventory.parts, inventory.rest)]
        for item in dict.fromkeys([*named, *split]):
            for month in expiry.classes_of_first_stock(state, item):
                yield Lot(state, item, first_origin(setting, state, item), month)


def _built_lots(setting: Setting, expiry: Expiry) -> Iterator[Lot]:
    lines = list(lines_of(setting))
    built_in: dict[str, list[str]] = {}
    for taker, _home, entry in lines:
        for part in setting.items[entry.item].needs:
            built_in.setdefault(part, []).append(taker)
    for name, state, entry in lines:
        yield from (Lot(taker, entry.item, state) for taker in built_in.get(entry.item, ()))
        if setting.items[entry.item].is_finished:
            months = expiry.classes_of_output(entry.item)
            customers = {account.customer for account in accounts_of(setting, name, entry)} - {OUTSIDE}
            yield from (Lot(customer, entry.item, state, month) for customer in customers for month in months)


def lanes_of(setting: Setting, gate: Gate, ledger: Ledger, routes: Iterable[Route]) -> list[Lane]:
    """The way of each lot along each route that some month opens.

    The freest origins come first, and before all others those for which nobody has to be asked.
    """
    known, needs = set(ledger.lots), needs_of(setting)
    lanes = []
    for route in routes:
        for item in needs[route.need]:
            found = []
            for row in ledger.rows_for_abroad(route.supplier, item):
                way = (route.supplier, route.recipient, item, ledger.lots[row].origin, route.via)
                arriving = _handed_on(setting, route, ledger.lots[row])
                if arriving in known and gate.may(*way):
                    found.append(_lane(ledger, gate, route, row, arriving))
            lanes += sorted(found, key=lambda lane: bool(lane.vetoes))
    return lanes


def _lane(ledger: Ledger, gate: Gate, route: Route, row: int, arriving: Lot) -> Lane:
    """The way of a lot. For what happened on a date consents were there in time, if they could be had at all."""
    lot, to_row = ledger.lots[row], ledger.row_of(arriving)
    passage = gate.passage(route.supplier, route.recipient, lot.item, lot.origin, route.via)
    if route.channel in ("pledge", "promise"):
        return Lane(route, lot.item, arriving.origin, row, to_row, passage.hopeful)
    return Lane(route, lot.item, arriving.origin, row, to_row, passage.lawful, passage.vetoes)
