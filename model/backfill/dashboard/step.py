"""One stored run, month by month: lived through again from its manifest, since a folder keeps quantiles and flows."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backfill.dashboard import folders
from backfill.dashboard.answers import Refused, as_json, required
from backfill.dashboard.folders import Stored
from backfill.dashboard.reliving import relive
from backfill.reading.words import nearest
from backfill.results.store import stored_scenario, versions

KEPT = 6
"""Runs that are kept as text: the page of a reader asks for one again when it is reloaded."""
LONGEST = 12
"""Digits of a number in the address."""

_known: OrderedDict[tuple[str, str, int, int], str] = OrderedDict()
_lock = threading.Lock()


def step(request: Request) -> Response:
    """One run of one arm: stock, needs, queues, promises, cases and lots of every month."""
    stored = folders.opened(request.app.state.results, required(request, "study"))
    arm = _arm(stored, request.query_params.get("arm") or stored.arms[0])
    run = _number(request, "run", stored.manifest["runs"])
    point = _number(request, "point", _points(stored))
    return Response(_told(stored, arm, run, point), 200, {"Cache-Control": "no-store"}, "application/json")


def _told(stored: Stored, arm: str, run: int, point: int) -> str:
    """The run as text, worked out once; its key is what it means, so that no page sees another's."""
    key = (stored.manifest["identity"], arm, run, point)
    with _lock:
        if key not in _known:
            _known[key] = as_json(_lived(stored, arm, run, point))
            while len(_known) > KEPT:
                _known.popitem(last=False)
        _known.move_to_end(key)
        lived = _known[key]
    return f'{{"head":{as_json(_head(stored, arm, run, point))},"lived":{lived}}}'


def _lived(stored: Stored, arm: str, run: int, point: int) -> dict[str, Any]:
    if stored.is_study:
        from backfill.studies.shards import stored_design

        world = stored_design(stored.folder).at(point)
    else:
        world = stored_scenario(stored.folder)
    manifest = stored.manifest
    return relive(world.arm(arm), replication=run, seed=manifest["seed"], central=manifest["central"])


def _head(stored: Stored, arm: str, run: int, point: int) -> dict[str, Any]:
    """Which run it is, and whether this program is the one that stored it."""
    told, here = stored.manifest.get("versions", {}), versions()
    other = sorted(name for name in told if name in here and name != "python" and told[name] != here[name])
    return stored.head() | {"arm": arm, "run": run, "point": point, "points": _points(stored), "other_versions": other}


def _points(stored: Stored) -> int:
    if not stored.is_study:
        return 1
    import pyarrow.parquet as pq

    path = stored.file("points.parquet")
    if path is None:
        raise Refused(f"{stored.name} has no table of points.")
    return int(pq.read_metadata(path).num_rows)


def _arm(stored: Stored, name: str) -> str:
    if name not in stored.arms:
        near = nearest(name, stored.arms)
        raise Refused(f"{stored.name} has no arm {name!r}." + (f" Nearest: {near}." if near else ""))
    return name


def _number(request: Request, name: str, count: int) -> int:
    """A number of the address, counted from 0. Raises Refused for one that is not there."""
    text = request.query_params.get(name) or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST and int(text) < count):
        raise Refused(f"Found {name} {text!r}; this has {name}s 0 to {count - 1:,}.")
    return int(text)


routes = [Route("/api/step", step)]
