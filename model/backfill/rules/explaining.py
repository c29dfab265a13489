"""May this go from here to there on that day? The question of a person, answered without any simulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import Problem, ScenarioProblems, UnknownName
from backfill.reading.countries import CODES
from backfill.reading.dates import NotADate, day
from backfill.reading.document import read_file
from backfill.reading.words import listed, nearest
from backfill.rules.book import Rulebook
from backfill.rules.clerk import is_party
from backfill.rules.decision import Decision, most_severe
from backfill.rules.law import SEVERITY
from backfill.rules.transfer import Transfer
from backfill.rules.words import MONTHS, OUTCOMES, block, decision_in_words, listed_and, sources_in_words

if TYPE_CHECKING:
    from backfill.scenario import Scenario


@dataclass(frozen=True)
class Goods:
    """What a scenario or a catalogue says about an item."""

    id: str
    name: str
    item_class: str = "finished"
    lethal: bool | None = None
    licensor: str = ""
    registered: bool = True


@dataclass(frozen=True)
class Explanation:
    """The answer to a question about one item, hop by hop, and what would change it."""

    book: Rulebook = field(repr=False)
    goods: Goods
    hops: tuple[Decision, ...]
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def outcome(self) -> str:
        """The most severe answer on the way."""
        return most_severe(hop.outcome for hop in self.hops)

    @cached_property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """Changes of a single fact, each with the milder answer that it would bring."""
        now = SEVERITY[self.outcome]
        tried = [(text, self._outcome_with(change)) for text, change in self._single_changes()]
        return tuple((text, outcome) for text, outcome in tried if SEVERITY[outcome] < now)

    @cached_property
    def turns(self) -> tuple[tuple[dt.date, str], ...]:
        """The last and the next day on which the answer turns, each with the answer of the other side.

        Nobody looks back beyond the day from which a closed or an open list has been the rule.
        """
        on = self.hops[0].transfer.on
        days = [day_ for day_ in self.book.change_days() if day_ > self.book.regime_since(on)]
        before = ((day_, self._outcome_on(day_ - dt.timedelta(days=1))) for day_ in reversed(days) if day_ <= on)
        after = ((day_, self._outcome_on(day_)) for day_ in days if day_ > on)
        turns = [
            next(((day_, other) for day_, other in side if other != self.outcome), None) for side in (before, after)
        ]
        return tuple(turn for turn in turns if turn)

    def in_words(self, *, sources: bool = False) -> str:
        """The answer as a careful lawyer would put it.

        sources: name every source at the end instead of their number
        """
        lines = [f"{OUTCOMES[self.outcome].upper()}. {self._sentence()}"]
        lines += [f"  {line}" for hop in self.hops for line in decision_in_words(hop).splitlines()]
        if self.changes:
            ways = "; ".join(f"{text}: {OUTCOMES[outcome]}" for text, outcome in self.changes)
            lines += block(f"Milder would be {ways}.")
        lines += [f"  {self._turn(on, outcome)}" for on, outcome in self.turns]
        if not self.goods.registered:
            text = "is in no catalogue here: taken as a finished product of the exporter's own, lethal or not"
            lines += block(f"{self.goods.id} {text}.")
        cited = self._sources()
        lines += ["  Sources:", *(f"  {line}" for line in sources_in_words(cited))] if sources else []
        return "\n".join(lines if sources else [*lines, f"  Sources: {len(cited)}."])

    def as_json(self) -> dict[str, Any]:
        """The same as plain data, fit for strict JSON."""
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
            "sentence": self._sentence(),
            "hops": [hop.as_json() for hop in self.hops],
            "would_change_it": [{"change": text, "outcome": outcome} for text, outcome in self.changes],
            "turns": [{"on": on.isoformat(), "other_side": outcome} for on, outcome in self.turns],
        }

    @property
    def _from(self) -> str:
        return self.hops[0].transfer.exporter

    @property
    def _to(self) -> str:
        return self.hops[-1].transfer.destination

    def _sentence(self) -> str:
        """The answer in one sentence."""
        through = [self._name(hop.transfer.destination) for hop in self.hops[:-1]]
        way = f"from {self._name(self._from)} to {self._name(self._to)}"
        way += f" through {listed_and(through)}" if through else ""
        when = _written(self.hops[0].transfer.on)
        return f"{self.goods.name} {self._verb()} {way} on {when}{self._rest()}."

    def _verb(self) -> str:
        return {
            "permit": "may go",
            "deny": "may not go",
            "consent_required": "may go",
            "undetermined": "may or may not go",
        }[self.outcome]

    def _rest(self) -> str:
        """Under which consent, or for want of what."""
        gaps = list(dict.fromkeys(gap for hop in self.hops for gap in hop.gaps))
        if self.outcome == "undetermined":
            return f": the law of {listed_and(gaps)} is not on file" if gaps else ": for want of a fact"
        if self.outcome != "consent_required":
            return ""
        asked = {one.giver: one for hop in self.hops for one in hop.asked}
        said = {"grant": "granted", "refuse": "refused", None: "not answered"}
        answers = [
            f"{self._name(giver)} ({said[one.answer.fixed if one.answer else None]} on file)"
            for giver, one in asked.items()
        ]
        return f" only with the consent of {listed_and(answers)}"

    def _name(self, code: str) -> str:
        name = self.names.get(code, code)
        return f"the {name}" if name.startswith(("United ", "Netherlands", "Philippines")) else name

    def _sources(self) -> list[Any]:
        return list(dict.fromkeys(source for hop in self.hops for source in hop.sources))

    def _turn(self, on: dt.date, outcome: str) -> str:
        past = on <= self.hops[0].transfer.on
        return f"Before {on} the answer was {OUTCOMES[outcome]}." if past else f"From {on} it is {OUTCOMES[outcome]}."

    def _outcome_on(self, on: dt.date) -> str:
        """The answer on another day."""
        return self.book.judge_route([replace(hop.transfer, on=on) for hop in self.hops]).outcome

    def _outcome_with(self, change: Mapping[str, Any]) -> str:
        """The answer if the last hop were changed, and only that one where the change is about strings."""
        *first, last = [hop.transfer for hop in self.hops]
        changed = replace(last, **change)
        return self.book.judge_route([changed] if "origin" in change else [*first, changed]).outcome

    def _single_changes(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Changes worth trying: other goods, a request, or another standing of the destination."""
        last = self.hops[-1].transfer
        found: list[tuple[str, Mapping[str, Any]]] = []
        if len(self.hops) > 1:
            found.append((f"goods of {last.exporter}'s own in place of these", {"origin": "", "route": ""}))
        if not last.request_official:
            found.append(("with an official request", {"request_official": True}))
        if last.lethal is not False:
            found.append(("something that is not lethal", {"lethal": False}))
        found += [
            (text, {"destination_status": (*last.destination_status, token)})
            for token, text in (
                ("special_circumstances", "with special circumstances found"),
                ("agreement_partner", f"with a transfer agreement with {last.destination}"),
            )
        ]
        return found


