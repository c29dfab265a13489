"""What the law says of a transfer, asked from the page."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
