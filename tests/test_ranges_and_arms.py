"""Where all ranges are sampled, an arm that changes a number, or puts a course in its place, keeps what it says."""

import re
from pathlib import Path

import numpy as np
import pytest

import backfill as bf
from backfill.scenario.shelf import names
from backfill.studies.designs.reading import opened_design
from backfill.studies.task import Task, work_out

WORLD = (
    (Path(__file__).parent / "worlds" / "three_states.yaml").read_text(encoding="utf-8").replace("2034-12", "2031-09")
)
LINE = "manufacturers.donora_works.lines.arrow.capacity"
ARMS = f"""
  course: {{title: Another course, set: {{{LINE}: {{2030-01: 10 per year, 2031-01: 30 per year}}}}}}
  floor: {{title: Another floor, set: {{states.XDA.floor: 65 %}}}}
"""
DESIGN = """\
design: 1
scenario: world.yaml
arms: [baseline, course, floor]
seed: 1
layout: {lhs: {factors: all_ranges, points: 4}}
replications: 2
"""


@pytest.fixture
def design(tmp_path):
    """A design over all ranges of a world in which one arm changes a number and another one a whole course."""
    (tmp_path / "world.yaml").write_text(WORLD + ARMS.lstrip("\n"), encoding="utf-8")
    (tmp_path / "ranges.yaml").write_text(DESIGN, encoding="utf-8")
    return bf.read_design(tmp_path / "ranges.yaml")


def test_an_arm_keeps_the_number_and_the_course_that_it_writes(design):
    sampled = [point.settings["states.XDA.floor"] for point in design.points]
    assert len(set(sampled)) == 4
    for point, said in enumerate(sampled):
        world = design.at(point)
        assert world.numbers()["states.XDA.floor"].text == said
        assert world.numbers("course")["states.XDA.floor"].text == said
        assert world.numbers("floor")["states.XDA.floor"].text == "65 %"
        assert LINE in world.numbers()
        assert LINE not in world.numbers("course")
        assert world.numbers("floor")[LINE].text == world.numbers()[LINE].text == design.points[point].settings[LINE]


def test_points_side_by_side_are_each_point_alone(design):
    together = work_out(design, Task(0, (0, 1, 2, 3), 0, 2))["outcomes"].to_pandas()
    assert set(together["arm"].astype(str)) == {"baseline", "course", "floor"}
    for point in range(4):
        alone = work_out(design, Task(0, (point,), 0, 2))["outcomes"].to_pandas()
        mine = together[together["point"] == point]
        key = ["arm", "run", "outcome", "by"]
        pair = [frame.astype({"arm": str, "outcome": str, "by": str}).sort_values(key) for frame in (alone, mine)]
        np.testing.assert_array_equal(*(frame["value"].to_numpy() for frame in pair))
    units = together[together["outcome"] == "units_to_aided"].pivot_table("value", "point", "arm", observed=True)
    assert units["baseline"].nunique() > 1
    assert (units["floor"] != units["baseline"]).any()


def test_a_stored_design_reads_back_with_what_gives_way(design, tmp_path):
    import json

    (tmp_path / "design.json").write_text(json.dumps(design.raw), encoding="utf-8")
    again = bf.read_design(tmp_path / "design.json")
    assert again == design
    assert again.beneath == design.beneath == set(design.paths)
    assert again.at(1).numbers("floor")["states.XDA.floor"].text == "65 %"


def test_a_factor_that_is_named_is_set_in_every_arm(tmp_path, design):
    text = DESIGN.replace(
        "layout: {lhs: {factors: all_ranges, points: 4}}", "factors: {floor: {path: states.XDA.floor, values: [70 %]}}"
    )
    (tmp_path / "named.yaml").write_text(text, encoding="utf-8")
    world = bf.read_design(tmp_path / "named.yaml").at(0)
    assert {world.numbers(arm)["states.XDA.floor"].text for arm in ("baseline", "floor")} == {"70 %"}


def test_a_named_number_that_an_arm_replaces_is_refused_with_the_arm(tmp_path):
    course = re.sub(r"capacity: [^,}\n]*", "capacity: {2030-01: 20 per year}", WORLD, count=1)
    arm = f"\n  other: {{title: Another course, set: {{{LINE}: {{2030-02: 30 per year}}}}}}\n"
    (tmp_path / "world.yaml").write_text(course + arm.lstrip("\n"), encoding="utf-8")
    factors = f"factors: {{line: {{path: {LINE}.2030-01, values: [10 per year]}}}}"
    text = DESIGN.replace("layout: {lhs: {factors: all_ranges, points: 4}}", factors).replace("course, floor", "other")
    (tmp_path / "named.yaml").write_text(text, encoding="utf-8")
    problems = opened_design(tmp_path / "named.yaml")[1]
    assert [problem.path for problem in problems] == ["factors.line.path"]
    assert "which arm 'other' replaces by something else" in problems[0].found
    assert "arms: names those that have it" in problems[0].expected


def test_a_design_with_the_name_of_its_world_is_not_its_own_world(tmp_path, capsys):
    from backfill.cli.entry import exit_code

    text = "design: 1\nscenario: fictional\nseed: 1\nreplications: 1\n"
    (tmp_path / "fictional.yaml").write_text(text, encoding="utf-8")
    assert bf.read_design(tmp_path / "fictional.yaml").scenario.title == bf.load("fictional").title
    (tmp_path / "itself.yaml").write_text(text.replace("fictional", "itself.yaml"), encoding="utf-8")
    assert exit_code(["check", str(tmp_path / "itself.yaml")]) == 2
    assert "expected the name of a packaged scenario, or a file beside the design" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["shells_europe", "shells_us", "fictional", "rebuild"])
def test_all_ranges_of_a_packaged_world_are_sampled_in_all_of_its_arms(tmp_path, name):
    check_all_ranges(tmp_path, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(names()))
def test_all_ranges_of_every_packaged_world_are_sampled_in_all_of_its_arms(tmp_path, name):
    check_all_ranges(tmp_path, name)


def check_all_ranges(folder, name):
    """Read a design over all ranges of a world with every arm that it has."""
    text = (
        f"design: 1\nscenario: {name}\nseed: 1\nlayout: {{lhs: {{factors: all_ranges, points: 2}}}}\nreplications: 1\n"
    )
    (folder / "all_ranges.yaml").write_text(text, encoding="utf-8")
    found, problems = opened_design(folder / "all_ranges.yaml")
    assert [str(problem) for problem in problems if problem.level == "error"] == []
    assert found is not None
    assert found.arms == found.scenario.arm_names
