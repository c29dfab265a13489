"""Files are read with the place of every value, within limits; a number line means one thing or is refused."""

from __future__ import annotations

import math
import pickle
import time
from pathlib import Path

import pytest

from backfill.errors import Place, ScenarioProblems
from backfill.reading import document, read_file, read_text
from backfill.reading.dates import NotADate, day, month, span
from backfill.reading.document import Said, read_json
from backfill.reading.number_line import KINDS, NumberFault, parse
from backfill.reading.series import read_series, without_gaps
from backfill.reading.words import nearest

TABLE = "month,class,launched\n2024-03,ballistic,4\n2024-01,ballistic,2\n2024-01,cruise,50\n\n2024-01,sam,1\n"


def refused(text: str) -> str:
    with pytest.raises(ScenarioProblems) as caught:
        read_text(text, "world.yaml")
    (problem,) = caught.value.problems
    return str(problem)


def test_every_value_and_every_name_knows_its_place():
    found = read_text("states:\n  USA: {floor: 25 %, items: [a, b]}\n", "world.yaml")
    usa = found["states"]["USA"]
    assert usa.keys_at["floor"] == Place("world.yaml", 2, 9)
    assert usa.place_of("floor") == Place("world.yaml", 2, 16)
    assert usa["items"].places[1] == Place("world.yaml", 2, 33)


def test_yaml_1_2_has_neither_norway_nor_octal_nor_dates():
    found = read_text("a: NO\nb: 010\nc: 2023-12-22\nd: 1_000\ne: yes\nf: 12:30\n", "world.yaml")
    assert list(found.values()) == ["NO", "010", "2023-12-22", "1_000", "yes", "12:30"]


def test_plain_words_are_numbers_truth_or_nothing_and_quoted_ones_are_text():
    found = read_text('a: 7\nb: 0.5\nc: true\nd:\ne: "7"\nf: "true"\n', "world.yaml")
    assert list(found.values()) == [7, 0.5, True, None, "7", "true"]


def test_a_directive_in_one_file_changes_no_other():
    assert "begins with %" in refused("%YAML 1.1\n---\na: yes\n")
    assert read_text("a: yes\n", "world.yaml") == {"a": "yes"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b: c\n", "world.yaml:1:5: error: (top)\n  found a second ': '"),
        ("a:\n\tb: 1\n", "world.yaml:2:1: error: (top)\n  found a tab"),
        ("a: @guess\n", "world.yaml:1:4: error: (top)\n  found a value that begins with '@'"),
        ("a: {b: 7 [4, 10] x}\n", "world.yaml:1:10: error: (top)\n  found '[' inside { }"),
        ("a: {b: 1\n", "world.yaml:1:4: error: (top)\n  found an open bracket or quote"),
        ("a: 1\nb\nc: 2\n", "world.yaml:2:1: error: (top)\n  found a line without a colon"),
        ("- a\n", "world.yaml:1:1: error: (top)\n  found a text or a list"),
        ("", "world.yaml:1:1: error: (top)\n  found nothing"),
        ("a: \x07\n", "world.yaml:1:4: error: (top)\n  found the control character"),
        ("a: &x 1\n", "world.yaml:1:4: error: a\n  found the anchor &x"),
        ("a: [*x]\n", "world.yaml:1:5: error: a.0\n  found the alias *x"),
        ("a: !!int 1\n", "world.yaml:1:4: error: a\n  found the tag"),
        ("a: 1\n---\nb: 1\n", "world.yaml:2:1: error: (top)\n  found a second document"),
        ("a: {b: 1, b: 2}\n", "world.yaml:1:11: error: a.b\n  found 'b' a second time"),
        ('a: "\\ud800"\n', "world.yaml:1:4: error: a\n  found half a character"),
        ("[a]: 1\n", "world.yaml:1:1: error: (top)\n  found a list or a map where a name is due"),
    ],
)
def test_a_fault_is_translated_and_told_at_its_place(text, said):
    assert refused(text).startswith(said)


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
def test_a_hundred_thousand_brackets_end_at_once(bracket):
    started = time.perf_counter()
    assert f"more than {document.MOST_DEPTH} levels" in refused(bracket * 100_000)
    assert time.perf_counter() - started < 10  # a reader without the depth check needs minutes


