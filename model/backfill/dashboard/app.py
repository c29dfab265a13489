"""The server behind the page: a static page of our own, and a few questions that it can put."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import plotly
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from backfill.dashboard import explore, rules, step, studies
from backfill.dashboard.answers import refusal, said
from backfill.dashboard.security import Guard
from backfill.dashboard.shelf import Worlds
from backfill.errors import BackfillError
from backfill.plots.world_map import OUTLINE

STATIC = Path(__file__).parent / "static"
TOKENS = Path(__file__).parents[1] / "report" / "tokens.css"
"""Colours, sizes and spaces: the same as the report's."""
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
A_DAY = {"Cache-Control": "max-age=86400"}
ASK_AGAIN = {"Cache-Control": "no-cache"}


def create_app(results: Path | str = "results", *, files: Sequence[Path] = (), exposed: bool = False) -> Starlette:
    """The dashboard. Endpoints find in `request.app.state`: `results` (a folder), `worlds`, `desk`.

    results: the folder whose studies may be read
    files: scenario files of the user, beside those that come with the package
    Raises ScenarioProblems if one of them cannot be understood.
    """
    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/plotly.min.js", _plotly),
            Route("/outline.json", _outline),
            Route("/api/worlds", _worlds),
            *explore.routes,
            *rules.routes,
            *step.routes,
            *studies.routes,
            Route("/static/tokens.css", _tokens),
            Mount("/static", _Static(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, exposed=exposed)],
        exception_handlers={BackfillError: refusal},
    )
    app.state.results = Path(results)
    app.state.worlds = Worlds.of(files)
    app.state.desk = explore.Desk(app.state.worlds)
    return app


class _Static(StaticFiles):
    """Our own files: a browser asks each time whether they have changed."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        answer = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        answer.headers.update(ASK_AGAIN)
        return answer


def _page(_: Request) -> Response:
    return FileResponse(STATIC / "index.html", headers=ASK_AGAIN)


def _tokens(_: Request) -> Response:
    return FileResponse(TOKENS, headers=ASK_AGAIN, media_type="text/css")


def _plotly(_: Request) -> Response:
    return FileResponse(PLOTLY, headers=A_DAY, media_type="text/javascript")


def _outline(_: Request) -> Response:
    return FileResponse(OUTLINE, headers=A_DAY, media_type="application/json")


def _worlds(request: Request) -> Response:
    """The worlds that can be opened: name, title, label, question."""
    return said(request.app.state.worlds.listed())
