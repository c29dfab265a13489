"""The main job at full size: the same seed is the same bytes, and the table is the data."""

from __future__ import annotations

import json

import pytest

JOB = ("run", "japan_patriot", "--runs", "200", "--seed", "1")


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_the_main_job_repeats_to_the_byte_and_its_table_is_its_data(shell):
    first, second = shell(*JOB), shell(*JOB, "--json", "--quiet")
    assert (first.code, second.code, second.err) == (0, 0, "")
    one, other = (shell.folder / "results" / f"japan_patriot-{number}" for number in (1, 2))
    assert contents(one) == contents(other)
    arms = json.loads(second.out)["arms"]
    for arm, row in arms.items():
        median = f"{row['units']['2025-12']['median']:,.0f}"
        line = next(line for line in first.out.splitlines() if line.startswith(arm))
        assert median in line
    assert len(arms) == 12
    assert arms["rules_2014"]["backfill"]["median"] == 0
