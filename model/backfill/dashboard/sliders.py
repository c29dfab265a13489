"""The numbers that can be moved: every uncertain number of a world, within its own range."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backfill.reading.number import Number
from backfill.scenario import Scenario
from backfill.words import number as in_words
from backfill.words import one_line, path_words

_WRITTEN = re.compile(r"(?P<value>[0-9.+-]+) \((?P<low>[0-9.+-]+) to (?P<high>[0-9.+-]+)\) ?(?P<unit>[A-Za-z% ]*)")
_MONTH = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])", re.ASCII)
_PLAIN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
STEPS = 40
"""About so many places has a slider, each at a round number."""


class OutOfRange(ValueError):
    """A value that a number cannot take, in a sentence."""


@dataclass(frozen=True)
class Slider:
    """A number as it is written, with the ends of its range in the same unit; months count from the year nought."""

    path: str
    words: str
    value: float
    low: float
    high: float
    step: float
    unit: str
    is_month: bool
    grade: str
    sources: tuple[str, ...]

    def text_for(self, typed: str) -> str:
        """What the scenario is to say instead. Raises OutOfRange with a sentence about what was typed."""
        typed = typed.strip()
        found = _month(typed) if self.is_month else _plain(typed)
        if found is None:
            form = "a month such as 2028-07" if self.is_month else "a number with a decimal point"
            raise OutOfRange(f"{self.words}: found {typed!r}; expected {form}")
        if not self.low <= found <= self.high:
            ends = f"{self.shown(self.low)} to {self.shown(self.high)}"
            raise OutOfRange(f"{self.words}: found {typed}; the scenario's range is {ends}")
        return f"{typed} {self.unit}".strip()

    def shown(self, value: float) -> str:
        """A value with its unit."""
        if self.is_month:
            return _as_month(value)
        decimals = max((len(text.partition(".")[2]) for text in (f"{value:.10g}", f"{self.step:.10g}")), default=0)
        return f"{in_words(value, decimals if value != round(value) else 0)} {self.unit}".strip()

    def as_data(self) -> dict[str, Any]:
        """For the page."""
        return asdict(self)


def sliders_of(scenario: Scenario) -> dict[str, Slider]:
    """Every uncertain number of the baseline that has a range of its own, by its path, in the order of the file."""
    return {
        path: slider
        for path, number in scenario.numbers().items()
        if number.ranged and not number.same_as and (slider := _slider(scenario, number)) is not None
    }


def _slider(scenario: Scenario, number: Number) -> Slider | None:
    written = _WRITTEN.match(number.text)
    if written is None:
        return None
    is_month = number.kind == "month"
    read = _month if is_month else _plain
    value, low, high = (read(written[part]) for part in ("value", "low", "high"))
    if value is None or low is None or high is None or low >= high:
        return None
    return Slider(
        path=number.path,
        words=one_line(path_words(scenario.setting, number.path)),
        value=value,
        low=low,
        high=high,
        step=_round_step((high - low) / STEPS, whole=is_month),
        unit=(written["unit"] or "").strip(),
        is_month=is_month,
        grade=number.grade,
        sources=number.sources,
    )


def _round_step(wanted: float, *, whole: bool) -> float:
    """The round number next below: 1, 2 or 5 times a power of ten; never under 1 where only whole ones count.

    >>> _round_step(0.9, whole=False), _round_step(65, whole=False), _round_step(0.3, whole=True)
    (0.5, 50.0, 1.0)
    """
    power = 10.0 ** math.floor(math.log10(wanted))
    step = max(part * power for part in (1, 2, 5) if part * power <= wanted * (1 + 1e-9))
    return max(step, 1.0) if whole else float(f"{step:.10g}")


def _plain(text: str) -> float | None:
    return float(text) if _PLAIN.fullmatch(text) else None


def _month(text: str) -> float | None:
    found = _MONTH.fullmatch(text)
    return float(int(found["year"]) * 12 + int(found["month"]) - 1) if found else None


def _as_month(value: float) -> str:
    year, month = divmod(round(value), 12)
    return f"{year:04d}-{month + 1:02d}"


def in_order(sliders: Mapping[str, Slider], driving: Sequence[str]) -> list[Slider]:
    """Those that drive the answer first, then the others as the file has them."""
    first = [sliders[path] for path in driving if path in sliders]
    return first + [slider for path, slider in sliders.items() if path not in driving]
