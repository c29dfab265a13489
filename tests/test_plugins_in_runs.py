"""A run with a user's module keeps what it was made with, repeats with it alone, and says so in a line if it cannot."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

import backfill as bf
from backfill.plugins import use
from backfill.registry import ACTORS
from backfill.scenario import load

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = DOCS / "examples"


@pytest.fixture(autouse=True)
def examples_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def test_workers_import_what_is_named_and_change_nothing():
    scenario = load(EXAMPLES / "parliament.yaml", plugins=["parliament"])
    one, two = (bf.simulate(scenario, runs=9, seed=1, block=4, workers=workers) for workers in (1, 2))
    assert one.dataset.identical(two.dataset)
    assert one.plugins == two.plugins
    assert list(one.plugins) == ["parliament"]


@pytest.fixture
def desk(shell):
    """A folder with the example in it."""
    for file in ("parliament.py", "parliament.yaml"):
        shutil.copy(EXAMPLES / file, shell.folder)
    return shell


RUN = ("run", "parliament.yaml", "--runs", "3", "--seed", "1")
WITH = ("--plugin", "parliament")


def test_a_stored_run_keeps_the_name_and_the_hash_of_a_plugin_and_needs_it_again(desk):
    done = desk(*RUN, *WITH)
    assert done.code == 0, done.err
    assert "again: backfill run results/parliament-1 --plugin parliament" in done.out
    manifest = json.loads((desk.folder / "results/parliament-1/manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"].endswith("--plugin parliament")
    assert re.fullmatch("[0-9a-f]{64}", manifest["plugins"]["parliament"])
    without = desk("run", "results/parliament-1")
    assert (without.code, without.err.count("\n")) == (2, 1)
    assert "was made with the plugin parliament; to repeat it, add --plugin parliament" in without.err
    assert desk("run", "results/parliament-1", *WITH).code == 0
    assert desk.tables("parliament-1") == desk.tables("parliament-2")
    with (desk.folder / "parliament.py").open("a", encoding="utf-8") as file:
        file.write("# another thought\n")
    changed = desk("run", "results/parliament-1", *WITH)
    assert (changed.code, "the plugin parliament has changed" in changed.err) == (2, True)
    assert desk.folders() == ["parliament-1", "parliament-2"]


def test_a_world_without_plugins_keeps_none(finished):
    place, _ = finished
    manifest = json.loads((place.folder / "results/three_states-1/manifest.json").read_text(encoding="utf-8"))
    assert "plugins" not in manifest


@pytest.mark.parametrize(
    ("module", "content", "message"),
    [
        ("nowhere", None, "the plugin 'nowhere' cannot be imported: ModuleNotFoundError"),
        ("ill", "1 / 0", "the plugin 'ill' cannot be imported: ZeroDivisionError"),
        ("unreadable", "def", "the plugin 'unreadable' cannot be imported: SyntaxError"),
        ("parliament.py", None, "found the plugin 'parliament.py'; nearest: parliament"),
        ("../parliament", None, "found the plugin '../parliament'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_in_a_line(desk, module, content, message):
    if content is not None:
        desk.write(f"{module}.py", content)
    done = desk(*RUN, "--plugin", module)
    assert (done.code, done.out, desk.folders()) == (2, "", [])
    assert message in done.err
    assert "Traceback" not in done.err


def test_check_and_scenarios_take_plugins_too(desk):
    assert desk("check", "parliament.yaml").code == 2
    assert "expected a registered actor: --plugin MODULE" in desk("check", "parliament.yaml").out
    assert desk("check", "parliament.yaml", *WITH).code == 0
    assert "actors.assembly.chance = 15 (5 to 25) % per month" in desk("scenarios", "parliament.yaml", *WITH).out


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["steady.py", "parliament.py", "newest_first.py", "parliament.yaml"])
def test_the_page_shows_what_the_examples_say(name):
    page = (DOCS / "extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:python|yaml)\n(.*?)```", page, flags=re.DOTALL)
    assert any(block in (EXAMPLES / name).read_text(encoding="utf-8") for block in blocks)


def test_a_parliament_holds_back_a_third_of_the_backfill():
    scenario = load(EXAMPLES / "parliament.yaml", plugins=["parliament"])
    results = bf.simulate(scenario, runs=200, seed=1)
    text = str(results.table)
    page = (DOCS / "extending.md").read_text(encoding="utf-8")
    for arm, passed_on in (("baseline", "0.62"), ("quiet_parliament", "0.97")):
        assert re.search(rf"{arm} .*{passed_on}", text)
        assert passed_on in page


def test_the_example_is_registered_among_actors():
    use(["parliament"])
    assert "parliament" in ACTORS
