"""JSON that any program can read: no infinities, nothing that is no number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def strict(content: Any) -> Any:
    """The same content in the types of JSON, infinities and not-a-number as None."""
    if isinstance(content, Mapping):
        return {str(key): strict(value) for key, value in content.items()}
    if isinstance(content, str) or content is None or isinstance(content, bool | int):
        return content
    if isinstance(content, Sequence | set | frozenset):
        return [strict(value) for value in content]
    if hasattr(content, "tolist"):
        return strict(content.tolist())
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    return str(content)
