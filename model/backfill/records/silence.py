"""What arrives along ways that are open only because nobody's law on file determines them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, Masks
from backfill.passing.transfers import BACKFILL

if TYPE_CHECKING:
    from backfill.lines.line import Line
    from backfill.world import World


class OnTrust:
    """Units that arrive at a state each month and whose way the law leaves open, as aid or as backfill."""

    def __init__(self, world: World, state: str, flow: str) -> None:
        self.world, self.state, self.flow = world, state, flow

    def arrived(self) -> Floats:
        """Units of this month.  [runs]"""
        index, total = self.world.index, np.zeros(self.world.runs)
        for lane, trusted in self._lanes.items():
            total += np.where(trusted[index], self.world.shipments.arrived[lane], 0.0)
        for line, account, trusted in self._accounts:
            total += np.where(trusted[index], line.deliveries.arrived[account], 0.0)
        return total

    @cached_property
    def _lanes(self) -> dict[int, Masks]:
        """The ways of lots to the state that rest on trust in some month.  [months] or [months, runs]"""
        gate, shipments = self.world.gate, self.world.shipments
        found = {}
        for number in shipments.to(self.state, self.world.setting.roles.items):
            lane = shipments.lanes[number]
            if self.flow == "aid" or lane.route.channel in BACKFILL:
                route = lane.route
                found[number] = gate.on_trust(route.supplier, route.recipient, lane.item, lane.origin, route.via)
        return {number: trusted for number, trusted in found.items() if trusted.any()}

    @cached_property
    def _accounts(self) -> list[tuple[Line, int, Masks]]:
        """The deliveries from foreign lines that rest on trust in some month; none of them is backfill."""
        return [entry for entry in self._from_abroad() if entry[2].any()] if self.flow == "aid" else []

    def _from_abroad(self) -> Iterator[tuple[Line, int, Masks]]:
        for line, account in self.world.census.accounts_at_lines(self.state):
            if line.state != self.state:
                yield line, account, self.world.gate.on_trust(line.state, self.state, line.item, line.state)
