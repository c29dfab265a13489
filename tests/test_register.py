"""The register of packaged numbers: up to date, complete, and with the rights of every table."""

from __future__ import annotations

from pathlib import Path

import pytest

from backfill.cli.register import register, right_of, rights, tables, weak_share, worlds
from backfill.errors import BackfillError
from backfill.scenario.shelf import packaged

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "data.md"
MOST = 400_000
"""Bytes that a page on the web still shows."""


@pytest.fixture(scope="module")
def found():
    """Every packaged world."""
    return worlds()


def test_the_register_is_up_to_date(found):
    assert DATA.read_text(encoding="utf-8") == register(found), "python -m backfill.cli.register > docs/data.md"


def test_every_number_of_every_world_stands_in_it(found):
    text = DATA.read_text(encoding="utf-8")
    missing = [entry.path for world in found for entry in world.entries if f"| `{entry.path}`" not in text]
    assert missing == []


def test_everything_that_is_cited_is_told_once(found):
    lines = DATA.read_text(encoding="utf-8").splitlines()
    for world in found:
        cited = {name for entry in world.entries for name in entry.sources}
        assert cited == {name for _part, name in world.origins}
        for line in world.origins.values():
            assert sum(other.startswith(line) for other in lines) == 1


def test_it_stays_readable():
    assert DATA.stat().st_size < MOST


def test_whose_every_table_is_stands_in_it():
    known = rights()
    for table in tables():
        right = right_of(table, known)
        assert right.whose
        assert right.licence
        assert right.kept
        assert f"`{table}`" in DATA.read_text(encoding="utf-8")


def test_of_series_without_a_known_licence_only_sums_are_kept():
    """Months or half-years, never single attacks, days or allocations."""
    known = rights()
    unknown = [table for table in tables() if right_of(table, known).licence == "could not be established"]
    assert "series/ukraine_air_attacks.csv" in unknown
    for table in unknown:
        right = right_of(table, known)
        assert right.url.startswith("https://")
        rows = (packaged() / table).read_text(encoding="utf-8").splitlines()[1:]
        months = [row.split(",")[0] for row in rows if row]
        assert all(len(month) == len("2022-10") for month in months), table


def test_a_table_without_a_line_on_rights_is_refused():
    with pytest.raises(BackfillError, match=r"rights\.csv says nothing about series/new\.csv"):
        right_of("series/new.csv", rights())


def test_the_share_counts_only_what_somebody_has_to_know():
    assert weak_share({"plain": 90, "high": 3, "assumed": 1}) == "25 %"
    assert weak_share({"plain": 4}) == "none to know"
