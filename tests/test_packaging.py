"""What is installed is complete, light to import and says its version."""

import json
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import backfill

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("mesa", "matplotlib", "scipy.stats", "pandas", "starlette", "uvicorn", "plotly")

pytestmark = pytest.mark.smoke


def loaded_after(code: str) -> set[str]:
    """The heavy modules that a fresh interpreter holds after some code."""
    script = f"{code}\nimport sys, json\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1])) & set(HEAVY)


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import backfill") == set()


def test_help_loads_nothing_heavy():
    code = "from backfill.cli.entry import exit_code\nimport backfill.cli\nassert exit_code(['--help']) == 0"
    assert loaded_after(code) == set()


def test_help_of_a_command_loads_nothing_heavy():
    code = "from backfill.cli.entry import exit_code\nimport backfill.cli\nassert exit_code(['run', '--help']) == 0"
    assert loaded_after(code) == set()


def test_the_probe_sees_what_is_heavy():
    assert loaded_after("import pandas") == {"pandas"}


def test_nothing_that_only_unix_has_is_needed_to_run(tmp_path):
    world = Path(__file__).parent / "worlds" / "three_states.yaml"
    script = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('fcntl', 'grp', 'pty', 'pwd', 'resource', 'syslog', 'termios', 'tty')))\n"
        "from backfill.cli.entry import exit_code\n"
        "import backfill.cli\n"
        f"sys.exit(exit_code(['run', {str(world)!r}, '--runs', '2', '--seed', '1', '--quiet']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("how", ["file", "standard input"])
def test_workers_need_no_main_guard(tmp_path, how):
    world = Path(__file__).parent / "worlds" / "three_states.yaml"
    script = (
        "import backfill as bf\n"
        f"world = bf.load({str(world)!r})\n"
        "alone, together = (bf.simulate(world, runs=4, seed=1, workers=workers, block=2) for workers in (1, 2))\n"
        "print(bool((alone.aid == together.aid).all()))\n"
    )
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    words, given = (["script.py"], None) if how == "file" else (["-"], script)
    done = subprocess.run(
        [sys.executable, *words], input=given, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize("name", backfill.__all__)
def test_every_public_name_exists(name):
    assert getattr(backfill, name) is not None
    assert name in dir(backfill)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = backfill.lode


def test_the_version_is_that_of_the_installed_package():
    assert backfill.__version__ == metadata.version("backfill")


def test_the_changelog_and_the_citation_know_the_version():
    if not (ROOT / "CHANGELOG.md").exists():
        pytest.skip("run from an installation without the tree")
    assert f"## {backfill.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {backfill.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_an_installed_wheel_holds_package_types_and_worlds():
    names = {file.as_posix() for file in metadata.files("backfill") or ()}
    if "backfill/__init__.py" not in names:
        pytest.skip("an editable installation points to the tree instead")
    worlds = {
        f"backfill/scenarios/{path.relative_to(ROOT / 'scenarios').as_posix()}"
        for path in (ROOT / "scenarios").rglob("*.*")
    }
    assert {
        "backfill/py.typed",
        "backfill/plots/backfill.mplstyle",
        "backfill/plots/world.json",
        "backfill/report/tokens.css",
    } | worlds <= names
    assert not any(name.startswith(("tests/", "model/")) for name in names)


def test_packaged_worlds_come_with_the_installation():
    done = subprocess.run(
        [sys.executable, "-m", "backfill", "scenarios", "--json"], capture_output=True, text=True, check=True
    )
    assert "japan_patriot" in [world["name"] for world in json.loads(done.stdout)["scenarios"]]


def test_constraints_name_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or line.count("==") == 1 for line in lines)


def test_every_mark_is_described():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {mark.split(":")[0] for mark in config["markers"]} == {"smoke", "slow", "validation", "browser"}
