"""The factors of a design: which path each changes, what it may be there, and when it has a say at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backfill.errors import Place, UnknownName
from backfill.reading.document import Items, Map
from backfill.reading.words import listed, nearest
from backfill.scenario import Scenario, tree
from backfill.scenario.fields import shown
from backfill.studies.designs.desk import Desk, joined
from backfill.studies.designs.span import BETWEEN, NotASpan, Span, between, own_range, steps

FIELDS = ("path", "values", "steps", "between", "same_as", "only_when")
WAYS = ("values", "steps", "between", "same_as")
OWN = "own"
MOST_VALUES = 10_000
ALL_RANGES = "all_ranges"
BENEATH = "beneath"
"""What only a stored factor says: it gives way to arms."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Factor:
    """What a factor changes and how.

    values:    what it may be, in order; none for a range, a column of a table, or a factor tied to another
    span:      the range in which it may be put anywhere
    same_as:   the factor whose value it takes
    only_when: the factor has a say only where each of these factors is one of these values
    place:     where its path is written;  span_at: where its range is;  at: where each value is, by what it says
    partner:   the factor in whose company it is drawn, where all ranges are sampled
    beneath:   whether it gives way to an arm that changes its number, as it is where all ranges are sampled
    """

    name: str
    path: str
    values: tuple[Any, ...] = ()
    span: Span | None = None
    same_as: str = ""
    only_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place | None = None
    span_at: Place | None = None
    at: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    partner: str = ""
    beneath: bool = False

    def has_a_say(self, settings: Mapping[str, Any]) -> bool:
        """Whether the factor is there in the company of what other factors are."""
        return all(str(settings.get(name, "")) in values for name, values in self.only_when.items())


def read_factors(desk: Desk, design: Map, scenario: Scenario | None) -> dict[str, Factor]:
    """The factors that a design names, by their names."""
    raw = design.get("factors")
    if raw is None or raw == ALL_RANGES:
        return {}
    named = desk.map(raw, "factors", design.place_of("factors"))
    found = {name: _factor(desk, named, name, scenario) for name in named if _is_name(desk, named, name)}
    for factor in found.values():
        _check_ties(desk, named, factor, found)
    return found


def _is_name(desk: Desk, named: Map, name: str) -> bool:
    if _NAME.fullmatch(name) or "path" not in (named[name] or ()) or name == str(named[name]["path"]):
        return True
    expected = "a name of small letters, digits and _, beginning with a letter, 40 at most"
    desk.complain(joined("factors", name), repr(name), expected, "", named.keys_at[name])
    return False


def _factor(desk: Desk, named: Map, name: str, scenario: Scenario | None) -> Factor:
    path = joined("factors", name)
    stored = isinstance(named[name], Map) and named[name].get("path") == name
    known = (*FIELDS, BENEATH) if stored else FIELDS
    fields = desk.map(named[name], path, named.place_of(name), known, due=("path",))
    ways = [way for way in WAYS if way in fields]
    if len(ways) > 1:
        said = f"{' and '.join(ways)} together"
        desk.complain(path, said, f"one of {', '.join(WAYS)}", "", named.place_of(name))
    target = desk.text(fields, "path", path)
    values, at = _values(desk, fields, path)
    return Factor(
        name,
        target,
        values,
        _span(desk, fields, path, scenario, target),
        desk.text(fields, "same_as", path),
        _conditions(desk, fields, path),
        fields.place_of("path"),
        fields.place_of("between"),
        at,
        beneath=fields.get(BENEATH) is True,
    )


def _values(desk: Desk, fields: Map, path: str) -> tuple[tuple[Any, ...], dict[str, tuple[str, Place]]]:
    """What a list or equal steps say, and where."""
    if "values" in fields:
        return _listed(desk, fields["values"], joined(path, "values"), fields.place_of("values"))
    if "steps" not in fields:
        return (), {}
    inner, place = joined(path, "steps"), fields.place_of("steps")
    try:
        found = steps(str(fields["steps"]), MOST_VALUES)
    except NotASpan as wrong:
        desk.complain(inner, shown(fields["steps"]), str(wrong), "", place)
        return (), {}
    return tuple(found), dict.fromkeys(found, (inner, place))


