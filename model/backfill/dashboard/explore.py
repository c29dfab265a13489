"""Moving the numbers of a world: a paired ensemble is run again and its answer follows."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
