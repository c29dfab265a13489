"""The table that says where things are decided names files and names that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Where things are decided")[2].partition("\n## ")[0]
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("| ")][1:]


def defined(path):
    """Functions, classes and their methods, by their dotted names."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            inner = node.body if isinstance(node, ast.ClassDef) else []
            found |= {f"{node.name}.{part.name}" for part in inner if isinstance(part, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_is_named_is_there(row):
    _, files, names = row
    known = set().union(*(defined(ROOT / "model" / "backfill" / name) for name in re.findall("`([^`]+)`", files)))
    wanted = {name for name in re.findall("`([^`]+)`", names) if name != "origin"}
    assert wanted
    assert wanted <= known


def test_the_table_answers_many_questions():
    assert len(ROWS) > 15
    assert "World.step" in TABLE
    assert "World.step" in defined(ROOT / "model" / "backfill" / "world.py")
