"""A block of a study: points side by side are the runs that each would be alone, and no point takes another down."""

from __future__ import annotations

import copy
import gc
import runpy
import weakref
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backfill.results import tables
from backfill.results.outcomes import pass_through
from backfill.scenario import load, numbers_of
from backfill.studies import task as tasks
from backfill.studies.design import Design, Keep, Point, Replications, StopWhen, read_design
from backfill.studies.designs.keeping import quantiles
from backfill.studies.designs.precision import is_precise
from backfill.studies.designs.sharing import matching, may_be_number, words_of
from backfill.studies.run import simulate
from backfill.studies.task import Task, split, table_kinds, work_out
from backfill.world import World

draw = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("random_mechanisms.py"))))
WORLD = Path(__file__).parent / "worlds" / "three_states.yaml"
PATHS = {
    "floor": "states.XDA.floor",
    "units": "events.gift.units",
    "lead": "manufacturers.donora_works.lines.arrow.lead_time",
    "date": "events.gift.date",
    "way": "states.XDA.doctrine",
}
RUNS = 3


def design_of(scenario, paths, points, **changes) -> Design:
    """A design as it would be read from a file."""
    numbered = tuple(Point(number, dict(said)) for number, said in enumerate(points))
    arms = scenario.arm_names
    made = Design("d", "d", scenario, arms, 1, numbered, Replications(RUNS, RUNS), False, Keep(), paths, {})
    return replace(made, **changes)


def of(table, point, run=None):
    """The rows of a point, and of one run of it, as a frame of plain words and numbers."""
    frame = table.to_pandas()
    chosen = (frame["point"] == point) & (True if run is None else frame["run"] == run)
    frame = frame[chosen].reset_index(drop=True)
    words = [column for column in frame if frame[column].dtype == "category"]
    return frame.astype(dict.fromkeys(words, str))


def assert_alone_equals_together(design, points=None, runs=RUNS):
    """Runs of a point, alone, are its rows of the block in which all points stand."""
    every = range(len(design.points))
    together = work_out(design, Task(0, tuple(every), 0, runs))
    assert not together["failures"].num_rows, together["failures"].to_pylist()
    for place, point in enumerate(every if points is None else points):
        for first, many in [(0, runs), (runs - 1, 1)][place % 2 :][:1]:
            alone = work_out(design, Task(0, (point,), first, many))
            for name in ("outcomes", "draws", "series"):
                mine = of(alone[name], point)
                theirs = of(together[name], point)
                theirs = theirs[theirs["run"].between(first, first + many - 1)].reset_index(drop=True)
                assert mine.equals(theirs), (name, point, first)


@pytest.fixture(scope="module")
def three_states():
    return load(WORLD, ["horizon=2030-01 to 2031-12"])


@pytest.fixture(scope="module")
def five_years():
    """A design of one point in a world with time for a gift to pass through."""
    return design_of(load(WORLD), PATHS, [{"floor": "20 %", "units": "36 (20 to 40)"}])


@pytest.fixture(scope="module")
def mixed(three_states):
    """Twelve points that differ in numbers alone, some of them with ranges."""
    points = [
        {"floor": f"{floor} %", "units": units, "lead": lead}
        for floor in (20, 50, 90)
        for units in (7, "36 (20 to 40)")
        for lead in ("2 months", "1 year")
    ]
    return design_of(three_states, PATHS, points, keep=Keep(series={"aid": (), "stock": (0.5,)}))


# --- side by side ---------------------------------------------------------------------------------------------------


def test_points_that_differ_in_numbers_alone_share_a_block(mixed):
    assert [task.points for task in split(mixed, range(12), 0, RUNS)] == [tuple(range(12))]
    assert_alone_equals_together(mixed, points=(3, 10))


def test_a_point_is_the_scenario_with_its_values_set(mixed, three_states):
    """The tables of a point are those of a plain run of the same world."""
    scenario = three_states
    for factor, value in mixed.points[7].settings.items():
        scenario = scenario.set(PATHS[factor], value)
    results = simulate(scenario, runs=RUNS, seed=1)
    rows = [tables.table_of(rows, tables.schemas()["outcomes"]) for rows in tables.outcome_columns(results)]
    run = [row for table in rows for row in table.to_pylist()]
    block = work_out(mixed, Task(0, (2, 7), 0, RUNS))["outcomes"].to_pylist()
    mine = [{key: value for key, value in row.items() if key != "point"} for row in block if row["point"] == 7]
    assert len(mine) > 50
    assert mine == run


