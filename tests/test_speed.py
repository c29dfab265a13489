"""What is done once, or left out, to save time: the outcome is the same to the last bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backfill.cli.simulating import Order, _usual_workers
from backfill.rules import Rulebook, book
from backfill.scenario import load
from backfill.studies import task as tasks
from backfill.studies.block import Block, live
from backfill.studies.design import Design, Keep, Point, Replications, StopWhen
from backfill.studies.designs.keeping import OUTCOMES, is_kept
from backfill.studies.run import simulate
from backfill.studies.sizing import LARGEST, SMALLEST, block_of
from backfill.studies.task import Task, work_out

WORLD = Path(__file__).parent / "worlds" / "three_states.yaml"
RUNS = 3


@pytest.fixture(scope="module")
def world():
    return load(WORLD, ["horizon=2030-01 to 2031-12"])


def design_of(world, **changes) -> Design:
    """One point, lived through three times."""
    made = Design("d", "d", world, world.arm_names, 1, (Point(0, {}),), Replications(RUNS, RUNS), False, Keep(), {}, {})
    return replace(made, **changes)


# --- law ------------------------------------------------------------------------------------------------------


def law_of(setting):
    return setting.policies, setting.rules, setting.consent


def test_the_same_law_is_one_book_and_another_law_is_another():
    japan = load("japan_patriot")
    written, older = law_of(japan.arm()), law_of(japan.arm("rules_2014"))
    assert Rulebook.shared(*written) is Rulebook.shared(*law_of(japan.arm("promise_36")))
    assert written != older
    assert Rulebook.shared(*written) is not Rulebook.shared(*older)


def test_books_are_not_kept_without_end(world):
    policies, rules, consent = law_of(world.arm())
    first = Rulebook.shared(policies, rules, consent)
    for number in range(40):
        Rulebook.shared({}, {}, {f"X{chr(65 + number % 26)}{chr(65 + number // 26)}": {}})
    assert len(book._SHARED) <= book._MOST_BOOKS
    assert Rulebook.shared(policies, rules, consent) is not first


def test_what_was_decided_for_another_world_changes_no_run():
    japan = load("japan_patriot", ["horizon=2022-01 to 2024-06"])
    blocks = [Block(arm, None, japan.arm(arm), 1, False, 0, 2) for arm in ("rules_2014", "baseline")]
    book._SHARED.clear()
    alone = live(blocks[1])
    book._SHARED.clear()
    after_another = [live(block) for block in blocks][1]
    assert alone.tables.keys() == after_another.tables.keys()
    for name, table in alone.tables.items():
        assert np.array_equal(table.values, after_another.tables[name].values), name


# --- worlds that nobody asks about ----------------------------------------------------------------------------


def lived_worlds(monkeypatch, design):
    """The worlds that a block of a design lives through, and the tables that come of it."""
    seen = []
    monkeypatch.setattr(tasks, "live", lambda block: seen.append(block.arm) or live(block))
    return seen, work_out(design, Task(0, (0,), 0, RUNS))


def test_the_world_without_backfill_is_lived_only_where_something_is_held_against_it(world, monkeypatch):
    arms = ("baseline",)
    everything, all_rows = lived_worlds(monkeypatch, design_of(world, arms=arms))
    aid_alone, its_rows = lived_worlds(monkeypatch, design_of(world, arms=arms, keep=Keep(("aid",))))
    assert (len(everything), len(aid_alone)) == (2, 1)
    wanted = all_rows["outcomes"].to_pandas().query("outcome == 'units_to_aided'")["value"]
    assert wanted.sum() > 0
    assert its_rows["outcomes"].to_pandas()["value"].tolist() == wanted.tolist()
    assert its_rows["draws"].equals(all_rows["draws"])


ASKED_ELSEWHERE = ("years_to_refill", "promise", "units_promised", "share_when_due", "months_late")
"""Words for headlines that this world does not have; tests of the closing table keep them alone in worlds that do."""


@pytest.mark.parametrize("word", OUTCOMES)
def test_an_outcome_that_is_kept_alone_is_what_it_is_among_all(world, monkeypatch, everything, word):
    seen, rows = lived_worlds(monkeypatch, design_of(world, arms=("baseline", "no_backfill"), keep=Keep((word,))))
    found, whole = rows["outcomes"].to_pandas(), everything["outcomes"].to_pandas()
    same = whole[whole["outcome"].map(lambda name: is_kept(name, Keep((word,)))).astype(bool)]
    assert found["value"].tolist() == same["value"].tolist()
    assert found["outcome"].astype(str).tolist() == same["outcome"].astype(str).tolist()
    assert len(found) or word in ("spent", "undetermined", *ASKED_ELSEWHERE)
    assert set(seen) == {"baseline", "no_backfill"}


@pytest.fixture(scope="module")
def everything(world):
    """All that a block says where nothing is left out."""
    return work_out(design_of(world, arms=("baseline", "no_backfill")), Task(0, (0,), 0, RUNS))


@pytest.mark.parametrize("word", ["pass_through", "exposure"])
def test_what_is_held_against_it_lives_it(world, monkeypatch, word):
    seen, _ = lived_worlds(monkeypatch, design_of(world, arms=("baseline",), keep=Keep((word,))))
    assert len(seen) == 2


def test_a_point_that_stops_when_precise_lives_it(world, monkeypatch):
    stops = Replications(RUNS, RUNS, StopWhen("pass_through", 0.9, 0.5))
    seen, _ = lived_worlds(monkeypatch, design_of(world, arms=("baseline",), keep=Keep(("aid",)), replications=stops))
    assert len(seen) == 2


# --- how much at once -----------------------------------------------------------------------------------------


def of_runs(world, runs, arms=("baseline",)):
    return design_of(world, arms=arms, replications=Replications(runs, runs))


def test_the_more_runs_the_larger_the_blocks_up_to_a_limit(world):
    sizes = [block_of(of_runs(world, runs)) for runs in (10, 4_000, 8_000, 16_000, 1_000_000)]
    assert sizes == [500, 500, 1000, LARGEST, LARGEST]


def test_many_arms_share_the_time_of_a_block(world):
    assert block_of(of_runs(world, 100_000, arms=("baseline",) * 4)) == 1000
    assert block_of(of_runs(world, 100_000, arms=("baseline",) * 40)) == 500


def test_a_world_too_large_for_memory_has_small_blocks(world, monkeypatch):
    monkeypatch.setattr("backfill.studies.sizing.ROOM", 1_000_000)
    assert SMALLEST < block_of(of_runs(world, 100_000)) < 500
    monkeypatch.setattr("backfill.studies.sizing.ROOM", 1)
    assert block_of(of_runs(world, 100_000)) == SMALLEST


# --- how many at work -----------------------------------------------------------------------------------------


def usual(scenario, runs, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    order = Order(scenario.name, None, runs, 1, central=False, changes=())
    return _usual_workers(scenario, order)


def test_processes_are_started_where_they_pay(world, monkeypatch):
    japan = load("japan_patriot")
    assert usual(world, 10, monkeypatch) == 1
    assert usual(world, 400, monkeypatch) == 3
    assert usual(japan, 4, monkeypatch) == 3


def test_one_process_and_two_give_the_same_results_under_every_way_of_deciding():
    scenario = load("shells_us", ["horizon=2022-01 to 2023-06"])
    here, there = (simulate(scenario, ["no_backfill"], 2, 1, workers=workers) for workers in (1, 2))
    assert here.dataset.identical(there.dataset)
    assert here.under.keys() == there.under.keys()
    assert all(here.under[way].identical(there.under[way]) for way in here.under)
