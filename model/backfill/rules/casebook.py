"""Decided cases from a table: what should be answered, what is answered, and why where the two differ."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backfill.errors import Place, Problem, ScenarioProblems
from backfill.reading.dates import NotADate, day
from backfill.reading.words import listed, nearest
from backfill.rules.book import Rulebook
from backfill.rules.clerk import is_party
from backfill.rules.decision import Decision
from backfill.rules.facts import CLASSES, END_USES, ROUTES, TOKENS
from backfill.rules.law import SEVERITY
from backfill.rules.register import Register
from backfill.rules.transfer import Transfer

COLUMNS = (
    "id", "date", "exporter", "origin_or_licensor", "item", "item_class", "lethal", "destination", "destination_status",
    "route", "official_request", "expected",
)  # fmt: skip
"""The columns that a table of cases must have; `reason`, `source_url` and `confidence` may stand beside them."""

FURTHER = ("end_use", "end_user", "programme", "tags", "licensed_from", "value_usd")
"""Columns that may stand beside them, for what the register does not say; an empty field says nothing."""

_ASKED = {"yes": True, "no": False, "na": False}


@dataclass(frozen=True)
class Case:
    """A question that has been decided, by history or by the wording of a rule."""

    id: str
    transfer: Transfer
    expected: str
    reason: str = ""
    confidence: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Verdict:
    """A case and what a rulebook answers to it."""

    case: Case
    decision: Decision

    @property
    def right(self) -> bool:
        """Whether the answer is the expected one."""
        return self.decision.outcome == self.case.expected


def read(path: str | Path, register: Register | None = None) -> list[Case]:
    """The cases of a CSV file, one a row.

    register: what is known of items beside what a row says; the packaged one, if not given
    Raises ScenarioProblems with everything that is wrong, each fault at its line.
    """
    known = Register.packaged() if register is None else register
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        place = Place(str(file), 0, 0)
        raise ScenarioProblems([Problem("cases", str(fault), "a readable CSV file in UTF-8", "", place)]) from fault
    rows = csv.DictReader(io.StringIO(text, newline=""))
    problems = [*_missing_columns(rows.fieldnames or (), file)]
    cases = []
    for row in [] if problems else rows:
        place = Place(str(file), rows.line_num, 1)
        wrong = [*_faults(row, place)]
        problems += wrong
        if not wrong:
            cases.append(_case(row, known, place))
    if not problems and not cases:
        problems.append(Problem("cases", "no row", "a case in each row below the header", "", Place(str(file), 1, 1)))
    if problems:
        raise ScenarioProblems(problems)
    return cases


def judge(book: Rulebook, cases: Iterable[Case]) -> list[Verdict]:
    """What a rulebook answers to each case."""
    return [Verdict(case, book.judge(case.transfer)) for case in cases]


def _case(row: Mapping[str, str], register: Register, place: Place) -> Case:
    return Case(
        row["id"],
        _transfer(row, register),
        row["expected"],
        row.get("reason") or "",
        row.get("confidence") or "",
        place,
    )


def _transfer(row: Mapping[str, str], register: Register) -> Transfer:
    """A row as a transfer: what it says goes before what the register has of the item.

    The states with a key are suppliers of parts on a component route, else licensors and co-developers where the
    register knows any, else those through whose hands the goods came.
    """
    traits = dict(register.find(row["item"]).traits())
    named = tuple(state for state in _several(row["origin_or_licensor"]) if state != row["exporter"])
    traits["component_suppliers"] = named if row["route"] == "component" else ()
    partners = traits.get("licensed_from") or traits.get("codeveloped_with")
    if row["route"] == "retransfer" or (row["route"] == "direct" and not partners):
        traits["prior_suppliers"] = named
    traits |= {"item_class": row["item_class"], "lethal": row["lethal"] == "yes"}
    traits |= {name: _further(name, row[name]) for name in FURTHER if row.get(name)}
    return Transfer(
        row["exporter"],
        row["destination"],
        day(row["date"]) if row["date"] else dt.date.min,
        **traits,
        route=row["route"],
        request_official=_ASKED[row["official_request"]],
        destination_status=_several(row["destination_status"]),
    )


def _further(name: str, text: str) -> Any:
    """What a column beside the usual ones says."""
    if name in ("tags", "licensed_from"):
        return _several(text)
    return float(text) if name == "value_usd" else text


def _missing_columns(names: Sequence[str], file: Path) -> Iterable[Problem]:
    place = Place(str(file), 1, 1)
    for column in COLUMNS:
        if column not in names:
            yield Problem(column, "no such column", f"the columns {listed(COLUMNS)}", nearest(column, names), place)


def _faults(row: Mapping[str, str | None], place: Place) -> Iterable[Problem]:
    """What is wrong with a row."""
    short = [column for column in COLUMNS if row.get(column) is None]
    if short or None in row:
        yield Problem("row", "too few or too many fields", f"{len(COLUMNS)} columns or more", "", place)
        return
    said = {column: str(row[column]) for column in COLUMNS}
    try:
        day(said["date"])
    except NotADate as fault:
        yield Problem("date", repr(said["date"]), str(fault), "", place)
    words = {"item_class": CLASSES, "route": ROUTES, "expected": SEVERITY, "official_request": _ASKED}
    for column, legal in {**words, "lethal": ("yes", "no")}.items():
        if said[column] not in legal:
            yield Problem(column, repr(said[column]), f"one of {listed(legal)}", nearest(said[column], legal), place)
    if row.get("end_use") and row["end_use"] not in END_USES:
        yield Problem("end_use", repr(row["end_use"]), f"one of {listed(END_USES)}", "", place)
    if row.get("value_usd") and not str(row["value_usd"]).isdecimal():
        yield Problem("value_usd", repr(row["value_usd"]), "whole dollars, or nothing", "", place)
    for token in _several(said["destination_status"]):
        if token not in TOKENS:
            yield Problem("destination_status", repr(token), f"one of {listed(TOKENS)}", nearest(token, TOKENS), place)
    for column in ("exporter", "origin_or_licensor", "destination"):
        for state in _several(said[column]) or ("",):
            if not is_party(state):
                yield Problem(column, repr(state), "states by their ISO 3166 alpha-3 codes", "", place)


def _several(text: str) -> tuple[str, ...]:
    """Words with semicolons between them."""
    return tuple(word.strip() for word in text.split(";") if word.strip())
