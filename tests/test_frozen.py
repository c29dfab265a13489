"""A frozen world holds only what was published by its day; what is said later is told at its line."""

from __future__ import annotations

import datetime as dt

import pytest

from backfill.errors import ScenarioProblems
from backfill.reading.observed import last_day, point_of, read_observed
from backfill.scenario import check_file, load
from backfill.scenario.freezing import published
from backfill.scenario.sources import Row

WORLD = """
scenario: 1
title: A stock that is known in part
label: public
horizon: 2023-10 to 2024-12
FROZEN
roles: {donor: USA, aided: UKR, items: [shell]}
outcomes: {headline: units}
assumptions: {guess: A number of ours}
sources:
  early: {title: A yearbook, date: 2023-10}
  late: {title: A speech, date: 2024-02-12}
  reprint: {title: "Defense One, 17 Jun 2025", date: 2022-02}
  foresight: {title: "Reuters, 10 Jan 2023", date: 2030}
  dateless: {title: A page}
items: {shell: {name: Shell, kind: ammunition}}
states:
  USA: {items: {shell: {stock: STOCK}}}
  UKR: {items: {shell: {stock: 0}}}
conflicts:
  war: {fighting: [UKR], uses: [shell], attacks: ATTACKS}
OBSERVED
"""
TABLE = "id,subject,quantity,value,low,high,unit,period_or_date,confidence,source_title,source_url,note\n"
OBSERVED = "date,value,low,high,unit,kind,published,source_title,source_url,note\n"


@pytest.fixture
def world(tmp_path):
    """Write a world and return its file."""

    def write(stock="900 @early", frozen="frozen: 2023-11-30", attacks="5 per month @guess", observed=""):
        text = WORLD.replace("STOCK", stock).replace("FROZEN", frozen).replace("OBSERVED", observed)
        file = tmp_path / "world.yaml"
        file.write_text(text.replace("ATTACKS", attacks), encoding="utf-8")
        return file

    return write


def errors(file):
    return [problem for problem in check_file(file) if problem.level == "error"]


def test_what_was_published_by_the_day_may_be_cited(world):
    assert errors(world("900 @early @guess")) == []


@pytest.mark.parametrize(("source", "day"), [("late", "2024-02-12"), ("reprint", "2025-06-17")])
def test_what_was_published_later_is_told_at_its_line_with_its_date(world, source, day):
    file = world(f"900 @{source}")
    (problem,) = errors(file)
    line = next(n for n, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if "stock: 900" in text)
    assert (problem.place.line, problem.path) == (line, "states.USA.items.shell.stock")
    assert problem.found == f"@{source}, which was published on {day}"
    assert "2023-11-30" in problem.expected
    with pytest.raises(ScenarioProblems):
        load(file)


def test_a_plan_for_later_may_be_cited_once_it_is_published(world):
    assert errors(world("900 @foresight")) == []


def test_a_source_must_say_when_it_was_published(world):
    (problem,) = errors(world("900 @dateless"))
    assert "nobody says when" in problem.found


def test_the_same_citations_are_fine_in_a_world_that_is_not_frozen(world):
    assert errors(world("900 @late @dateless", frozen="")) == []


def test_the_day_itself_still_counts(world):
    assert errors(world("900 @late", frozen="frozen: 2024-02-12")) == []
    assert len(errors(world("900 @late", frozen="frozen: 2024-02-11"))) == 1


def test_a_block_and_an_arm_are_looked_into_as_well(world):
    arm = "{a: {set: {states.USA.items.shell.stock: 7 @late}}}"
    found = errors(world("{value: 900, source: [early, late]}", observed=f"arms: {arm}"))
    assert {problem.path for problem in found} >= {"states.USA.items.shell.stock.source"}
    assert len({problem.place.line for problem in found}) == 2


def test_rows_of_a_catalogue_have_the_date_of_their_title_or_their_period(world, tmp_path):
    (tmp_path / "catalogue").mkdir()
    rows = 'a,US,n,5,5,5,rounds,2023-09,high,A page,u,\nb,US,n,5,5,5,rounds,2023-09,high,"A page, 3 March 2024",u,\n'
    rows += "c,US,n,5,5,5,rounds,2023-12,high,A page,u,\n"
    (tmp_path / "catalogue" / "facts.csv").write_text(TABLE + rows, encoding="utf-8")
    (tmp_path / "catalogue" / "few.yaml").write_text(
        "catalogue: 1\ntitle: Few facts\nsource_files: [facts.csv]\n", encoding="utf-8"
    )
    told = {}
    for name in "abc":
        file = world(f"5 @{name}")
        file.write_text(file.read_text(encoding="utf-8") + "catalogue: [few]\n", encoding="utf-8")
        told[name] = [problem.found for problem in errors(file)]
    assert told["a"] == []
    assert "2024-03-03" in told["b"][0]
    assert "2023-12-31" in told["c"][0]


