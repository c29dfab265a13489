"""Worlds that are frozen in the past, run forward and held against what happened since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from backfill.arrays import Floats
from backfill.errors import BackfillError, UnknownName
from backfill.months import label
from backfill.reading.observed import Point
from backfill.reading.words import listed, nearest
from backfill.results.scorecard import Comparison, Scorecard
from backfill.results.scores import as_announced, last_value, straight_line
from backfill.scenario import Scenario, hindcasts, load, names
from backfill.scenario.schema import Observed, Setting
from backfill.studies.block import Block, Lived, Table, live

USUAL_RUNS = 200
BLOCK = 500
SPANS = {"half_year": 6, "year": 12}
"""Months that a value covers, the month of its date being the last."""
DAYS = 365.25 / 12
"""In a month."""

Progress = Callable[[int, int], None]


def validate(
    worlds: Sequence[str] | None = None,
    *,
    runs: int = USUAL_RUNS,
    seed: int = 1,
    progress: Progress | None = None,
) -> Scorecard:
    """Run frozen worlds forward and score them; without any all that come with the package.

    worlds: `us_155mm_output`, `hindcasts/us_155mm_output`, or a file of one's own
    Raises UnknownName, ScenarioProblems, or BackfillError for a world in which nothing is compared.
    """
    if runs < 1:
        raise BackfillError(f"found runs={runs!r}; expected a whole number from 1 on")
    loaded = [load(packaged_name(name)) for name in worlds or hindcasts()]
    total = runs * len(loaded)
    found: list[Comparison] = []
    for done, world in enumerate(loaded):
        found += compared(world, runs, seed)
        if progress is not None:
            progress(runs * (done + 1), total)
    return Scorecard(tuple(found), runs, seed)


def packaged_name(name: str) -> str:
    """A forecast by its short name; files, full names and other worlds stay as they are.

    Raises UnknownName where a short name was probably meant.
    """
    short = {full.rpartition("/")[2]: full for full in hindcasts()}
    if name in short:
        return short[name]
    is_known = name in (*names(), *hindcasts()) or Path(name).exists()
    near = "" if is_known else nearest(name, short)
    if near:
        raise UnknownName(
            f"found no forecast {name!r}; nearest: {near}\n  expected one of {listed(tuple(short))}, or a file"
        )
    return name


def compared(world: Scenario, runs: int, seed: int) -> list[Comparison]:
    """Every comparison that a frozen world names."""
    setting = world.setting
    if setting.frozen is None or not setting.observed:
        raise BackfillError(
            f"{world.name}: nothing to validate\n  expected frozen: a day, and observed: what is compared"
        )
    outcomes = tuple(dict.fromkeys(entry.outcome for entry in setting.observed.values()))
    blocks = [
        live(Block("baseline", None, setting, seed, False, first, min(BLOCK, runs - first), outcomes, world.plugins))
        for first in range(0, runs, BLOCK)
    ]
    return [_compared(world, name, entry, blocks) for name, entry in setting.observed.items()]


def _compared(world: Scenario, name: str, entry: Observed, blocks: Sequence[Lived]) -> Comparison:
    setting = world.setting
    frozen = setting.frozen or dt.date.max
    actual = [point for point in entry.rows if point.kind == "actual"]
    known = tuple(point for point in actual if point.published <= frozen)
    scored = tuple(point for point in actual if point.day > frozen)
    plans = tuple(point for point in entry.rows if point.kind == "plan" and point.published <= frozen)
    if not scored:
        raise BackfillError(f"{world.name}: observed.{name} has no value after {frozen.isoformat()}")
    flow, part = (
        _selected(blocks, entry, chosen, f"{world.name}: observed.{name}") for chosen in (entry.of, entry.part)
    )
    share = part if entry.part else None
    ensemble = np.stack([_read(flow, share, point, entry, setting) for point in scored], axis=1)
    since, until = setting.horizon
    return Comparison(
        scenario=world.name,
        name=name,
        title=entry.title or name,
        unit=entry.unit,
        label=world.label,
        reads=entry.reads,
        frozen=frozen,
        newest=world.newest_source,
        months=tuple(label(month) for month in range(since, until + 1)),
        known=known,
        scored=scored,
        plans=plans,
        observed=_values(scored) / entry.per,
        ensemble=ensemble / entry.per,
        naive={said: values / entry.per for said, values in _naive(known, scored, plans, entry).items()},
        per=entry.per,
        course=_course(flow, entry),
    )


def _selected(blocks: Sequence[Lived], entry: Observed, chosen: dict[str, tuple[str, ...]], where: str) -> Floats:
    """The outcome summed over the rows that fit  [months, runs]."""
    tables = [block.tables[entry.outcome] for block in blocks if entry.outcome in block.tables]
    if not tables:
        raise BackfillError(f"{where}.outcome\n  found {entry.outcome!r}, which this world does not record")
    rows = _rows(tables[0], chosen, where)
    return np.concatenate([table.values[:, rows].sum(axis=1, dtype=float) for table in tables], axis=1)


def _rows(table: Table, chosen: dict[str, tuple[str, ...]], where: str) -> list[int]:
    for axis, words in chosen.items():
        if axis not in table.dims:
            raise BackfillError(f"{where}.of\n  found the axis {axis!r}\n  expected one of {listed(table.dims)}")
        known = {row[table.dims.index(axis)] for row in table.rows}
        for word in words:
            if word not in known:
                near = nearest(word, known)
                hint = f"; nearest: {near}" if near else ""
                raise BackfillError(
                    f"{where}.of.{axis}\n  found {word!r}{hint}\n  expected one of {listed(sorted(known))}"
                )
    fits = [all(row[table.dims.index(axis)] in words for axis, words in chosen.items()) for row in table.rows]
    return [number for number, fit in enumerate(fits) if fit]


def _read(flow: Floats, part: Floats | None, point: Point, entry: Observed, setting: Setting) -> Floats:
    """What an outcome says where a point was observed, in the unit of the file  [runs]."""
    first = setting.horizon[0]
    if entry.reads == "first":
        return _first(flow, first, entry.since or setting.frozen or point.day)
    month = point.day.year * 12 + point.day.month - 1 - first
    span = SPANS.get(entry.reads, 1)
    if not span - 1 <= month < len(flow):
        raise BackfillError(f"{point.day.isoformat()}, {point.title}: outside the horizon of {setting.title!r}")
    if entry.reads == "total":
        return entry.before + _total(flow, month, point)
    window = slice(month - span + 1, month + 1)
    whole = flow[window].sum(axis=0)
    if part is None:
        return np.asarray(whole, dtype=float)
    return np.asarray(
        np.divide(part[window].sum(axis=0), whole, out=np.zeros_like(whole), where=whole > 0), dtype=float
    )


def _total(flow: Floats, month: int, point: Point) -> Floats:
    """All that has come by a day; within its month evenly, by the end of it if only the month is known  [runs]."""
    next_month = point.day.replace(day=28) + dt.timedelta(days=4)
    days = (next_month - dt.timedelta(days=next_month.day)).day
    done = 1.0 if point.whole else point.day.day / days
    return np.asarray(flow[:month].sum(axis=0) + done * flow[month], dtype=float)


def _first(flow: Floats, first: int, since: dt.date) -> Floats:
    """Months from a day to the middle of the month in which the first unit comes; if none does, to the end  [runs]."""
    came = flow.cumsum(axis=0) > 0
    month = np.where(came.any(axis=0), came.argmax(axis=0) + 0.5, len(flow))
    began = since.year * 12 + since.month - 1 + (since.day - 1) / DAYS
    return np.asarray(first + month - began, dtype=float)


def _values(points: Sequence[Point]) -> Floats:
    return np.array([point.value for point in points])


def _times(points: Sequence[Point]) -> Floats:
    return np.array([point.day.toordinal() / DAYS for point in points])


def _naive(
    known: Sequence[Point], scored: Sequence[Point], plans: Sequence[Point], entry: Observed
) -> dict[str, Floats]:
    """What anybody could have said from what was known on the day."""
    found: dict[str, Floats] = {}
    at = _times(scored)
    if known:
        found["last"] = last_value(_times(known), _values(known), at)
        most = 1.0 if entry.part else float("inf")
        found["trend"] = straight_line(_times(known), _values(known), at, most=most)
    if plans and entry.reads == "first":
        found["plan"] = last_value(_times(plans), _values(plans), at)
    elif plans:
        path = [*known[-1:], *(plan for plan in plans if not known or plan.day > known[-1].day)]
        found["plan"] = as_announced(_times(path), _values(path), at)
    return found


def _course(flow: Floats, entry: Observed) -> Floats | None:
    """The outcome at the end of each month, where months have a value of their own  [runs, months]."""
    if entry.reads == "month":
        return np.asarray(flow.T / entry.per, dtype=float)
    return (
        np.asarray((entry.before + flow.cumsum(axis=0)).T / entry.per, dtype=float) if entry.reads == "total" else None
    )
