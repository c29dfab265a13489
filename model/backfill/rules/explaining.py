"""May this go from here to there on that day? The question of a person, answered without any simulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import Problem, ScenarioProblems, UnknownName
from backfill.reading.countries import CODES
from backfill.reading.dates import NotADate, day
from backfill.reading.words import listed, nearest
from backfill.rules.book import Rulebook
from backfill.rules.clerk import is_party
from backfill.rules.decision import Decision, RouteDecision
from backfill.rules.facts import CLASSES
from backfill.rules.law import Source
from backfill.rules.names import Names, written
from backfill.rules.register import Goods, Register, goods_of
from backfill.rules.transfer import Transfer
from backfill.rules.unlock import Unlock, lets_through, unlocks
from backfill.rules.words import OUTCOMES, block, hop_in_words, mentioned, sources_in_words
from backfill.words import listed as listed_and

if TYPE_CHECKING:
    from backfill.scenario import Scenario

PARTS = {"parts": "component"}
"""Words for a class of goods beside the law's own."""

MOST_WAYS = 6
_VERBS = {
    "permit": "may go",
    "deny": "may not go",
    "consent_required": "may go",
    "undetermined": "may or may not go",
}


@dataclass(frozen=True)
class Explanation:
    """The answer to a question about one item, hop by hop, and what would change it."""

    book: Rulebook = field(repr=False)
    goods: Goods
    hops: tuple[Decision, ...]
    names: Names = field(default_factory=Names, repr=False)

    @property
    def outcome(self) -> str:
        """The most severe answer on the way."""
        return self._route.outcome

    @property
    def through(self) -> bool:
        """Whether it may go: permitted, or with every consent that is needed granted on file."""
        return lets_through(self._route)

    @cached_property
    def unlocks(self) -> tuple[Unlock, ...]:
        """The smallest changes that would let it through, the cheapest first; none for a permit."""
        makers = (*filter(None, [self.goods.maker]), *self.goods.licensed_from, *self.goods.codeveloped_with)
        return unlocks(self._transfers, self.book, self.names, makers)

    def in_words(self, *, sources: bool = False) -> str:
        """The answer as a careful lawyer would put it.

        sources: name every source at the end instead of their number
        """
        lines = [*block(f"{OUTCOMES[self.outcome].upper()}. {self._sentence()}", indent=0), ""]
        for hop in self.hops:
            lines += [*block(self._leg(hop) + hop_in_words(hop, self.names), indent=0), ""]
        if not self.goods.registered:
            text = "is in no catalogue here: taken as a finished product of the exporter's own, lethal or not"
            near = f" Nearest: {self.goods.near}." if self.goods.near else ""
            lines += [*block(f"{self.goods.id} {text}.{near}", indent=0), ""]
        lines += self._ways()
        cited = self.cited
        number = f"Sources: {len(cited)} (--sources names them)."
        lines += ["Sources:", *sources_in_words(cited)] if sources else [number]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The same as plain data, fit for strict JSON; each hop holds all that must be known to ask again."""
        return {
            "question": {
                "from": self._from,
                "to": self._to,
                "via": [hop.transfer.destination for hop in self.hops[:-1]],
                "item": self.goods.id,
                "registered": self.goods.registered,
                "on": self.hops[0].transfer.on.isoformat(),
                "request_official": self.hops[0].transfer.request_official,
            },
            "outcome": self.outcome,
            "through": self.through,
            "sentence": self._sentence(),
            "hops": [{**hop.as_json(), "paragraph": hop_in_words(hop, self.names)} for hop in self.hops],
            "unlocks": [one.as_json() for one in self.unlocks],
        }

    @property
    def _route(self) -> RouteDecision:
        return RouteDecision(self.hops)

    @property
    def _transfers(self) -> tuple[Transfer, ...]:
        return tuple(hop.transfer for hop in self.hops)

    @property
    def _from(self) -> str:
        return self.hops[0].transfer.exporter

    @property
    def _to(self) -> str:
        return self.hops[-1].transfer.destination

    def _sentence(self) -> str:
        """The answer in one sentence."""
        through = self.names.listed(hop.transfer.destination for hop in self.hops[:-1])
        way = f"from {self.names(self._from)} to {self.names(self._to)}" + (f" through {through}" if through else "")
        user = self.hops[0].transfer.end_user
        way += f" for use by {self.names(user)}" if user else ""
        when = written(self.hops[0].transfer.on)
        return f"{self._what()} {_VERBS[self.outcome]} {way} on {when}{self._rest()}."

    def _what(self) -> str:
        """The goods, and who made them if it is not the first exporter."""
        first = self.hops[0].transfer
        hands = dict.fromkeys((first.origin, *first.prior_suppliers))
        makers = [state for state in hands if state not in ("", self._from)]
        name = {"component": f"a part for {self.goods.name}", "technology": f"technology of {self.goods.name}"}
        changed = first.item_class != self.goods.item_class
        said = name.get(first.item_class, self.goods.name) if changed else self.goods.name
        return f"{said[:1].upper()}{said[1:]}" + (f" from {self.names.listed(makers)}" if makers else "")

    def _rest(self) -> str:
        """Under which consent, or for want of what."""
        gaps = list(dict.fromkeys(gap for hop in self.hops for gap in hop.gaps))
        if self.outcome == "undetermined":
            return f": the law of {self.names.listed(gaps)} is not on file" if gaps else ": for want of a fact"
        if self.outcome != "consent_required":
            return ""
        asked = {one.giver: one for hop in self.hops for one in hop.asked}
        said = {"grant": "granted on file", "refuse": "refused on file", None: "no answer on file"}
        answers = [
            f"{self.names(giver)} ({said[one.answer.fixed if one.answer else None]})" for giver, one in asked.items()
        ]
        return f" only with the consent of {listed_and(answers)}"

    def _leg(self, hop: Decision) -> str:
        """The heading of one hop among several."""
        if len(self.hops) == 1:
            return ""
        transfer = hop.transfer
        giver, taker = self.names(transfer.exporter), self.names(transfer.destination)
        return f"From {giver} to {taker}: {OUTCOMES[hop.outcome]}. "

    def _ways(self) -> list[str]:
        """The changes that would have let it through, numbered; then those that would only leave it to consent."""
        through = [one for one in self.unlocks if one.through]
        lines = ["What would have let it through, the cheapest first:"] if through else []
        for number, one in enumerate(through[:MOST_WAYS], 1):
            first, *rest = block(one.sentence, indent=4)
            lines += [f"  {number} {first.strip()}", *rest]
        left = len(through) - MOST_WAYS
        lines += [f"    and {left} more (--json)"] if left > 0 else []
        if self.outcome == "deny" and not self.unlocks:
            lines = ["Nothing that was tried, alone or in pairs, would have let it through."]
        return [*lines, *self._openings(), ""] if lines or self.unlocks else []

    def _openings(self) -> list[str]:
        """What would turn a denial into a question of consent, by the answer that is on file."""
        endings: dict[str, list[str]] = {}
        for one in self.unlocks:
            if not one.through:
                endings.setdefault(one.ending, []).append(one.words)
        lines = []
        for ending, words in endings.items():
            lines += block(f"Not enough, for {ending}:", indent=0)
            lines += [line for text in words[:MOST_WAYS] for line in _point(text)]
            lines += [f"  - and {len(words) - MOST_WAYS} more (--json)"] if len(words) > MOST_WAYS else []
        return lines

    @property
    def cited(self) -> list[Source]:
        """Where everything was read on which the paragraphs rest."""
        found = [source for hop in self.hops for source in hop.sources]
        for hop in self.hops:
            for trace in hop.traces:
                policy = self.book.policies.get(trace.state)
                found += policy.cited(mentioned(trace), hop.transfer.destination, hop.transfer.on) if policy else ()
        return list(dict.fromkeys(found))


def explain(
    exporter: str,
    destination: str,
    *,
    item: str,
    on: str | dt.date,
    via: str | Sequence[str] | None = None,
    origin: str | Sequence[str] | None = None,
    official_request: bool = True,
    end_user: str | None = None,
    item_class: str | None = None,
    scenario: str | Path | Scenario | None = None,
    arm: str = "baseline",
) -> Explanation:
    """Whether an item may go from one state to another on a day, and which rule says so.

    via:              one or more states through which it goes; it keeps its origin on the way
    origin:           who made it, if not whom the register names, else the exporter; then who had it in between
    official_request: whether the destination's government has asked for it
    end_user:         the state for whose use it is declared, if not the destination's
    item_class:       goes as another class of goods than the item: parts (no weapons in themselves), technology ...
    scenario:         whose items, policies and arms are asked; the packaged ones, if not said
    Raises ScenarioProblems for a state or a day that does not exist, UnknownName for an item the scenario lacks.
    """
    stops = [exporter, *_several(via), destination]
    before = _several(origin)
    when = _checked(stops, on, before, end_user, item_class)
    book, goods, names = _packaged(item) if scenario is None else _of_scenario(scenario, arm, item)
    known = {**goods.traits(), **_as_class(item_class, goods)}
    first = Transfer(
        exporter,
        destination,
        when,
        **known,
        origin=before[0] if before else goods.maker or exporter,
        prior_suppliers=tuple(before[1:]),
        request_official=official_request,
        end_user=end_user or "",
    )
    hops = [replace(first, exporter=giver, destination=taker) for giver, taker in pairwise(stops)]
    return Explanation(book, goods, book.judge_route(hops).hops, names)


def _point(text: str) -> list[str]:
    first, *rest = block(text, indent=4)
    return [f"  - {first.strip()}", *rest]


def _several(states: str | Sequence[str] | None) -> list[str]:
    return [states] if isinstance(states, str) else list(states or ())


def _as_class(item_class: str | None, goods: Goods) -> dict[str, Any]:
    """The goods as another class; parts, services and material are no weapons in themselves."""
    if item_class is None:
        return {}
    word = PARTS.get(item_class, item_class)
    harmless = word in ("component", "service", "material") and word != goods.item_class
    return {"item_class": word, **({"lethal": False} if harmless else {})}


def _checked(
    stops: Sequence[str], on: str | dt.date, origins: Sequence[str], end_user: str | None, item_class: str | None
) -> dt.date:
    """The day, once it, every state and the class of goods are known to exist."""
    places = ("from", *["via"] * (len(stops) - 2), "to", *["origin"] * len(origins), *["end-user"] * bool(end_user))
    named = [*stops, *origins, *([end_user] if end_user else [])]
    problems = [
        Problem(name, repr(stop), "a state by its ISO 3166 alpha-3 code", nearest(stop, CODES), origin="explain")
        for name, stop in zip(places, named, strict=True)
        if not is_party(stop)
    ]
    problems += [
        Problem("to", repr(taker), "another state than the one before it", origin="explain")
        for giver, taker in pairwise(stops)
        if giver == taker
    ]
    classes = (*CLASSES, *PARTS)
    if item_class is not None and item_class not in classes:
        near = nearest(item_class, classes)
        problems.append(Problem("as", repr(item_class), f"one of {listed(classes)}", near, origin="explain"))
    try:
        when = day(on) if isinstance(on, str) else on
    except NotADate as fault:
        problems.append(Problem("on", repr(on), str(fault), origin="explain"))
    if problems:
        raise ScenarioProblems(problems)
    return when


def _of_scenario(scenario: str | Path | Scenario, arm: str, item: str) -> tuple[Rulebook, Goods, Names]:
    """The law and the item of one arm of a scenario."""
    from backfill.scenario import load

    world = load(scenario) if isinstance(scenario, str | Path) else scenario
    setting = world.arm(arm)
    entry = setting.items.get(item)
    if entry is None:
        near = nearest(item, setting.items)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no item {item!r}{hint}\n  expected one of {listed(setting.items)}")
    names = {code: state.name for code, state in setting.states.items() if state.name}
    return Rulebook.from_raw(setting.policies, setting.rules, setting.consent), goods_of(item, entry), Names(names)


def _packaged(item: str) -> tuple[Rulebook, Goods, Names]:
    """All the law that comes with the package, and the item if a catalogue has it."""
    return packaged_book(), Register.packaged().find(item), Names()


def packaged_book() -> Rulebook:
    """All the law that comes with the package."""
    from backfill.scenario import packaged

    return Rulebook.read(packaged())
