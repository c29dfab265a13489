"""The bill of materials: needs go down from finished goods to the last part, and what is built comes up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backfill.arrays import Floats, sum_rows
from backfill.kernels.allocation import ask_makers
from backfill.lines.line import Line
from backfill.ordering.allocation import served_by
from backfill.scenario import schema


class Pool:
    """Everybody who makes one part, and everybody who builds it into something, on whatever tier.

    makers, takers: lines in the order of the scenario
    wanted: units that each taker asks for this month    [takers, runs]
    """

    def __init__(self, part: str, lines: Sequence[Line], runs: int) -> None:
        self.part = part
        self.makers = [line for line in lines if line.item == part]
        self.takers = [line for line in lines if part in line.needs]
        self.wanted: Floats = np.zeros((len(self.takers), runs))

    def ask(self) -> None:
        """Ask the makers for what is missing: one of them for all of it, several for what each can build of it."""
        for row, taker in enumerate(self.takers):
            self.wanted[row] = taker.parts.missing(self.part, taker.planned)
        total = sum_rows(self.wanted)
        if len(self.makers) == 1:
            self.makers[0].plan(total)
            return
        able = np.array([maker.potential() for maker in self.makers])
        for maker, units in zip(self.makers, ask_makers(total, able), strict=True):
            maker.plan(units)

    def supply(self) -> None:
        """Build what was asked for, and put it into the hands of the takers in the same month."""
        left = self.wanted
        for maker in self.makers:
            maker.build(maker.asked)
            shared = self._share(maker, left)
            left = left - shared
            for taker, units in zip(self.takers, shared, strict=True):
                maker.hand_to(taker, units)

    def _share(self, maker: Line, wanted: Floats) -> Floats:
        """What each taker gets of a maker's output by its rule; lines of its own state are of the first class."""
        classes = [int(taker.state != maker.state) for taker in self.takers]
        given = served_by(maker.deliveries.rule, wanted[np.newaxis], classes, maker.built, range(len(classes)))
        return np.asarray(given[0])


class BillOfMaterials:
    """All lines of a world, tier by tier.

    pools: parts in the order in which needs go down: each after everything that is built of it
    """

    def __init__(self, lines: Sequence[Line], items: Mapping[str, schema.Item], runs: int) -> None:
        self.lines = lines
        self.finished = [line for line in lines if line.finished]
        made = list(dict.fromkeys(line.item for line in lines if not line.finished))
        ranks = tiers(items)
        by_part: dict[str, list[Line]] = {part: [] for part in sorted(made, key=ranks.__getitem__)}
        for line in lines:
            for part in {line.item, *line.needs} & set(by_part):
                by_part[part].append(line)
        self.pools = [Pool(part, around, runs) for part, around in by_part.items()]

    def produce(self, index: int) -> None:
        """A month of all lines: what each can do, what it needs for it, then the deepest tier first."""
        for line in self.lines:
            line.get_ready(index)
        for line in self.finished:
            line.plan_for_book(index)
        for pool in self.pools:
            pool.ask()
        for pool in reversed(self.pools):
            pool.supply()
        for line in self.finished:
            line.run(index)


def tiers(items: Mapping[str, schema.Item]) -> dict[str, int]:
    """How deep each item lies: 0 what goes into nothing, else one deeper than the deepest thing that is built of it.

    >>> of = schema.Item.model_construct
    >>> tiers({"wire": of(needs={}), "seeker": of(needs={"wire": 2}), "missile": of(needs={"seeker": 1, "wire": 1})})
    {'wire': 2, 'seeker': 1, 'missile': 0}
    """
    users: dict[str, list[str]] = {name: [] for name in items}
    for name, item in items.items():
        for part in item.needs:
            users[part].append(name)
    known: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in known:
            known[name] = 1 + max((depth(user) for user in users[name]), default=-1)
        return known[name]

    return {name: depth(name) for name in items}
