"""How the factors of a design are combined: the parts of a layout, each a table of rows, which are then crossed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.arrays import Floats
from backfill.errors import Place
from backfill.reading.document import Items, Map
from backfill.reading.number import Number
from backfill.scenario import Scenario
from backfill.scenario.fields import shown
from backfill.studies.designs.desk import Desk, joined
from backfill.studies.designs.factors import ALL_RANGES, Factor
from backfill.studies.designs.span import NotASpan, Span, own_range

if TYPE_CHECKING:
    from backfill.studies.designs.table import Table

PARTS = ("grid", "zip", "lhs", "sobol", "table", "factors")
SAMPLES = ("lhs", "sobol")
SAMPLE_FIELDS = ("factors", "points", "indices")
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Part:
    """A part of a layout: some factors, and a row of values for each combination of them.

    indices: how many rows each matrix of a sample for Sobol indices has; zero for any other part
    place:   where it is written
    """

    kind: str
    factors: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    indices: int = 0
    place: Place | None = None


@dataclass(frozen=True)
class Plan:
    """What a layout is made of.

    factors: those of the design, and one for each number where all ranges are sampled
    """

    factors: dict[str, Factor]
    parts: tuple[Part, ...]


class Drawing:
    """Reads the layout of a design; every factor that is not tied to another stands in one part of it."""

    def __init__(
        self, desk: Desk, design: Map, factors: Mapping[str, Factor], scenario: Scenario | None, seed: int
    ) -> None:
        self.desk, self.design, self.scenario, self.seed = desk, design, scenario, seed
        self.factors = dict(factors)
        self.parts: list[Part] = []

    def plan(self, table: Table | None) -> Plan:
        """The parts of the layout, in the order in which it names them."""
        if "points" in self.design:
            self._points()
        elif "layout" in self.design:
            self._layout(table)
        elif self.design.get("factors") != ALL_RANGES:
            self._grid("", list(self._free()), self.design.place_of("factors"))
        if not self.desk.is_wrong:
            self._complete()
            self._refuse_overwritten()
        return Plan(self.factors, tuple(self.parts))

    def _free(self) -> dict[str, Factor]:
        return {name: factor for name, factor in self.factors.items() if not factor.same_as}

    # --- its parts ----------------------------------------------------------------------------------------------

    def _layout(self, table: Table | None) -> None:
        layout = self.desk.map(self.design["layout"], "layout", self.design.place_of("layout"), PARTS)
        for kind in layout:
            path, said, place = f"layout.{kind}", layout[kind], layout.place_of(kind)
            if kind == "grid":
                self._grid(path, self._named(said, path, place), place)
            elif kind == "zip":
                self._zips(path, said, place)
            elif kind in SAMPLES:
                self._sample(kind, path, said, place)
            elif kind == "table" and table is not None:
                self._table(path, table, place)
            elif kind == "factors" and said != ALL_RANGES:
                expected = f"{ALL_RANGES}: every number with a range is drawn, one draw a run"
                self.desk.complain(path, shown(said), expected, ALL_RANGES, place)

    def _named(self, said: Any, path: str, place: Place) -> list[str]:
        """The factors that a part names, all of which exist."""
        names = self.desk.words(said, path, place, of="factors")
        raw = self.design.get("factors", ALL_RANGES)
        unread = isinstance(raw, Map) or raw == ALL_RANGES
        misread = {*raw} - {*self.factors} if isinstance(raw, Map) else set()
        if not unread:
            return []
        found = []
        for index, (name, at) in enumerate(names):
            where = f"{path}.{index}"
            if name in misread or not self.desk.known(name, where, at, self.factors, "a factor"):
                continue
            other = self.factors[name].same_as
            if other:
                self.desk.complain(
                    where, f"{name!r}, which is the same as {other}", "a factor that is not tied", "", at
                )
            else:
                found.append(name)
        return found

    def _grid(self, path: str, names: Sequence[str], place: Place) -> None:
        """Every value with every other; the first factor changes slowest."""
        for name in names:
            if self._is_listed(path, name, place):
                rows = tuple((value,) for value in self.factors[name].values)
                self.parts.append(Part("grid", (name,), rows, place=place))

    def _is_listed(self, path: str, name: str, place: Place) -> bool:
        factor = self.factors[name]
        if factor.values:
            return True
        if not self.desk.is_wrong:
            expected = "values or steps, or a place for it in lhs, sobol or table"
            where = path or joined("factors", name)
            self.desk.complain(where, f"{name!r}, which has no list of values", expected, "", factor.place or place)
        return False

    def _zips(self, path: str, said: Any, place: Place) -> None:
        """First with first, second with second; a list of lists is several such parts."""
        if isinstance(said, Items) and said and all(isinstance(row, Items) for row in said):
            for index, row in enumerate(said):
                self._zip(f"{path}.{index}", row, said.places[index])
        else:
            self._zip(path, said, place)

    def _zip(self, path: str, said: Any, place: Place) -> None:
        names = [name for name in self._named(said, path, place) if self._is_listed(path, name, place)]
        lengths = {name: len(self.factors[name].values) for name in names}
        if len({*lengths.values()}) > 1:
            told = ", ".join(f"{many} for {name}" for name, many in lengths.items())
            self.desk.complain(path, f"lists of different lengths: {told}", "as many values for each", "", place)
        elif names:
            rows = tuple(zip(*(self.factors[name].values for name in names), strict=True))
            self.parts.append(Part("zip", tuple(names), rows, place=place))

    def _table(self, path: str, table: Table, place: Place) -> None:
        for name, factor in table.factors.items():
            self.factors[name] = factor
        self.parts.append(Part("table", tuple(table.factors), table.rows, place=place))
        if not table.rows:
            self.desk.complain(path, "a table without a row", "a row for each point", "", place)

    def _points(self) -> None:
        """Points that are written one by one."""
        said, place = self.design["points"], self.design.place_of("points")
        if not isinstance(said, Items) or not said or not all(isinstance(point, Map) for point in said):
            expected = "a list of points: [{floor: 20 %}, {floor: 40 %}]"
            self.desk.complain("points", shown(said) if said else "an empty list", expected, "", place)
            return
        for index, point in enumerate(said):
            self.desk.map(point, f"points.{index}", said.places[index], tuple(self.factors) or ("(no factor)",))
        names = tuple(self._free())
        rows = tuple(tuple(point.get(name) for name in names) for point in said)
        self.parts.append(Part("points", names, rows, place=place))

    # --- samples ------------------------------------------------------------------------------------------------

    def _sample(self, kind: str, path: str, said: Any, place: Place) -> None:
        fields = self.desk.map(said, path, place, SAMPLE_FIELDS, due=("points",))
        names = self._sampled(fields, path, place)
        many = self.desk.whole(fields, "points", path)
        indices = fields.get("indices", False)
        if not isinstance(indices, bool) or (indices and kind != "sobol"):
            expected = "true or false, in sobol only"
            self.desk.complain(f"{path}.indices", shown(indices), expected, "", fields.place_of("indices"))
            indices = False
        if kind == "sobol" and many & (many - 1):
            near = str(2 ** (many.bit_length() - (many < 3 * 2 ** (many.bit_length() - 2))))
            self.desk.complain(f"{path}.points", repr(str(many)), "a power of two", near, fields.place_of("points"))
        for name in names if indices else ():
            if self.factors[name].only_when or any(name in other.only_when for other in self.factors.values()):
                expected = "factors without conditions where Sobol indices are wanted"
                self.desk.complain(f"{path}.factors", f"{name!r}, with a condition", expected, "", place)
        rows = many * (len(names) + 2) if indices else many
        if self.desk.is_wrong or not names or _too_many(self.desk, path, rows, place):
            return
        shares = _shares(kind, len(names), many, self.seed, indices=indices)
        self.parts.append(self._spread(kind, names, shares, many if indices else 0, place))

    def _spread(self, kind: str, names: Sequence[str], shares: Floats, indices: int, place: Place) -> Part:
        """The rows of a sample: numbers that are drawn together have one column."""
        spans = {name: factor.span for name, factor in self.factors.items() if factor.span is not None}
        tied = [(one, column) for column, name in enumerate(names) for one in (name, *self._drawn_with(name))]
        columns = [spans[one].at(shares[:, column]) for one, column in tied]
        return Part(kind, tuple(one for one, _ in tied), tuple(zip(*columns, strict=True)), indices, place)

    def _drawn_with(self, name: str) -> list[str]:
        """The factors that all ranges made of numbers which are drawn together with that of another."""
        return [other for other, factor in self.factors.items() if factor.partner == name]

    def _sampled(self, fields: Map, path: str, place: Place) -> list[str]:
        """The factors of a sample, all of which have ranges."""
        said = fields.get("factors", self.design.get("factors"))
        if said == ALL_RANGES:
            return self._all_ranges()
        if "factors" not in fields:
            self.desk.complain(f"{path}.factors", "no 'factors'", f"a list of factors, or {ALL_RANGES}", "", place)
            return []
        names = self._named(said, f"{path}.factors", fields.place_of("factors"))
        for name in names:
            if self.factors[name].span is None and not self.desk.is_wrong:
                found = f"{name!r}, which has no range"
                self.desk.complain(
                    f"{path}.factors", found, "between: 0 % to 100 %, or own", "", self.factors[name].place
                )
        return names

    def _all_ranges(self) -> list[str]:
        """A factor for every number with a range that none of the design's own factors changes."""
        taken = {factor.path for factor in self.factors.values()}
        numbers = {} if self.scenario is None else self.scenario.numbers()
        chosen = {path: one for path, one in numbers.items() if one.ranged and not one.same_as and path not in taken}
        for path, number in chosen.items():
            partner = number.drawn_with if number.drawn_with in chosen else ""
            self._whole_range(path, number, partner)
        return [path for path, number in chosen.items() if number.drawn_with not in chosen and path in self.factors]

    def _whole_range(self, path: str, number: Number, partner: str) -> None:
        place = self.design.place_of("layout")
        try:
            span: Span = own_range(number)
        except NotASpan as wrong:
            self.desk.complain(path, repr(number.text), str(wrong), "", place)
            return
        self.factors[path] = Factor(path, path, span=span, place=place, span_at=place, partner=partner, beneath=True)

    # --- what must hold of the whole ----------------------------------------------------------------------------

    def _complete(self) -> None:
        """Every factor stands in one part."""
        seen: dict[str, str] = {}
        for part in self.parts:
            for name in part.factors:
                if name in seen:
                    found = f"{name!r} in {part.kind} and in {seen[name]}"
                    self.desk.complain("layout", found, "every factor in one part", "", part.place)
                seen[name] = part.kind
        for name, factor in self._free().items():
            if name not in seen:
                found, expected = f"no part with {name!r}", "a part of the layout for every factor"
                self.desk.complain("layout", found, expected, "", factor.place)

    def _refuse_overwritten(self) -> None:
        """No factor is always overwritten; points that are written one by one may choose among several."""
        seen: dict[str, str] = {}
        for name, factor in self.factors.items() if "points" not in self.design else ():
            if factor.only_when:
                continue
            if factor.path in seen:
                found = f"{factor.path!r}, which {seen[factor.path]} sets too"
                place = joined(joined("factors", name), "path")
                self.desk.complain(place, found, "a path that no other factor sets", "", factor.place)
            seen[factor.path] = name


