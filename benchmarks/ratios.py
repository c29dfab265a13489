"""How fast the package is: against plain Python, by size of the block, and from the shell.

    python benchmarks/ratios.py

Times on a busy machine say little, ratios of best times more; README.md keeps those of the last measurement.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from scalar_world import ScalarWorld

from backfill.scenario import Scenario, load, numbers_of
from backfill.world import World

HERE = Path(__file__).resolve().parent
SEED = 1
BLOCK = 1000
SCALAR_RUNS = 15
BLOCKS = (1, 10, 100, 500, 1000)


def best(repeats: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of some repetitions."""
    times = []
    for _ in range(repeats):
        started = perf_counter()
        work()
        times.append(perf_counter() - started)
    return min(times)


def milliseconds_a_run(scenario: Scenario, runs: int, keep: Sequence[str] | None = None) -> float:
    """A block of the baseline, raising the world included, with some outcomes kept or with all of them."""
    setting = scenario.arm("baseline")
    numbers = numbers_of(setting)
    return best(3, lambda: World(setting, range(runs), SEED, numbers, keep=keep).run()) * 1000 / runs


def recorded_plainly(scenario: Scenario) -> list[str]:
    """The outcomes that plain Python records, so that both record the same."""
    setting = scenario.arm("baseline")
    return sorted({row[0] for row in ScalarWorld(setting, numbers_of(setting), SEED, 0).run()})


def plain_milliseconds_a_run(scenario: Scenario) -> float:
    """The same world in plain Python, one run after the other."""
    setting = scenario.arm("baseline")
    numbers = numbers_of(setting)

    def live_all() -> None:
        for replication in range(SCALAR_RUNS):
            ScalarWorld(setting, numbers, SEED, replication).run()

    return best(3, live_all) * 1000 / SCALAR_RUNS


def start_up() -> float:
    """How many times longer `backfill --help` takes than a Python that does nothing: the median of nine pairs."""
    pairs = []
    for _ in range(9):
        nothing = best(1, lambda: _call("-c", "pass"))
        pairs.append(best(1, lambda: _call("-m", "backfill", "--help")) / nothing)
    return statistics.median(pairs)


def _call(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=os.environ)  # noqa: S603


def main() -> None:
    """Print every figure that README.md keeps."""
    small = load(str(HERE / "small_world.yaml"))
    plain = plain_milliseconds_a_run(small)
    print(f"small world, plain Python:     {plain:7.2f} ms a run")
    for kept, outcomes in (("the same outcomes kept", recorded_plainly(small)), ("all outcomes kept", None)):
        array = milliseconds_a_run(small, BLOCK, outcomes)
        print(
            f"small world, block of {BLOCK}:    {array:7.2f} ms a run, {plain / array:.0f} times the throughput, {kept}"
        )
    patriot = load("japan_patriot")
    times = {runs: milliseconds_a_run(patriot, runs) for runs in BLOCKS}
    for runs, time in times.items():
        slower = time / times[BLOCK]
        print(f"japan_patriot, block of {runs:4d}:  {time:7.2f} ms a run, {slower:.1f} times a block of {BLOCK}")
    print(f"backfill --help:               {start_up():7.1f} times `python -c pass`")


if __name__ == "__main__":
    main()
