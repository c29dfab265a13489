"""What every uncertain number of a scenario turns out to be, in each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from backfill.arrays import Floats, PerRun, Whole
from backfill.chance import Chance, triangular, uniform_between
from backfill.errors import BackfillError, UnknownName
from backfill.months import NEVER
from backfill.reading.number import Number
from backfill.reading.words import nearest

STREAM = "number"


class NumberRing(BackfillError):
    """Numbers that refer to each other in a circle, so that none has a value."""


class Draws:
    """The values of a scenario's numbers in a block of runs, each drawn once, at its path.

    numbers: every number by its path
    central: take central values instead of drawing

    >>> twenty = Number(20.0, 10.0, 30.0, "count", "20 (10 to 30)", path="states.XAA.stock")
    >>> draws = Draws(Chance(1, range(3)), {twenty.path: twenty})
    >>> bool(((draws.of(twenty) >= 10) & (draws.of(twenty) <= 30)).all())
    True
    >>> Draws(Chance(1, range(3)), {}, central=True).of(twenty)
    20.0
    """

    def __init__(self, chance: Chance, numbers: Mapping[str, Number], *, central: bool = False) -> None:
        self._chance, self._numbers, self._central = chance, numbers, central
        self._known: dict[str, PerRun] = {}

    def of(self, number: Number) -> PerRun:
        """The value of a number: a float if it is the same in all runs, else  [runs]; infinite for `unlimited`."""
        if not number.same_as and (self._central or not number.ranged):
            return number.value
        known = self._known.get(number.path)
        if known is None:
            known = self._known[number.path] = self._find(number)
        return known

    def anew(self, number: Number, uniform: Floats) -> PerRun:
        """A value drawn for one occasion, at the uniform of that occasion; the central one where those are taken."""
        found = self.resolved(number)
        return found.value if self._central or not found.ranged else spread_of(found, uniform)

    def at(self, numbers: Mapping[int, Number], month: int) -> PerRun:
        """The value of a dated number that holds in a month; zero before the first.  [runs]"""
        number = holding_in(numbers, month)
        return 0.0 if number is None else self.of(number)

    def central_of(self) -> Draws:
        """The same numbers at their central values."""
        return Draws(self._chance, self._numbers, central=True)

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
        uncertain = {path: number for path, number in self._numbers.items() if number.ranged and not number.same_as}
        return {} if self._central else {path: np.asarray(self.of(number)) for path, number in uncertain.items()}

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
        return spread_of(number, self._chance.uniform(STREAM, partner.path))

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
    if number.distribution == "uniform":
        return uniform_between(uniform, number.low, number.high)
    return triangular(uniform, number.low, number.value, number.high)