def test_the_order_of_points_and_who_stands_beside_them_change_nothing(mixed):
    alone = of(work_out(mixed, Task(0, (7,), 0, RUNS))["outcomes"], 7)
    for points in ((7, 2), (11, 7, 0)):
        assert of(work_out(mixed, Task(0, points, 0, RUNS))["outcomes"], 7).equals(alone)


def test_another_value_would_be_noticed(mixed):
    block = work_out(mixed, Task(0, (0, 8), 0, RUNS))["outcomes"]
    assert not np.array_equal(of(block, 0)["value"], of(block, 8)["value"])


def test_with_central_values_only_what_the_factors_say_differs(mixed):
    central = replace(mixed, central=True)
    assert_alone_equals_together(central, points=(7,), runs=2)
    assert work_out(central, Task(0, (0, 1), 0, 1))["draws"].num_rows == 0


def test_words_split_blocks_and_numbers_do_not(three_states):
    points = [
        {"way": way, "date": date, "units": units}
        for way in ("headroom", "flow")
        for date in ("2030-06", "2031-06")
        for units in (7, 36)
    ]
    points = [point | ({"share": "10 %"} if point["way"] == "flow" else {}) for point in points]
    design = design_of(three_states, PATHS | {"share": "states.XDA.doctrine.share"}, points)
    assert [task.points for task in split(design, range(8), 0, RUNS)] == [(0, 1), (2, 3), (4, 5), (6, 7)]
    assert_alone_equals_together(design, points=(7,))


@pytest.mark.parametrize("values", [(0, 40), ("unlimited", "40"), ("40", "50 % of requirement")])
def test_none_without_limit_and_shares_of_something_have_blocks_of_their_own(three_states, values):
    design = design_of(three_states, {"it": "states.XAL.items.arrow.stock"}, [{"it": value} for value in values])
    assert len({*words_of(design, range(2))}) == 2


def test_a_range_and_a_fixed_value_may_stand_side_by_side(three_states):
    points = [{"units": value} for value in ("40 (20 to 60)", 40, "40 (10 to 80)")]
    design = design_of(three_states, PATHS, points)
    assert len(split(design, range(3), 0, RUNS)) == 1
    assert_alone_equals_together(design)
    drawn = of(work_out(design, Task(0, (0, 1, 2), 0, RUNS))["draws"], 1)
    assert "events.gift.units" not in set(drawn["number"])


def test_a_worth_is_a_number_until_it_puts_items_in_another_order():
    scenario = load("japan_patriot", ["horizon=2022-01 to 2023-06"])
    path = "needs.air_defence.worth.gemt"
    assert scenario["needs.air_defence.worth.pac3"].value == 0.6
    design = design_of(
        scenario, {"gemt": path}, [{"gemt": worth} for worth in ("0.3", "0.5", "0.8")], arms=("baseline",)
    )
    assert [task.points for task in split(design, range(3), 0, 2)] == [(0, 1), (2,)]
    assert_alone_equals_together(design, points=(1,), runs=2)


@pytest.mark.parametrize(("block", "many"), [(3, 12), (6, 6), (7, 6), (36, 1), (500, 1)])
def test_blocks_hold_whole_points(mixed, block, many):
    found = split(mixed, range(12), 0, RUNS, block=block)
    assert len(found) == many
    assert [task.number for task in found] == list(range(many))
    assert sorted(point for task in found for point in task.points) == list(range(12))


def test_a_point_with_more_runs_than_a_block_is_divided(mixed):
    found = split(mixed, [3, 4], 10, 7, block=3)
    assert {(task.points, task.first, task.runs) for task in found} == {
        ((point,), first, runs) for point in (3, 4) for first, runs in ((10, 3), (13, 3), (16, 1))
    }


def test_what_is_kept_is_what_was_asked_for(mixed):
    some = replace(mixed, keep=Keep(outcomes=("pass_through", "months_below_floor")))
    names = set(work_out(some, Task(0, (0,), 0, 2))["outcomes"]["outcome"].to_pylist())
    assert names == {"aid_gained", "backfill_gained", "months_below_floor_XDA", "months_below_floor_XAL"}
    series = work_out(mixed, Task(0, (0,), 0, 2))["series"]
    assert set(series["outcome"].to_pylist()) == {"units_to_aided", "position"}
    assert work_out(some, Task(0, (0,), 0, 2))["series"].num_rows == 0


def test_every_table_has_its_schema_whatever_is_in_it(mixed):
    found = work_out(mixed, Task(0, (0,), 0, 1))
    assert {name: table.schema for name, table in found.items()} == table_kinds()


