"""What a scenario says of stocks that expire and of old units made new, checked."""

from __future__ import annotations

from collections.abc import Iterator

from backfill.errors import Problem
from backfill.reading.dates import written
from backfill.scenario import schema
from backfill.scenario.schema import Setting

COMPONENTS = "it at finished items: components do not expire"
CUSTOMERS = "customers of its own state only: the old units are that state's"


def stores(setting: Setting) -> Iterator[Problem]:
    """Shelf lives, dates of first stocks, lines that refurbish."""
    yield from _shelf_lives(setting)
    for code, state in setting.states.items():
        for item, holding in state.items.items():
            yield from _dates(setting, f"states.{code}.items.{item}.expires", holding)
            if holding.expires and item in setting.items and not setting.items[item].is_finished:
                said = f"dates of {item}, which is a component"
                yield Problem(f"states.{code}.items.{item}.expires", said, COMPONENTS)
            elif holding.expires and holding.stock is None and item not in _counted_in_total(state):
                yield Problem(
                    f"states.{code}.items.{item}.expires", "dates of no stock", "a stock, or an inventory of it"
                )
    for name, maker in setting.manufacturers.items():
        for label, line in maker.lines.items():
            if line.refurbishes is not None:
                yield from _made_of(setting, f"manufacturers.{name}.lines.{label}", line)
                yield from _customers(setting, f"manufacturers.{name}.lines.{label}", f"{name}.{label}", maker, line)


def _shelf_lives(setting: Setting) -> Iterator[Problem]:
    for name, item in setting.items.items():
        if item.shelf_life is not None and not item.is_finished:
            said = f"a shelf life of {name}, which is a component"
            yield Problem(f"items.{name}.shelf_life", said, COMPONENTS)
        elif item.shelf_life is not None and item.shelf_life.low < 1 and not item.shelf_life.same_as:
            yield Problem(f"items.{name}.shelf_life", repr(item.shelf_life.text), "a month at least")


def _dates(setting: Setting, path: str, holding: schema.Holding) -> Iterator[Problem]:
    """Dates after the first month began, and shares that are not more than the stock."""
    first, _last = setting.horizon
    for month in holding.expires:
        if month < first:
            said = f"{written(month)}, before the first month"
            yield Problem(f"{path}.{written(month)}", said, f"a month from {written(first)} on")
    total = sum(share.value for share in holding.expires.values())
    if total > 1 + 1e-9:
        yield Problem(path, f"shares of {100 * total:g} % in all", "100 % at most: what is left does not expire")


def _counted_in_total(state: schema.State) -> set[str]:
    """Items of which a state holds a part of some inventory."""
    totals = [stance.inventory for stance in (state, *state.needs.values()) if stance.inventory is not None]
    return {item for total in totals for item in (*total.parts, total.rest)}


def _made_of(setting: Setting, path: str, line: schema.Line) -> Iterator[Problem]:
    """Old and new are finished items; the same item only if it gets a new date."""
    old, new = (setting.items.get(name) for name in (line.refurbishes or "", line.item))
    if old is None or new is None:
        return
    if not (old.is_finished and new.is_finished):
        yield Problem(f"{path}.refurbishes", repr(line.refurbishes), "finished items, old and new")
    elif line.refurbishes == line.item and new.shelf_life is None:
        yield Problem(f"{path}.refurbishes", "its own item, which does not expire", f"a shelf_life of {line.item}")


def _customers(
    setting: Setting, path: str, name: str, maker: schema.Manufacturer, line: schema.Line
) -> Iterator[Problem]:
    """Only the state whose old units are used up may order, and it takes what nobody ordered."""
    if line.rest_to != maker.state and not line.idles:
        found = "no rest_to, so that others take the rest" if line.rest_to is None else f"rest_to: {line.rest_to}"
        yield Problem(
            f"{path}.rest_to", f"{found}, of a line that refurbishes", f"rest_to: {maker.state}, or idles: true"
        )
    for order, said in line.orders.items():
        if said.customer != maker.state:
            yield Problem(f"{path}.orders.{order}.customer", repr(said.customer), CUSTOMERS)
    shares = {"seed.shares": line.seed.shares if line.seed else {}}
    shares |= {f"contracts.{contract}.split": said.split for contract, said in line.contracts.items()}
    for where, split in shares.items():
        yield from (Problem(f"{path}.{where}.{code}", repr(code), CUSTOMERS) for code in split if code != maker.state)
    for code, state in setting.states.items():
        for item, holding in state.items.items():
            if holding.line == name and code != maker.state:
                yield Problem(f"states.{code}.items.{item}.line", repr(name), CUSTOMERS)
    for event, entry in setting.events.items():
        if isinstance(entry, schema.Budget) and entry.line == name:
            yield Problem(f"events.{event}.line", repr(name), "a line that builds new units")
