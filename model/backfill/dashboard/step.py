"""One stored run, month by month."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
