"""Where numbers come from: rows of source tables, sources and assumptions, and what they lend to what cites them."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.errors import Place, Problem
from backfill.reading.document import Map, with_place
from backfill.reading.number_line import BEFORE, Line, NumberFault, parse
from backfill.reading.words import nearest
from backfill.scenario import tree

COLUMNS = (
    "id", "subject", "quantity", "value", "low", "high", "unit", "period_or_date", "confidence",
    "source_title", "source_url", "note",
)  # fmt: skip
GRADES = ("high", "medium", "low", "assumed")
_UNITS = {
    "percent": "%", "years": "years", "months": "months", "days": "days", "usd": "usd", "mn_usd": "million usd",
    "million_usd": "million usd", "bn_usd": "billion usd", "billion_usd": "billion usd",
}  # fmt: skip
_RATES = ("per_year", "per_month", "per_day")
_UNTOLD = "eur"
"""A currency that the language does not have: who converts says how, in a note."""
_SPREAD = "low grade and no spread: half to one and a half"
_SPREADS = {
    "share": "low grade and no spread: 25 points either way",
    "month": "low grade and no spread: six months either way",
}


@dataclass(frozen=True)
class Row:
    """A source: its grade and, if it states a number, the numerals and their unit.

    stated: value, low and high as written in the table; () if it states none
    unit: the unit of the language, "" for counts
    said: how the row reads, for messages
    """

    id: str
    grade: str
    stated: tuple[str, ...] = ()
    unit: str = ""
    said: str = ""
    entry: dict[str, str] = field(default_factory=dict)


Library = dict[str, Row]


def read_table(path: Path, shown: str) -> tuple[Library, list[Problem]]:
    """The rows of a source table by their ids."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        found = f"a table that cannot be read: {fault}"
        return {}, [Problem("source_files", found, "a CSV file in UTF-8", "", Place(shown, 0, 0))]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        found = f"a table without the columns {', '.join(missing)}"
        expected = f"commas between the columns {', '.join(COLUMNS)}"
        return {}, [Problem("source_files", found, expected, "", Place(shown, 1, 1))]
    return _rows(reader, shown)


def _rows(reader: csv.DictReader[str], shown: str) -> tuple[Library, list[Problem]]:
    sourcebook: Library = {}
    problems: list[Problem] = []
    for line in reader:
        row = _row({key: str(value or "") for key, value in line.items() if isinstance(key, str)})
        wrong = _wrong(row, sourcebook)
        if wrong:
            problems.append(Problem("source_files", *wrong, "", Place(shown, reader.line_num, 1)))
        sourcebook[row.id] = row
    return sourcebook, problems


def _wrong(row: Row, sourcebook: Library) -> tuple[str, str] | None:
    if row.id in sourcebook:
        return f"the row {row.id!r} a second time", "every id once"
    if row.grade not in GRADES[:3]:
        return f"the confidence {row.grade!r} of {row.id!r}", "high, medium or low"
    return None


def _row(line: dict[str, str]) -> Row:
    unit = line["unit"]
    said = f"{line['value']} {unit.replace('_', ' ')}".strip()
    entry = {
        "title": line["source_title"], "url": line["source_url"], "grade": line["confidence"],
        "date": line["period_or_date"], "value": line["value"], "low": line["low"], "high": line["high"],
        "unit": unit, "note": line["note"],
    }  # fmt: skip
    return Row(line["id"], line["confidence"], _stated(line), _unit(unit), said, entry)


def _stated(line: dict[str, str]) -> tuple[str, ...]:
    if line.get("unit") in ("event", "flag", "boolean") or not line.get("value"):
        return ()
    value = line["value"]
    return value, line.get("low") or value, line.get("high") or value


def _unit(word: str) -> str:
    """The unit of the language for a word of a table, "" for what is counted: missiles, rounds, a fraction."""
    if _UNTOLD in word.split("_"):
        return _UNTOLD
    for ending in _RATES:
        if word.endswith(ending):
            return ending.replace("_", " ")
    return _UNITS.get(word.partition("_per_")[0], "")


