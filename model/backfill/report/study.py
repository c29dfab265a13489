"""A stored study as a short page: what was varied, over which points, and what came of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backfill.report.html import Html, element, grid, joined
from backfill.report.numbers import UnreadableSummary
from backfill.report.page import provenance, run_line, section, whole
from backfill.report.pictures import figure
from backfill.studies.shards import DESIGN
from backfill.studies.store import study_manifest, written
from backfill.words import UNDEFINED, count, interval, number, short_month

MOST_ROWS = 200
"""Rows of a table that one still reads; the others are in summary.csv."""
LIMITS = (
    "Points differ in what the design varies and share the rest: differences between them are sharper than levels.",
    "A study says what follows from its assumptions over the chosen points. It does not say how likely a point is.",
    "Intervals say how well this many runs know a mean, not how far single futures lie apart.",
)


def study_page(folder: Path, drawn: Mapping[str, Path]) -> str:
    """The page of a study, from its folder and its figures alone. Raises UnreadableManifest, UnreadableSummary."""
    manifest = study_manifest(folder)
    design = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
    rows = _rows(folder)
    points = design.get("points", [])
    pictures = [figure(path, f"figure-{name}") for name, path in drawn.items()]
    facts = (count(len(points), "point"), count(len(manifest["arms"]), "arm"), f"seed {manifest['seed']}")
    body = joined(
        [
            run_line(manifest, *facts),
            element("h1", manifest["title"]),
            element("p", _lead(design, points, rows), class_="answer"),
            *pictures,
            section("What was varied", _factors(design, points)),
            section("What came of it", _results(design, rows)),
            section("What this cannot tell you", element("ul", *(element("li", line) for line in LIMITS))),
            section("Do it again", provenance(manifest, command=str(manifest.get("command", "")))),
        ]
    )
    return whole(str(manifest["title"]), body)


def _rows(folder: Path) -> list[dict[str, str]]:
    path = folder / "summary.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as missing:
        raise UnreadableSummary(f"{path} is missing: the study is not done; go on with --resume") from missing


def _lead(design: Mapping[str, Any], points: Sequence[Any], rows: Sequence[Mapping[str, str]]) -> Html:
    """How far the headline moves over the points."""
    done, last = len({row["point"] for row in rows}), max((row["by"] for row in rows), default="")
    first = design["arms"][0]
    shown = [row for row in rows if row["by"] == last and row["arm"] == first]
    found = [float(row["pass_through"]) for row in shown if row["pass_through"]]
    units = [float(row["units_mean"]) for row in shown if row["units_mean"]]
    if found:
        words = f"Pass-through lies between {number(min(found), 2)} and {number(max(found), 2)} over the points."
    elif units:
        words = f"Between {number(min(units))} and {number(max(units))} units reach the aided state over the points."
    else:
        words = "No point is done yet."
    by = f" By {short_month(last)}, arm {first}; intervals stand in the table." if last else ""
    return joined([element("strong", words), f"{by} {done:,} of {count(len(points), 'point')} are done."])


def _factors(design: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> Html:
    rows = []
    for name, said in design.get("factors", {}).items():
        levels = list(dict.fromkeys(_level(point.get(name)) for point in points))
        path = said.get("path", name) if isinstance(said, dict) else name
        rows.append([name, element("code", written(path)), _levels(levels)])
    others = design.get("others", "")
    told = element("p", f"All other numbers: {written(others)}.") if others else Html()
    return joined([grid("Factors and their levels", ["factor", "what it sets", "levels"], rows, numbers=False), told])


def _level(value: Any) -> str:
    """What a factor is at a point; where the design does not set it, the scenario does."""
    return "as written" if value in (None, "", "null") else written(value)


def _levels(levels: Sequence[str]) -> str:
    most = 12
    more = f" and {len(levels) - most} more" if len(levels) > most else ""
    return ", ".join(levels[:most]) + more


def _results(design: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> Html:
    last = max((row["by"] for row in rows), default="")
    shown = [row for row in rows if row["by"] == last]
    factors = [name for name in (rows[0] if rows else {}) if name in design.get("factors", {})]
    head = ["point", *factors, "arm", "runs", f"units by {short_month(last)}" if last else "units", "pass-through"]
    cells = [list(_cells(row, factors)) for row in shown[:MOST_ROWS]]
    table = grid("Means with their 90 % intervals, by the last date", head, cells)
    left = len(shown) - MOST_ROWS
    return joined([table, element("p", f"{count(left, 'row')} more in summary.csv.")]) if left > 0 else table


def _cells(row: Mapping[str, str], factors: Sequence[str]) -> Iterator[str]:
    yield row["point"]
    yield from (_level(row[name]) for name in factors)
    yield from (row["arm"], row["runs"])
    yield _estimate(row, "units_mean", 0)
    yield _estimate(row, "pass_through", 2)


def _estimate(row: Mapping[str, str], name: str, digits: int) -> Html:
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low_90", "_high_90"))
    if not value:
        return Html(UNDEFINED)
    said = [number(float(value), digits)]
    return joined([*said, element("span", interval(float(low), float(high), digits), class_="span")] if low else said)
