"""The world of four states, lived by the package and by a compiled loop: equal in every month and run."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from backfill.scenario import load, numbers_of

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("the benchmarks are in the repository only", allow_module_level=True)
pytest.importorskip("numba", reason="the extra `bench` is not installed")

pytestmark = pytest.mark.slow
RUNS = 200


@pytest.fixture(scope="module")
def loop():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import compiled_world
    finally:
        sys.path.remove(str(BENCHMARKS))
    return compiled_world


@pytest.fixture(scope="module")
def setting():
    return load(str(BENCHMARKS / "four_states.yaml")).arm("baseline")


def test_arrays_and_the_compiled_loop_live_the_same_world(loop, setting):
    numbers = numbers_of(setting)
    compiled = loop.compiled(setting, numbers, loop.told(setting, numbers), RUNS)
    assert loop.differing(loop.as_arrays(setting, numbers, RUNS), compiled) == []
    assert all(compiled[row].any() for row in (loop.DELIVERED, loop.AID_OWN, loop.PRODUCED, loop.UNMET))


def test_another_delay_in_the_loop_would_be_noticed(loop, setting):
    """The control: what the loop is told of hand-over, one month later."""
    numbers = numbers_of(setting)
    known = loop.told(setting, numbers)
    late = known._replace(spans=np.add(known.spans, [[0.0], [0.0], [1.0], [0.0], [0.0]]))
    differing = loop.differing(loop.as_arrays(setting, numbers, RUNS), loop.compiled(setting, numbers, late, RUNS))
    assert "aid XWA arrow XDA" in differing
    assert "demand XWA" not in differing
