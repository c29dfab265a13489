"""The description of the model and the language of scenarios say the same: none is missing, none is invented."""

from __future__ import annotations

import re
import types
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, PlainValidator

from backfill.registry import DOCTRINES
from backfill.scenario import fields, schema

PAGE = (Path(__file__).parents[1] / "docs" / "ODD.md").read_text(encoding="utf-8")
WORDS = {
    "Text": "text", "CODE": "state", "JURISDICTION": "jurisdiction", "ID": "name", "Flag": "yes or no",
    "Whole": "whole number", "Year": "year", "Plain": "plain number", "Version": "version", "Sources": "sources",
    "Month": "month", "Date": "day", "Span": "span", "MonthKey": "month", "CalendarMonth": "calendar month",
    "Event": "event", "Attacks": "rate, dated, or series",
}  # fmt: skip
"""What the kinds of values that are no number are called on the page."""
NOT_OF_THE_MODEL = ("Entry", "Registered", "Happening")


def models() -> dict[str, type[BaseModel]]:
    """Every entry of the language, events by their kinds."""
    known = {name: getattr(schema, name) for name in schema.__all__ if name != "EVENTS"}
    events = {model: kind for kind, model in schema.EVENTS.items()}
    named = {events.get(model, name): model for name, model in known.items() if name not in NOT_OF_THE_MODEL}
    return {**named, **schema.EVENTS, "every event": schema.Happening}


def kind_of(annotation: Any) -> str:
    """How the page calls what may stand in a field."""
    for name, word in WORDS.items():
        if annotation == getattr(fields, name, None):
            return word
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _number(inner) or kind_of(inner[0])
    if origin in (Union, types.UnionType):
        return kind_of(next(part for part in inner if part is not type(None)))
    if origin is Literal:
        return " / ".join(inner)
    if origin is dict and any(word in kind_of(inner[0]) for word in ("month",)) and inner[0] == fields.MonthKey:
        return f"{kind_of(inner[1])}, dated"
    if origin is dict:
        return f"{kind_of(inner[0])}: {kind_of(inner[1])}"
    if origin is tuple:
        return f"list of {kind_of(inner[0])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"`{annotation.__name__}`"
    return {str: "text", Any: "anything"}[annotation]


def _number(parts: tuple[Any, ...]) -> str:
    """The kind of a number line, from the reader that an annotation carries."""
    readers = [part.func for part in parts if isinstance(part, PlainValidator) and isinstance(part.func, partial)]
    return next((str(reader.args[0]) for reader in readers if reader.func is fields.number), "")


def in_the_schema() -> dict[tuple[str, str], tuple[str, str]]:
    """Kind and default of every field, by entry and name; what an entry inherits stands where it is declared."""
    found = {}
    for entry, model in models().items():
        inherited = {name for base in model.__mro__[1:] for name in getattr(base, "model_fields", {})}
        own = set(getattr(model, "__annotations__", ())) - (inherited - set(model.__annotations__))
        for name, info in model.model_fields.items():
            if name not in own or (name == "kind" and entry in schema.EVENTS):
                continue
            whole = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
            found[entry, info.alias or name] = kind_of(whole), _default(info)
    for kind in DOCTRINES:
        for name, number in DOCTRINES.fields(kind).items():
            if name not in schema.Doctrine.model_fields:
                found["Doctrine", name] = number, ""
    found["Doctrine", "kind"] = "name", "required"
    found["Actor", "kind"] = "name", "required"
    return found


def _default(info: Any) -> str:
    """What the page has to say of a field that is left out; nothing where the engine decides."""
    if info.is_required():
        return "required"
    if isinstance(info.default, bool):
        return "yes" if info.default else "no"
    return info.default if isinstance(info.default, str) and info.default else ""


def on_the_page() -> list[tuple[str, str, str, str, str]]:
    """Entry, field, kind, what leaving it out means, and the rest, of every row of every table of parameters."""
    rows = []
    for title, table in re.findall(r"^Table of `([^`]+)`\.\n\n((?:\|.*\n)+)", PAGE, flags=re.MULTILINE):
        for line in table.splitlines()[2:]:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            rows += [(title, name, *cells[1:]) for name in re.findall(r"`([^`]+)`", cells[0])]
    return rows


def test_every_parameter_stands_in_exactly_one_table():
    listed = [row[:2] for row in on_the_page()]
    missing = sorted(set(in_the_schema()) - set(listed))
    invented = sorted(set(listed) - set(in_the_schema()))
    assert (missing, invented) == ([], [])
    assert len(listed) == len(set(listed))
