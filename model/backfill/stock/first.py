"""What everybody holds when the first month begins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backfill.agents.position import worth_of
from backfill.arrays import Floats, PerRun
from backfill.blueprint import first_origin, inventories, need_of
from backfill.numbers import Draws
from backfill.scenario import schema
from backfill.scenario.schema import Setting
from backfill.stock.expiry import Expiry
from backfill.stock.ledger import Ledger


def first_stocks(setting: Setting, ledger: Ledger, draws: Draws, expiry: Expiry) -> None:
    """Put the first stocks into the ledger, rounded once to whole units; a named stock comes on top of an inventory."""
    for state, entry in setting.states.items():
        for item, units in _stocks_of(setting, draws, state, entry):
            origin = first_origin(setting, state, item)
            for month, part in expiry.split_first_stock(state, item, np.broadcast_to(units, (ledger.runs,))):
                ledger.create(ledger.row(state, item, origin, month), part, "initial")


def _stocks_of(setting: Setting, draws: Draws, state: str, entry: schema.State) -> Iterator[tuple[str, Floats]]:
    for item, holding in entry.items.items():
        if holding.stock is not None:
            yield item, np.rint(draws.of(holding.stock))
    for inventory in inventories(entry):
        yield from _split(setting, draws, state, entry, inventory)


def _split(
    setting: Setting, draws: Draws, state: str, entry: schema.State, inventory: schema.Inventory
) -> Iterator[tuple[str, Floats]]:
    """The items of an inventory: each its share of the total, in the measure of the total, the rest to one item."""
    total = _total(draws, entry, inventory)
    worth = worth_of(setting, state, need_of(setting, inventory.rest), draws)
    rest = total if inventory.equivalents is not None else np.rint(total)
    for item, number in inventory.parts.items():
        units = np.minimum(
            _units(total * draws.of(number), worth[item], inventory), _most(rest, worth[item], inventory)
        )
        rest = rest - (units * worth[item] if inventory.equivalents is not None else units)
        yield item, units
    yield inventory.rest, _units(np.maximum(rest, 0.0), worth[inventory.rest], inventory)


def _most(rest: PerRun, worth: PerRun, inventory: schema.Inventory) -> PerRun:
    """Whole units that are left for a part.  [runs]"""
    return np.ceil(rest / np.maximum(worth, 1e-9)) if inventory.equivalents is not None else rest


def _units(amount: PerRun, worth: PerRun, inventory: schema.Inventory) -> Floats:
    return np.rint(amount / np.maximum(worth, 1e-9) if inventory.equivalents is not None else amount)


def _total(draws: Draws, entry: schema.State, inventory: schema.Inventory) -> PerRun:
    share = 1.0 if inventory.share is None else draws.of(inventory.share)
    if inventory.per_fire_unit is not None:
        units = (entry.fire_units or {}).values()
        first = draws.of(next(iter(units))) if units else 0.0
        return np.rint(draws.of(inventory.per_fire_unit) * np.rint(first)) * share
    number = inventory.units if inventory.units is not None else inventory.equivalents
    if number is None:
        raise ValueError("an inventory has units, equivalents or units per fire unit")
    return draws.of(number) * share
