"""Who hands how much to whom, and what is still asked for: what a picture or a map of flows is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats
from backfill.records.recorder import Labels, Outcome

if TYPE_CHECKING:
    from backfill.world import World

TO = ">"
"""Between giver and receiver: `USA>UKR`. A single axis, since few of all pairs of states trade."""

Source = Callable[[], Floats]


def flows_of(world: World) -> list[Outcome]:
    """Units that arrived from one state at another this month, and what is asked of a giver and not yet given.

    supplied:  units of the items of the question, out of stocks and from lines; nothing that a state makes for itself
    requested: open requests in equivalents, at the end of the month
    """
    supplied = _supplied(world)
    cases = {(case.supplier, case.recipient): case for case in world.cases if case.need == _need(world)}
    requests: tuple[Labels, ...] = tuple((f"{giver}{TO}{taker}",) for giver, taker in cases)
    return [
        Outcome(
            "supplied",
            ("pair",),
            tuple((pair,) for pair in supplied),
            lambda: [_sum(sources, world.runs) for sources in supplied.values()],
        ),
        Outcome(
            "requested",
            ("pair",),
            requests,
            lambda: [np.where(case.opened, case.asked, 0.0) for case in cases.values()],
        ),
    ]


def _need(world: World) -> str:
    return world.need_of(world.setting.roles.items[0])


def _sum(sources: list[Source], runs: int) -> Floats:
    total = np.zeros(runs)
    for source in sources:
        total = total + source()
    return total


def _supplied(world: World) -> dict[str, list[Source]]:
    """What each pair is made of: lanes between stocks, and accounts at the lines of another state."""
    items, found = set(world.setting.roles.items), dict[str, list[Source]]()
    for number, lane in enumerate(world.shipments.lanes):
        ends = (lane.route.supplier, lane.route.recipient)
        if lane.item in items and ends[0] != ends[1]:
            found.setdefault(TO.join(ends), []).append(lambda number=number: world.shipments.arrived[number])  # type: ignore[misc]
    for line in world.finished_lines:
        if line.item not in items:
            continue
        for index, account in enumerate(line.book.accounts):
            if account.customer in world.setting.states and account.customer != line.state:
                pair = f"{line.state}{TO}{account.customer}"
                found.setdefault(pair, []).append(lambda line=line, index=index: line.deliveries.arrived[index])  # type: ignore[misc]
    return found
