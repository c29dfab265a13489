"""What an editor knows of designs: a JSON Schema that completes and checks while one types."""

from __future__ import annotations

from typing import Any

from backfill.results import tables
from backfill.studies.designs import keeping
from backfill.studies.designs.factors import ALL_RANGES
from backfill.studies.designs.settled import EACH_RUN, STOPS_FOR

_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_WHOLE = {"type": "integer", "minimum": 1}
_SHARE = {"type": ["string", "number"]}


def design_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a design file."""
    fields: dict[str, Any] = {
        "design": {"const": 1},
        "title": {"type": "string"},
        "question": {"type": "string"},
        "scenario": {"type": "string", "description": "a packaged scenario, or a file beside the design"},
        "arms": _NAMES,
        "seed": {"type": "integer", "minimum": 0},
        "factors": {"anyOf": [{"const": ALL_RANGES}, {"type": "object", "additionalProperties": _factor()}]},
        "layout": _layout(),
        "points": {"type": "array", "items": {"type": "object"}, "minItems": 1},
        "others": {"enum": ["drawn", "central"]},
        "replications": {"anyOf": [_WHOLE, _replications()]},
        "keep": _keep(),
    }
    schema = _map(fields, required=["design", "scenario"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A design of backfill", **schema}


def _map(fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _factor() -> dict[str, Any]:
    fields: dict[str, Any] = {
        "path": {"type": "string", "description": "a dotted path of the scenario, as --set takes it"},
        "values": {"type": "array", "minItems": 1},
        "steps": {"type": "string", "description": "20 % to 80 % by 20 %"},
        "between": {"type": "string", "description": "0 % to 100 %, or own: the range in the scenario"},
        "same_as": {"type": "string"},
        "only_when": {"type": "object"},
    }
    return _map(fields, ["path"])


def _layout() -> dict[str, Any]:
    some = {"anyOf": [{"const": ALL_RANGES}, _NAMES]}
    sample: dict[str, Any] = {"factors": some, "points": _WHOLE}
    fields: dict[str, Any] = {
        "grid": _NAMES,
        "zip": {"anyOf": [_NAMES, {"type": "array", "items": _NAMES, "minItems": 1}]},
        "lhs": _map(sample, ["points"]),
        "sobol": _map({**sample, "indices": {"type": "boolean"}}, ["points"]),
        "table": {"type": "string", "description": "a CSV file with a column for each factor"},
        "factors": {"const": ALL_RANGES},
    }
    return _map(fields, [])


def _replications() -> dict[str, Any]:
    stop: dict[str, Any] = {
        "outcome": {"enum": list(STOPS_FOR)},
        "interval": _SHARE,
        "narrower_than": {"type": "number", "exclusiveMinimum": 0},
        "arm": {"type": "string"},
    }
    return _map({"first": _WHOLE, "most": _WHOLE, "stop_when": _map(stop, ["narrower_than"])}, ["most"])


def _keep() -> dict[str, Any]:
    course = {"anyOf": [{"const": EACH_RUN}, {"type": "array", "items": _SHARE, "minItems": 1}]}
    courses = sorted({*keeping.COURSES, *tables.COURSES})
    outcomes = {"type": "array", "items": {"enum": list(keeping.OUTCOMES)}, "minItems": 1}
    return _map({"outcomes": outcomes, "series": _map(dict.fromkeys(courses, course), [])}, [])
