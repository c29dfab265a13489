"""How fast sweeps are: against Mesa's `batch_run`, over workers, and what memory they take.

    python benchmarks/sweeps.py [RUNS]

Each figure is a ratio of times from one call, in pairs that take turns, because a machine is seldom alone.
Sweeps include everything: reading the design, starting workers, writing shards and the summary.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from batches import batch
from scalar_world.arithmetic import ROUNDING

import backfill as bf

HERE = Path(__file__).resolve().parent
SEED, RUNS, PLAIN_RUNS, PAIRS = 1, 4000, 200, 7
MEMORY_RUNS = (1000, 4000, 16000)
SMALL, TINY = HERE / "small_world.yaml", HERE.parent / "experiments" / "claims" / "floors.yaml"

DESIGN = """\
design: 1
title: A world many times
scenario: {world}
arms: [baseline]
seed: {seed}
factors: all_ranges
replications: {runs}
keep: {{outcomes: [aid]}}
"""


def swept(folder: Path, world: Path, runs: int, *, workers: int = 1, seed: int = SEED) -> bf.Study:
    """A study of one world, all of its ranges drawn."""
    design, beside = folder / "design.yaml", Path(shutil.copy(world, folder))
    design.write_text(DESIGN.format(world=beside.name, seed=seed, runs=runs), encoding="utf-8")
    return bf.sweep(design, out=folder / "study", workers=workers)


def in_new_folder(work: Callable[[Path], object]) -> float:
    """Seconds that something takes in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        started = perf_counter()
        work(Path(name))
        return perf_counter() - started


def side_by_side(folder: Path, runs: int) -> None:
    """Two processes that know nothing of each other, each with half of the runs and a study of its own."""
    halves = [folder / "one", folder / "two"]
    for half in halves:
        half.mkdir()
    started = [alone(half, SMALL, runs // 2, seed) for seed, half in enumerate(halves)]
    if any(process.wait() for process in started):
        raise SystemExit("a process alone has failed")


def alone(folder: Path, world: Path, runs: int, seed: int = SEED) -> subprocess.Popen[str]:
    """This script in a process of its own, which sweeps and tells the most memory it held, in MB."""
    words = [sys.executable, str(Path(__file__).resolve()), "alone", str(folder), str(world), str(runs), str(seed)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603


def aid(study: bf.Study) -> list[float]:
    """Units to the aided state at the end, run by run."""
    rows = study.table(where={"outcome": ["units_to_aided"]}).astype({"by": str})
    return list(rows[rows["by"] == rows["by"].max()].sort_values("run")["value"])


def told(name: str, ratios: list[float], unit: str = "") -> None:
    """A median, with the smallest and the largest beside it."""
    print(f"{name:<62} {statistics.median(ratios):7.2f} ({min(ratios):.2f} to {max(ratios):.2f}) {unit}", flush=True)


def against_batch_run(runs: int) -> None:
    """Throughput of a sweep in that of `batch_run`, both with two processes, the same worlds.

    Plain Python lives fewer of them, for want of time, so that the start of its processes weighs more in each.
    """
    with tempfile.TemporaryDirectory() as name:
        found = aid(swept(Path(name), SMALL, PLAIN_RUNS, workers=2))
    plain = batch(SMALL, SEED, PLAIN_RUNS, processes=2)
    same = all(abs(one - other) < ROUNDING for one, other in zip(found, plain, strict=True))
    print(f"units to the aided state, run by run, equal to those of plain Python: {same}", flush=True)
    ratios = []
    for _pair in range(PAIRS):
        ours = in_new_folder(lambda folder: swept(folder, SMALL, runs, workers=2)) / runs
        its = in_new_folder(lambda _folder: batch(SMALL, SEED, PLAIN_RUNS, processes=2)) / PLAIN_RUNS
        ratios.append(its / ours)
    told("sweep against batch_run, times the throughput", ratios)


def over_workers(runs: int) -> None:
    """What a second worker brings, and how much of what two processes reach that know nothing of each other."""
    gains, shares, hopes = [], [], []
    for _pair in range(PAIRS):
        one, two, apart = (
            in_new_folder(work)
            for work in (
                lambda folder: swept(folder, SMALL, runs),
                lambda folder: swept(folder, SMALL, runs, workers=2),
                lambda folder: side_by_side(folder, runs),
            )
        )
        gains.append(one / two)
        hopes.append(one / apart)
        shares.append(apart / two)
    told("two workers, times the throughput of one", gains)
    told("two independent processes, times the throughput of one", hopes)
    told("two workers, part of what two independent processes reach", shares)


def memory() -> None:
    """The most memory that a process holds which sweeps, by the number of runs."""
    for runs in MEMORY_RUNS:
        with tempfile.TemporaryDirectory() as name:
            said = alone(Path(name), TINY, runs).communicate()[0]
        print(f"most memory, {runs:6,d} runs: {int(said):>6,d} MB", flush=True)


def _peak() -> int:
    """The most memory that this process has held, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise SystemExit("this system does not tell how much memory a process held")


def main() -> None:
    """Print every figure."""
    if sys.argv[1:2] == ["alone"]:
        folder, world, runs, seed = sys.argv[2:]
        swept(Path(folder), Path(world), int(runs), seed=int(seed))
        print(_peak())
        return
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    memory()
    against_batch_run(runs)
    over_workers(runs)


if __name__ == "__main__":
    main()
