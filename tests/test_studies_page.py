"""What the page on stored results shows is what a reader sees, command by command, in an empty folder."""

import runpy
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from backfill.cli.entry import app, exit_code

pages = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("shown.py"))))
agrees, blocks_of, commands_of = pages.agrees, pages.blocks_of, pages.commands_of
PAGE = Path(__file__).resolve().parents[1] / "docs" / "studies.md"
TEXT = PAGE.read_text(encoding="utf-8")
SHOWN = [command for _, block in blocks_of(TEXT, "console") for command in commands_of(block)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the design of the page, in which its commands are typed one after the other."""
    place = tmp_path_factory.mktemp("reader")
    ((_, design),) = blocks_of(TEXT, "yaml")
    (place / "floors.yaml").write_text(design, encoding="utf-8")
    return place


@pytest.mark.parametrize(("command", "lines"), SHOWN, ids=[" ".join(command.split()[1:3]) for command, _ in SHOWN])
def test_each_command_prints_what_is_shown(folder, monkeypatch, capsys, command, lines):
    program, *words = shlex.split(command)
    monkeypatch.chdir(folder)
    capsys.readouterr()
    assert (program, exit_code(words)) == ("backfill", 0)
    out, err = capsys.readouterr()
    assert agrees(lines, [*err.splitlines(), *out.rstrip("\n").splitlines()]), f"{command}\n{err}{out}"


def test_every_command_on_stored_results_is_shown():
    shown = {shlex.split(command)[1] for command, _ in SHOWN}
    assert {"show", "compare", "plot", "query", "export", "verify"} <= shown
    assert shown <= {command.name or command.callback.__name__ for command in app.registered_commands}