def test_what_is_measured_of_a_run_is_recorded_in_a_block(three_states):
    """A block remembers less than a plain run; all that its outcomes are measured by is in it."""
    results = simulate(three_states, runs=2, seed=1)
    plain = {rows["outcome"][1][0] for rows in tables.outcome_columns(results)}
    design = design_of(three_states, {}, [{}])
    assert set(work_out(design, Task(0, (0,), 0, 2))["outcomes"]["outcome"].to_pylist()) == plain


def test_quantiles_of_courses_are_those_of_all_runs_of_a_point(mixed):
    keep = Keep(series={"stock": (0.05, 0.5), "aid": ()})
    halves = [work_out(mixed, Task(0, (0, 1), first, 2))["series"] for first in (0, 2)]
    whole = work_out(mixed, Task(0, (0, 1), 0, 4))["series"]
    found = quantiles(pa.concat_tables(halves).unify_dictionaries(), keep).to_pandas()
    assert set(found["outcome"]) == {"position"}
    row = found[(found["point"] == 1) & (found["state"] == "XDA") & (found["month"] == "2031-12")]
    frame = whole.to_pandas()
    frame = frame[(frame["point"] == 1) & (frame["state"] == "XDA") & (frame["month"] == "2031-12")]
    for arm in ("baseline", "no_backfill"):
        values = frame[(frame["arm"] == arm) & (frame["outcome"] == "position")]["value"].to_numpy(dtype=float)
        told = row[row["arm"] == arm].sort_values("quantile")["value"].to_numpy()
        assert len(values) == 4
        assert np.allclose(told, np.quantile(values, [0.05, 0.5]), rtol=1e-6)  # stored as float32
    assert quantiles(whole, Keep()).num_rows == 0


def test_so_it_is_in_a_world_that_asks_for_another_thing():
    scenario = load("rebuild", ["horizon=2022-01 to 2027-12"])
    results = simulate(scenario, arms=["baseline"], runs=1, seed=1, under=False)
    plain = {rows["outcome"][1][0] for rows in tables.outcome_columns(results)}
    design = design_of(scenario, {}, [{}], arms=("baseline",))
    assert any(name.startswith("years_to_refill") for name in plain)
    assert set(work_out(design, Task(0, (0,), 0, 1))["outcomes"]["outcome"].to_pylist()) == plain


# --- failures -------------------------------------------------------------------------------------------------------


def test_a_point_that_cannot_be_read_does_not_take_the_others_down(three_states):
    design = design_of(three_states, PATHS, [{"floor": value} for value in ("40 %", "140 %", "50 %")])
    found = work_out(design, Task(0, (0, 1, 2), 0, 2))
    (failure,) = found["failures"].to_pylist()
    assert (failure["point"], failure["first"], failure["runs"], failure["stage"]) == (1, 0, 2, "reading")
    assert "140 %" in failure["reason"]
    assert set(found["outcomes"]["point"].to_pylist()) == {0, 2}


@pytest.mark.parametrize("stage", ["simulating", "measuring"])
def test_what_fails_together_is_tried_one_by_one(mixed, monkeypatch, stage):
    """One point of four breaks the block in which it stands; the other three come out as if it had not been there."""
    broken = 7
    name = "live" if stage == "simulating" else "_measured"
    honest = getattr(tasks, name)
    now = []

    def breaking(first, *rest):
        if broken in now[-1]:
            raise ZeroDivisionError("nobody is left to divide by")
        return honest(first, *rest)

    read = tasks._read

    def noting(design, task, plugins):
        now.append(task.points)
        return read(design, task, plugins)

    expected = work_out(mixed, Task(0, (2, 3, 5), 0, 2))
    monkeypatch.setattr(tasks, "_read", noting)
    monkeypatch.setattr(tasks, name, breaking)
    found = work_out(mixed, Task(0, (2, 3, broken, 5), 0, 2))
    (failure,) = found["failures"].to_pylist()
    assert failure["point"] == broken
    assert failure["stage"].startswith(stage)
    assert failure["reason"] == "ZeroDivisionError: nobody is left to divide by"
    for point in (2, 3, 5):
        assert of(found["outcomes"], point).equals(of(expected["outcomes"], point))


# --- precision ------------------------------------------------------------------------------------------------------


def test_an_interval_is_narrow_enough_or_not(five_years):
    outcomes = work_out(five_years, Task(0, (0,), 0, 20))["outcomes"]
    wide, narrow = (StopWhen("pass_through", 0.9, width) for width in (10.0, 1e-9))
    assert is_precise(wide, outcomes)
    assert not is_precise(narrow, outcomes)
    assert not is_precise(None, outcomes)
    assert not is_precise(wide, outcomes.slice(0, 0))


