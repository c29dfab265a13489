"""Which accidents an arm asks of chance: two arms are paired as far as they ask for the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.arrays import Floats, Whole
from backfill.chance import Chance
from backfill.months import NEVER, label

if TYPE_CHECKING:
    from backfill.studies.block import Block

Address = tuple[str, str, int]
"""A stream ("demand"), an entity ("border_war"), a month; those without a month have 0."""
FIRST = 1900 * 12
"""The first month that a draw may be of; what is smaller counts occasions."""


class Heard(Chance):
    """Chance that remembers what it was asked for, in order."""

    def __init__(self, seed: int, replications: Sequence[int] | range | Whole) -> None:
        super().__init__(seed, replications)
        self.asked: dict[Address, None] = {}

    def uniform(self, stream: str, entity: str, month: int = 0) -> Floats:
        """The same uniforms as of any chance; the address is noted.  [runs]"""
        self.asked[stream, entity, int(month)] = None
        return super().uniform(stream, entity, month)


def asked_by(block: Block) -> dict[Address, None]:
    """Every draw of a block, in the order in which it was asked for; the block is lived through for that."""
    from backfill.studies.block import world_of

    world = world_of(block, Heard)
    world.run()
    return world.chance.asked if isinstance(world.chance, Heard) else {}


@dataclass(frozen=True)
class Shared:
    """How far two arms live in the same future.

    alike: draws that both have used    first_only, second_only: draws of one alone
    stream: the first draw, of either arm, whose stream the other does not have; empty where both have the same ones
    whose: the arm that has it, by the name that it goes by
    """

    alike: int
    first_only: int
    second_only: int
    stream: str = ""
    whose: str = ""

    @property
    def share(self) -> float:
        """The share of all draws that both have used alike; one where nothing is drawn."""
        total = self.alike + self.first_only + self.second_only
        return self.alike / total if total else 1.0

    def in_words(self) -> str:
        """What is shared, and what is not."""
        total = self.alike + self.first_only + self.second_only
        if self.share == 1.0:
            return f"Chance: both arms use the same {total:,} draws."
        share = f"{100 * self.share:.1f} %" if self.share > 0.99 else f"{100 * self.share:.0f} %"
        said = f"Chance: both arms use {share} of {total:,} draws alike"
        if not self.stream:
            return f"{said}; the others are months in which one of them alone asks."
        return f"{said}; the first stream that one alone has: {self.stream} ({self.whose})."


def shared(first: Block, second: Block, mine_is: str, theirs_is: str) -> Shared:
    """What two arms draw alike, told from living through a block of each; the names are those they are told by."""
    mine, theirs = asked_by(first), asked_by(second)
    found = _first_alone(mine, theirs)
    whose = mine_is
    if found is None:
        found, whose = _first_alone(theirs, mine), theirs_is
    alike = len(mine.keys() & theirs.keys())
    name = "" if found is None else _said(found)
    return Shared(alike, len(mine) - alike, len(theirs) - alike, name, whose if name else "")


def _first_alone(mine: dict[Address, None], theirs: dict[Address, None]) -> Address | None:
    """The first draw of a stream that the other arm never asks for."""
    known = {(stream, entity) for stream, entity, _ in theirs}
    return next((address for address in mine if address[:2] not in known), None)


def _said(address: Address) -> str:
    """A stream as one says it: what it is about, whose it is, when it was first asked for."""
    stream, entity, month = address
    return f"{stream} of {entity}" + (f", {label(month)}" if FIRST <= month < NEVER else "")