def test_long_texts_and_many_entries_are_refused():
    assert "2,001 characters" in refused(f"a: {'x' * 2_001}\n")
    assert "entries" in refused("a: [" + "1, " * 50_001 + "]\n")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without end, of Unix")
def test_a_file_without_end_is_refused():
    with pytest.raises(ScenarioProblems, match="at most 1,000,000 bytes"):
        read_file(Path("/dev/zero"))


def test_a_large_file_is_not_read_at_all(tmp_path):
    file = tmp_path / "large.yaml"
    file.write_bytes(b"#" * (document.MOST_BYTES + 1))
    with pytest.raises(ScenarioProblems, match="at most 1,000,000 bytes"):
        read_file(file)


def test_bytes_that_are_not_utf_8_are_told_by_line(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"a: 1\nb: \xe4\n")
    with pytest.raises(ScenarioProblems, match=r"latin\.yaml:2:1: error"):
        read_file(file)


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path):
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_file(file) == {"a": 1}


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', "[1]", '{"a": "\\ud800"}', '{"a":' * 30 + "1" + "}" * 30, '{"a": ', "[" * 100_000]
)
def test_a_malformed_stored_scenario_is_refused(text):
    with pytest.raises(ScenarioProblems, match=r"stored\.json"):
        read_json(text, "stored.json")


def test_a_word_keeps_its_place_when_it_travels_to_another_process():
    word = pickle.loads(pickle.dumps(Said("25 %", Place("world.yaml", 2, 3), "states.USA.floor")))  # noqa: S301
    assert (word, word.place.line, word.path) == ("25 %", 2, "states.USA.floor")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("duration", "24 months", "2 years"),
        ("rate", "240 per year", "20 per month"),
        ("share", "70 %", "0.7"),
        ("money", "4.22 million usd", "4220000 usd"),
        ("money", "4 billion usd", "4000 million usd"),
        ("factor", "150 %", "1.5"),
        ("level", "10 %", "10 % of requirement"),
        ("chance", "3 %", "3 % per month"),
    ],
)
def test_equal_quantities_in_other_units_are_equal(kind, one, other):
    assert parse(one, kind).value == parse(other, kind).value


def test_a_number_line_gives_value_range_unit_and_sources():
    line = parse("7 (4 to 10) per year @plan @yearbook", "rate")
    assert (line.value, line.low, line.high) == (7 / 12, 4 / 12, 10 / 12)
    assert line.sources == ("plan", "yearbook")


def test_blanks_inside_a_number_line_do_not_matter():
    assert parse("40(25 to 60)%  @guess", "share") == parse("40 (25 to 60) % @guess", "share")


def test_unlimited_never_and_months_are_numbers_where_they_may_stand():
    assert math.isinf(parse("unlimited", "rate").value)
    assert math.isinf(parse("never", "month").value)
    assert parse("2028-07 (2028-01 to 2030-01)", "month").low == month("2028-01")
    with pytest.raises(NumberFault):
        parse("never", "rate")


def test_a_share_of_something_says_of_what():
    assert parse("10 % of requirement", "level").of == "requirement"
    assert parse("36 (34 to 52) % of output @x", "procurement").of == "output"
    assert parse("36 per year", "procurement").of == ""


