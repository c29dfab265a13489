"""The same small world, lived by arrays and by plain Python: equal in every recorded number of every run."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from backfill.scenario import load, numbers_of
from backfill.world import World

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("the benchmarks are in the repository only", allow_module_level=True)

SEED = 20
REPLICATIONS = (0, 1, 2, 58, 401)
ARMS = ("baseline", "no_backfill")


@pytest.fixture(scope="module")
def small_world():
    return load(str(BENCHMARKS / "small_world.yaml"))


@pytest.fixture(scope="module")
def plain():
    """The world in plain Python, from the folder of the benchmarks."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        from scalar_world import ScalarWorld
    finally:
        sys.path.remove(str(BENCHMARKS))
    return ScalarWorld


def lived_in_arrays(scenario, arm, replications):
    """Every recorded row by its name  [months, runs]"""
    setting = scenario.arm(arm)
    recorder = World(setting, replications, SEED, numbers_of(setting)).run()
    return {
        (outcome.name, *labels): recorder.tables[outcome.name][:, row]
        for outcome in recorder.outcomes
        for row, labels in enumerate(outcome.rows)
    }


def lived_plainly(plain, scenario, arm, replication, seed=SEED):
    setting = scenario.arm(arm)
    recorded = plain(setting, numbers_of(setting), seed, replication).run()
    return {row: np.array(months, dtype=np.float32) for row, months in recorded.items()}


@pytest.mark.parametrize("arm", ARMS)
def test_arrays_and_plain_python_live_the_same_world(small_world, plain, arm):
    together = lived_in_arrays(small_world, arm, REPLICATIONS)
    for run, replication in enumerate(REPLICATIONS):
        for row, months in lived_plainly(plain, small_world, arm, replication).items():
            assert np.array_equal(together[row][:, run], months), f"{row} of replication {replication} in {arm}"


def test_the_world_that_is_also_compiled_is_lived_alike(plain):
    four_states = load(str(BENCHMARKS / "four_states.yaml"))
    together = lived_in_arrays(four_states, "baseline", REPLICATIONS)
    for run, replication in enumerate(REPLICATIONS):
        for row, months in lived_plainly(plain, four_states, "baseline", replication).items():
            assert np.array_equal(together[row][:, run], months), f"{row} of replication {replication}"


def test_another_seed_would_be_noticed(small_world, plain):
    """The control: luck from another seed, and nothing else, makes another world."""
    together = lived_in_arrays(small_world, "baseline", REPLICATIONS[:1])
    other = lived_plainly(plain, small_world, "baseline", REPLICATIONS[0], seed=SEED + 1)
    assert any(not np.array_equal(together[row][:, 0], months) for row, months in other.items())


def test_the_small_world_is_not_a_still_one(small_world):
    """What is compared happens: every limit binds, aid and backfill arrive, the second war breaks out."""
    lived = lived_in_arrays(small_world, "baseline", range(40))
    bound = np.array([months for row, months in lived.items() if row[0] == "bound"])
    assert set(np.unique(bound)) == {0.0, 1.0, 2.0}
    assert lived["delivered",][-1].max() > 20
    assert 1.0 in lived["tension", "gulf"]
    assert all(lived["aid_by_channel", "XWA", channel].any() for channel in ("gift", "pledge", "queue"))
    assert all(lived[row].any() for row in (("headroom", "XDA"), ("aid", "XWA", "bolt", "XEA"), ("unmet", "XWA")))
