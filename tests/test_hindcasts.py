"""Worlds frozen in the past: what they hold, what is read of them, what is said of their misses."""

from __future__ import annotations

import csv
import datetime as dt
import json
import statistics
from pathlib import Path

import numpy as np
import pytest

import backfill
from backfill.cli.entry import exit_code
from backfill.errors import BackfillError, UnknownName
from backfill.results.scorecard import Scorecard, newest_sources
from backfill.scenario import check_file, hindcasts, load, names, packaged
from backfill.scenario.shelf import path_of
from backfill.studies.hindcasts import validate

ALL = hindcasts()
DOCUMENT = Path(__file__).parents[1] / "docs" / "validation.md"
COMPARED = 11

OWN = """
scenario: 1
title: A line that builds ten a month
label: fictional
horizon: 2030-01 to 2031-06
frozen: 2030-02-28
roles: {donor: XDA, aided: XWA, items: [arrow]}
outcomes: {headline: units}
items: {arrow: {name: Arrow, licensor: XDA}}
states: {XDA: {items: {arrow: {stock: 0}}}, XWA: {items: {arrow: {stock: 0}}}}
manufacturers:
  works:
    state: XDA
    lines:
      arrow:
        item: arrow
        idles: true
        lead_time: 4 months
        capacity: 10 per month
        orders: {sixty: {customer: XWA, units: 60, placed: 2030-01}}
observed:
  built: {file: seen.csv, unit: units, outcome: produced, of: {line: [works.arrow]}, reads: READS}
"""
SEEN = "date,value,low,high,unit,kind,published,source_title,source_url,note\n"


@pytest.fixture(scope="module")
def few():
    return validate(runs=40, seed=3)


@pytest.fixture
def own(tmp_path):
    """A world of one line, with what was seen of it; what `validate` says."""

    def held(rows, reads="month", more=""):
        (tmp_path / "seen.csv").write_text(SEEN + rows, encoding="utf-8")
        (tmp_path / "own.yaml").write_text(OWN.replace("READS", reads + more), encoding="utf-8")
        return validate([str(tmp_path / "own.yaml")], runs=3).comparisons[0]

    return held


# The packaged ones


def test_there_are_at_least_six_and_none_stands_among_the_scenarios():
    assert len(ALL) >= 6
    assert not set(names()) & {name.rpartition("/")[2] for name in ALL}


@pytest.mark.parametrize("name", ALL)
def test_each_holds_only_what_was_published_by_its_day(name):
    assert [str(problem) for problem in check_file(path_of(name), strict=True)] == []
    scenario = load(name)
    assert scenario.label == "public"
    source, day = scenario.newest_source
    assert day <= scenario.setting.frozen
    assert source in scenario.setting.sources


@pytest.mark.parametrize("name", ALL)
def test_each_has_something_to_judge_it_by_that_was_not_known(name):
    setting = load(name).setting
    for entry in setting.observed.values():
        later = [point for point in entry.rows if point.kind == "actual" and point.day > setting.frozen]
        assert later
        assert all(point.title for point in entry.rows)
        assert {point.unit for point in entry.rows} != {""}


@pytest.mark.parametrize("name", ALL)
def test_the_header_says_what_was_not_known(name):
    head = path_of(name).read_text(encoding="utf-8").split("\nscenario:")[0]
    assert "Known then" in head
    assert "Not known" in head


def test_files_of_the_folder_are_reached_by_their_names_and_nothing_else_is():
    assert load("hindcasts/eu_million").name == "eu_million"
    for wrong in ("hindcasts/../japan_patriot", "hindcasts/nothing", "hindcasts/observed/eu_million", "hindcasts/"):
        with pytest.raises(UnknownName):
            load(wrong)