def _listed(desk: Desk, said: Any, path: str, place: Place) -> tuple[tuple[Any, ...], dict[str, tuple[str, Place]]]:
    if not isinstance(said, Items) or not said:
        desk.complain(path, shown(said) if said else "an empty list", "a list of values: [7, 36]", "", place)
        return (), {}
    if len(said) > MOST_VALUES:
        desk.complain(path, f"{len(said):,} values", f"{MOST_VALUES:,} at most", "", place)
    at: dict[str, tuple[str, Place]] = {}
    for index, (value, where) in enumerate(zip(said, said.places, strict=True)):
        if value is None:
            desk.complain(f"{path}.{index}", "nothing", "a value", "", where)
        at.setdefault(str(tree.plain(value)), (f"{path}.{index}", where))
    return tuple(tree.plain(value) for value in said), at


def _span(desk: Desk, fields: Map, path: str, scenario: Scenario | None, target: str) -> Span | None:
    if "between" not in fields:
        return None
    said, inner, place = fields["between"], joined(path, "between"), fields.place_of("between")
    try:
        if said != OWN:
            return between(said) if isinstance(said, str) else _refused()
        return None if scenario is None else own_range(scenario[target])
    except NotASpan as wrong:
        desk.complain(inner, shown(said), str(wrong), "", place)
    except UnknownName:
        near = nearest(target, scenario.numbers() if scenario else ())
        desk.complain(
            joined(path, "path"), repr(target), "the path of a number with a range", near, fields.place_of("path")
        )
    return None


def _refused() -> Span:
    raise NotASpan(BETWEEN)


def _conditions(desk: Desk, fields: Map, path: str) -> dict[str, tuple[str, ...]]:
    """The values of other factors with which this one has a say."""
    if "only_when" not in fields:
        return {}
    inner = joined(path, "only_when")
    said = desk.map(fields["only_when"], inner, fields.place_of("only_when"))
    return {name: tuple(map(str, value)) if isinstance(value, Items) else (str(value),) for name, value in said.items()}


def _check_ties(desk: Desk, named: Map, factor: Factor, known: Mapping[str, Factor]) -> None:
    """Other factors that are named exist, come before, and can be what is said of them."""
    path, fields = joined("factors", factor.name), named[factor.name]
    others = [name for name in known if name != factor.name]
    if factor.same_as and desk.known(factor.same_as, f"{path}.same_as", fields.place_of("same_as"), others, "a factor"):
        other = known[factor.same_as]
        if other.same_as:
            expected, near = "a factor that is not tied itself", other.same_as
            desk.complain(f"{path}.same_as", repr(other.name), expected, near, fields.place_of("same_as"))
    for name, values in factor.only_when.items():
        where, place = f"{path}.only_when.{name}", fields["only_when"].places.get(name)
        if desk.known(name, where, fields["only_when"].keys_at.get(name), others, "a factor"):
            _check_condition(
                desk,
                known[name],
                values,
                where,
                place,
                earlier=list(known).index(name) < list(known).index(factor.name),
            )


def _check_condition(
    desk: Desk, other: Factor, values: tuple[str, ...], path: str, place: Place | None, *, earlier: bool
) -> None:
    legal = [str(value) for value in other.values]
    if not earlier:
        desk.complain(path, f"{other.name!r}, which comes later", "a factor that is written before this one", "", place)
        return
    for value in values:
        if legal and value not in legal:
            desk.complain(path, repr(value), f"one of {listed(legal)}", nearest(value, legal), place)
        elif other.span is not None:
            desk.complain(path, f"{other.name!r}, which has a range", "a factor with a list of values", "", place)
