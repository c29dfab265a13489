"""What the README shows is what happens."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in the order of the text."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_two_single_lines_set_everything_up():
    commands = blocks("sh")
    assert len(commands) == 2
    job, tests = commands
    for command in commands:
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert job.endswith("backfill run japan_patriot --runs 200 --seed 1\n")
    assert tests.endswith("pytest\n")


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))
def test_links_lead_somewhere(path):
    assert (README.parent / path).exists()


def test_commands_shown_exist():
    from backfill.cli import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups}
    shown = {
        shlex.split(found)[1] for found in re.findall(r"`(backfill [^`]+)`", TEXT.replace("[", "").replace("]", ""))
    }
    assert shown == known


def shown_output(block: str) -> list[str]:
    """What the comments of a block say it prints: `# > text`, line by line."""
    return [line.split("# > ", 1)[1].rstrip() for line in block.splitlines() if "# > " in line]


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_block_prints_what_it_shows(block, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.rstrip("\n").splitlines() == shown_output(block)
