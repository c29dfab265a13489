"""Stored studies: which there are, what came of them."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