def test_the_launches_are_fitted_to_the_year_before_and_to_nothing_later():
    conflicts = load("hindcasts/russian_launches").setting.conflicts
    for name in ("ballistic", "cruise", "drones"):
        file = packaged() / "hindcasts" / "observed" / f"russian_{name}.csv"
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        fitted = [float(row["value"]) for row in rows if "2023-07" <= row["date"] <= "2024-06"]
        mean, variance = statistics.mean(fitted), statistics.variance(fitted)
        error = 1.645 * (variance / len(fitted)) ** 0.5
        attacks, dispersion = conflicts[name].attacks, conflicts[name].dispersion
        rounded = pytest.approx((mean, mean - error, mean + error), abs=0.1)  # written with one decimal
        assert (attacks.value, attacks.low, attacks.high) == rounded
        assert dispersion.value == pytest.approx(mean**2 / (variance - mean), abs=0.01)  # written with two


@pytest.mark.parametrize(("name", "total"), [("ballistic", 666), ("cruise", 3925), ("drones", 37201)])
def test_the_launches_are_those_of_the_collection(name, total):
    file = packaged() / "hindcasts" / "observed" / f"russian_{name}.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 33
    assert sum(int(row["value"]) for row in rows) == total


def test_the_shares_of_stock_fall_from_half_year_to_half_year():
    rows = load("hindcasts/kiel_stock_share").setting.observed["stock_share"].rows
    assert [point.value for point in rows] == [0.857, 0.57, 0.519, 0.484]


# What is read of a world


def test_a_month_is_read_as_its_flow(own):
    one = own("2030-02,0,,,units,actual,,A page,,\n2030-08,9,,,units,actual,,A page,,\n")
    assert one.ensemble[:, 0] == pytest.approx(10.0)
    assert [point.value for point in one.known] == [0.0]
    assert one.naive["last"] == pytest.approx([0.0])


def test_all_that_has_come_counts_the_days_of_a_month_that_has_begun(own):
    whole = own("2030-07,0,,,units,actual,,A page,,\n", "total").ensemble
    before = own("2030-06,0,,,units,actual,,A page,,\n", "total").ensemble
    half = own("2030-07-15,0,,,units,actual,,A page,,\n", "total").ensemble
    assert half == pytest.approx(before + (whole - before) * 15 / 31)
    assert (whole > before).all()


def test_years_and_half_years_end_with_their_date(own):
    year = own("2030,0,,,units,actual,,A page,,\n", "year").ensemble
    halves = [own(f"{end},0,,,units,actual,,A page,,\n", "half_year").ensemble for end in ("2030-06", "2030-12")]
    assert year == pytest.approx(halves[0] + halves[1])
    assert halves[1] == pytest.approx(min(60.0 - halves[0][0, 0], 60.0))


def test_the_first_unit_is_dated_to_the_middle_of_its_month(own):
    one = own("2030-09-01,8,,,months,actual,,A page,,\n", "first", ", since: 2030-01-01")
    monthly = [own(f"2030-{m:02d},0,,,units,actual,,A page,,\n").ensemble[0, 0] for m in range(3, 9)]
    first = next(m for m, built in zip(range(3, 9), monthly, strict=True) if built > 0)
    assert one.ensemble == pytest.approx(first - 1 + 0.5)


def test_what_was_found_out_later_is_neither_known_nor_judged(own):
    later = "2030-01,5,,,units,actual,2031-01,A page,,\n"
    rows = f"{later}2030-02,0,,,units,actual,,A page,,\n2030-08,9,,,units,actual,,A page,,\n"
    one = own(rows)
    assert [point.value for point in (*one.known, *one.scored)] == [0.0, 9.0]


def test_a_plan_counts_if_it_was_announced_by_the_day(own):
    plans = "2030-12,40,,,units,plan,2030-01,A page,,\n2030-12,90,,,units,plan,2030-06,A page,,\n"
    one = own(f"2030-02,0,,,units,actual,,A page,,\n{plans}2030-12,9,,,units,actual,,A page,,\n")
    assert one.naive["plan"] == pytest.approx([40.0])


