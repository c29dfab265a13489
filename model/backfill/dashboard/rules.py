"""What the law says of a transfer, asked from the page: the answers of `explain` and `rules matrix`, as they are."""

from __future__ import annotations

import datetime as dt
import threading
from functools import lru_cache
from io import BytesIO
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backfill.dashboard.answers import Refused, required, said
from backfill.errors import Problem, ScenarioProblems
from backfill.reading.countries import CODES, NAMES
from backfill.reading.dates import NotADate, day
from backfill.rules.explaining import Explanation, explain, packaged_book
from backfill.rules.matrix import Matrix, matrix, states_named
from backfill.rules.names import Names
from backfill.rules.register import Register
from backfill.rules.telling import find, rule_as_json

MOST_STOPS = 4
"""States on the way that one question may name."""
LONGEST_WORD = 80
KEPT = 32
"""Matrices that are kept, since each takes some hundred judgements."""
_drawing = threading.Lock()


def words(_: Request) -> Response:
    """What can be asked about: items of the register, and states by their names."""
    items = [{"value": one.id, "text": one.name} for one in Register.packaged().items.values()]
    known = set(states_named(packaged_book()))
    states = sorted(
        ({"value": code, "text": NAMES.get(code, code), "on_file": code in known} for code in CODES), key=_by_name
    )
    return said({"items": sorted(items, key=_by_name), "states": states})


def _by_name(entry: dict[str, Any]) -> str:
    return str(entry["text"]).casefold()


def ask(request: Request) -> Response:
    """May this go from here to there on that day? With the sources, and the way that would cost least to open."""
    try:
        found = _explained(request)
    except ScenarioProblems as faults:
        return said({"error": "The question cannot be asked like this.", "fields": _beside(faults)}, 422)
    content = found.as_json()
    names = Names()
    codes = {found.hops[0].transfer.exporter, *(hop.transfer.destination for hop in found.hops)}
    content["names"] = {code: names.plain(code) for code in codes}
    content["words"] = found.in_words(sources=True)
    content["sources"] = [
        {"id": one.id, "title": one.title, "url": one.url or None, "grade": one.grade} for one in found.cited
    ]
    return said(content)


def _explained(request: Request) -> Explanation:
    query = request.query_params
    return explain(
        _word(request, "from"),
        _word(request, "to"),
        item=_word(request, "item"),
        on=_word(request, "on"),
        via=_several(request, "via"),
        origin=_several(request, "origin"),
        official_request=query.get("asked", "yes") != "no",
        end_user=query.get("user") or None,
        item_class=query.get("as") or None,
    )


def _beside(faults: ScenarioProblems) -> dict[str, str]:
    """What is wrong with each field, in words to stand beside it."""
    return {fault.path: _sentence(fault) for fault in faults.problems}


def _sentence(fault: Problem) -> str:
    near = f" Nearest: {fault.nearest}." if fault.nearest else ""
    return f"Found {fault.found}, expected {fault.expected}.{near}"


def table(request: Request) -> Response:
    """Who may supply an item to whom on a day."""
    item, on = _word(request, "item"), _day(_word(request, "on"))
    found = _table(item, on)
    names = Names()
    content = found.as_json()
    content["name"] = found.goods.name
    content["names"] = {code: names.plain(code) for code in {*found.suppliers, *found.recipients}}
    content["assumed"] = found.assumed
    return said(content)


@lru_cache(maxsize=KEPT)
def _table(item: str, on: dt.date) -> Matrix:
    return matrix(packaged_book(), Register.packaged().find(item), on)


def picture(request: Request) -> Response:
    """The same as a figure, in the house style."""
    svg = _drawn(_word(request, "item"), _day(_word(request, "on")))
    return Response(svg, 200, {"Cache-Control": "no-store"}, "image/svg+xml")


@lru_cache(maxsize=KEPT)
def _drawn(item: str, on: dt.date) -> bytes:
    """One figure at a time: the style of matplotlib is one for all threads."""
    import matplotlib as mpl

    from backfill.plots.house import house_style
    from backfill.plots.rules_matrix import rules_matrix

    found, picture = _table(item, on), BytesIO()
    with _drawing, house_style(), mpl.rc_context({"svg.hashsalt": f"{item} {on}"}):
        rules_matrix(found).savefig(picture, format="svg", metadata={"Date": None, "Creator": "backfill"})
    return picture.getvalue()


def rule(request: Request) -> Response:
    """One rule: what it says, when it holds, where it was read."""
    return said(rule_as_json(*find(packaged_book(), _word(request, "id"))))


def _word(request: Request, name: str) -> str:
    return _short(required(request, name), name)


def _several(request: Request, name: str) -> list[str]:
    found = [_short(one, name) for one in request.query_params.getlist(name) if one]
    if len(found) > MOST_STOPS:
        raise Refused(f"{name}= names {len(found)} states; at most {MOST_STOPS} can be asked about at once")
    return found


def _short(word: str, name: str) -> str:
    if len(word) > LONGEST_WORD:
        raise Refused(f"{name}= is longer than {LONGEST_WORD} letters")
    return word


def _day(text: str) -> dt.date:
    try:
        return day(text)
    except NotADate as fault:
        raise Refused(f"Found {text!r} as the day: {fault}") from fault


routes = [
    Route("/api/rules/words", words),
    Route("/api/rules/ask", ask),
    Route("/api/rules/matrix", table),
    Route("/api/rules/matrix.svg", picture),
    Route("/api/rules/rule", rule),
]