def _too_many(desk: Desk, path: str, rows: int, place: Place | None) -> bool:
    if rows <= MOST_ROWS:
        return False
    desk.complain(path, f"{rows:,} points", f"{MOST_ROWS:,} at most", "", place)
    return True


def _shares(kind: str, factors: int, points: int, seed: int, *, indices: bool) -> Floats:
    """Where the points lie in the unit cube, each column between 0 and 1.  [points, factors]

    lhs: a Latin hypercube; sobol: a Sobol sequence, scrambled. For indices the matrices A and B of Saltelli et al.
    (2010), from one sequence with twice as many columns, then A with each of its columns taken from B.
    """
    from scipy.stats import qmc

    chance = np.random.default_rng([seed, SAMPLES.index(kind)])
    if kind == "lhs":
        return np.asarray(qmc.LatinHypercube(factors, rng=chance).random(points))
    if not indices:
        return np.asarray(qmc.Sobol(factors, rng=chance, bits=64).random(points))
    both = np.asarray(qmc.Sobol(2 * factors, rng=chance, bits=64).random(points))
    first, second = both[:, :factors], both[:, factors:]
    mixed = [np.where(np.arange(factors) == column, second, first) for column in range(factors)]
    return np.concatenate([first, second, *mixed])


def combined(plan: Plan, desk: Desk) -> list[dict[str, Any]]:
    """What the factors are at each point: the parts crossed, the first of them changing slowest.

    A factor that has no say drops out, and points that have become equal by that are one.
    """
    many = 1
    for part in plan.parts:
        many *= len(part.rows)
    if _too_many(desk, "layout", many, plan.parts[0].place if plan.parts else None):
        return []
    found: list[dict[str, Any]] = []
    known: set[str] = set()
    for rows in product(*(part.rows for part in plan.parts)):
        said = {
            name: value
            for part, row in zip(plan.parts, rows, strict=True)
            for name, value in zip(part.factors, row, strict=True)
        }
        settings = _with_a_say(plan.factors, said)
        key = repr(settings)
        if len(settings) == len(plan.factors) or key not in known:
            found.append(settings)
            known.add(key)
    return found


def _with_a_say(factors: Mapping[str, Factor], said: Mapping[str, Any]) -> dict[str, Any]:
    """What each factor is, in the order in which they are written, without those that have no say."""
    settings: dict[str, Any] = {}
    for name, factor in factors.items():
        value = said.get(factor.same_as or name)
        if value is not None and factor.has_a_say(settings):
            settings[name] = value
    return settings


def samples(plan: Plan) -> Iterator[tuple[Part, int, int]]:
    """The part for Sobol indices, how many points lie between its rows, and between two of its repetitions."""
    for position, part in enumerate(plan.parts):
        if part.indices:
            inner = 1
            for other in plan.parts[position + 1 :]:
                inner *= len(other.rows)
            yield replace(part), inner, inner * len(part.rows)
