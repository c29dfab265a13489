"""What the page is told: strict JSON, and refusals in a sentence."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backfill.errors import BackfillError
from backfill.strictly import strict

NO_STORE = {"Cache-Control": "no-store"}


class Refused(BackfillError):
    """What the page asked for cannot be had; the message says why. `status` is that of HTTP."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def said(content: Any, status: int = 200) -> Response:
    """An answer as strict JSON: what is undefined is null."""
    return Response(as_json(content), status, NO_STORE, "application/json")


def as_json(content: Any) -> str:
    """Strict JSON in one line."""
    return json.dumps(strict(content), allow_nan=False, separators=(",", ":"), ensure_ascii=False)


def refusal(_: Request, error: Exception) -> Response:
    """A mistake of whoever asked, in a sentence."""
    status = error.status if isinstance(error, Refused) else 422
    return said({"error": str(error)}, status)


def required(request: Request, name: str) -> str:
    """A word of the address that cannot be left out."""
    value = request.query_params.get(name, "")
    if not value:
        raise Refused(f"the address lacks {name}=")
    return value