def of_file(raw: Map) -> Library:
    """The `sources:` and `assumptions:` of a scenario or a catalogue."""
    sourcebook: Library = {}
    assumptions, sources = raw.get("assumptions"), raw.get("sources")
    if isinstance(assumptions, Map):
        sourcebook |= {name: Row(name, "assumed", said=str(text)) for name, text in assumptions.items()}
    if isinstance(sources, Map):
        sourcebook |= {name: _source(name, entry) for name, entry in sources.items() if isinstance(entry, Map)}
    return sourcebook


def _source(name: str, entry: Map) -> Row:
    words = {key: str(value) for key, value in entry.items() if isinstance(value, (str, int, float))}
    grade = words.get("grade", "medium")
    said = f"{words.get('value', '')} {words.get('unit', '').replace('_', ' ')}".strip()
    return Row(name, grade if grade in GRADES else "medium", _stated(words), _unit(words.get("unit", "")), said, words)


@dataclass
class Reading:
    """What is known while a scenario is validated: legal words, sources, and what a patch has written."""

    states: tuple[str, ...] = ()
    sourcebook: Library = field(default_factory=dict)
    label: str = "user"
    patched: tuple[str, ...] = ()
    notes: list[Problem] = field(default_factory=list)

    def is_patched(self, path: str) -> bool:
        """Whether an arm or `--set` wrote the value at a path."""
        return any(path == patch or path.startswith(f"{patch}.") for patch in self.patched)


@dataclass(frozen=True)
class Backed:
    """What sources make of a number: its range, its grade, and a remark for the register."""

    low: float
    high: float
    grade: str
    note: str = ""
    text: str = ""


class Unbacked(ValueError):
    """A number whose sources do not hold: what was found, what was expected, the nearest source."""

    def __init__(self, found: str, expected: str, near: str = "") -> None:
        super().__init__(found)
        self.found, self.expected, self.near = found, expected, near


def backed(line: Line, cited: tuple[str, ...], text: str, note: str, *, kind: str, at: Any, known: Reading) -> Backed:
    """The range and the grade of a number that cites sources.

    cited: the ids after @ and in `source`;  note: why it may differ from its source
    Raises Unbacked for an unknown source, or for a range that nothing supports.
    """
    rows = _known(cited, known)
    if not rows:
        return _unsourced(line, text, at, known)
    grade = max((row.grade for row in rows), key=GRADES.index)
    stating = [row for row in rows if row.stated]
    if len(rows) == 1 and stating and math.isfinite(line.value):
        return _compared(line, rows[0], text, note, kind=kind, at=at, known=known)
    return Backed(line.low, line.high, grade)


def _known(cited: tuple[str, ...], known: Reading) -> list[Row]:
    for name in cited:
        if name not in known.sourcebook:
            expected = "a source or an assumption of this scenario or its catalogue"
            raise Unbacked(f"the source @{name}", expected, nearest(name, known.sourcebook))
    return [known.sourcebook[name] for name in cited]


def _unsourced(line: Line, text: str, at: Any, known: Reading) -> Backed:
    path = str(getattr(at, "path", ""))
    if known.is_patched(path):
        return Backed(line.low, line.high, "assumed", "what-if")
    fictional = known.label == "fictional"
    if line.ranged and line.low < line.high and not fictional:
        expected = "@ and a source, or @ and an assumption that says why"
        raise Unbacked(f"{text!r}: a range without a source", expected)
    whole = line.kind == "share" and line.value == 1
    if known.label == "public" and line.value != 0 and not whole and math.isfinite(line.value):
        expected = "@ and a source, or @ and an assumption that says why"
        known.notes.append(note_at(at, f"{text!r}: a number without a source", expected))
    return Backed(line.low, line.high, "plain")