def test_the_width_is_that_of_pass_through_as_a_run_tells_it(five_years):
    scenario = load(WORLD).set(PATHS["floor"], "20 %").set(PATHS["units"], "36 (20 to 40)")
    told = pass_through(simulate(scenario, runs=20, seed=1), "2034-12")
    width = told.high - told.low
    outcomes = work_out(five_years, Task(0, (0,), 0, 20))["outcomes"]
    assert is_precise(StopWhen("pass_through", 0.9, width * 1.001, "baseline"), outcomes)
    assert not is_precise(StopWhen("pass_through", 0.9, width * 0.999, "baseline"), outcomes)


# --- worlds drawn at random -----------------------------------------------------------------------------------------


def numbers_to_vary(scenario, chance):
    """Some numbers of a scenario with two other values each, as they would be written in its unit."""
    plain = [number for number in scenario.numbers().values() if number.reads and may_be_number(number.path, 1)]
    usable = [number for number in plain if 0 < number.value < np.inf and number.kind != "month"]
    usable = [number for number in usable if not number.of and not number.same_as and ".worth." not in number.path]
    return chance.draw(st.lists(st.sampled_from(usable), min_size=2, max_size=5, unique_by=lambda number: number.path))


def random_designs(examples):
    """The same designs every time the tests are run."""
    fixed = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
    fixed["phases"] = [Phase.generate]
    asked = given(drawn=draw.worlds(draw.EVERYTHING), chance=st.data())
    return lambda test: settings(max_examples=examples, **fixed)(asked(test))


def one_random_design(folder, drawn, chance):
    """Three points of a random world: in the second some numbers are fixed at half, in the third the others."""
    scenario = load(draw.written(copy.deepcopy(drawn), folder))
    numbers = numbers_to_vary(scenario, chance)
    rows = [
        {number.path: halved(number) if (turn + point) % 3 == 1 else number.text for turn, number in enumerate(numbers)}
        for point in range(3)
    ]
    paths = {number.path: number.path for number in numbers}
    return design_of(scenario, paths, rows, keep=Keep(series={"stock": ()}))


@random_designs(3)
def test_a_run_of_a_random_design_is_the_same_alone_and_beside_any_other_point(tmp_path_factory, drawn, chance):
    design = one_random_design(tmp_path_factory.mktemp("drawn"), drawn, chance)
    assert len(split(design, range(3), 0, RUNS)) == 1  # the control: they do stand side by side
    assert_alone_equals_together(design, points=(1, 2))


@pytest.mark.slow
@random_designs(40)
def test_so_it_is_in_many_worlds(tmp_path_factory, drawn, chance):
    design = one_random_design(tmp_path_factory.mktemp("drawn"), drawn, chance)
    assert_alone_equals_together(design)


def halved(number):
    """Half of a number, fixed, in its own unit."""
    value, _, unit = number.text.partition(" ")
    unit = unit[unit.find(")") + 1 :].strip() if "(" in number.text else unit
    return f"{float(value.removeprefix('+')) / 2:g} {unit}".strip()


def test_patterns_of_paths():
    paths = ["states.XDA.floor", "states.XAL.floor", "states.XDA.needs.a.floor"]
    assert matching(paths, "states.*.floor") == paths[:2]
    assert matching(paths, "states.XDA.floor") == paths[:1]
    assert matching(paths, "states.XDA") == []


@pytest.mark.slow
def test_with_every_range_of_the_large_world_sampled_a_point_is_the_same_alone_and_in_its_block(tmp_path):
    text = "design: 1\nscenario: japan_patriot\narms: [baseline, no_backfill]\nfactors: all_ranges\n"
    text += "layout: {sobol: {points: 16, indices: true}}\nkeep: {series: {stock: each run}}\n"
    (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
    design = read_design(tmp_path / "all.yaml")
    first = split(design, range(len(design.points)), 0, 1)[0]
    assert len(first.points) > 100  # the control: they do stand side by side
    block = work_out(design, first)
    for point in first.points[:: len(first.points) // 6]:
        alone = work_out(design, Task(0, (point,), 0, 1))
        for name in ("outcomes", "draws", "series"):
            assert of(alone[name], point).equals(of(block[name], point)), (name, point)


def test_a_world_is_forgotten_once_it_has_been_lived():
    """Else the memory of a sweep grows with its blocks."""
    setting = load(str(WORLD)).arm("baseline")
    world = World(setting, range(2), 1, numbers_of(setting))
    known = weakref.ref(world)
    world.run()
    del world
    gc.collect()
    assert known() is None
