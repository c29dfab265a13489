"""The kinds of values in a scenario: codes, names, dates and numbers with their units."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from backfill.reading import dates
from backfill.reading.countries import is_code
from backfill.reading.document import MOST_CHARACTERS, Map
from backfill.reading.number import Number
from backfill.reading.number_line import KINDS, NumberFault, parse
from backfill.reading.observed import Point, point_of
from backfill.reading.words import nearest
from backfill.scenario.sources import GRADES, Reading, Unbacked, backed

ALWAYS = "0"
"""The name under which a number without dates stands among dated ones."""

RESERVED = ("all", "baseline")
BLOCK = ("value", "low", "high", "unit", "source", "grade", "distribution", "note", "same_as", "drawn_with")
DISTRIBUTIONS = ("triangular", "uniform")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_GROUP = re.compile(r"[A-Z]{2,8}", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9_.-]{1,400}", re.ASCII)
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_NONE: Mapping[str, str] = {}
T = TypeVar("T")


def fault(found: str, expected: str, near: str = "") -> PydanticCustomError:
    """A mistake as pydantic carries it: what was found, what was expected, the nearest right form."""
    context = {"found": found, "expected": expected, "nearest": near}
    return PydanticCustomError("mistake", "found {found}, expected {expected}", context)


def fault_in(field: str, found: str, expected: str, near: str = "") -> PydanticCustomError:
    """A mistake in a field of an entry that is read as a whole."""
    context = {"found": found, "expected": expected, "nearest": near, "at": field}
    return PydanticCustomError("mistake", "found {found}, expected {expected}", context)


def shown(value: Any) -> str:
    """How a wrong value appears in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(str(value)[:120])


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) <= MOST_CHARACTERS:
        return str(value)
    raise fault(shown(value), "a text")


def _code(value: Any, info: ValidationInfo) -> str:
    if isinstance(value, str) and (is_code(value) or value == "OTHER"):
        return str(value)
    known = info.context.states if isinstance(info.context, Reading) else ()
    raise fault(shown(value), "a state by its ISO 3166 alpha-3 code", nearest(str(value), known))


def _jurisdiction(value: Any, info: ValidationInfo) -> str:
    """A state, or a group of states such as EU or UN; whether it has a file is another question."""
    return str(value) if isinstance(value, str) and _GROUP.fullmatch(value) else _code(value, info)


def _id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise fault(shown(value), "a name of small letters, digits and _, beginning with a letter, 40 at most")
    if value in RESERVED:
        raise fault(shown(value), "another name: this one is reserved")
    return str(value)


def _dated(read: Callable[[str], Any], expected: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise fault(shown(value), expected)
    try:
        return read(value)
    except dates.NotADate as wrong:
        raise fault(shown(value), str(wrong)) from None


def _whole(most: int, value: Any) -> int:
    if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value, re.ASCII) and int(value) <= most:
        return int(value)
    raise fault(shown(value), "a whole number")


def _year(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch("[0-9]{4}", value, re.ASCII) and int(value) <= dates.LAST_YEAR:
        return int(value)
    raise fault(shown(value), "a calendar year: 2025", value[:4] if re.match("[0-9]{4}-", str(value)) else "")


def _plain(value: Any) -> float:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return float(value)
    raise fault(shown(value), "a plain number, not below zero")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise fault(shown(value), "true or false")


def _sources(value: Any) -> tuple[str, ...]:
    """One source or several, with or without @."""
    names = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(name, str) for name in names):
        raise fault(shown(value), "a source, or a list of sources")
    return tuple(str(name).removeprefix("@") for name in names if name)


def number(kind: str, value: Any, info: ValidationInfo) -> Number:
    """Read a number of a kind (a key of KINDS), as a line or as a block."""
    known = info.context if isinstance(info.context, Reading) else Reading()
    if isinstance(value, Map):
        return _block(value, kind, known)
    if not isinstance(value, str):
        raise fault(shown(value), KINDS[kind].expected)
    return _number_of(str(value), kind, value, known)


