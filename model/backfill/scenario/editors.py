"""What an editor knows of the language: a JSON Schema that completes and checks while one types."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from backfill.scenario.layers import ALWAYS, VERBS
from backfill.scenario.schema import EVENTS, Setting

_FROM_CATALOGUE = ("Item", "Need", "State", "Manufacturer", "Line", "Conflict")
"""Entries whose fields a catalogue may say, so that none is missing in the file itself."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scenario file."""
    models: list[Any] = [Setting, *EVENTS.values()]
    _, found = models_json_schema([(model, "validation") for model in models], by_alias=True)
    parts: dict[str, Any] = found["$defs"]
    for name in _FROM_CATALOGUE:
        parts[name].pop("required", None)
    parts["Doctrine"] = {"anyOf": [{"type": "string"}, parts["Doctrine"]]}  # a word is short for the map
    top = parts.pop("Setting")
    top["required"] = ["scenario", "title"]
    top["properties"] |= _outside_the_setting(parts["Arm"]["properties"])
    top["properties"]["events"] = {"type": "object", "additionalProperties": _events()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "title": "A scenario of backfill",
        "$defs": parts,
    }


def _events() -> dict[str, Any]:
    """An event is of the kind that it names."""
    return {"oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in EVENTS.values()]}


def _outside_the_setting(arm: dict[str, Any]) -> dict[str, Any]:
    """What a file may say beside the world itself: what it stands on, and verbs."""
    names = {"type": ["string", "array"], "items": {"type": "string"}}
    verbs = {verb: arm[verb] for verb in VERBS}
    always = {"type": "array", "items": {"$ref": "#/$defs/Arm"}, "description": "patches that hold after every arm"}
    return {"catalogue": names, "extends": {"type": "string"}, ALWAYS: always, **verbs}
