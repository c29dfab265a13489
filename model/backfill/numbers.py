"""What every uncertain number of a scenario turns out to be, in each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole
from backfill.chance import Chance, triangular, uniform_between
from backfill.errors import BackfillError, UnknownName
from backfill.months import NEVER
from backfill.reading.number import Number
from backfill.reading.words import nearest

STREAM = "number"


class NumberRing(BackfillError):
    """Numbers that refer to each other in a circle, so that none has a value."""


@dataclass(frozen=True)
class Varied:
    """A number that is not the same in all runs of a block, because they belong to different points of a design.

    value, low, high: what it is in each run; where all three agree, nothing is drawn    [runs]
    """

    value: Floats
    low: Floats
    high: Floats

    @property
    def drawn(self) -> Masks:
        """Where the number has a range.  [runs]"""
        return self.low < self.high


NOTHING_VARIES: Mapping[str, Varied] = {}


class Draws:
    """The values of a scenario's numbers in a block of runs, each drawn once, at its path.

    numbers: every number by its path
    central: take central values instead of drawing
    varied:  numbers that differ between the points of a block, by path; their ranges in `numbers` span all points

    >>> twenty = Number(20.0, 10.0, 30.0, "count", "20 (10 to 30)", path="states.XAA.stock")
    >>> draws = Draws(Chance(1, range(3)), {twenty.path: twenty})
    >>> bool(((draws.of(twenty) >= 10) & (draws.of(twenty) <= 30)).all())
    True
    >>> Draws(Chance(1, range(3)), {}, central=True).of(twenty)
    20.0
    """

    def __init__(
        self,
        chance: Chance,
        numbers: Mapping[str, Number],
        *,
        central: bool = False,
        varied: Mapping[str, Varied] = NOTHING_VARIES,
    ) -> None:
        self._chance, self._numbers, self._central, self._varied = chance, numbers, central, varied
        self._known: dict[str, PerRun] = {}

    def of(self, number: Number) -> PerRun:
        """The value of a number: a float if it is the same in all runs, else  [runs]; infinite for `unlimited`."""
        if not number.same_as and self._is_settled(number):
            return number.value
        known = self._known.get(number.path)
        if known is None:
            known = self._known[number.path] = self._find(number)
        return known

    def anew(self, number: Number, uniform: Callable[[], Floats]) -> PerRun:
        """A value drawn for one occasion, at the uniform of that occasion; the central one where those are taken."""
        found = self.resolved(number)
        return found.value if self._is_settled(found) else self._spread(found, uniform)

    def at(self, numbers: Mapping[int, Number], month: int) -> PerRun:
        """The value of a dated number that holds in a month; zero before the first.  [runs]"""
        number = holding_in(numbers, month)
        return 0.0 if number is None else self.of(number)

    def central_of(self) -> Draws:
        """The same numbers at their central values."""
        return Draws(self._chance, self._numbers, central=True, varied=self._varied)

    def months(self, number: Number) -> Whole | int:
        """A duration or a date in whole months; `never` is NEVER months.  [runs]"""
        value = whole_months(self.of(number))
        return value if value.ndim else int(value)

    def whole(self, number: Number) -> PerRun:
        """A count in whole units.  [runs]"""
        value = self.of(number)
        return float(np.rint(value)) if isinstance(value, float) else np.rint(value)

    def table(self) -> dict[str, Floats]:
        """The values of all uncertain numbers by path, none with central values.  [runs]"""
        uncertain = {path: number for path, number in self._numbers.items() if self._is_told(number)}
        return {path: np.asarray(self.of(number)) for path, number in uncertain.items()}

    def _is_told(self, number: Number) -> bool:
        """Whether a number has values of its own that differ, or may differ, from run to run."""
        return not number.same_as and not self._is_settled(number)

    def _is_settled(self, number: Number) -> bool:
        """Whether a number is its value in every run."""
        return number.path not in self._varied and (self._central or not number.ranged)

    def resolved(self, number: Number) -> Number:
        """The number whose value this one takes: itself, unless it is the same as another."""
        return self._last(number, lambda said: said.same_as)

    def is_share(self, number: Number) -> bool:
        """Whether a level is a share of the requirement, not a count of units."""
        found = self.resolved(number)
        return found.kind == "share" or found.of == "requirement"

    def _find(self, number: Number) -> PerRun:
        found = self.resolved(number)
        return self._draw(found) if found is number else self.of(found)

    def _draw(self, number: Number) -> Floats:
        """A value of the range, at the number's own address or at that of the number it is drawn with."""
        partner = self._last(number, lambda said: said.same_as or said.drawn_with)
        if not partner.path:
            raise ValueError(f"the uncertain number {number.text!r} has no path at which it could be drawn")
        return self._spread(number, lambda: self._chance.uniform(STREAM, partner.path))

    def _spread(self, number: Number, uniform: Callable[[], Floats]) -> Floats:
        """Values of a number's range, or of the range that it has at each point.  [runs]"""
        here = self._varied.get(number.path)
        if here is None:
            return spread_of(number, uniform())
        if self._central or not here.drawn.any():
            return here.value
        return spread_between(number.distribution, here, uniform())

    def _last(self, number: Number, refers_to: Callable[[Number], str]) -> Number:
        """The end of a chain of references; NumberRing if it has none."""
        passed = [number.path]
        while path := refers_to(number):
            if path in passed:
                raise NumberRing(f"{' -> '.join([*passed, path])}: numbers that refer to each other in a circle")
            passed.append(path)
            number = self._at(path, passed[0])
        return number

    def _at(self, path: str, asked_by: str) -> Number:
        if path not in self._numbers:
            near = nearest(path, self._numbers)
            hint = f"; nearest: {near}" if near else ""
            raise UnknownName(f"{asked_by} refers to {path}, which is no number{hint}")
        return self._numbers[path]


def whole_months(duration: PerRun) -> Whole:
    """A duration in whole months; what never ends is NEVER months."""
    return np.minimum(np.rint(duration), NEVER).astype(np.intp)


def holding_in(numbers: Mapping[int, Number], month: int) -> Number | None:
    """The number that holds in a month: the latest that has begun."""
    begun = [since for since in numbers if since <= month]
    return numbers[max(begun)] if begun else None


def spread_of(number: Number, uniform: Floats) -> Floats:
    """Values of a number's range: triangular around its value, or all alike where it says so.  [runs]"""
    return spread_between(number.distribution, number, uniform)


def spread_between(distribution: str, limits: Number | Varied, uniform: Floats) -> Floats:
    """Values between limits that are the same in all runs, or one pair for each run.  [runs]"""
    if distribution == "uniform":
        return uniform_between(uniform, limits.low, limits.high)
    return triangular(uniform, limits.low, limits.value, limits.high)