@pytest.mark.parametrize(
    ("text", "kind", "found", "near"),
    [
        ("50", "share", "50", "50 %"),
        ("30", "rate", "'30' without a unit", ""),
        ("30 per yaer", "rate", "the unit 'per yaer'", "per year"),
        ("1,000", "count", "'1,000'", "1000"),
        ("7 (10 to 4)", "count", "'7 (10 to 4)'", ""),
        ("7 (4, 10)", "count", "'7 (4, 10)'", ""),
        ("7 (4-10)", "count", "'7 (4-10)'", ""),
        ("-1", "count", "-1", ""),
        ("+20 %", "share", "a step, '+20'", ""),
        ("120 %", "share", "120 %", ""),
        ("2024-01", "count", "the date '2024-01'", ""),
        ("2024-13", "month", "'2024-13'", ""),
    ],
)
def test_a_number_that_cannot_be_read_says_why(text, kind, found, near):
    with pytest.raises(NumberFault) as caught:
        parse(text, kind)
    assert caught.value.found.startswith(found)
    assert caught.value.nearest == near
    assert caught.value.expected


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "text", ["1_000", "nan", "inf", "1e3", "\uff10\uff15", "\u0663", "0x10", "", "1 2", "@x", "(1 to 2)", "true"]
)
def test_what_only_a_lax_reader_takes_for_a_number_is_refused(kind, text):
    with pytest.raises(NumberFault):
        parse(text, kind)


def test_dates_are_days_that_exist():
    assert (day("2025-03").day, day("2024-02-29").day) == (1, 29)
    assert span("2022-12 to 2023-09") == (month("2022-12"), month("2023-09"))
    for wrong in ("2025-02-30", "2262-01", "1899-12", "2025", "25-03", "2025-3", "03/2025"):
        with pytest.raises(NotADate):
            day(wrong)


def test_the_nearest_word_is_a_legal_one_then_what_people_say():
    assert nearest("flor", ["floor", "will"]) == "floor"
    assert nearest("hold", ["pause", "pledge"]) == "pause"
    assert nearest("UK", ["GBR", "UKR"]) == "GBR"
    assert nearest("hold", ["pledge"]) == ""


@pytest.fixture
def series(tmp_path):
    def write(text: str):
        path = tmp_path / "series.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_series_sums_the_rows_that_fit_and_sorts_its_months(series):
    found = read_series(series(TABLE), "series.csv", column="launched", where={"class": ("ballistic", "sam")})
    assert found == {month("2024-01"): 3.0, month("2024-03"): 4.0}


def test_a_missing_month_is_zero_on_a_line_or_an_error():
    values = {0: 3.0, 2: 4.0}
    assert without_gaps(values, "zero", None) == {0: 3.0, 1: 0.0, 2: 4.0}
    assert without_gaps(values, "straight line", None)[1] == 3.5
    with pytest.raises(ScenarioProblems, match="no row for 0000-02"):
        without_gaps(values, "error", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month;launched\n2024-01;3\n", "series.csv:1:1: error: series\n  found semicolons"),
        ('month,launched\n2024-01,"3,5"\n', "series.csv:2:1: error: launched\n  found '3,5'"),
        ("month,launched\n01.2024,3\n", "series.csv:2:1: error: month\n  found '01.2024'"),
        ("month,launched\n\n\n2024-01,NA\n", "series.csv:4:1: error: launched\n  found 'NA'"),
        ("month,launched\n2024-01,1\n2024-01,2\n", "series.csv:3:1: error: month\n  found 2024-01 a second time"),
        ("month,launch\n2024-01,1\n", "series.csv:1:1: error: series\n  found no column 'launched'; nearest: launch"),
        ("month,launched\n2024-01\n", "series.csv:2:1: error: series\n  found 1 cells under 2 names"),
        ('month,launched\n2024-01,"3\n', "series.csv"),
        ("month,launched\n", "series.csv:1:1: error: where\n  found no row that fits"),
    ],
)
def test_what_another_locale_made_of_a_series_is_refused_with_the_cure(series, text, said):
    with pytest.raises(ScenarioProblems) as caught:
        read_series(series(text), "series.csv", column="launched", where={})
    assert str(caught.value).startswith(said)
