"""The page that teaches the language shows worlds that pass and messages that are given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backfill.scenario import check_file

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "scenarios.md").read_text(encoding="utf-8")
WORLDS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
MESSAGES = re.findall(r"^(\S+?\.yaml):\d+:\d+: (?:error|note): .*\n(?:  .*\n)+", PAGE, flags=re.MULTILINE)


def test_the_first_world_of_the_page_is_the_smallest_one():
    assert WORLDS[0] == (TESTS / "worlds" / "three_states.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(len(WORLDS)))
def test_a_world_of_the_page_has_no_mistake(number, tmp_path):
    (tmp_path / "three_states.yaml").write_text(WORLDS[0], encoding="utf-8")
    (tmp_path / "shown.yaml").write_text(WORLDS[number], encoding="utf-8")
    assert check_file(tmp_path / "shown.yaml") == []


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_the_page_is_given(name, monkeypatch):
    monkeypatch.chdir(TESTS / "bad_scenarios")
    file = "ring_of_two.yaml" if name == "ring_of_two_back.yaml" else name
    (problem,) = check_file(file)
    assert f"{problem}\n" in PAGE


def test_the_page_shows_more_than_ten_messages():
    assert len(MESSAGES) > 10
