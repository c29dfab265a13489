"""What export rules cost: the gate in a large run, and a decision that nobody has asked for before.

    python benchmarks/rules.py

A run with the rules is timed against the same run behind a gate that permits everything, in pairs, one after the
other in one process; the ratio of each pair is taken, and of the ratios the median. A world without rules moves more
goods, so the time inside the gate is also taken by itself, as a share of its run. Both are processor time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import statistics
from time import perf_counter, process_time
from typing import Any

import numpy as np

import backfill.founding
from backfill.passing.gate import Gate
from backfill.passing.passage import Passage
from backfill.rules import Rulebook, Transfer
from backfill.rules.register import Register
from backfill.scenario import Scenario, load, numbers_of, packaged
from backfill.world import World

SEED = 1
BLOCK = 1000
PAIRS = 9
MOST_SHARE, MOST_MILLISECONDS = 0.05, 2.0
DECISIONS = 200


class OpenGate:
    """Everything may leave for everybody."""

    def __init__(self, setting: Any, *_: Any) -> None:
        since, until = setting.horizon
        self._open = np.ones(until - since + 1, dtype=bool)

    def mask(self, *_: Any) -> Any:
        """Always.  [months]"""
        return self._open

    def passage(self, *_: Any) -> Passage:
        """Always, and nobody is asked."""
        return Passage(self._open, self._open)

    def on_trust(self, *_: Any) -> Any:
        """Never.  [months]"""
        return ~self._open

    def may(self, *_: Any) -> bool:
        """Always."""
        return True


class TimedGate:
    """The rules, with a watch at the door."""

    spent = 0.0

    def __init__(self, *given: Any) -> None:
        self._gate = self._timed(Gate, *given)

    def mask(self, *way: Any) -> Any:
        """What the rules answer.  [months] or [months, runs]"""
        return self._timed(self._gate.mask, *way)

    def passage(self, *way: Any) -> Any:
        """What the rules answer, consents apart."""
        return self._timed(self._gate.passage, *way)

    def on_trust(self, *way: Any) -> Any:
        """What the rules leave open."""
        return self._timed(self._gate.on_trust, *way)

    def may(self, *way: Any) -> Any:
        """What the rules answer."""
        return self._timed(self._gate.may, *way)

    @classmethod
    def _timed(cls, work: Any, *given: Any) -> Any:
        started = process_time()
        found = work(*given)
        cls.spent += process_time() - started
        return found


def seconds(scenario: Scenario, gate: Any) -> float:
    """One block of the baseline behind a gate, raising the world included."""
    setting = scenario.arm("baseline")
    numbers = numbers_of(setting)
    backfill.founding.Gate = gate
    try:
        started = process_time()
        World(setting, range(BLOCK), SEED, numbers).run()
        return process_time() - started
    finally:
        backfill.founding.Gate = Gate  # type: ignore[misc]


def against_an_open_gate(scenario: Scenario) -> float:
    """How many times longer a run takes with the rules: the median of interleaved pairs, after one that warms up."""
    ratios = [seconds(scenario, Gate) / seconds(scenario, OpenGate) for _ in range(PAIRS + 1)]
    return statistics.median(ratios[1:])


def inside_the_gate(scenario: Scenario) -> float:
    """The part of a run that is spent on the rules: the median of some."""
    shares = []
    for _ in range(PAIRS):
        TimedGate.spent = 0.0
        whole = seconds(scenario, TimedGate)
        shares.append(TimedGate.spent / whole)
    return statistics.median(shares)


def cold_decision() -> float:
    """Milliseconds of a decision of which no part was asked before: each on a day of its own, the median of many."""
    book = Rulebook.read(packaged())
    goods = Register.packaged().find("pac3")
    first = Transfer("USA", "UKR", dt.date(2014, 4, 1), **{**goods.traits(), "origin": "JPN"}, request_official=True)
    days = [edge for edge in book.change_days() if edge >= first.on][:DECISIONS]
    times = []
    for day in days:
        asked = dataclasses.replace(first, on=day)
        started = perf_counter()
        book.judge(asked)
        times.append(perf_counter() - started)
    return statistics.median(times) * 1000


def main() -> None:
    """Print every figure that README.md keeps."""
    patriot = load("japan_patriot")
    ratio, share, cold = against_an_open_gate(patriot), inside_the_gate(patriot), cold_decision()
    print(f"japan_patriot, block of {BLOCK}: rules {ratio:.3f} times an open gate, limit {1 + MOST_SHARE:.2f}")
    print(f"japan_patriot, block of {BLOCK}: {share:.1%} of the time inside the gate")
    print(f"a cold decision: {cold:.3f} ms, limit {MOST_MILLISECONDS:.0f} ms")


if __name__ == "__main__":
    main()
