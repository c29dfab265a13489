"""A design is numbered once and for ever: what its points are, in which order, and what a stored one still knows."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import sobol_indices, uniform

import backfill as bf
from backfill.errors import UnknownName
from backfill.results import tables
from backfill.studies.designs.span import between, own_range, steps
from backfill.studies.task import Task, split, work_out

WORLDS = Path(__file__).parent / "worlds"
PAGE = Path(__file__).parents[1] / "docs" / "designs.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
HEAD = "design: 1\nscenario: three_states\nseed: 5\nfactors:\n"
FLOOR = "  floor: {path: states.XDA.floor, values: [20 %, 80 %]}\n"
UNITS = "  units: {path: events.gift.units, between: 10 to 90}\n"
COVER = "  cover: {path: states.XWA.cover, between: 1 to 6 months}\n"


@pytest.fixture
def written(tmp_path):
    """A design of these words, read."""
    shutil.copy(WORLDS / "three_states.yaml", tmp_path)

    def read(text, *changes):
        (tmp_path / "design.yaml").write_text(text, encoding="utf-8")
        return bf.read_design(tmp_path / "design.yaml", changes)

    return read


def said(design):
    return [tuple(point.settings.values()) for point in design.points]


# --- the page that explains them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "points"), [(0, 12), (1, 384), (2, 1)])
def test_the_examples_of_the_page_have_as_many_points_as_it_says(written, number, points):
    design = written(EXAMPLES[number])
    assert len(design.points) == points
    assert [point.number for point in design.points] == list(range(points))


def test_the_page_has_no_other_example():
    assert len(EXAMPLES) == 3


def test_the_python_of_the_page_works(written, tmp_path, monkeypatch, capsys):
    written(EXAMPLES[0])
    (tmp_path / "design.yaml").rename(tmp_path / "floors.yaml")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.startswith("12 Point(number=5, settings={'floor': '40 %', 'units': 100})")


# --- points ---------------------------------------------------------------------------------------------------------


def test_the_first_part_changes_slowest(written):
    text = "  a: {path: states.XDA.floor, values: [1 %, 2 %]}\n"
    text += "  b: {path: states.XWA.cover, values: [3 months, 4 months]}\n"
    assert said(written(HEAD + text)) == [
        ("1 %", "3 months"), ("1 %", "4 months"), ("2 %", "3 months"), ("2 %", "4 months"),
    ]  # fmt: skip
    assert [row[::-1] for row in said(written(HEAD + text + "layout: {grid: [b, a]}\n"))] == [
        ("3 months", "1 %"), ("3 months", "2 %"), ("4 months", "1 %"), ("4 months", "2 %"),
    ]  # fmt: skip


def test_a_factor_without_a_say_drops_out_and_leaves_no_equal_points(written):
    text = (
        "  way: {path: states.XDA.doctrine, values: [headroom, flow, replacement]}\n"
        "  share: {path: states.XDA.doctrine.share, values: [10 %, 30 %], only_when: {way: flow}}\n"
    )
    assert said(written(HEAD + text)) == [("headroom",), ("flow", "10 %"), ("flow", "30 %"), ("replacement",)]


def test_one_condition_may_hang_on_another(written):
    text = (
        "  way: {path: states.XDA.doctrine, values: [headroom, flow]}\n"
        "  share: {path: states.XDA.doctrine.share, values: [10 %, 30 %], only_when: {way: [flow]}}\n"
        "  floor: {path: states.XDA.floor, values: [20 %, 80 %], only_when: {share: 30 %}}\n"
    )
    rows = [("headroom",), ("flow", "10 %"), ("flow", "30 %", "20 %"), ("flow", "30 %", "80 %")]
    assert said(written(HEAD + text)) == rows


def test_a_tied_factor_is_what_the_other_is(written):
    tie = "  again: {path: events.gift.delivers, same_as: units}\n"
    design = written(HEAD + UNITS + tie + "layout: {lhs: {factors: [units], points: 5}}\n")
    assert all(point.settings["again"] == point.settings["units"] for point in design.points)
    assert len({*said(design)}) == 5


def test_points_that_repeat_without_a_condition_stay(written):
    text = "  a: {path: events.gift.units, values: [7, 7, 9]}\n"
    assert said(written(HEAD + text)) == [(7,), (7,), (9,)]


def test_points_may_be_named_one_by_one(written):
    design = written(
        HEAD + FLOOR.replace(", values: [20 %, 80 %]", "") + UNITS + "points: [{floor: 20 %, units: 7}, {units: 9}]\n"
    )
    assert [dict(point.settings) for point in design.points] == [{"floor": "20 %", "units": 7}, {"units": 9}]


def test_a_table_gives_a_point_for_each_row(written, tmp_path):
    content = "\ufefffloor,units\r\n20 %,7\r\n\r\n80 %,36 (20 to 40)\r\n"
    (tmp_path / "points.csv").write_text(content, encoding="utf-8")
    design = written(
        HEAD + "  units: {path: events.gift.units}\n  floor: {path: states.XDA.floor}\nlayout: {table: points.csv}\n"
    )
    assert [dict(point.settings) for point in design.points] == [
        {"units": 7, "floor": "20 %"},
        {"units": "36 (20 to 40)", "floor": "80 %"},
    ]


def test_a_point_is_the_scenario_with_its_values_set(written):
    design = written(HEAD + FLOOR + UNITS + "layout: {grid: [floor], sobol: {factors: [units], points: 2}}\n")
    point = design.points[3]
    scenario = bf.load(WORLDS / "three_states.yaml")
    for factor, value in point.settings.items():
        scenario = scenario.set(design.paths[factor], value)
    for arm in design.arms:
        assert design.at(3).arm(arm) == scenario.arm(arm)


# --- samples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_a_sample_fills_its_ranges_evenly_and_repeats_with_its_seed(written, kind):
    layout = f"layout: {{{kind}: {{factors: [units, cover], points: 16}}}}\n"
    design = written(HEAD + UNITS + COVER + layout)
    units = np.array([float(point.settings["units"]) for point in design.points])
    assert sorted(np.floor((units - 10) / 5).astype(int)) == list(range(16))  # one in every sixteenth of the range
    assert said(written(HEAD + UNITS + COVER + layout)) == said(design)
    assert said(written(HEAD + UNITS + COVER + layout, "seed=6")) != said(design)


@pytest.mark.parametrize("seed", [0, 2**64, 10**60])
def test_a_seed_of_any_size_counts(written, seed):
    layout = "layout: {lhs: {factors: [units], points: 3}}\n"
    others = {tuple(said(written(HEAD + UNITS + layout, f"seed={other}"))) for other in (seed, seed + 1)}
    assert len(others) == 2


def test_own_is_the_range_of_the_scenario_with_its_shape():
    number = bf.load(WORLDS / "three_states.yaml")["states.XDA.floor"]
    span = own_range(number)
    assert span.at(np.array([0.0, 1.0])) == ["60 %", "95 %"]
    middle = (number.value - number.low) / (number.high - number.low)  # as much of a triangle lies below its peak
    assert span.at(np.array([middle])) == ["80 %"]


def test_ranges_and_steps_say_what_they_mean():
    assert steps("0.1 to 0.3 by 0.1", 10) == ["0.1", "0.2", "0.3"]
    assert steps("1 to 2 months by 0.3 months", 10) == ["1 months", "1.3 months", "1.6 months", "1.9 months"]
    assert between("0 to 0.001").at(np.array([0.123456789])) == ["0.000123457"]
    assert between("2029-11 to 2030-02").at(np.array([0.0, 0.5, 1.0])) == ["2029-11", "2030-01", "2030-02"]


def test_all_ranges_sampled_are_a_factor_for_each_number(written):
    design = written("design: 1\nscenario: three_states\nfactors: all_ranges\nlayout: {sobol: {points: 4}}\n")
    ranged = [path for path, number in design.scenario.numbers().items() if number.ranged]
    assert list(design.paths) == ranged
    assert len(design.points) == 4
    assert work_out(design, Task(0, (0,), 0, 1))["draws"].num_rows == 0


def test_numbers_that_are_drawn_together_have_one_column(tmp_path):
    text = (WORLDS / "three_states.yaml").read_text(encoding="utf-8")
    tied = "stock: {value: 900, low: 800, high: 1000, drawn_with: states.XDA.floor}"
    assert "stock: 900" in text
    (tmp_path / "w.yaml").write_text(text.replace("stock: 900", tied), encoding="utf-8")
    design = "design: 1\nscenario: w\nfactors: all_ranges\nlayout: {sobol: {points: 8, indices: true}}\n"
    (tmp_path / "d.yaml").write_text(design, encoding="utf-8")
    found = bf.read_design(tmp_path / "d.yaml")
    (sample,) = found.sobol
    assert "states.XDA.items.arrow.stock" in found.paths
    assert "states.XDA.items.arrow.stock" not in sample.factors
    pairs = {
        (point.settings["states.XDA.floor"], point.settings["states.XDA.items.arrow.stock"]) for point in found.points
    }
    floors, stocks = ([float(row[column].split()[0]) for row in pairs] for column in (0, 1))
    assert np.array_equal(np.argsort(floors), np.argsort(stocks))


def test_sobol_indices_can_be_told_from_the_points(written):
    """A function of the factors, worked out at the points alone, has the indices that scipy finds by itself."""
    layout = "layout: {grid: [floor], sobol: {factors: [units, cover], points: 512, indices: true}}\n"
    design = written(HEAD + FLOOR + UNITS + COVER + layout)
    assert len(design.points) == 2 * 512 * 4
    assert [sample.around for sample in design.sobol] == [{"floor": "20 %"}, {"floor": "80 %"}]

    def value(units, cover):
        return units / 80 + (cover - 1) / 5 * 2 + units / 80 * (cover - 1) / 5

    def at(points):
        rows = [design.points[point].settings for point in points]
        return value(*(np.array([float(row[name].split()[0]) for row in rows]) for name in ("units", "cover")))

    exact = sobol_indices(
        func=lambda x: value(*x), n=4096, dists=[uniform(10, 80), uniform(1, 5)], rng=np.random.default_rng(1)
    )
    for sample in design.sobol:
        outputs = {
            "f_A": at(sample.a)[np.newaxis],
            "f_B": at(sample.b)[np.newaxis],
            "f_AB": np.array([at(rows)[np.newaxis] for rows in sample.mixed]),
        }
        found = sobol_indices(func=outputs, n=512)
        # the error of 512 points: a scrambled sequence of this smooth function is within one part in fifty
        assert np.allclose(found.first_order, exact.first_order, atol=0.02)
        assert np.allclose(found.total_order, exact.total_order, atol=0.02)


def test_a_mixed_matrix_differs_from_the_first_in_one_column(written):
    design = written(HEAD + UNITS + COVER + "layout: {sobol: {factors: [units, cover], points: 8, indices: true}}\n")
    (sample,) = design.sobol
    for column, factor in enumerate(sample.factors):
        for row in range(8):
            a, b, mixed = (design.points[rows[row]].settings for rows in (sample.a, sample.b, sample.mixed[column]))
            assert mixed == {**a, factor: b[factor]}


# --- the whole ------------------------------------------------------------------------------------------------------


def test_all_ranges_with_one_draw_a_run_are_a_plain_run(written):
    design = written(EXAMPLES[2], "horizon=2030-01 to 2031-12")
    (task,) = split(design, [0], 0, 20)
    found = work_out(design, task)
    scenario = bf.load(WORLDS / "three_states.yaml", ["horizon=2030-01 to 2031-12"])
    results = bf.simulate(scenario, runs=20, seed=1)
    for name, columns in (("outcomes", tables.outcome_columns(results)), ("draws", tables.draw_columns(results))):
        run = [row for part in columns for row in tables.table_of(part, tables.schemas()[name]).to_pylist()]
        assert found[name].drop_columns("point").to_pylist() == run


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_stored_design_reads_back_to_an_equal_one_without_any_other_file(written, tmp_path, number):
    design = written(EXAMPLES[number])
    for file in tmp_path.glob("*.yaml"):
        file.unlink()
    (tmp_path / "design.json").write_text(json.dumps(design.raw), encoding="utf-8")
    again = bf.read_design(tmp_path / "design.json")
    assert again == design
    for part in ("name", "title", "arms", "seed", "points", "replications", "central", "keep", "paths", "sobol"):
        assert getattr(again, part) == getattr(design, part), part
    assert again.at(0).arm() == design.at(0).arm()


def test_a_design_for_indices_reads_back_with_its_rows(written, tmp_path):
    design = written(HEAD + UNITS + COVER + "layout: {sobol: {factors: [units, cover], points: 8, indices: true}}\n")
    (tmp_path / "stored.json").write_text(json.dumps(design.raw), encoding="utf-8")
    assert bf.read_design(tmp_path / "stored.json").sobol == design.sobol


@pytest.mark.parametrize(
    ("field", "value"),
    [("sobol", [1]), ("sobol", 7), ("points", {}), ("points", [1]), ("scenario", {"name": "x"}), ("factors", [])],
)
def test_a_damaged_design_is_refused_in_a_sentence(written, tmp_path, field, value):
    design = written(EXAMPLES[0])
    (tmp_path / "design.json").write_text(json.dumps(design.raw | {field: value}), encoding="utf-8")
    with pytest.raises(bf.ScenarioProblems, match=f"design.json: error: {field}"):
        bf.read_design(tmp_path / "design.json")
    (tmp_path / "design.json").write_text(json.dumps(design.raw)[:-9], encoding="utf-8")
    with pytest.raises(bf.ScenarioProblems):
        bf.read_design(tmp_path / "design.json")


def test_a_design_can_be_handed_to_another_process(written):
    design = written(EXAMPLES[0])
    again = pickle.loads(pickle.dumps(design))  # noqa: S301
    assert again == design
    assert work_out(again, Task(0, (1,), 0, 1))["outcomes"].equals(work_out(design, Task(0, (1,), 0, 1))["outcomes"])


def test_a_comment_changes_nothing_and_a_number_does(written):
    plain = written(EXAMPLES[0])
    assert written(f"# a remark\n{EXAMPLES[0]}") == plain
    assert written(EXAMPLES[0].replace("36", "37")) != plain


def test_changes_go_to_the_design_or_to_its_scenario(written):
    design = written(
        EXAMPLES[0], "seed=9", "replications=3", "states.XWA.cover=5 months", "factors.units.values=[1, 2]"
    )
    assert (design.seed, design.replications.most, len(design.points)) == (9, 3, 8)
    assert design.scenario["states.XWA.cover"].text == "5 months"


def test_what_is_not_said_has_a_usual_value(written):
    design = written("design: 1\nscenario: three_states\n")
    assert (design.seed, design.central, design.arms) == (1, False, ("baseline", "no_backfill"))
    assert (design.replications.most, design.replications.looks) == (100, (100,))
    assert (design.name, design.title) == ("design", "Three states and one missile")
    assert said(design) == [()]


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(UnknownName, match="nowhere"):
        bf.read_design("nowhere.yaml")


def test_the_editors_schema_knows_every_field_of_the_examples():
    from ruamel.yaml import YAML

    from backfill.studies.designs.editors import design_schema

    schema = design_schema()
    for text in EXAMPLES:
        assert set(YAML(typ="safe", pure=True).load(text)) <= set(schema["properties"])


@pytest.mark.slow
def test_the_example_of_the_reference_has_384_points(tmp_path):
    text = EXAMPLES[1].replace("scenario: three_states", "scenario: japan_patriot")
    for here, there in (
        ("states.XDA.floor", "states.USA.floor"),
        ("states.XDA.doctrine", "states.USA.gift.doctrine"),
        ("events.gift.", "events.jp_backfill."),
        ("states.XDA.items.arrow.stock, between: 700 to 1000", "states.USA.anticipation, between: 0 % to 100 %"),
        ("manufacturers.donora_works.lines.arrow.capacity", "manufacturers.camden.lines.mse.lead_time"),
    ):
        text = text.replace(here, there)
    (tmp_path / "pass.yaml").write_text(text, encoding="utf-8")
    assert len(bf.read_design(tmp_path / "pass.yaml").points) == 384
