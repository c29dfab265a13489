"""What became of every unit: the ledger's running totals, laid open item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.blueprint import nearest
from backfill.months import NEVER
from backfill.records.recorder import Outcome

if TYPE_CHECKING:
    from backfill.world import World


def balance_of(world: World) -> Outcome:
    """Units since the start: initial + produced = stock + under way + all that went, in every month and run."""
    rows = [(entry, item) for item in world.ledger.items for entry in entries_of(world, item)]
    places = tuple(np.array([world.ledger.place(*row) for row in rows], dtype=np.intp).reshape(-1, 2).T)
    return Outcome("balance", ("entry", "item"), tuple(rows), lambda: world.ledger.books[places])


def entries_of(world: World, item: str) -> list[str]:
    """The entries of an item's balance that the scenario lets be other than zero."""
    items, lots = world.setting.items, [lot for lot in world.ledger.lots if lot.item == item]
    held = any(item in position.items for position in world.positions.values())
    lines = [line for line in world.finished_lines if item in (line.item, line.entry.refurbishes)]
    possible = {
        "initial": any(lot.holder in world.setting.states for lot in lots),
        "produced": True,
        "consumed": held,
        "trained": held and _said(world, item, "training"),
        "expired": any(lot.expires < NEVER for lot in lots),
        "lost": held and (_said(world, item, "losses") or any(shock.event.lost for shock in world.shocks)),
        "built_in": any(item in other.needs for other in items.values()),
        "refurbished": any(line.entry.refurbishes == item for line in lines),
        "outside": any(line.item == item for line in lines),
        "stock": True,
        "under_way": held,
    }
    return [entry for entry, may in possible.items() if may]


def _said(world: World, item: str, field: str) -> bool:
    """Whether some state says a field of its stance towards the need that an item meets."""
    need = world.need_of(item)
    return any(nearest(state, need, field) is not None for state in world.setting.states.values())
