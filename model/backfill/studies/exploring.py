"""An ensemble in two helpings: a first answer from few runs, then the rest of them, each run simulated once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backfill.records.headline import KEEPING, REFILL
from backfill.studies.block import Block, Lived
from backfill.studies.run import TWIN_KEEP, dataset, twins_of
from backfill.studies.warm import Wanted, WarmCrew

if TYPE_CHECKING:
    from backfill.results import Results
    from backfill.scenario import Scenario

KEPT = ("aid", "aid_by_channel", "backfill", "promised", "delivered", "why_not", *REFILL, *KEEPING)
"""Outcomes from which the answer and the figures of the page are made."""
MOST_REMEMBERED = 6000
"""Runs of single arms, with their outcomes, that are kept for a page that comes back to where it was."""

Key = tuple[str, str, int, int, int]


@dataclass
class Explorer:
    """Warm processes, and the last blocks that they simulated. Asked the same twice, it answers the same."""

    crew: WarmCrew = field(default_factory=WarmCrew)
    _remembered: OrderedDict[Key, Lived] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def explore(
        self, scenario: Scenario, arms: Sequence[str], runs: Sequence[range], seed: int, *, which: str, wanted: Wanted
    ) -> Results:
        """Arms of a scenario in the same random futures, the baseline first, under its own doctrine alone.

        runs: the replications, in helpings that follow each other
        which: says which world this is, changes included; the same words mean the same world
        The outcome is that of `simulate(scenario, arms, runs, seed, under=False)`, with fewer outcomes. Raises Stopped.
        """
        from backfill.results import Results

        names = list(dict.fromkeys(["baseline", *arms]))
        twins = twins_of(scenario, names, None)
        lived = self._lived(scenario, list(dict.fromkeys([*names, *twins.values()])), runs, seed, which, wanted)
        many = runs[-1].stop
        bare = {arm: lived[twin] for arm, twin in twins.items()}
        return Results(
            dataset=dataset(scenario, names, {arm: lived[arm] for arm in names}, many, KEPT),
            without=dataset(scenario, names, bare, many, TWIN_KEEP) if bare else None,
            under={},
            scenario=scenario,
            arms=names,
            runs=many,
            seed=seed,
        )

    def _lived(
        self, scenario: Scenario, arms: Sequence[str], runs: Sequence[range], seed: int, which: str, wanted: Wanted
    ) -> dict[str, list[Lived]]:
        """Every arm's helpings, from memory where they were simulated before."""
        keys: list[Key] = [(which, arm, seed, part.start, len(part)) for part in runs for arm in arms]
        with self._lock:
            found = {key: self._remembered[key] for key in keys if key in self._remembered}
        missing = [key for key in keys if key not in found]
        blocks = [
            Block(arm, None, scenario.arm(arm), seed, False, first, many, KEPT, scenario.plugins)
            for _, arm, _, first, many in missing
        ]
        for number, lived in self.crew.work_off(blocks, wanted):
            found[missing[number]] = lived
        with self._lock:
            for key in keys:
                self._remembered[key] = found[key]
                self._remembered.move_to_end(key)
            while sum(key[-1] for key in self._remembered) > MOST_REMEMBERED and len(self._remembered) > 1:
                self._remembered.popitem(last=False)
        return {arm: [found[which, arm, seed, part.start, len(part)] for part in runs] for arm in arms}
