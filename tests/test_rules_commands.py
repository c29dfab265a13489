"""The commands about law, typed in a shell: streams, exit codes, data, mistakes."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from backfill.scenario import packaged

CASES = Path(__file__).parent / "data" / "export_rule_cases.csv"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def typed(tmp_path):
    """Type a command in a folder of its own."""

    def run(*words, **changes):
        done = subprocess.run(
            [sys.executable, "-m", "backfill", *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, **changes},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Said(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    return run


def refuse(constant):
    """NaN and Infinity are no JSON."""
    raise ValueError(f"{constant} in a JSON document")


def strictly(said):
    assert said.code in (0, 1)
    return json.loads(said.out, parse_constant=refuse)


def law_of_ones_own(folder, change):
    """A copy of the packaged law in which a text of Japan's file is replaced."""
    for part in ("policies", "consent"):
        shutil.copytree(packaged() / part, folder / "law" / part)
    file = folder / "law" / "policies" / "JPN.yaml"
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change, 1), encoding="utf-8")
    return folder / "law"


ASKED = [
    ("rules", "list", "--of", "JPN"),
    ("rules", "show", "JP23-LICENSOR"),
    ("rules", "matrix", "--item", "pac3", "--on", "2023-12-22"),
    ("rules", "matrix", "--item", "pac3", "--on", "2023-12-22", "--to", "all"),
    ("rules", "diff", "2026-04-20", "2026-04-21", "--item", "pac3"),
    ("rules", "test", CASES),
    ("rules", "lint", CASES),
    ("explain", "--from", "USA", "--to", "UKR", "--item", "pac3", "--on", "2024-08-01", "--origin", "JPN"),
]
each = pytest.mark.parametrize("words", ASKED, ids=lambda words: "_".join(map(str, words[:2])))


@each
def test_json_is_one_strict_document_and_nothing_else(typed, words):
    said = typed(*words, "--json")
    assert (said.code, said.err) == (0, "")
    assert strictly(said)


@each
def test_the_answer_fits_a_hundred_columns_and_carries_no_escape_codes(typed, words):
    said = typed(*words, CI="true", GITHUB_ACTIONS="true", FORCE_COLOR="1", COLUMNS="40")
    assert (said.code, said.err) == (0, "")
    assert not {"\x1b", "\r"} & set(said.out)
    long = [line for line in said.out.splitlines() if len(line) > 100]
    assert words[1] in ("lint", "show") or long == []


def test_rules_alone_shows_what_there_is(typed):
    said = typed("rules")
    assert (said.code, said.err) == (0, "")
    assert all(name in said.out for name in ("list", "show", "matrix", "diff", "test", "lint"))


# list and show


def test_the_rules_in_force_on_a_day_are_those_and_no_others(typed):
    before, after = (
        {rule["rule"] for rule in strictly(typed("rules", "list", "--of", "JPN", "--on", day, "--json"))["rules"]}
        for day in ("2023-12-21", "2023-12-22")
    )
    assert {"JP14-USPARTS", "JP22-UKR"} <= before - after
    assert {"JP23-LICENSOR", "JP23-RET-COMBAT"} <= after - before


def test_a_rule_is_shown_with_its_condition_what_beats_it_and_where_it_was_read(typed):
    said = typed("rules", "show", "JP23-RET-COMBAT")
    assert said.out.startswith("JP23-RET-COMBAT · No onward transfer of weapons into fighting")
    assert "fighting is under way at the destination" in " ".join(said.out.split())
    assert "JP23-SPECIAL" in said.out
    shown = strictly(typed("rules", "show", "JP23-RET-COMBAT", "--json"))
    assert shown["defeated_by"] == ["JP23-SPECIAL"]
    assert all(source["url"].startswith("http") for source in shown["sources"])


# matrix and diff


def test_the_matrix_is_drawn_beside_being_told_and_nothing_is_overwritten(typed, tmp_path):
    words = ("rules", "matrix", "--item", "pac3", "--on", "2023-12-22", "--out", "figures")
    said = typed(*words)
    assert said.code == 0
    assert "Japan            yes" in said.out
    names = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert names == ["rules_matrix_pac3_2023-12-22.png", "rules_matrix_pac3_2023-12-22.svg"]
    assert names[0] in said.err
    again = typed(*words)
    assert again.code == 2
    assert "nothing of yours is overwritten" in again.err


def test_the_states_of_the_matrix_can_be_chosen(typed):
    words = ("rules", "matrix", "--item", "pac3", "--on", "2023-12-22", "--from", "JPN,POL", "--to", "USA,UKR")
    answers = {(one["from"], one["to"]): one["outcome"] for one in strictly(typed(*words, "--json"))["answers"]}
    assert answers["JPN", "USA"] == "permit"
    assert answers["JPN", "UKR"] == "deny"
    assert set(answers) == {(giver, taker) for giver in ("JPN", "POL") for taker in ("USA", "UKR")}
    assert "No law on file of POL." in typed(*words).out


