"""Every name in a scenario that stands for something described elsewhere in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backfill.scenario import schema
from backfill.scenario.schema import Setting, Stance


@dataclass(frozen=True)
class Reference:
    """A name, where it stands, and what it must be: a key of `EXPECTED`. `is_key`: it names an entry itself."""

    path: str
    name: str
    what: str
    is_key: bool = False


EXPECTED = {
    "state": "a state of this scenario, by its ISO 3166 alpha-3 code",
    "customer": "a state of this scenario, or OTHER",
    "item": "an item of this scenario",
    "need": "a need of this scenario",
    "use": "an item or a need of this scenario",
    "line": "a production line: maker.line",
    "conflict": "a conflict of this scenario",
    "arm": "an arm of this scenario",
    "pledge": "a pledge of this scenario",
    "promise": "a promise of this scenario",
    "kept": "a promise or a pledge of this scenario",
    "family": "a family of items, under outcomes.families",
    "authority": "an authority of this scenario",
    "favoured": "a state, an order or a budget of this scenario",
    "class": "a state, an order or a budget of this scenario, or others",
    "endpoint": "two states, or any: DEU-to-UKR, any-to-UKR",
    "pair": "two different states of this scenario: USA-JPN",
    "source": "a source or an assumption of this scenario or its catalogue",
}


def references(setting: Setting) -> Iterator[Reference]:
    """All the names that have to exist, in the order of the schema."""
    yield from _of_roles(setting)
    for name, item in setting.items.items():
        yield from _keys(f"items.{name}.needs", item.needs, "item")
    for name, need in setting.needs.items():
        yield from _keys(f"needs.{name}.worth", need.worth, "item")
    yield from _of_stance("defaults.state", setting.defaults.state)
    for code, state in setting.states.items():
        yield from _of_state(f"states.{code}", state)
    for name, maker in setting.manufacturers.items():
        yield Reference(f"manufacturers.{name}.state", maker.state, "state")
        for label, line in maker.lines.items():
            yield from _of_line(f"manufacturers.{name}.lines.{label}", line)
    for name, conflict in setting.conflicts.items():
        yield from _of_conflict(f"conflicts.{name}", conflict)
    yield from (Reference(f"transfers.{pair}", pair, "endpoint", is_key=True) for pair in setting.transfers)
    yield from (Reference(f"relations.{pair}", pair, "pair", is_key=True) for pair in setting.relations)
    for name, event in setting.events.items():
        yield from _of_event(f"events.{name}", event)
    for name, actor in setting.actors.items():
        yield from _one(f"actors.{name}.state", actor.state, "state")
    for part, arms in (("arms", setting.arms), ("doctrines", setting.doctrines)):
        for name, arm in arms.items():
            yield from _row(f"{part}.{name}.includes", arm.includes, "arm")


def _row(path: str, names: Iterable[str] | None, what: str) -> Iterator[Reference]:
    return (Reference(f"{path}.{index}", name, what) for index, name in enumerate(names or ()))


def _keys(path: str, names: Iterable[str] | None, what: str) -> Iterator[Reference]:
    return (Reference(f"{path}.{name}", name, what, is_key=True) for name in names or ())


def _one(path: str, name: str | None, what: str) -> Iterator[Reference]:
    return iter(()) if name is None else iter((Reference(path, name, what),))


def _of_roles(setting: Setting) -> Iterator[Reference]:
    for role in ("donor", "backfiller", "aided"):
        yield from _one(f"roles.{role}", getattr(setting.roles, role), "state")
    yield from _row("roles.items", setting.roles.items, "item")
    for name, family in setting.outcomes.families.items():
        yield from _row(f"outcomes.families.{name}.items", family.items, "item")
    yield from _one("outcomes.promise", setting.outcomes.promise, "kept")
    yield from _one("outcomes.lead", setting.outcomes.lead, "family")


def _of_stance(path: str, stance: Stance) -> Iterator[Reference]:
    yield from _row(f"{path}.load_in", stance.load_in, "item")
    yield from _keys(f"{path}.worth", stance.worth, "item")
    yield from _row(f"{path}.aid_from", stance.aid_from, "state")
    yield from _row(f"{path}.backfill_from", stance.backfill_from, "state")
    if stance.inventory is not None:
        yield from _keys(f"{path}.inventory.parts", stance.inventory.parts, "item")
        yield Reference(f"{path}.inventory.rest", stance.inventory.rest, "item")


def _of_state(path: str, state: schema.State) -> Iterator[Reference]:
    yield from _of_stance(path, state)
    for name, holding in state.items.items():
        yield Reference(f"{path}.items.{name}", name, "item", is_key=True)
        yield from _one(f"{path}.items.{name}.line", holding.line, "line")
    for name, stance in state.needs.items():
        yield Reference(f"{path}.needs.{name}", name, "need", is_key=True)
        yield from _of_stance(f"{path}.needs.{name}", stance)


def _of_line(path: str, line: schema.Line) -> Iterator[Reference]:
    yield Reference(f"{path}.item", line.item, "item")
    yield from _one(f"{path}.refurbishes", line.refurbishes, "item")
    yield from _one(f"{path}.rest_to", line.rest_to, "customer")
    for index, names in enumerate(line.priority):
        yield from _row(f"{path}.priority.{index}", names, "class")
    yield from _keys(f"{path}.seed.shares", line.seed.shares if line.seed else (), "customer")
    for name, order in line.orders.items():
        yield Reference(f"{path}.orders.{name}.customer", order.customer, "customer")
    for name, contract in line.contracts.items():
        yield from _keys(f"{path}.contracts.{name}.split", contract.split, "customer")


def _of_conflict(path: str, conflict: schema.Conflict) -> Iterator[Reference]:
    yield from _row(f"{path}.fighting", conflict.fighting, "state")
    yield from _row(f"{path}.uses", conflict.uses, "use")
    for part in ("attacks", "fires"):
        course = getattr(conflict, part)
        if isinstance(course, schema.Series):
            yield Reference(f"{path}.{part}.source", course.source, "source")


_IN_EVENTS = {
    "state": "state", "from_": "state", "to": "state", "via": "state", "for_": "state", "buys_from": "state",
    "item": "item", "rest": "item", "need": "need", "line": "line", "conflict": "conflict",
    "against": "promise", "paid_by": "authority",
}  # fmt: skip
_ROWS_IN_EVENTS = {
    "states": "state", "payers": "state", "lines": "line", "first": "favoured",
    "behind": "favoured", "exempt": "favoured",
    "source": "source",
}  # fmt: skip


def _of_event(path: str, event: schema.Happening) -> Iterator[Reference]:
    names = {**_IN_EVENTS, "for_": "pledge"} if isinstance(event, schema.Promise) else _IN_EVENTS
    for field, what in names.items():
        yield from _one(f"{path}.{field.rstrip('_')}", getattr(event, field, None), what)
    for field, what in _ROWS_IN_EVENTS.items():
        yield from _row(f"{path}.{field}", getattr(event, field, None), what)
    yield from _keys(f"{path}.parts", getattr(event, "parts", None), "item")
