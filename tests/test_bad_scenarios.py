"""Each file in bad_scenarios has one mistake; its first line says where it is told and what was probably meant."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from backfill.errors import ScenarioProblems
from backfill.scenario import check_file, load

mistakes = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("mistakes.py"))))
expected_of, headline = mistakes.expected_of, mistakes.headline
FOLDER = Path(__file__).parent / "bad_scenarios"
BAD = mistakes.files_with_a_mistake(FOLDER)
HORIZON = "horizon: 2024-01 to 2027-12"


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(FOLDER)


def test_there_are_many_bad_files():
    assert len(BAD) > 60


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told_once_at_its_place(name):
    expected = expected_of(name)
    assert [headline(problem) for problem in check_file(name)] == [expected]


@pytest.mark.parametrize("name", BAD)
def test_what_is_told_says_what_was_found(name):
    (problem,) = check_file(name)
    assert problem.found
    assert problem.expected or problem.level == "note"
    assert "\n" not in problem.found + problem.expected


@pytest.mark.parametrize("name", BAD)
def test_a_file_with_an_error_is_not_loaded_and_one_with_a_note_is(name):
    if check_file(name)[0].level == "note":
        assert len(load(name).notes) == 1
    else:
        with pytest.raises(ScenarioProblems):
            load(name)


def test_the_same_file_without_a_mistake_has_no_problem():
    assert check_file("good.yaml") == []


def test_all_mistakes_are_told_at_once_and_in_the_order_of_the_file(tmp_path):
    text = Path("good.yaml").read_text(encoding="utf-8")
    for right, wrong in (
        ("    floor: 40", "    flor: 40"),
        ("lead_time: 24 months", "lead_time: 24 weeks"),
        ("from: XAL, to: XDA", "from: XA, to: XDA"),
        ("kind: pause", "kind: hold"),
        ("without: [events.gift]", "without: [events.gfit]"),
    ):
        assert right in text
        text = text.replace(right, wrong)
    file = tmp_path / "five.yaml"
    file.write_text(text, encoding="utf-8")
    problems = check_file(file)
    assert [problem.path for problem in problems] == [
        "states.XDA.flor",
        "manufacturers.works.lines.arrow.lead_time",
        "events.gift.from",
        "events.hold_up.kind",
        "arms.no_gift.without.0",
    ]
    assert [problem.place.line for problem in problems if problem.place] == sorted(
        problem.place.line for problem in problems if problem.place
    )


def test_an_unsourced_number_is_an_error_only_when_checked_strictly():
    assert [problem.level for problem in check_file("number_without_source.yaml")] == ["note"]
    assert [problem.level for problem in check_file("number_without_source.yaml", strict=True)] == ["error"]


def test_an_event_that_a_shorter_horizon_leaves_out_is_a_note():
    scenario = load("good.yaml", ["horizon=2024-01 to 2024-12"])
    assert {(note.level, note.path) for note in scenario.notes} == {
        ("note", "events.help.date"),
        ("note", "events.hold_up.since"),
    }


def test_a_mistake_in_set_names_the_option(tmp_path):
    with pytest.raises(ScenarioProblems, match=r"--set states.XDA.floor=50: error") as caught:
        load("good.yaml", ["states.XDA.floor=50"])
    (problem,) = caught.value.problems
    assert (problem.found, problem.nearest) == ("50", "50 %")


@pytest.mark.parametrize(
    "text", ["", "=", "states.XDA.floor", "=50 %", "a..b=1", "states.XDA.floor={", "states.XDA.floor=", "label=user"]
)
def test_a_malformed_set_is_refused(text):
    with pytest.raises(ScenarioProblems, match="--set"):
        load("good.yaml", [text])


def test_words_after_a_bracket_in_a_set_are_told_as_such():
    with pytest.raises(ScenarioProblems, match="after the end of a bracket or quote"):
        load("good.yaml", ["states.XDA.name=[b]x"])


def test_an_unknown_path_is_not_advised_to_be_one_that_is_fixed():
    with pytest.raises(ScenarioProblems) as caught:
        load("good.yaml", ["nope=1"])
    (problem,) = caught.value.problems
    legal = problem.expected.partition("one of ")[2].split(", ")
    assert "horizon" in legal
    assert not {"arms", "label", "doctrines"} & set(legal)


def test_a_file_that_is_not_there_is_a_problem_and_no_traceback():
    (problem,) = check_file("nowhere.yaml")
    assert str(problem).startswith("nowhere.yaml: error: (top)")


def test_the_command_tells_the_same_and_ends_with_code_2(shell):
    for file in ("unknown_field.yaml", "good.yaml"):
        shell.write(file, Path(file).read_text(encoding="utf-8"))
    (problem,) = check_file("unknown_field.yaml")
    said = shell("check", "unknown_field.yaml")
    assert (said.code, said.out.startswith(str(problem))) == (2, True)
    assert shell("check", "good.yaml").code == 0
