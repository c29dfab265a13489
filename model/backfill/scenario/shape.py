"""What the schema knows at a path: the fields of an entry, the names of a map, or a value."""

from __future__ import annotations

import types
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from backfill.reading.document import Map
from backfill.scenario import tree
from backfill.scenario.schema import EVENTS, Registered, Series, Setting

VERBS = ("set", "add", "with", "without")


@lru_cache(maxsize=256)
def fields_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model, as they are written."""
    return tuple(info.alias or name for name, info in model.model_fields.items())


def fields(path: str, raw: Map) -> tuple[str, ...]:
    """The fields that may stand in the entry at a path."""
    model = at(path, raw)
    if isinstance(model, type) and issubclass(model, Registered):
        said = tree.get(raw, path)
        return model.fields_of(said.get("kind") if isinstance(said, Map) else said)
    return fields_of(model) if isinstance(model, type) and issubclass(model, BaseModel) else ()


def at(path: str, raw: Map) -> Any:
    """What the schema expects at a path: a model, `dict` of something, another annotation, or None if nothing.

    A map is given as the pair (dict, what its values are).
    """
    here: Any = Setting
    done: list[str] = []
    for step in path.split(".") if path else ():
        done.append(step)
        here = below(here, step)
        if here is _EVENT:
            here = _event(raw, ".".join(done))
        if here is None:
            return None
    return here


_EVENT = object()


def below(here: Any, step: str) -> Any:
    """What the schema expects one step further."""
    if isinstance(here, tuple):
        return here[1]
    if isinstance(here, type) and issubclass(here, BaseModel):
        return _fields(here).get(step)
    return None


@lru_cache(maxsize=256)
def _fields(model: type[BaseModel]) -> dict[str, Any]:
    """What each field of a model holds."""
    found = {}
    for name, info in model.model_fields.items():
        whole = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        found[info.alias or name] = _meaning(whole, name)
    return found


def _meaning(annotation: Any, name: str) -> Any:
    """A model, a pair (dict, meaning of its values), or the annotation of a plain value."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _meaning(get_args(annotation)[0], name) if get_args(annotation)[0] is not Any else _special(name)
    if origin in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return _meaning(parts[0], name)
    if origin is dict:
        values = get_args(annotation)[1]
        return (dict, _EVENT if name == "events" else _meaning(values, ""))
    if annotation is Any:
        return _special(name)
    return annotation


def _special(name: str) -> Any:
    return Series if name in ("attacks", "fires") else Any


def _event(raw: Map, path: str) -> Any:
    kind = tree.get(raw, f"{path}.kind")
    return EVENTS.get(kind) if isinstance(kind, str) else None
