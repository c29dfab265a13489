"""A manufacturer: a firm in one state, with the lines that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfill.agents.numbered import Numbered
from backfill.lines.line import Line
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.world import World


class Manufacturer(Numbered):
    """A firm in one state with its lines."""

    model: World

    def __init__(self, world: World, name: str, entry: schema.Manufacturer) -> None:
        super().__init__(world)
        self.name, self.state = name, entry.state
        self.lines = [Line(world, name, line, entry.state, said) for line, said in entry.lines.items()]
