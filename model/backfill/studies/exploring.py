"""An ensemble in two helpings: a first answer from few runs, then the rest of them, each run simulated once.

Only what is drawn beside the courses waits for the last helping: the baseline keeps more then, and is lived once more.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from backfill.records.headline import KEEPING, REFILL
from backfill.studies.block import Block, Lived
from backfill.studies.run import TWIN_KEEP, dataset, twins_of
from backfill.studies.warm import Wanted, WarmCrew

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.scenario import Scenario

COUNTED = ("aid", "backfill", "promised", "delivered", *REFILL, *KEEPING)
"""Outcomes from which the answer is made, and the courses of the arms."""
PICTURED = ("aid_by_channel", "why_not", "supplied")
"""Outcomes of the baseline from which the other figures are made; to write them down is a tenth of a block's time."""
MOST_REMEMBERED = 6000
"""Runs of single arms, with their outcomes, that are kept for a page that comes back to where it was."""


class Piece(NamedTuple):
    """Some runs of an arm: in which world, from which seed, and which outcomes are kept of them."""

    which: str
    arm: str
    seed: int
    runs: range
    keep: tuple[str, ...]

    def holds(self, other: Piece) -> bool:
        """Whether the other can be cut out of it: a run is the same whichever runs are beside it."""
        inside = self.runs.start <= other.runs.start and other.runs.stop <= self.runs.stop
        return self[:3] == other[:3] and inside and set(other.keep) <= set(self.keep)


@dataclass
class Explorer:
    """Warm processes, and the last pieces that they simulated. Asked the same twice, it answers the same."""

    crew: WarmCrew = field(default_factory=WarmCrew)
    _remembered: OrderedDict[Piece, Lived] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def explore(
        self,
        scenario: Scenario,
        arms: Sequence[str],
        runs: Sequence[range],
        seed: int,
        *,
        which: str,
        wanted: Wanted,
        also: Sequence[str] = (),
        twins: Mapping[str, str] | None = None,
    ) -> Results:
        """Arms of a scenario in the same random futures, the baseline first, under its own doctrine alone.

        runs: the replications, in helpings that follow each other
        which: says which world this is, changes included; the same words mean the same world
        also: outcomes that are kept of the baseline, beside those from which the answer is made
        twins: for each arm the one that is its world without backfill; None: they are looked for
        The outcome is that of `simulate(scenario, arms, runs, seed, under=False)`, with fewer outcomes. Raises Stopped.
        """
        from backfill.results import Results

        names = list(dict.fromkeys(["baseline", *arms]))
        twins = twins_of(scenario, names, None) if twins is None else twins
        keeps = dict.fromkeys([*names, *twins.values()], COUNTED) | {"baseline": (*COUNTED, *also)}
        lived = self._lived(scenario, keeps, runs, seed, which, wanted)
        many = runs[-1].stop
        bare = {arm: lived[twin] for arm, twin in twins.items()}
        return Results(
            dataset=dataset(scenario, names, {arm: lived[arm] for arm in names}, many, (*COUNTED, *also)),
            without=dataset(scenario, names, bare, many, TWIN_KEEP) if bare else None,
            under={},
            scenario=scenario,
            arms=names,
            runs=many,
            seed=seed,
        )

    def _lived(
        self,
        scenario: Scenario,
        keeps: Mapping[str, tuple[str, ...]],
        runs: Sequence[range],
        seed: int,
        which: str,
        wanted: Wanted,
    ) -> dict[str, list[Lived]]:
        """Every arm's helpings, from memory where they were simulated before; the others of an arm in one block."""
        pieces = {arm: [Piece(which, arm, seed, part, keep) for part in runs] for arm, keep in keeps.items()}
        found = {whole: lived for some in pieces.values() for piece in some for whole, lived in self._recalled(piece)}
        missing = [
            whole
            for some in pieces.values()
            for whole in joined(piece for piece in some if not any(known.holds(piece) for known in found))
        ]
        blocks = (  # an arm is read when its turn comes, while the one before it is simulated
            Block(piece.arm, None, scenario.arm(piece.arm), seed, False, piece.runs.start, len(piece.runs), piece.keep,
                  scenario.plugins)
            for piece in missing
        )  # fmt: skip
        for number, lived in self.crew.work_off(blocks, wanted):
            found[missing[number]] = lived
        self._remember({piece: found[piece] for piece in missing})
        return {arm: [_cut(found, piece) for piece in some] for arm, some in pieces.items()}

    def _recalled(self, piece: Piece) -> list[tuple[Piece, Lived]]:
        """What is remembered that a piece can be cut out of, one at most."""
        with self._lock:
            whole = next((known for known in self._remembered if known.holds(piece)), None)
            if whole is None:
                return []
            self._remembered.move_to_end(whole)
            return [(whole, self._remembered[whole])]

    def _remember(self, fresh: Mapping[Piece, Lived]) -> None:
        """Keep what was simulated, and let go what was asked for longest ago."""
        with self._lock:
            self._remembered.update(fresh)
            while sum(len(piece.runs) for piece in self._remembered) > MOST_REMEMBERED and len(self._remembered) > 1:
                self._remembered.popitem(last=False)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces of an arm with those that follow each other made one, since a block costs much the same with more runs."""
    found: list[Piece] = []
    for piece in pieces:
        before = found.pop() if found and found[-1].runs.stop == piece.runs.start else piece
        found.append(piece._replace(runs=range(before.runs.start, piece.runs.stop)))
    return found


def _cut(found: Mapping[Piece, Lived], piece: Piece) -> Lived:
    """The runs and outcomes of a piece."""
    whole, lived = next((known, lived) for known, lived in found.items() if known.holds(piece))
    runs = slice(piece.runs.start - whole.runs.start, piece.runs.stop - whole.runs.start)
    tables = {
        name: replace(table, values=table.values[..., runs])
        for name, table in lived.tables.items()
        if name in piece.keep
    }
    return Lived(tables, {path: drawn[runs] for path, drawn in lived.draws.items()})
