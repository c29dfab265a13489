"""The description of the model and the language of scenarios say the same: none is missing, none is invented."""

from __future__ import annotations

import inspect
import re
import types
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
import pytest
from pydantic import BaseModel, PlainValidator

from backfill.reading.number_line import KINDS
from backfill.registry import DOCTRINES
from backfill.scenario import fields, load, numbers_of, schema
from backfill.world import World

PAGE = (Path(__file__).parents[1] / "docs" / "ODD.md").read_text(encoding="utf-8")
WORDS = {
    "Text": "text", "CODE": "state", "JURISDICTION": "jurisdiction", "ID": "name", "Flag": "yes or no",
    "Whole": "whole number", "Year": "year", "Plain": "plain number", "Version": "version", "Sources": "sources",
    "Month": "month", "Date": "day", "Span": "span", "MonthKey": "month", "CalendarMonth": "calendar month",
    "Event": "event", "Attacks": "rate, dated, or series",
}  # fmt: skip
"""What the kinds of values that are no number are called on the page."""
KINDS_ON_THE_PAGE = (
    "count", "rate", "capacity", "share", "chance", "factor", "money", "duration", "level", "procurement", "month",
)  # fmt: skip
PHASES = (
    "events", "escalate", "produce", "arrive", "consume", "assess", "order", "request", "authorise", "allocate", "ship",
    "record",
)  # fmt: skip
METHODS = {"events": "apply_events"}
CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction",
    "Stochasticity", "Collectives", "Observation",
)  # fmt: skip
OURS = [kind for kind in DOCTRINES if DOCTRINES[kind].__module__ == "backfill.giving.doctrines"]
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
    if origin is dict and inner[0] == fields.MonthKey:
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
    for kind in OURS:
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


def test_the_page_calls_every_value_by_its_kind():
    known = in_the_schema()
    wrong = {row[:2]: (row[2], known[row[:2]][0]) for row in on_the_page() if row[2] != known[row[:2]][0]}
    assert wrong == {}


def test_the_page_says_what_leaving_a_field_out_means():
    known = in_the_schema()
    for entry, name, _kind, left_out, meaning in on_the_page():
        default = known[entry, name][1]
        assert left_out == default or (not default and left_out and left_out != "required"), (entry, name)
        assert meaning


def test_what_a_doctrine_must_have_is_called_required():
    said = {name: left_out for entry, name, _kind, left_out, _meaning in on_the_page() if entry == "Doctrine"}
    for kind in OURS:
        needed = getattr(DOCTRINES[kind], "required", ())
        assert all(said[name] == f"required by {kind}" for name in needed)
        assert not any(said[name].endswith(f"required by {kind}") for name in set(said) - set(needed))


def test_the_kinds_of_numbers_are_those_of_the_number_line():
    legend = PAGE.split("| kind | written | inside |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", legend, flags=re.MULTILINE) == list(KINDS_ON_THE_PAGE)
    assert set(KINDS_ON_THE_PAGE) == set(KINDS)


EMPTY = """
scenario: 1
title: A state that says nothing
label: fictional
horizon: 2030-01 to 2030-02
roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}
items: {arrow: {name: Arrow}}
states: {XDA: {items: {arrow: {stock: 1}}}, XAL: {}, XWA: {}}
"""
ENGINE = {
    "floor": "floor_share", "floor_in_crisis": "crisis_slope", "release": "release", "anticipation": "anticipation",
    "look_ahead": "look_ahead", "cover": "cover", "persistence": "persistence", "spread": "spread", "load": "load",
    "fire_units_ahead": "fire_units_ahead", "training": "training",
}  # fmt: skip
"""Where the engine keeps what a stance says."""


@pytest.fixture
def silent(tmp_path):
    """Where a state stands that says nothing."""
    (tmp_path / "empty.yaml").write_text(EMPTY, encoding="utf-8")
    setting = load(tmp_path / "empty.yaml").setting
    return World(setting, range(2), 1, numbers_of(setting)).positions["XDA", "arrow"]


def _amount(text: str) -> float:
    number, _, unit = text.partition(" ")
    return float(number) / (100 if unit == "%" else 1)


def test_a_state_that_says_nothing_has_the_values_of_the_page(silent):
    said = {name: left_out for entry, name, _kind, left_out, _meaning in on_the_page() if entry == "Stance"}
    for name, where in ENGINE.items():
        assert np.all(np.asarray(getattr(silent, where)) == _amount(said[name])), name
    for name, where in (("will", "mean_will"), ("flow_share", "share")):
        assert getattr(silent.giving["gift"], where) == _amount(said[name])
    assert silent.minimum() == _amount(said["minimum"])
    assert silent.giving["sale"].doctrine.kind == said["doctrine"]


def test_the_phases_of_the_page_are_those_of_the_month():
    listed = re.findall(r"^\d+\. \*\*(\w+)\*\*", PAGE, flags=re.MULTILINE)
    assert listed == list(PHASES)
    step = inspect.getsource(World.step)
    calls = [f"self.{METHODS.get(phase, phase)}()" for phase in PHASES]
    order = [step.index(call) for call in calls]
    assert order == sorted(order)


def test_all_seven_elements_and_eleven_concepts_are_there():
    headings = re.findall(r"^## (\d)\. ", PAGE, flags=re.MULTILINE)
    assert headings == list("1234567")
    concepts = PAGE.split("## 4. Design concepts")[1].split("## 5.")[0]
    assert re.findall(r"^\*\*(.+?)\.\*\*", concepts, flags=re.MULTILINE) == list(CONCEPTS)


def test_whatever_is_cited_is_in_the_list_of_references_and_the_other_way_round():
    text, listed = PAGE.split("## References")
    cited = {(names.split()[0].strip(","), year) for names, year in re.findall(r"\[([A-Z][\w ,.]+?) (\d{4})\]", text)}
    known = set(re.findall(r"^- (\w+), .*?\((\d{4})\)", listed, flags=re.MULTILINE))
    assert cited == known
