"""What the tutorial shows is what a newcomer sees, command by command, in an empty folder."""

import itertools
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pages = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("shown.py"))))
agrees, blocks_of, commands_of = pages.agrees, pages.blocks_of, pages.commands_of
PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = blocks_of(TEXT, "console", "yaml")


def typed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a command prints in a folder."""
    program, *words = shlex.split(command)
    assert program == "backfill"
    quiet = ["--quiet"] if words[0] == "run" else []
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "backfill", *words, *quiet],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_tutorial_happens_as_it_is_told(tmp_path):
    mine = tmp_path / "mine.yaml"
    for language, block in BLOCKS:
        if language == "yaml":
            # the first is what `new` wrote, the others are what the reader makes of it
            assert mine.exists()
            mine.write_text(block, encoding="utf-8")
            continue
        for command, shown in commands_of(block):
            done = typed(command, tmp_path)
            assert done.stderr == "", command
            assert agrees(shown, done.stdout.rstrip("\n").splitlines()), f"{command}\n{done.stdout}"


def test_the_file_shown_first_is_the_one_that_new_writes(tmp_path):
    first = next(block for language, block in BLOCKS if language == "yaml")
    assert typed("backfill new mine.yaml --from fictional", tmp_path).returncode == 0
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == first


def test_each_change_of_the_file_is_one_line():
    files = [block.splitlines() for language, block in BLOCKS if language == "yaml"]
    assert len(files) == 3
    for before, after in itertools.pairwise(files):
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_other_output_would_not_pass_for_what_is_shown():
    assert agrees(["one", "...", "four"], ["one", "two", "three", "four"])
    assert not agrees(["one", "...", "four"], ["one", "two", "three"])
    assert not agrees(["one", "three"], ["one", "two", "three"])


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))
def test_links_lead_somewhere(path):
    assert (PAGE.parent / path).exists()
