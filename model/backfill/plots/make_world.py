"""How `world.json` was made: coasts of the world in tenths of a degree, from Natural Earth at 1:110 million.

    pip download geopandas==0.14.4 --no-deps
    python make_world.py geopandas-0.14.4-py3-none-any.whl > world.json

The package geopandas 0.14.4 carries the data set `naturalearth_lowres`; Natural Earth is in the public domain. A state
is marked in the middle of its largest part, so that islands far away do not pull it out to sea.
"""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

SOURCE = "Natural Earth, 1:110 million, public domain (naturalearth.org), as carried by geopandas 0.14.4"
INSIDE = "geopandas/datasets/naturalearth_lowres/naturalearth_lowres"
CODE, LENGTH = 1 + 24 + 80 + 80, 3
"""Where a row of the table of names holds the three letters of a state."""
WITHOUT_LETTERS = {"France": "FRA", "Norway": "NOR", "Kosovo": "XKX"}
"""States whose three letters the data set leaves out."""

Ring = list[tuple[float, float]]


def main(wheel: Path) -> dict[str, Any]:
    """Land as rings of longitude and latitude, and a place for every state."""
    with zipfile.ZipFile(wheel) as content:
        shapes, table = (content.read(f"{INSIDE}.{kind}") for kind in ("shp", "dbf"))
    land: list[list[float]] = []
    places: dict[str, list[float]] = {}
    for code, rings in zip(codes(table), polygons(shapes), strict=True):
        land += [[value for point in ring for value in point] for ring in map(rounded, rings) if len(ring) > 3]
        if code:
            places[code] = middle(max(rings, key=lambda ring: abs(area(ring))))
    return {"source": SOURCE, "unit": "degrees east and north, in turn", "land": land, "places": places}


def codes(table: bytes) -> Iterator[str]:
    """The three letters of every state, in the order of the shapes."""
    rows, head, length = struct.unpack("<IHH", table[4:12])
    for number in range(rows):
        row = table[head + number * length : head + (number + 1) * length]
        name, code = row[105:185].decode("latin-1").strip(), row[CODE : CODE + LENGTH].decode("latin-1").strip()
        yield code if code.isalpha() else WITHOUT_LETTERS.get(name, "")


def polygons(shapes: bytes) -> Iterator[list[Ring]]:
    """The rings of every shape."""
    at = 100
    while at < len(shapes):
        words = struct.unpack(">i", shapes[at + 4 : at + 8])[0]
        parts, points = struct.unpack("<2i", shapes[at + 44 : at + 52])
        starts = [*struct.unpack(f"<{parts}i", shapes[at + 52 : at + 52 + 4 * parts]), points]
        first = at + 52 + 4 * parts
        values = struct.unpack(f"<{2 * points}d", shapes[first : first + 16 * points])
        every = list(zip(values[::2], values[1::2], strict=True))
        yield [every[start:stop] for start, stop in pairwise(starts)]
        at += 8 + 2 * words


def rounded(ring: Ring) -> Ring:
    """A ring in tenths of a degree, without points that fall together."""
    found: Ring = []
    for east, north in ring:
        point = (round(east, 1), round(north, 1))
        if not found or found[-1] != point:
            found.append(point)
    return found


def area(ring: Ring) -> float:
    """Twice the area that a ring encloses, in square degrees."""
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(ring))


def middle(ring: Ring) -> list[float]:
    """The centre of the area of a ring."""
    total = area(ring) * 3
    pairs = list(pairwise(ring))
    east = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in pairs) / total
    north = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in pairs) / total
    return [round(east, 1), round(north, 1)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1])), separators=(",", ":")) + "\n")
