"""Claims about every world that comes with the package; a new file is picked up by itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from backfill.cli.register import World
from backfill.results import Results
from backfill.results.sentence import answer
from backfill.results.store import save
from backfill.results.table import as_data
from backfill.scenario import Scenario, check_file, load, names
from backfill.scenario.shelf import heads, packaged
from backfill.studies.run import simulate

NAMES = names()
FEWEST_LETTERS = 15
"""A reason is longer than a word or two."""
TABLES = {
    *("aid", "backfill", "stock", "promises", "draws", "outcomes", "series", "causes", "displacement"),
}


@cache
def world(name: str) -> Scenario:
    """A packaged world, read once."""
    return load(name)


@cache
def lived(name: str) -> Results:
    """Four futures of every arm of a world; the ways of deciding have tests of their own."""
    return simulate(world(name), runs=4, seed=1, under=False)


def text_of(name: str) -> str:
    """The file as it was written."""
    return (packaged() / f"{name}.yaml").read_text(encoding="utf-8")


def test_there_is_a_library():
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_the_strictest_check_finds_no_mistake(name):
    found = check_file(packaged() / f"{name}.yaml", strict=True)
    assert [str(problem) for problem in found if problem.level == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_header_says_what_is_known_and_what_is_not(name):
    header = re.split(r"^scenario:", text_of(name), flags=re.MULTILINE)[0]
    assert header.startswith("#")
    assert "?" in header
    assert len(header.split()) > 40


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_a_question_and_its_arms_have_titles(name):
    found = world(name)
    assert found.title
    assert found.question.endswith("?")
    assert found.label in ("public", "fictional")
    untitled = [arm for arm, entry in found.setting.arms.items() if not entry.title]
    assert untitled == []


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source_or_a_reason(name):
    """Zero, all of it and no limit need none, nor does an invented world; what an arm sets is marked as a what-if."""
    found = World(world(name))
    if found.scenario.label == "fictional":
        return
    unsourced = [entry for entry in found.entries if not entry.sources and entry.grade != "plain"]
    assert [(entry.path, entry.text) for entry in unsourced if (entry.note, bool(entry.arm)) != ("what-if", True)] == []
    plain = [entry for entry in found.entries if entry.grade == "plain" and not entry.sources]
    assert [entry.text for entry in plain if not re.match(r"(0\b|100 %|unlimited|never|as )", entry.text)] == []
    for (part, cited), line in found.origins.items():
        words = line.split("|")[2].strip()
        assert len(words) >= FEWEST_LETTERS or part == "sources", f"{cited}: {words}"
        assert words, cited


@pytest.mark.parametrize("name", NAMES)
def test_all_arms_run_and_end_in_a_sentence(name):
    results = lived(name)
    assert tuple(results.arms) == world(name).arm_names
    found = answer(results.table)
    assert found[0] == found[0].upper()
    assert found.endswith(".")
    assert len(found.split()) > 8
    assert any(letter.isdigit() for letter in found)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_is_complete(name, tmp_path):
    results = lived(name)
    folder = save(results, tmp_path / "stored")
    assert {path.stem for path in (folder / "tables").glob("*.parquet")} >= TABLES
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"]["name"] == name
    assert manifest["arms"] == list(results.arms)
    assert (folder / "summary.md").read_text(encoding="utf-8").startswith("# ")
    rows = (folder / "summary.csv").read_text(encoding="utf-8")
    assert all(f"\n{arm}," in rows for arm in results.arms)
    json.dumps(as_data(results), allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_futures_of_every_arm_end_in_a_sentence(name, tmp_path, capsys):
    """With tables and figures, as a user runs it; the time is printed, a minute is what it should stay below."""
    folder = tmp_path / "stored"
    command = [sys.executable, "-m", "backfill", "run", name, "--runs", "100", "--seed", "1", "--out", str(folder)]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    took = time.perf_counter() - begun
    assert done.returncode == 0, done.stderr
    found = re.search(r"\*\*(.+?)\*\*", (folder / "summary.md").read_text(encoding="utf-8"))
    assert found
    assert list((folder / "figures").glob("*.png"))
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {took:.1f} s\n  {found[1]}\n")


def test_every_file_of_the_library_is_listed_where_readers_look():
    listed = (packaged() / "README.md").read_text(encoding="utf-8")
    root = packaged()
    files = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix in (".yaml", ".csv")]
    folders = ("policies/", "consent/", "hindcasts/")
    alone = sorted(file for file in files if not file.startswith(folders))
    assert [file for file in alone if f"`{file}`" not in listed] == []
    assert [folder for folder in folders if (root / folder).is_dir() and f"`{folder}" not in listed] == []


def test_the_list_of_worlds_agrees_with_the_worlds():
    assert sorted(head.name for head in heads()) == list(NAMES)
    for head in heads():
        found = world(head.name)
        assert (head.label, head.title, head.question) == (found.label, found.title, found.question)


def test_forecasts_of_the_past_are_no_worlds_of_the_list():
    past = {path.stem for path in Path(packaged() / "hindcasts").glob("*.yaml")}
    for head in heads():
        assert head.name not in past or (packaged() / f"{head.name}.yaml").is_file()


def test_invented_worlds_come_last():
    labels = [head.label for head in heads()]
    assert labels == sorted(labels, key=["public", "user", "fictional"].index)
