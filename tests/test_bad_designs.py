"""Each file in bad_designs has one mistake; its first line says where it is told and what was probably meant."""

from __future__ import annotations

import random
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from backfill.errors import BackfillError, Problem, ScenarioProblems
from backfill.studies.design import read_design
from backfill.studies.designs.reading import opened_design

mistakes = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("mistakes.py"))))
expected_of, headline = mistakes.expected_of, mistakes.headline
FOLDER = Path(__file__).parent / "bad_designs"
BAD = mistakes.files_with_a_mistake(FOLDER)
GOOD = (FOLDER / "good.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(FOLDER)


def test_there_are_many_bad_designs():
    assert len(BAD) > 60


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told_once_at_its_place(name):
    expected = expected_of(name)
    design, problems = opened_design(name)
    assert [headline(problem) for problem in problems] == [expected]
    assert design is None
    assert problems[0].found
    assert problems[0].expected
    assert "\n" not in problems[0].found + problems[0].expected


def test_the_same_design_without_a_mistake_has_no_problem():
    assert opened_design("good.yaml")[1] == []


def test_all_mistakes_are_told_at_once_and_in_the_order_of_the_file(tmp_path):
    text = GOOD
    for right, wrong in (
        ("[baseline, no_backfill]", "[baseline, no_backfil]"),
        ("steps: 20 % to 80 % by 20 %", "steps: 20 % to 80 %"),
        ("between: 500 to 900", "between: 900 to 500"),
        ("points: 4", "points: 5"),
        ("first: 10, most: 40", "first: 50, most: 40"),
        ("outcomes: [aid,", "outcomes: [ade,"),
    ):
        assert right in text
        text = text.replace(right, wrong)
    shutil.copy("world.yaml", tmp_path)
    (tmp_path / "six.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioProblems) as caught:
        read_design(tmp_path / "six.yaml")
    assert [problem.path for problem in caught.value.problems] == [
        "arms.1",
        "factors.floor.steps",
        "factors.stock.between",
        "layout.sobol.points",
        "replications.first",
        "keep.outcomes.0",
    ]


def test_several_values_that_the_scenario_refuses_are_told_each_at_its_place(tmp_path):
    shutil.copy("world.yaml", tmp_path)
    text = GOOD.replace("values: [headroom, flow]", "values: [hedroom, flow]").replace("[10 %, 30 %]", "[10, 30]")
    (tmp_path / "three.yaml").write_text(text, encoding="utf-8")
    problems = opened_design(tmp_path / "three.yaml")[1]
    assert [(problem.path, problem.nearest) for problem in problems] == [
        ("factors.doctrine.values.0", "headroom"),
        ("factors.flow_share.values.0", "10 %"),
        ("factors.flow_share.values.1", "30 %"),
    ]


def test_mistakes_of_the_scenario_are_told_in_its_own_file(tmp_path):
    world = Path("world.yaml").read_text(encoding="utf-8").replace("cover: 3 months", "cover: 3 weeks")
    (tmp_path / "world.yaml").write_text(world, encoding="utf-8")
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    places = {problem.place.file for problem in opened_design(tmp_path / "good.yaml")[1] if problem.place}
    assert {Path(place).name for place in places} == {"world.yaml"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ("seed=-2", "seed"),
        ("states.XDA.flor=20 %", "states.XDA.flor"),
        ("=1", "(top)"),
        ("replications.most=none", "replications.most"),
    ],
)
def test_a_mistake_in_a_change_names_the_option(change, path):
    with pytest.raises(ScenarioProblems, match="--set") as caught:
        read_design("good.yaml", [change])
    assert [problem.path for problem in caught.value.problems][:1] == [path]


def test_a_table_is_told_with_the_line_of_the_table(tmp_path):
    shutil.copy("world.yaml", tmp_path)
    design = (
        "design: 1\nscenario: world\nfactors:\n  floor: {path: states.XDA.floor}\n  units: {path: events.gift.units}\n"
    )
    (tmp_path / "d.yaml").write_text(design + "layout: {table: points.csv}\n", encoding="utf-8")
    for content, told in (
        ("floor;units\n20 %;7\n", "points.csv:1:1: error: layout.table"),
        ("floor,unit\n20 %,7\n", "points.csv:1:1: error: layout.table"),
        ("floor,units\n20 %,7\n\n30,8\n", "points.csv:4:1: error: layout.table"),
        ("floor,units\n20 %,7\n30 %\n", "points.csv:3:1: error: layout.table"),
        ("floor,units\n20 %,\n", "points.csv:2:1: error: layout.table"),
        ('floor,units\n20 %,"7,5"\n', "points.csv:2:1: error: layout.table"),
        ("floor,units\n20 %,NA\n", "points.csv:2:1: error: layout.table"),
        ("floor,floor\n20 %,30 %\n", "points.csv:1:1: error: layout.table"),
        ("floor,units\n", "layout.table"),
    ):
        (tmp_path / "points.csv").write_text(content, encoding="utf-8")
        problems = opened_design(tmp_path / "d.yaml")[1]
        assert [told in str(problem) for problem in problems] == [True], (content, list(map(str, problems)))


# --- the command, and other kinds of files ------------------------------------------------------------------------


def test_check_reads_designs_law_and_answers_with_the_same_messages(shell):
    for file in ("world.yaml", "good.yaml", "unknown_arm.yaml"):
        shell.write(file, Path(file).read_text(encoding="utf-8"))
    shell.write("XAL.yaml", "policy: 1\njurisdiction: XAL\ndefault: permitt\n")
    shell.write("XDA.yaml", "consent: 1\ngiver: XDA\notherwise: {answer: grnt}\n")
    assert shell("check", "good.yaml").code == 0
    said = shell("check", "unknown_arm.yaml", "XAL.yaml", "XDA.yaml", "world.yaml")
    assert said.code == 2
    assert "unknown_arm.yaml:5:18: error: arms.1" in said.out
    assert "XAL.yaml:3:10: error: policies.XAL.default" in said.out
    assert "XDA.yaml:3:21: error: consent.XDA.otherwise.answer" in said.out
    assert "world.yaml: no mistakes" in said.out


@pytest.mark.parametrize("kind", ["policies", "consent"])
def test_every_file_of_law_that_comes_with_the_package_is_right(kind):
    from backfill.rules.checking import KINDS, check_law
    from backfill.scenario import packaged

    word = next(word for word, folder in KINDS.items() if folder == kind)
    files = sorted((packaged() / kind).glob("*.yaml"))
    assert len(files) > 5
    assert {file.name: check_law(file, file.name, word) for file in files} == {file.name: [] for file in files}


# --- slips of the pen -----------------------------------------------------------------------------------------------


def check_mutations(folder: Path, *, seed: int, files: int) -> int:
    """Read mutated designs; returns how many of them had an error."""
    mutated = runpy.run_path(str(Path(__file__).with_name("test_fuzz.py")))["mutated"]
    chance = random.Random(seed)  # noqa: S311
    shutil.copy(FOLDER / "world.yaml", folder)
    wrong = 0
    for _ in range(files):
        (folder / "mutated.yaml").write_text(mutated(GOOD, chance), encoding="utf-8")
        try:
            design, problems = opened_design(folder / "mutated.yaml")
        except BackfillError as refused:
            problems, design = [Problem("(top)", str(refused), "")], None
        assert all(str(problem) for problem in problems)
        wrong += design is None
        assert (design is None) == any(problem.level == "error" for problem in problems)
    return wrong


def test_a_mutated_design_is_refused_or_read(tmp_path):
    wrong = check_mutations(tmp_path, seed=1, files=60)
    assert 20 < wrong < 60  # the control: most mutations are mistakes, and some are none


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 14))
def test_many_mutated_designs(tmp_path, seed):
    assert check_mutations(tmp_path, seed=seed, files=500)
