"""When a rule holds: all, any and not over plain facts, with three answers: yes, no, not known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backfill.reading.countries import NAMES
from backfill.rules.facts import TOKENS, VARIABLES
from backfill.words import with_article

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Leaf:
    """One question about one fact."""

    fact: str
    test: str
    value: Any

    def holds(self, facts: Facts) -> bool | None:
        """Yes, no, or None if the fact is not known."""
        known = facts.get(self.fact)
        if known is None:
            return None
        return bool(_TESTS[self.test](known, _filled(self.value, facts) if self._varies else self.value))

    @cached_property
    def _varies(self) -> bool:
        """Whether one of the two variables is in the value."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return any(value in VARIABLES for value in values)

    def failing(self, facts: Facts) -> str:
        """The question in words, if it is not answered with yes."""
        return "" if self.holds(facts) else self.in_words()

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self

    def in_words(self) -> str:
        """The question as a clause."""
        if self.test == "has" and self.fact == "dest.status":
            return TOKENS[self.value]
        if isinstance(self.value, bool):
            return _FLAGS.get((self.fact, self.value), f"{self.fact} is {str(self.value).lower()}")
        phrase = _PHRASES.get((self.fact, self.test), _OTHERWISE[self.test].format(fact=self.fact, value="{value}"))
        return phrase.format(value=_listed(self.value))


@dataclass(frozen=True)
class All:
    """Every part must hold; with no parts, always."""

    parts: tuple[Condition, ...] = ()

    def holds(self, facts: Facts) -> bool | None:
        """No if one part says no, else not known if one is not known."""
        found: bool | None = True
        for part in self.parts:
            answer = part.holds(facts)
            if answer is False:
                return False
            found = found if answer else None
        return found

    def failing(self, facts: Facts) -> str:
        """The first part that fails; a part that is not known counts only if none fails."""
        said = [(part.holds(facts), part.failing(facts)) for part in self.parts]
        return next((text for answer, text in said if answer is False), next((text for _, text in said if text), ""))

    def leaves(self) -> Iterator[Leaf]:
        """The questions that it asks."""
        for part in self.parts:
            yield from part.leaves()

    def in_words(self) -> str:
        """All parts, joined."""
        return " and ".join(part.in_words() for part in self.parts) or "always"


@dataclass(frozen=True)
class Either:
    """One part must hold."""

    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool | None:
        """Yes if one part says yes, else not known if one is not known."""
        found: bool | None = False
        for part in self.parts:
            answer = part.holds(facts)
            if answer:
                return True
            found = None if answer is None else found
        return found

    def failing(self, facts: Facts) -> str:
        """All parts, since any of them would have done."""
        return "" if self.holds(facts) else self.in_words()

    def leaves(self) -> Iterator[Leaf]:
        """The questions that it asks."""
        for part in self.parts:
            yield from part.leaves()

    def in_words(self) -> str:
        """All parts, joined."""
        return " or ".join(part.in_words() for part in self.parts)


@dataclass(frozen=True)
class Not:
    """The part must not hold."""

    part: Condition

    def holds(self, facts: Facts) -> bool | None:
        """The opposite; what is not known stays so."""
        answer = self.part.holds(facts)
        return None if answer is None else not answer

    def failing(self, facts: Facts) -> str:
        """The part, denied."""
        return "" if self.holds(facts) else self.in_words()

    def leaves(self) -> Iterator[Leaf]:
        """The questions that it asks."""
        yield from self.part.leaves()

    def in_words(self) -> str:
        """The part, denied."""
        return _DENIED.get(self.part) or f"it is not so that {self.part.in_words()}"


Condition = Leaf | All | Either | Not
ALWAYS = All()


def unknown_facts(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """The facts for want of which nobody can say whether a condition holds."""
    return tuple(sorted({leaf.fact for leaf in condition.leaves() if facts.get(leaf.fact) is None}))


def _filled(value: Any, facts: Facts) -> Any:
    """The value with the two variables put in."""
    if isinstance(value, tuple):
        return tuple(_filled(part, facts) for part in value)
    return facts[value[1:]] if value in VARIABLES else value


def _is(known: Any, value: Any) -> bool:
    """Equality; something that has several names is any of them."""
    return value in known if isinstance(known, tuple) and isinstance(value, str) else bool(known == value)


def _in(known: Any, value: Any) -> bool:
    return any(_is(known, one) for one in value)


def _has(known: Any, value: Any) -> bool:
    return value in known


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": _is,
    "in": _in,
    "has": _has,
    "contains": _has,
    "lt": operator.lt,
    "ge": operator.ge,
}

_DENIED: dict[Condition, str] = {Leaf("item.codeveloped_with", "is", ()): "it was developed together with other states"}
_FLAGS = {
    ("item.lethal", True): "what arrives is lethal",
    ("item.lethal", False): "what arrives is not lethal",
    ("item.defence_equipment", True): "it is made for military use alone",
    ("item.defence_equipment", False): "it is not made for military use alone",
    ("request.official", True): "the destination's government has asked for it",
    ("item.us_mde", True): "it is major defence equipment",
    ("item.firearm", True): "it is a firearm",
}
_PHRASES = {
    ("exporter", "is"): "the exporter is {value}",
    ("destination", "is"): "the destination is {value}",
    ("destination", "in"): "the destination is {value}",
    ("claimant", "is"): "the claimant is {value}",
    ("claimant", "in"): "the claimant is {value}",
    ("role", "is"): "the claim is that of the {value}",
    ("role", "in"): "the claim is that of the {value}",
    ("route", "is"): "the route is {value}",
    ("item.name", "is"): "the item is {value}",
    ("item.name", "in"): "the item is {value}",
    ("item.class", "is"): "the item is of the class {value}",
    ("item.class", "in"): "the item is of the class {value}",
    ("item.licensed_from", "contains"): "it is built under a licence of {value}",
    ("item.programme", "is"): "it belongs to the programme {value}",
    ("item.jp_category", "in"): "it serves {value}",
    ("item.tag", "contains"): "it is marked {value}",
    ("end_use", "is"): "it is for {value}",
    ("end_use", "in"): "it is for {value}",
    ("value_usd", "ge"): "it is worth at least {value} dollars",
    ("value_usd", "lt"): "it is worth less than {value} dollars",
}
_OTHERWISE = {
    "is": "{fact} is {value}",
    "in": "{fact} is {value}",
    "has": "{fact} has {value}",
    "contains": "{fact} contains {value}",
    "lt": "{fact} is below {value}",
    "ge": "{fact} is at least {value}",
}


_SPOKEN = {
    "acsa": "an agreement on mutual supplies between forces",
    "own_activity": "the exporter's own forces and missions",
    "un_operation": "an operation of the United Nations",
    "humanitarian": "humanitarian help",
    "stock_replenishment": "the refilling of stocks",
    "integration": "building into another product",
}


def _listed(value: Any) -> str:
    if value in VARIABLES or (isinstance(value, str) and value in _SPOKEN):
        return str(_SPOKEN.get(value, f"the {value[1:]}"))
    if isinstance(value, str) and value in NAMES:
        return with_article(NAMES[value])
    if isinstance(value, tuple):
        return " or ".join(_listed(one) for one in value) or "nobody"
    if isinstance(value, int | float):
        return f"{value:,}"
    return str(value).replace("$", "the ").replace("_", " ")