def test_an_item_that_nobody_registered_is_asked_about_and_noted(typed):
    said = typed("rules", "matrix", "--item", "../slingshot", "--on", "2023-12-22", "--out", "figures")
    assert said.code == 0
    assert "is in no catalogue" in said.err


def test_the_night_of_december_2023_is_told_by_rule(typed):
    found = strictly(typed("rules", "diff", "2023-12-21", "2023-12-22", "--json"))
    missile = [one for one in found["changed"] if one["item"] == "pac3"]
    turned = [(one["from"], one["to"], one["before"], one["after"]) for one in missile]
    assert turned == [("JPN", "USA", "deny", "permit")]
    assert missile[0]["because"] == [{"rule": "JP23-LICENSOR", "change": "in force since 22 December 2023"}]
    assert all(cause["rule"].startswith("JP") for one in found["changed"] for cause in one["because"])
    assert len(found["changed"]) < found["asked"]


def test_nothing_changes_from_a_day_to_itself(typed):
    assert strictly(typed("rules", "diff", "2023-12-22", "2023-12-22", "--json"))["changed"] == []


# test and lint


def test_the_decided_cases_are_all_answered_as_they_were(typed):
    said = typed("rules", "test", CASES)
    assert (said.code, said.out.strip(), said.err) == (0, "70 of 70", "")


def test_a_miss_is_told_with_its_reasons_and_ends_in_one(typed, tmp_path):
    text = CASES.read_text(encoding="utf-8").splitlines(keepends=True)
    wrong = [line.replace(",permit,", ",deny,", 1) if line.startswith("C17,") else line for line in text]
    (tmp_path / "wrong.csv").write_text("".join(wrong), encoding="utf-8")
    said = typed("rules", "test", "wrong.csv")
    assert said.code == 1
    assert "C17: expected deny, answered permit" in said.out
    assert "JP23-LICENSOR" in said.out
    assert said.out.strip().endswith("69 of 70")
    assert "1 case of 70 answered otherwise" in said.err
    quiet = typed("rules", "test", "wrong.csv", "--quiet", "--json")
    assert (quiet.code, quiet.err) == (1, "")
    assert [one["id"] for one in strictly(quiet)["missed"]] == ["C17"]


def test_other_law_is_held_against_the_same_cases(typed, tmp_path):
    law = law_of_ones_own(tmp_path, ("until: 2014-04-01", "until: 2014-04-02"))
    assert typed("rules", "test", CASES, "--law", law).code in (0, 1)
    none = typed("rules", "list", "--law", tmp_path)
    assert none.code == 2
    assert "has no folder policies/ in it" in none.err


def test_the_packaged_law_has_no_fault(typed):
    said = typed("rules", "lint")
    assert (said.code, said.out.strip()) == (0, "0 faults")


def test_a_fault_is_told_with_its_place_and_ends_in_one(typed, tmp_path):
    law = law_of_ones_own(tmp_path, ("defeats: [JP14-P3-CONSENT]", "defeats: [JP14-P3-CONSNT]"))
    said = typed("rules", "lint", "--law", law)
    assert said.code == 1
    assert "policies/JPN.yaml:" in said.out
    assert "JP14-P3-CONSENT" in said.out
    faults = strictly(typed("rules", "lint", "--law", law, "--json"))["faults"]
    assert [fault["path"] for fault in faults] == ["rules.JP14-P3-LICENSOR-PARTS.defeats"]


def test_rules_that_decide_no_case_are_listed_and_no_fault(typed):
    said = strictly(typed("rules", "lint", CASES, "--json"))
    assert said["faults"] == []
    assert "JP23-LICENSOR" not in said["not_exercised"]


# Mistakes


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rules", "show", "JP23-LICENSER"), "nearest: JP23-LICENSOR"),
        (("rules", "list", "--of", "JPM"), "nearest: JPN"),
        (("rules", "list", "--on", "2024-02-30"), "2024-02-30"),
        (("rules", "matrix", "--item", "pac3", "--on", "yesterday"), "yesterday"),
        (("rules", "matrix", "--item", "pac3", "--on", "2024-01-15", "--to", "Ukraine"), "alpha-3"),
        (("rules", "diff", "2024-01-15"), "DAY2"),
        (("rules", "test", "nowhere.csv"), "nowhere.csv"),
        (("rules", "frobnicate"), "frobnicate"),
        (("explain", "--from", "JPN", "--to", "UKR", "--item", "pac3", "--on", "2024-01-15", "--as", "bits"), "parts"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_a_mistake_is_told_in_words_and_ends_in_two(typed, words, told):
    said = typed(*words)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert "Traceback" not in said.err


def test_the_arms_of_a_scenario_have_law_of_their_own(typed):
    words = ("explain", "--from", "JPN", "--to", "USA", "--item", "pac3", "--on", "2024-07-28")
    there = (*words, "--scenario", "japan_patriot")
    assert typed(*there).out.startswith("PERMIT.")
    assert typed(*there, "--arm", "rules_2014").out.startswith("DENY.")
    lone = typed(*words, "--arm", "rules_2014")
    assert (lone.code, lone.out) == (2, "")
    assert "--arm needs --scenario" in lone.err