def _block(block: Map, kind: str, known: Reading) -> Number:
    """A number in block form; what one line cannot say stands in fields."""
    for key in block:
        if key not in BLOCK:
            raise fault_in(key, f"the unknown field {key!r}", f"one of {', '.join(BLOCK)}", nearest(key, BLOCK))
    if "value" not in block and "same_as" in block:
        raise fault("", "")  # whoever looked for that number has told why it is not there
    if "value" not in block:
        raise fault("a number in block form without a value", "value, or same_as: the path of another number")
    words = {key: _one_of(block[key], words) for key, words in _CHOICES.items() if key in block}
    words |= {key: _link(block[key]) for key in ("same_as", "drawn_with") if key in block}
    if "note" in block:
        words["note"] = _text(block["note"])
    return _number_of(_as_line(block), kind, block, known, sources=_sources(block.get("source", "")), words=words)


def _number_of(
    text: str, kind: str, at: Any, known: Reading, *, sources: tuple[str, ...] = (), words: Mapping[str, str] = _NONE
) -> Number:
    """The number that a line says, with the range and the grade that its sources give it."""
    try:
        line = parse(text, kind)
        cited = tuple(dict.fromkeys(line.sources + sources))
        linked = "same_as" in words
        reading = Reading(sourcebook=known.sourcebook, label="fictional") if linked else known
        back = backed(line, cited, text, words.get("note", ""), kind=kind, at=at, known=reading)
    except NumberFault as wrong:
        raise fault(wrong.found, wrong.expected, wrong.nearest) from None
    except Unbacked as wrong:
        raise fault(wrong.found, wrong.expected, wrong.near) from None
    chosen: dict[str, Any] = {"grade": back.grade, "note": back.note}
    chosen |= {key: word for key, word in words.items() if word}
    said = back.text or text.partition(" @")[0].strip()
    limits = (line.value, back.low, back.high)
    return Number(*limits, line.kind, said, path=at.path, of=line.of, sources=cited, place=at.place, **chosen)


_CHOICES = {"grade": GRADES, "distribution": DISTRIBUTIONS}


def _as_line(block: Map) -> str:
    """The line that a block would be: value, range and unit."""
    words = {key: block.get(key) for key in ("value", "low", "high", "unit")}
    if not all(word is None or isinstance(word, str) for word in words.values()):
        raise fault("a list, a map or true in a number", "a number, as in value: 320")
    if words["low"] is None and words["high"] is None:
        return f"{words['value']} {words['unit'] or ''}".strip()
    low, high = words["low"] or words["value"], words["high"] or words["value"]
    return f"{words['value']} ({low} to {high}) {words['unit'] or ''}".strip()