@pytest.mark.parametrize(
    ("rows", "more", "match"),
    [
        ("2030-01,5,,,units,actual,,A page,,\n", "", "no value after"),
        ("2035-01,5,,,units,actual,,A page,,\n", "", "outside the horizon"),
        ("2030-08,5,,,units,actual,,A page,,\n", ", part: {maker: [works]}", "the axis 'maker'"),
        ("2030-08,5,,,units,actual,,A page,,\n", ", part: {line: [works.arow]}", "nearest: works.arrow"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_told(own, rows, more, match):
    with pytest.raises(BackfillError, match=match):
        own(rows, "month", more)


def test_an_outcome_that_no_world_records_is_told(own, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.OWN", OWN.replace("outcome: produced", "outcome: prodced"))
    with pytest.raises(BackfillError, match="'prodced', which this world does not record"):
        own("2030-08,5,,,units,actual,,A page,,\n")


def test_a_name_that_is_misspelt_is_told_with_the_nearest():
    with pytest.raises(UnknownName, match="nearest: us_155mm_output"):
        validate(["us_155mm_outpt"], runs=1)


def test_a_world_that_is_not_frozen_cannot_be_validated():
    with pytest.raises(BackfillError, match="nothing to validate"):
        validate(["japan_patriot"], runs=1)


# The scorecard


def test_every_comparison_is_scored_against_what_anybody_could_have_said(few):
    assert len(few.comparisons) == COMPARED
    for one in few.comparisons:
        assert one.naive
        assert one.score.crps <= np.abs(one.ensemble - one.observed).mean() + 1e-9
        assert all(np.isfinite(said).all() for said in one.naive.values())


def test_a_row_holds_what_the_comparison_says(few):
    for row, one in zip(few.rows, few.comparisons, strict=True):
        assert row["points"] == len(one.scored)
        assert row["crps"] == one.score.crps
        for naive in one.naive_scores:
            assert row[f"skill_{naive}"] == pytest.approx(1 - row["crps"] / row[f"crps_{naive}"])


def test_the_same_seed_gives_the_same_scorecard_whatever_the_blocks(monkeypatch):
    once = validate(["us_155mm_output"], runs=12, seed=5).rows
    monkeypatch.setattr("backfill.studies.hindcasts.BLOCK", 5)
    assert validate(["us_155mm_output"], runs=12, seed=5).rows == once
    assert validate(["us_155mm_output"], runs=12, seed=6).rows != once


def test_the_table_fits_a_terminal_and_every_miss_is_named(few):
    lines = str(few).splitlines()
    assert max(map(len, lines[: COMPARED + 3])) <= 100
    missed = [one.title for one in few.comparisons if one.score.inside[1] * 2 < one.score.points]
    assert missed
    assert all(any(line.startswith(f"Missed: {title}") for line in lines) for title in missed)


def test_the_newest_source_of_each_world_is_told(few):
    told = newest_sources(few.comparisons)
    assert len(told) == len(ALL)
    assert any("us_155mm_output: frozen on 2023-11-30, newest source @bush of 2023-10-05" in line for line in told)


def test_a_scorecard_without_misses_names_none(few):
    good = [one for one in few.comparisons if one.score.inside[1] == one.score.points]
    assert good
    assert "Missed" not in str(Scorecard(tuple(good), 40, 3))


# The command


@pytest.mark.smoke
def test_the_command_validates_one_world_and_stores_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert exit_code(["validate", "us_155mm_output", "--runs", "4"]) == 0
    folder = tmp_path / "results" / "validate-1"
    assert {path.name for path in folder.iterdir()} == {"scorecard.csv", "points.csv", "manifest.json", "figures"}
    assert (folder / "figures" / "us_155mm_output-output.png").stat().st_size > 5000
    said = capsys.readouterr().out
    assert "US output of 155 mm" in said
    assert "newest source @bush of 2023-10-05" in said
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["runs"] == 4


def test_a_miss_is_an_answer_and_json_is_nothing_but_json(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command = ["validate", "hindcasts/us_155mm_output", "--runs", "3", "--out", "here", "--json", "--quiet"]
    assert exit_code(command) == 0
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert data["scorecard"][0]["inside_90"] < data["scorecard"][0]["points"]
    assert said.err == ""
    assert exit_code(command) == 2  # the folder is taken


@pytest.mark.parametrize("wrong", [["nothing"], ["japan_patriot"], ["us_155mm_output", "--runs", "0"]])
def test_a_mistake_has_its_exit_code_and_leaves_no_folder(tmp_path, monkeypatch, wrong):
    monkeypatch.chdir(tmp_path)
    assert exit_code(["validate", *wrong]) == 2
    assert list(tmp_path.rglob("*")) == []


# Full size


@pytest.mark.validation
def test_the_document_shows_what_a_fresh_run_says():
    card = backfill.validate(runs=200, seed=1)
    text = DOCUMENT.read_text(encoding="utf-8")
    for line in str(card).splitlines():
        assert line.rstrip() in text
    for line in newest_sources(card.comparisons):
        assert line in text


@pytest.mark.validation
def test_two_thirds_of_the_forecasts_are_better_than_the_last_value():
    card = backfill.validate(runs=200, seed=2)
    skills = [one.skill("last") for one in card.comparisons if one.skill("last") is not None]
    assert sum(skill > 0 for skill in skills) * 3 >= 2 * len(skills)


@pytest.mark.validation
def test_bands_are_too_narrow_which_the_document_says():
    card = backfill.validate(runs=200, seed=2)
    points = sum(one.score.points for one in card.comparisons)
    assert sum(one.score.inside[1] for one in card.comparisons) < 0.9 * points
    assert "too narrow" in DOCUMENT.read_text(encoding="utf-8")


def test_the_days_of_the_worlds_are_those_of_the_table():
    days = {load(name).name: load(name).setting.frozen for name in ALL}
    assert days["japan_handover"] == dt.date(2024, 1, 31)
    text = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"{name}: frozen on {day.isoformat()}" in text for name, day in days.items())


@pytest.mark.validation
def test_the_document_holds_medians_against_the_tolerances_that_were_set():
    card = backfill.validate(runs=200, seed=1)
    off = {}
    for row in card.points:
        share = round(100 * abs(row["median"] / row["value"] - 1)) if row["value"] else 0
        off.setdefault((row["scenario"], row["observed"]), []).append(share)
    text = DOCUMENT.read_text(encoding="utf-8")
    assert "{}, {}, {}, {} and {} % too high".format(*off["us_155mm_output", "output"]) in text
    assert "{}, {}, {}, {} and {} % too low".format(*off["eu_million", "delivered"]) in text
    assert "{} % and {} % too low".format(*off["pac3_mse_output", "output"]) in text


# What is said of a miss


def test_a_plan_for_a_month_that_is_known_already_does_not_bend_the_forecast(own):
    plans = "2030-01,40,,,units,plan,,A page,,\n2030-12,100,,,units,plan,2030-01,A page,,\n"
    rows = f"2030-02,20,,,units,actual,,A page,,\n{plans}2030-07,9,,,units,actual,,A page,,\n"
    one = own(rows)
    days = [dt.date(2030, 2, 28), dt.date(2030, 7, 31), dt.date(2030, 12, 31)]
    there = (days[1] - days[0]) / (days[2] - days[0])
    assert one.naive["plan"] == pytest.approx([20.0 + 80.0 * there])


def test_a_miss_says_on_which_side_each_observation_lies(own):
    """Every month brings ten: the mean error is far below zero, and yet two of three lie below the band."""
    rows = "".join(f"2030-{month},{seen},,,units,actual,,A page,,\n" for month, seen in (("02", 0), ("08", 9)))
    high, low = f"{rows}2030-09,900,,,units,actual,,A page,,\n", f"{rows}2030-10,3,,,units,actual,,A page,,\n"
    both = f"{rows}2030-09,900,,,units,actual,,A page,,\n2030-10,3,,,units,actual,,A page,,\n"
    told = [Scorecard((own(text),), 3, 1).sentences[-1] for text in (high, low, both)]
    assert [said.partition("band, ")[2] for said in told] == [
        "1 below it and 1 above it.",
        "below it.",
        "2 below it and 1 above it.",
    ]


def test_no_word_of_a_source_is_a_formula_in_the_points(own):
    from backfill.cli.validating import _table

    one = own("2030-02,0,,,units,actual,,A page,,\n2030-08,9,,,units,actual,,=HYPERLINK(1),,\n")
    assert "'=HYPERLINK(1)" in _table(Scorecard((one,), 3, 1).points)
    assert _table([{"bias": -2.5}]).splitlines() == ["bias", "-2.5"]