def _compared(line: Line, row: Row, text: str, note: str, *, kind: str, at: Any, known: Reading) -> Backed:
    """Hold a number against the row that it cites; if they agree, the row lends its range."""
    value, low, high = (_canonical(numeral, row, line, kind) for numeral in row.stated)
    if value is None or not math.isclose(value, line.value, rel_tol=1e-9, abs_tol=1e-12):
        if note:
            return Backed(line.low, line.high, row.grade)
        said = f"{text!r} differs from its source, which says {row.said}; graded as your assumption"
        known.notes.append(note_at(at, said, ""))
        return Backed(line.low, line.high, "assumed")
    if line.ranged:
        return Backed(line.low, line.high, row.grade)
    if low is not None and high is not None and low <= line.value <= high and low < high:
        return Backed(low, high, row.grade, text=_lent(row, line))
    if row.grade == "low" and line.value:
        return Backed(*_widened(line), row.grade, _SPREADS.get(line.kind, _SPREAD))
    return Backed(line.low, line.high, row.grade)


def _canonical(numeral: str, row: Row, line: Line, kind: str) -> float | None:
    """A numeral of a row in the unit of the number that cites it: its own unit if the row has none for it."""
    numeral = f"+{numeral.removeprefix('+')}" if line.of == BEFORE else numeral
    for unit in dict.fromkeys((row.unit, line.unit if row.unit != _UNTOLD else row.unit)):
        try:
            found = parse(f"{numeral} {unit}".strip(), kind)
        except NumberFault:
            continue
        return found.value
    return None


def _widened(line: Line) -> tuple[float, float]:
    """What a low grade without a spread is taken to mean."""
    if line.kind == "share":
        return max(line.value - 0.25, 0.0), min(line.value + 0.25, 1.0)
    if line.kind == "month":
        return line.value - 6, line.value + 6
    return line.value * 0.5, line.value * 1.5


def _lent(row: Row, line: Line) -> str:
    """How a number reads with the range of its row, if both have one unit."""
    value, low, high = row.stated
    sign = "+" if line.of == BEFORE and not value.startswith("+") else ""
    return f"{sign}{value} ({low} to {high}) {line.unit}".strip() if row.unit in ("", line.unit) else ""


def note_at(at: Any, found: str, expected: str) -> Problem:
    """A note about a value, at the place where it was written."""
    place: Place | None = getattr(at, "place", None)
    path = str(getattr(at, "path", ""))
    if place is not None and not place.line:
        return Problem(path, found, expected, "", None, "note", origin=place.file)
    return Problem(path, found, expected, "", place, "note")


def cited_by(raw: Map) -> set[str]:
    """All the names that a scenario cites, in its arms too; law cites sources of its own."""
    return cited_in({key: part for key, part in raw.items() if key not in tree.RAW_PARTS})


def cited_in(value: Any) -> set[str]:
    """All the names that a tree cites, by @ or as a `source`."""
    if isinstance(value, dict):
        named = _named(value.get("source"))
        return named.union(*(cited_in(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(cited_in(part) for part in value))
    return {word[1:] for word in value.split() if word.startswith("@")} if isinstance(value, str) else set()


def _named(source: Any) -> set[str]:
    names = source if isinstance(source, list) else [source]
    return {name.removeprefix("@") for name in names if isinstance(name, str)}


def write_cited(raw: Map, sourcebook: Library, names: set[str]) -> None:
    """Write the rows of some names into the `sources` of a scenario, so that it can stand alone."""
    for name in sorted(names & set(sourcebook)):
        row = sourcebook[name]
        part = "sources" if row.entry else "assumptions"
        if part not in raw:
            raw.write(part, Map(_TABLE), key_at=_TABLE, place=_TABLE)
        around = raw[part]
        if isinstance(around, Map) and name not in around:
            words = {key: word for key, word in row.entry.items() if word}
            around.write(name, with_place(words or row.said, _TABLE), key_at=_TABLE, place=_TABLE)


_TABLE = Place("sources", 0, 0)
