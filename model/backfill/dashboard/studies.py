"""Stored studies: which there are, what came of them, and two of them side by side."""

from __future__ import annotations

import csv
import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backfill.dashboard import folders
from backfill.dashboard.answers import Refused, required, said
from backfill.dashboard.comparing import compared
from backfill.dashboard.folders import Stored
from backfill.results.tables import OWN_WAY

MOST_ROWS = 400
FIGURE = re.compile(r"[a-z0-9_]{1,60}\.svg")
COLUMNS = ("p5", "p25", "p50", "p75", "p95")


def studies(request: Request) -> Response:
    """Everything in the folder of results."""
    home = request.app.state.results
    return said({"folder": str(home), "count": folders.count_of(home), "studies": folders.listed(home)})


def study(request: Request) -> Response:
    """One of them: its head, its answer, its closing table, which courses it keeps."""
    stored = folders.opened(request.app.state.results, required(request, "study"))
    head, rows = _summary(stored)
    return said(
        stored.head()
        | {
            "answer": _answer(stored),
            "columns": head,
            "rows": rows[:MOST_ROWS],
            "rows_left": max(len(rows) - MOST_ROWS, 0),
            "courses": _courses(stored),
            "figures": sorted(
                path.stem for path in (stored.folder / "figures").glob("*.svg") if FIGURE.fullmatch(path.name)
            ),
            "versions": stored.manifest.get("versions", {}),
            "command": str(stored.manifest.get("command") or ""),
        }
    )


def _summary(stored: Stored) -> tuple[list[str], list[list[str]]]:
    """The closing table as it was stored."""
    path = stored.file("summary.csv")
    if path is None:
        return [], []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return (rows[0], rows[1:]) if rows else ([], [])


def _answer(stored: Stored) -> str:
    """The sentence in which the summary says what came out; empty where it has none."""
    path = stored.file("summary.md")
    text = path.read_text(encoding="utf-8") if path is not None else ""
    found = re.search(r"^\*\*(.+?)\*\*(.*)$", text, re.MULTILINE)
    return re.sub(r"\\([^\w\s])", r"\1", f"{found[1]}{found[2]}") if found else ""


def _courses(stored: Stored) -> list[dict[str, str]]:
    """Which outcomes are kept month by month, and of which state."""
    table = _series(stored, ["outcome", "state", "decides"])
    if table is None:
        return []
    found = table.to_pandas().astype(str).drop_duplicates()
    own = found[found["decides"] == OWN_WAY]
    return [{"outcome": outcome, "state": state} for outcome, state in zip(own["outcome"], own["state"], strict=True)]


def _series(stored: Stored, columns: list[str] | None = None) -> pa.Table | None:
    """Quantiles over runs by month; None where none are kept."""
    import pyarrow.parquet as pq

    path = stored.file("quantiles.parquet" if stored.is_study else "tables/series.parquet")
    if path is None:
        return None
    try:
        return pq.read_table(path, columns=columns)
    except (OSError, pa.ArrowException) as broken:
        raise Refused(f"{path.name} of {stored.name} is damaged: backfill verify {stored.name}") from broken


def course(request: Request) -> Response:
    """The quantiles of one outcome by month and arm."""
    stored = folders.opened(request.app.state.results, required(request, "study"))
    outcome, state = required(request, "outcome"), request.query_params.get("state", "")
    table = _series(stored)
    if table is None:
        raise Refused(f"{stored.name} keeps no course of months.", 404)
    wanted = (pc.field("outcome") == outcome) & (pc.field("state") == state) & (pc.field("decides") == OWN_WAY)
    rows = table.filter(wanted & (pc.field("point") == 0) if stored.is_study else wanted).to_pylist()
    if not rows:
        raise Refused(f"{stored.name} keeps no course of {outcome} {state}.".replace(" .", "."), 404)
    months = sorted({row["month"] for row in rows})
    arms = {arm: [row for row in rows if row["arm"] == arm] for arm in stored.arms}
    return said(
        {
            "outcome": outcome,
            "state": state,
            "months": months,
            "arms": [_fan(arm, some, months) for arm, some in arms.items() if some],
        }
    )


def _fan(arm: str, rows: list[dict[str, Any]], months: list[str]) -> dict[str, Any]:
    by_month = {row["month"]: row for row in rows}
    return {"arm": arm} | {name: [by_month.get(month, {}).get(name) for month in months] for name in COLUMNS}


def figure(request: Request) -> Response:
    """A figure as it was drawn when the run was stored."""
    stored = folders.opened(request.app.state.results, required(request, "study"))
    name = required(request, "figure") + ".svg"
    path = stored.file(f"figures/{name}") if FIGURE.fullmatch(name) else None
    if path is None:
        raise Refused(f"{stored.name} has no figure {name}.", 404)
    return Response(path.read_bytes(), 200, {"Cache-Control": "no-store"}, "image/svg+xml")


def compare(request: Request) -> Response:
    """Two arms, of one study or of two, run by run."""
    home, query = request.app.state.results, request.query_params
    first = folders.opened(home, required(request, "study"))
    second = folders.opened(home, query.get("with") or first.name)
    arms = (query.get("arm") or first.arms[0], query.get("against") or second.arms[0])
    return said(compared(first, second, arms, query.get("by") or None))


routes = [
    Route("/api/studies", studies),
    Route("/api/study", study),
    Route("/api/study/course", course),
    Route("/api/study/figure", figure),
    Route("/api/compare", compare),
]
