"""What a row of a source table lends depends on its unit: rates by day, month and year, shares, money, times."""

from pathlib import Path

import pytest

from backfill.reading.number_line import parse
from backfill.scenario.sources import COLUMNS, Reading, backed, read_table

pytestmark = pytest.mark.smoke

ROWS = {
    "by_day": ("5500", "4000", "7000", "rounds_per_day"),
    "by_month": ("18000", "14000", "20000", "charges_per_month"),
    "by_year": ("100000", "100000", "168000", "rounds_per_year"),
    "half": ("0.5", "0.4", "0.6", "fraction"),
    "dollars": ("4000", "2000", "6000", "usd_per_round"),
    "millions": ("33", "24", "35", "mn_usd"),
    "euros": ("8000", "4000", "9000", "eur_per_round"),
    "span": ("7", "6", "8", "years"),
    "said": ("1", "1", "1", "boolean"),
}


@pytest.fixture
def known(tmp_path: Path) -> Reading:
    def row(name: str, value: str, low: str, high: str, unit: str) -> str:
        told = {"id": name, "value": value, "low": low, "high": high, "unit": unit, "confidence": "high"}
        return ",".join(told.get(column, "") for column in COLUMNS)

    table = tmp_path / "facts.csv"
    table.write_text("\n".join([",".join(COLUMNS), *(row(name, *words) for name, words in ROWS.items())]))
    sourcebook, problems = read_table(table, "facts.csv")
    assert not problems
    return Reading(label="public", sourcebook=sourcebook)


@pytest.mark.parametrize(
    ("written", "kind", "low", "high"),
    [
        ("5500 per day @by_day", "rate", 4000 * 30.4375, 7000 * 30.4375),
        ("18000 per month @by_month", "rate", 14000, 20000),
        ("216000 per year @by_month", "rate", 14000, 20000),
        ("100000 per year @by_year", "rate", 100000 / 12, 14000),
        ("50 % @half", "share", 0.4, 0.6),
        ("4000 usd @dollars", "money", 2, 6),
        ("33 million usd @millions", "money", 24000, 35000),
        ("84 months @span", "duration", 72, 96),
    ],
)
def test_a_row_lends_its_range_to_the_number_that_agrees(
    known: Reading, written: str, kind: str, low: float, high: float
) -> None:
    line = parse(written, kind)
    lent = backed(line, line.sources, written, "", kind=kind, at=None, known=known)
    assert (lent.low, lent.high) == pytest.approx((low, high))
    assert (lent.grade, known.notes) == ("high", [])


@pytest.mark.parametrize(
    ("written", "kind"),
    [("5500 per month @by_day", "rate"), ("8000 usd @euros", "money"), ("7 months @span", "duration")],
)
def test_equal_digits_in_another_unit_do_not_agree(known: Reading, written: str, kind: str) -> None:
    line = parse(written, kind)
    lent = backed(line, line.sources, written, "", kind=kind, at=None, known=known)
    assert lent.grade == "assumed"
    assert "differs from its source" in known.notes[0].found


def test_what_only_says_yes_or_no_lends_nothing(known: Reading) -> None:
    line = parse("1 @said", "count")
    lent = backed(line, line.sources, "1 @said", "", kind="count", at=None, known=known)
    assert (lent.low, lent.high, lent.grade) == (1, 1, "high")
