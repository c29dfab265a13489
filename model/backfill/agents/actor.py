"""Somebody whom the engine does not know by itself: a parliament, a pooled fund, a go-between, written by a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from backfill.agents.numbered import Numbered
from backfill.arrays import Floats, PerRun
from backfill.scenario import schema

if TYPE_CHECKING:
    from backfill.agents.position import Position
    from backfill.world import World


class Actor(Numbered):
    """One actor in all runs at once. It acts last in each phase of the month of which it has a method.

    fields: the numbers that a scenario may give it, each with its kind, such as {"chance": "chance"}
    name:   its name in the scenario
    state:  whose actor it is; None if the scenario does not say
    """

    model: World
    fields: ClassVar[Mapping[str, str]] = {}

    def __init__(self, world: World, name: str, entry: schema.Actor) -> None:
        super().__init__(world)
        self.name, self.state = name, entry.state
        self._numbers = {field: world.draws.of(number) for field, number in entry.numbers.items()}

    def number(self, name: str, otherwise: float) -> PerRun:
        """One of its numbers, drawn; what it is if the scenario does not say.  [runs]"""
        return self._numbers.get(name, otherwise)

    def luck(self, stream: str) -> Floats:
        """A uniform of its own for this month: the same in every arm, in every block.  [runs]"""
        return self.model.chance.uniform(stream, f"actors.{self.name}", self.model.month)

    @property
    def positions(self) -> list[Position]:
        """Where its state stands towards each need."""
        return [position for position in self.model.positions.values() if position.state == self.state]

    # --- the phases, in the order of the month; a subclass writes those in which it acts ------------------------

    def escalate(self) -> None:
        """After theatres have moved."""

    def consume(self) -> None:
        """After this month's rounds are fired."""

    def assess(self) -> None:
        """After states know their targets, their headroom and how willing they are."""

    def order(self) -> None:
        """After lines have been given their orders."""

    def request(self) -> None:
        """After everybody has asked for what is missing."""

    def authorise(self) -> None:
        """After cases have matured or lapsed, before anything is let go."""

    def allocate(self) -> None:
        """After units have been put under contract, before they leave."""
