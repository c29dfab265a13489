"""The numbers of a scenario, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from backfill.reading.number import Number


def numbers_in(value: Any) -> Iterator[Number]:
    """Every number of a setting."""
    if isinstance(value, Number):
        yield value
    elif isinstance(value, BaseModel):
        for part in (*value.__dict__.values(), *(value.model_extra or {}).values()):
            yield from numbers_in(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from numbers_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from numbers_in(part)