def test_a_series_may_not_go_on_after_the_day(world, tmp_path):
    (tmp_path / "launched.csv").write_text("month,n\n2023-10,4\n2023-11,5\n2023-12,9\n", encoding="utf-8")
    read = "series: launched.csv, column: n, unit: per month, source: early, gaps: error"
    series = f"{{{read}, before: 0 per month, after: 5 per month @guess}}"
    (problem,) = errors(world(attacks=series))
    assert problem.found == "a series that goes on to 2023-12"
    assert errors(world(attacks=series, frozen="frozen: 2023-12-31")) == []


def test_the_day_lies_before_the_end_of_the_horizon(world):
    (problem,) = errors(world(frozen="frozen: 2024-12-01"))
    assert problem.path == "frozen"


def test_the_newest_source_is_known(world):
    scenario = load(world("900 @early @foresight @guess"))
    assert scenario.newest_source == ("early", dt.date(2023, 10, 31))
    again = scenario.raw
    assert again["frozen"] == "2023-11-30"


@pytest.mark.parametrize(
    ("title", "date", "day"),
    [
        ("Defense One, 17 Jun 2025 (excerpt)", "2022-02", (2025, 6, 17)),
        ("FAZ, Dec 2022", "2022-12-19", (2022, 12, 31)),
        ("Two, 3 March 2023 and 5 Oct 2023", "", (2023, 10, 5)),
        ("A page", "2022-10/2022-11", (2022, 11, 30)),
        ("A page", "2014", (2014, 12, 31)),
        ("41 Feb 2023 is no day", "2023-02", (2023, 2, 28)),
    ],
)
def test_when_a_source_could_be_read(title, date, day):
    assert published(Row("x", "high", entry={"title": title, "date": date})) == dt.date(*day)


@pytest.mark.parametrize("text", ["", "soon", "2023-13", "2023-02-30", "2022-2023", "²⁰²³"])
def test_what_is_no_date_is_none(text):
    assert last_day(text) is None


# What happened


def test_a_comparison_needs_a_day(world, tmp_path):
    (tmp_path / "seen.csv").write_text(f"{OBSERVED}2024-05,7,,,units,actual,,A page,,\n", encoding="utf-8")
    observed = "observed: {stock: {file: seen.csv, unit: units, outcome: stock}}"
    assert errors(world(observed=observed)) == []
    (problem,) = errors(world(frozen="", observed=observed))
    assert problem.path == "observed.stock"


def test_nothing_is_divided_by_nought(world, tmp_path):
    (tmp_path / "seen.csv").write_text(f"{OBSERVED}2024-05,7,,,units,actual,,A page,,\n", encoding="utf-8")
    (problem,) = errors(world(observed="observed: {stock: {file: seen.csv, unit: units, outcome: stock, per: 0}}"))
    assert problem.path == "observed.stock.per"


def test_every_mistake_of_a_file_of_observations_is_told_at_its_line(world, tmp_path):
    rows = "2024-05,seven,,,units,actual,,A page,,\nMay,7,,,units,guess,,,,\n2024-06,-7,,,units,plan,later,A page,,\n"
    (tmp_path / "seen.csv").write_text(OBSERVED + rows, encoding="utf-8")
    found = errors(world(observed="observed: {stock: {file: seen.csv, unit: units, outcome: stock}}"))
    told = sorted((problem.place.line, problem.path.rpartition(".")[2]) for problem in found)
    assert told == [(2, "value"), (3, "date"), (3, "kind"), (3, "source_title"), (4, "published"), (4, "value")]


@pytest.mark.parametrize("name", ["/etc/passwd", "../world.yaml", "nothing.csv"])
def test_a_file_of_observations_lies_below_the_scenario(world, name):
    (problem,) = errors(world(observed=f"observed: {{stock: {{file: {name}, unit: units, outcome: stock}}}}"))
    assert problem.path == "observed.stock.file"


@pytest.mark.parametrize("text", ["", "date,value\n2024,5\n", "a;b\n", "\x00"])
def test_a_file_that_is_no_table_is_refused(tmp_path, text):
    file = tmp_path / "seen.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioProblems, match="no column"):
        read_observed(file, "seen.csv")


def test_a_value_that_became_known_later_says_so():
    row = {"date": "2023", "value": "370", "kind": "actual", "published": "2026-01-06", "source_title": "A page"}
    point = point_of(row)
    assert (point.day, point.published, point.whole) == (dt.date(2023, 12, 31), dt.date(2026, 1, 6), True)
