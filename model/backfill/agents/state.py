"""A state: it trains with what it holds, judges where it stands, orders, asks, and decides what to give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backfill.agents.numbered import Numbered
from backfill.agents.position import Position
from backfill.arrays import Floats, Masks, PerRun
from backfill.giving.doctrines import Follows, KeepsAccount, decide
from backfill.passing.consent import EVEN
from backfill.registry import PluginFault

if TYPE_CHECKING:
    from backfill.agents.giving import Giving
    from backfill.passing.consent import Question
    from backfill.world import World


class State(Numbered):
    """One state in all runs at once, with a position towards each need that it can hold something for."""

    model: World

    def __init__(self, world: World, code: str, positions: dict[str, Position]) -> None:
        super().__init__(world)
        self.code = code
        self.positions = positions
        self.at_risk = [position for position in positions.values() if np.any(np.asarray(position.losses) > 0)]
        self.training = [position for position in positions.values() if np.any(np.asarray(position.training) > 0)]
        self.doctrines = {
            (need, name): decide(giving.doctrine)
            for need, position in positions.items()
            for name, giving in position.giving.items()
        }
        for position in positions.values():
            self._join(position)
        self.with_memory = {key: found for key, found in self.doctrines.items() if isinstance(found, Follows)}

    def _join(self, position: Position) -> None:
        """Two channels of a doctrine that keeps one account do not give the same unit twice."""
        gift, sale = position.giving["gift"], position.giving["sale"]
        if gift.doctrine.kind == sale.doctrine.kind and isinstance(self.doctrines[position.need, "gift"], KeepsAccount):
            gift.together, sale.together = sale, gift

    # --- phase 5 ----------------------------------------------------------------------------------------------

    def train(self) -> None:
        """Training and tests use restricted lots first, then what is worth least; fractions of a unit add up."""
        for position in self.training:
            due = position.training_left + position.training
            before = position.equivalents()
            position.use(np.maximum(np.floor(due), 0.0), position.least_worth_first, "trained")
            position.training_left = np.minimum(due - (before - position.equivalents()), 1.0)

    def lose(self) -> None:
        """Accidents and strikes on depots take their part of what is left."""
        for position in self.at_risk:
            position.lose(self.model.chance, self.model.month)

    # --- phase 6 ----------------------------------------------------------------------------------------------

    def assess(self) -> None:
        """Where it stands: target and gap of an aided state, headroom and will of one that is asked to give."""
        tension = self.model.census.tension_felt(self.code)
        for position in self.positions.values():
            position.tension = tension
            if position.asks_for_aid:
                self._aim(position)
            if position.is_asked:
                self._judge_headroom(position)

    def _aim(self, position: Position) -> None:
        """Target = the larger of cover * expected use and load * fire units, those in training included."""
        month = self.model.month
        expected = np.where(position.can_engage, self.model.census.expected_use(position), 0.0)
        units = 0.0 if position.fire_units is None else position.fire_units_in(month + position.fire_units_ahead)
        position.expected_use = expected
        position.target = np.maximum(position.cover * expected, position.load * units)
        position.shortfall = np.maximum(position.target - position.equivalents(), 0.0)

    def _judge_headroom(self, position: Position) -> None:
        look_ahead = position.look_ahead
        own_use = look_ahead * (position.training + np.asarray(self.model.census.expected_use(position)))
        own_deliveries = self.model.census.due_from_lines(position, look_ahead) if np.any(own_use) else 0.0
        position.assess(own_use, own_deliveries, self.model.census.backfill_expected(position))
        for giving in position.giving.values():
            position.change_will(giving, self.model.chance, self.model.month)
            if (position.need, giving.name) in self.with_memory:
                self.with_memory[position.need, giving.name].follow(position, giving, self.model.census)

    # --- phase 8 ----------------------------------------------------------------------------------------------

    def request(self) -> None:
        """Publish what is missing: an aided state up to its target, a donor up to its objective."""
        for position in self.positions.values():
            if position.asks_for_aid:
                position.asked = self.missing(position)
                self.model.ask(position, "gift", position.asked)
            if position.asks_for_backfill:
                gap = np.maximum(position.objective - self.model.census.whole_position(position), 0.0)
                self.model.ask(position, "backfill", gap)

    def missing(self, position: Position) -> Floats:
        """Target less stock, what is committed or under way, and what lines will deliver within its cover."""
        coming = self.model.census.coming(position) + self.model.census.due_soon(position)
        return np.maximum(position.target - position.equivalents() - coming, 0.0)

    # --- phase 9 ----------------------------------------------------------------------------------------------

    def answer(self, question: Question) -> Masks:
        """Whether it consents that others hand on what came under its conditions, as willing as it now is.  [runs]"""
        position = self.positions.get(question.need)
        return question.agreed(EVEN if position is None else position.giving["gift"].will)

    # --- phase 10 ---------------------------------------------------------------------------------------------

    def _offered(self, position: Position, giving: Giving) -> Floats:
        """What a doctrine offers; without limit is all that is not committed.  [runs]

        Raises PluginFault for a doctrine that offers what is no number.
        """
        decides = self.doctrines[position.need, giving.name]
        offered = np.asarray(decides.offer(position, giving), dtype=float)
        if np.isnan(offered).any():
            raise PluginFault(f"the doctrine {type(decides).__name__} offers what is no number")
        if np.isfinite(offered).all():  # skips work, decides nothing
            return offered
        return np.where(np.isposinf(offered), position.free_equivalents(), offered)

    def open_offers(self) -> None:
        """What it lets go this month through each channel, in equivalents: computed once, then drawn down.

        The part of a unit that last month left comes on top where anything is offered; nothing while closed.
        """
        for position in self.positions.values():
            for giving in position.giving.values() if position.is_asked else ():
                offered: PerRun = 0.0
                if giving.open_in(self.model.month):
                    offered = np.where(giving.barred, 0.0, self._offered(position, giving))
                giving.offering = np.broadcast_to(np.asarray(offered) > 0, (self.model.runs,))
                giving.left = np.where(giving.offering, giving.fraction + offered, 0.0)
