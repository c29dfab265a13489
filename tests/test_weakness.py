"""An outcome that leans on numbers which nobody knows well says so; one that leans on good numbers does not."""

from __future__ import annotations

import pytest

from backfill.results.summary import summary
from backfill.results.table import as_data, text_of
from backfill.results.weakness import warning
from backfill.scenario import load
from backfill.studies.run import simulate

WORLD = """\
scenario: 1
title: A line and its stock
label: public
horizon: 2030-01 to 2031-12
roles: {donor: USA, aided: UKR, items: [arrow]}
outcomes: {headline: refill}
assumptions:
  ours: nobody has counted them
sources:
  known: {title: A yearbook, grade: GRADE, url: "https://example.org"}
items:
  arrow: {name: Arrow, licensor: USA}
states:
  USA:
    name: United States
    items:
      arrow: {stock: 300 @ours, requirement: 400 @ours, procurement: {2030-01: 100 % of output}, line: works.arrow}
  UKR: {name: Ukraine}
manufacturers:
  works:
    state: USA
    lines:
      arrow: {item: arrow, capacity: 90 (60 to 160) per year @SOURCE, lead_time: 2 months @ours}
"""


def lived(tmp_path, source: str, grade: str, runs: int = 40):
    path = tmp_path / "world.yaml"
    path.write_text(WORLD.replace("SOURCE", source).replace("GRADE", grade), encoding="utf-8")
    return simulate(load(path), runs=runs, seed=1)


@pytest.mark.parametrize(("source", "grade", "words"), [("ours", "high", "assumed"), ("known", "low", "of low grade")])
def test_leaning_on_a_weak_number_is_told(tmp_path, source, grade, words):
    results = lived(tmp_path, source, grade)
    said = warning(results.table)
    assert said.startswith("The spread in the years to refill leans on a number that nobody knows well: ")
    assert words in said
    assert f"Note: {said}"[:60] in text_of(results.table)
    assert "**Leans on weak numbers.**" in summary(results)
    assert as_data(results)["warning"] == said


@pytest.mark.parametrize("grade", ["high", "medium"])
def test_leaning_on_a_good_number_is_no_warning(tmp_path, grade):
    results = lived(tmp_path, "known", grade)
    assert results.table.drivers.found
    assert warning(results.table) == ""
    assert "weak numbers" not in summary(results)
    assert as_data(results)["warning"] is None


def test_nothing_is_told_where_no_number_stands_out(tmp_path):
    assert warning(lived(tmp_path, "ours", "high", runs=5).table) == ""