def _one_of(value: Any, words: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in words:
        return str(value)
    raise fault(shown(value), f"one of {', '.join(words)}", nearest(str(value), words))


def _link(value: Any) -> str:
    if isinstance(value, str) and _PATH.fullmatch(value):
        return str(value)
    raise fault(shown(value), "the path of another number: states.USA.objective")


def _with_dates(value: Any) -> Any:
    """A number without dates holds always; one with dates is a map from months to numbers."""
    if isinstance(value, Map) and not set(value) & set(BLOCK):
        if not value:
            raise fault("nothing", "months and numbers: {2022-01: 230 per year}")
        return value
    return {ALWAYS: value}


def _month_key(value: Any) -> int:
    return 0 if value == ALWAYS else int(_dated(dates.month, _MONTH, value))


def _sorted(points: dict[int, T]) -> dict[int, T]:
    return dict(sorted(points.items()))


def _event(value: Any, info: ValidationInfo) -> Any:
    """An event, understood by the model that its `kind` names."""
    from backfill.scenario.happenings import EVENTS

    if not isinstance(value, dict):
        raise fault(shown(value), "an event: {kind: pledge, date: 2023-06, ...}")
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in EVENTS:
        if kind is None:
            raise fault("an event without a kind", f"kind: one of {', '.join(EVENTS)}")
        near = nearest(kind, EVENTS) if isinstance(kind, str) else ""
        raise fault_in("kind", shown(kind), f"one of {', '.join(EVENTS)}", near)
    return EVENTS[kind].model_validate(value, context=info.context)


def _attacks(value: Any, info: ValidationInfo) -> Any:
    """A rate, dated rates, or a series from a file."""
    from backfill.scenario.schema import Series

    if isinstance(value, Map) and "series" in value:
        return Series.model_validate(value, context=info.context)
    if isinstance(value, Map) and value and not set(value) & {*BLOCK, *Series.model_fields}:
        return _sorted({_month_key(month): number("rate", rate, info) for month, rate in value.items()})
    return number("rate", value, info)


def _calendar_month(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and value in map(str, range(1, 13)):
        return int(value)
    names = [name.lower() for name in calendar.month_name]
    number = names.index(value.lower()) if isinstance(value, str) and value.lower() in names else 0
    raise fault(shown(value), "a month of the year by its number: 1 for January, 12 for December", str(number or ""))


def _rows(value: Any) -> tuple[Point, ...]:
    """Rows of a file of observations, as they stand in it."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, dict) for row in value):
        raise fault(shown(value), "a list of rows, read from `file`")
    try:
        return tuple(point_of({str(key): str(cell) for key, cell in row.items()}) for row in value)
    except ValueError as wrong:
        raise fault(str(wrong), "rows like those of the file") from None


def _version(value: Any) -> Any:
    if str(value) == "1":
        return 1
    raise fault(shown(value), "scenario: 1, the version of the language")


def _line_schema(kind: str) -> WithJsonSchema:
    return WithJsonSchema({"description": KINDS[kind].expected, "type": ["string", "number", "object"]})


def _number(kind: str) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(partial(number, kind)), _line_schema(kind)


_MONTH = "a month: 2025-03"
_AS_TEXT = WithJsonSchema({"type": "string"})

Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": ["string", "number"]})]
CODE = Annotated[str, PlainValidator(_code), WithJsonSchema({"type": "string", "pattern": "^([A-Z]{3}|OTHER)$"})]
JURISDICTION = Annotated[
    str, PlainValidator(_jurisdiction), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2,8}$"})
]
ID = Annotated[str, PlainValidator(_id), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"})]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
Whole = Annotated[int, PlainValidator(partial(_whole, 1_000_000)), WithJsonSchema({"type": "integer"})]
Year = Annotated[int, PlainValidator(_year), _AS_TEXT]
Plain = Annotated[float, PlainValidator(_plain), WithJsonSchema({"type": "number"})]
Version = Annotated[int, PlainValidator(_version), WithJsonSchema({"const": 1})]
Sources = Annotated[tuple[str, ...], PlainValidator(_sources), WithJsonSchema({"type": ["string", "array"]})]

Rows = Annotated[tuple[Any, ...], PlainValidator(_rows), WithJsonSchema({"type": "array"})]
Month = Annotated[int, PlainValidator(partial(_dated, dates.month, _MONTH)), _AS_TEXT]
Date = Annotated[dt.date, PlainValidator(partial(_dated, dates.day, "a day: 2025-03-11")), _AS_TEXT]
Span = Annotated[tuple[int, int], PlainValidator(partial(_dated, dates.span, "2022-12 to 2023-09")), _AS_TEXT]

Count = Annotated[Number, *_number("count")]
Rate = Annotated[Number, *_number("rate")]
Capacity = Annotated[Number, *_number("capacity")]
Share = Annotated[Number, *_number("share")]
Chance = Annotated[Number, *_number("chance")]
Factor = Annotated[Number, *_number("factor")]
Money = Annotated[Number, *_number("money")]
Duration = Annotated[Number, *_number("duration")]
Level = Annotated[Number, *_number("level")]
MonthNumber = Annotated[Number, *_number("month")]

CalendarMonth = Annotated[int, PlainValidator(_calendar_month), _AS_TEXT]
MonthKey = Annotated[int, PlainValidator(_month_key), _AS_TEXT]
_COURSE = WithJsonSchema({"type": ["string", "number", "object"], "description": "a number, or months and numbers"})
Dated = Annotated[dict[MonthKey, T], BeforeValidator(_with_dates), AfterValidator(_sorted), _COURSE]
Received = Annotated[Number, *_number("procurement")]
Procurement = Dated[Received]

Event = Annotated[Any, PlainValidator(_event), WithJsonSchema({"type": "object"})]
Attacks = Annotated[Any, PlainValidator(_attacks), WithJsonSchema({"type": ["string", "object"]})]