def explain(
    exporter: str,
    destination: str,
    *,
    item: str,
    on: str | dt.date,
    via: str | Sequence[str] | None = None,
    official_request: bool = True,
    scenario: str | Path | Scenario | None = None,
    arm: str = "baseline",
) -> Explanation:
    """Whether an item may go from one state to another on a day, and which rule says so.

    via:              one or more states through which it goes; it keeps its origin on the way
    official_request: whether the destination's government has asked for it
    scenario:         whose items, policies and arms are asked; the packaged ones, if not said
    Raises ScenarioProblems for a state or a day that does not exist, UnknownName for an item the scenario lacks.
    """
    stops = [exporter, *([via] if isinstance(via, str) else via or ()), destination]
    when = _checked(stops, on)
    book, goods, names = _packaged(item) if scenario is None else _of_scenario(scenario, arm, item)
    first = Transfer(
        exporter,
        destination,
        when,
        item=goods.id,
        item_class=goods.item_class,
        lethal=goods.lethal,
        licensed_from=(goods.licensor,) if goods.licensor else (),
        origin=exporter,
        request_official=official_request,
    )
    hops = [replace(first, exporter=giver, destination=taker) for giver, taker in pairwise(stops)]
    return Explanation(book, goods, book.judge_route(hops).hops, names)


def _checked(stops: Sequence[str], on: str | dt.date) -> dt.date:
    """The day, once it and every state on the way are known to exist."""
    problems = [
        Problem(name, repr(stop), "a state by its ISO 3166 alpha-3 code", nearest(stop, CODES), origin="explain")
        for name, stop in zip(("from", *["via"] * (len(stops) - 2), "to"), stops, strict=True)
        if not is_party(stop)
    ]
    problems += [
        Problem("to", repr(taker), "another state than the one before it", origin="explain")
        for giver, taker in pairwise(stops)
        if giver == taker
    ]
    try:
        when = day(on) if isinstance(on, str) else on
    except NotADate as fault:
        problems.append(Problem("on", repr(on), str(fault), origin="explain"))
    if problems:
        raise ScenarioProblems(problems)
    return when


def _of_scenario(scenario: str | Path | Scenario, arm: str, item: str) -> tuple[Rulebook, Goods, dict[str, str]]:
    """The law and the item of one arm of a scenario."""
    from backfill.scenario import load

    world = load(scenario) if isinstance(scenario, str | Path) else scenario
    setting = world.arm(arm)
    entry = setting.items.get(item)
    if entry is None:
        near = nearest(item, setting.items)
        hint = f"; nearest: {near}" if near else ""
        raise UnknownName(f"found no item {item!r}{hint}\n  expected one of {listed(setting.items)}")
    said = entry.kind == "finished" or "lethal" in entry.model_fields_set
    goods = Goods(item, entry.name, entry.kind, entry.lethal if said else False, entry.licensor or "")
    names = {code: state.name for code, state in setting.states.items() if state.name}
    return Rulebook.from_raw(setting.policies, setting.rules, setting.consent), goods, names


def _packaged(item: str) -> tuple[Rulebook, Goods, dict[str, str]]:
    """All the law that comes with the package, and the item if a catalogue has it."""
    from backfill.scenario import packaged

    goods = Goods(item, item, registered=False)
    for path in sorted((packaged() / "catalogue").glob("*.yaml")):
        for name, entry in read_file(path).get("items", {}).items():
            if item in (name, *entry.get("also", ())):
                goods = _goods(name, entry)
    return Rulebook.read(packaged()), goods, {}


def _goods(name: str, entry: Mapping[str, Any]) -> Goods:
    """An item as its catalogue has it; a part is no weapon in itself unless it says so."""
    kind = str(entry.get("kind", "finished"))
    lethal = bool(entry.get("lethal", kind == "finished"))
    return Goods(name, str(entry.get("name", name)), kind, lethal, str(entry.get("licensor", "")))


def _written(on: dt.date) -> str:
    """A day in a sentence, in English whatever the locale."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
