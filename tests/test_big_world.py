"""A claim about size: two hundred states and five hundred lines are lived in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("the benchmarks are in the repository only", allow_module_level=True)
if not Path("/proc/self/status").is_file():
    pytest.skip("only Linux says how much memory a process has had at most", allow_module_level=True)

LIVE = """
from pathlib import Path
import big_world
recorder = big_world.lived(big_world.written(big_world.Size({size})))
print(*(float(recorder.tables[name].sum()) for name in big_world.KEPT))
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
print(int(status["VmHWM"].split()[0]) / 2**20)
"""


def lived(size: str) -> tuple[list[float], float]:
    """The totals of the kept outcomes and the most memory (GiB) of a process that lives a world of some size.

    Taken from /proc: what `getrusage` tells a child begins with the memory of whoever started it.
    """
    path = f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", path + LIVE.format(size=size)], capture_output=True, check=True, text=True
    )
    totals, memory = done.stdout.splitlines()
    return [float(total) for total in totals.split()], float(memory)


def test_a_tenth_of_the_large_world_gives_builds_and_backfills() -> None:
    totals, memory = lived("states=20, lines=50, items=15, months=18")
    assert all(total > 100 for total in totals)
    assert memory < 1


@pytest.mark.slow
def test_the_large_world_is_lived_below_four_gigabytes() -> None:
    """200 states with ten routes each, 500 lines, 20 items, 24 months, a block of 20 runs, three outcomes kept."""
    totals, memory = lived("")
    assert all(total > 1000 for total in totals)
    assert memory < 4
