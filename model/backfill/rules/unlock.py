"""The cheapest unlock: the smallest changes that would have let a transfer through, each one tried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from backfill.rules.book import Rulebook
from backfill.rules.decision import RouteDecision
from backfill.rules.law import SEVERITY, Rule
from backfill.rules.names import Names, written
from backfill.rules.reforms import at_peace, enacted, repealed
from backfill.rules.transfer import Transfer

KINDS = (
    "consent", "request", "end_user", "own_make", "swap", "route", "class", "pool", "finding", "agreement", "date",
    "law", "repeal", "peace",
)  # fmt: skip
"""What may be changed, from what a letter does to what nobody commands. The rank is the cost; costs add up.

consent:   a state that must be asked is asked, and grants it by the answer on file
request:   the destination's government asks for it officially
end_user:  the destination promises to keep it
own_make:  the last exporter, or the destination, made the goods itself
swap:      a maker receives them and passes on as many of its own make
route:     they go by way of another state, or without the one that was named
class:     parts, knowledge, or something that does not kill
pool:      they go into the common pool of their programme
finding:   special circumstances are found
agreement: the destination has a transfer agreement
date:      another day
law:       a rule that was adopted, proposed, later or no longer law is in force
repeal:    the rule that decided is not
peace:     no fighting is under way at the destination
"""

Hops = tuple[Transfer, ...]
BY_WAY = "by way of "
MOST_NAMED = 5


@dataclass(frozen=True)
class Change:
    """One change: what it is, how a sentence about it begins, and what it does to the way and to the law.

    nearness: between changes of one kind, the smaller first
    """

    kind: str
    words: str
    hops: Callable[[Hops], Hops] | None = None
    law: Callable[[Rulebook], Rulebook] | None = None
    nearness: int = 0

    def apply(self, hops: Hops, book: Rulebook) -> tuple[Hops, Rulebook]:
        """The way and the law with the change made."""
        return (self.hops(hops) if self.hops else hops), (self.law(book) if self.law else book)


@dataclass(frozen=True)
class Unlock:
    """One or more changes together, and what the law then says.

    through: whether it then goes: permitted, or with every consent that is needed granted on file
    hops, book: the way and the law of the change, for whoever wants to ask again
    others: further ways that end alike and are told in the same sentence
    """

    kinds: tuple[str, ...]
    words: str
    ending: str
    outcome: str
    through: bool
    hops: Hops = field(repr=False)
    book: Rulebook = field(repr=False)
    nearness: int = 0
    others: tuple[Hops, ...] = field(default=(), repr=False)

    @property
    def sentence(self) -> str:
        """The changes and what could then happen."""
        return f"{self.words[:1].upper()}{self.words[1:]}, {self.ending}."

    @property
    def cost(self) -> int:
        """The ranks of its changes, summed."""
        return sum(KINDS.index(kind) + 1 for kind in self.kinds)

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        ways = [[_told(hop) for hop in hops] for hops in (self.hops, *self.others)]
        said = {"change": list(self.kinds), "cost": self.cost, "sentence": self.sentence}
        return {**said, "outcome": self.outcome, "through": self.through, "ways": ways}


def _told(hop: Transfer) -> dict[str, str]:
    return {"from": hop.exporter, "to": hop.destination, "origin": hop.origin or hop.exporter, "on": str(hop.on)}


def unlocks(hops: Hops, book: Rulebook, names: Names, makers: Sequence[str] = ()) -> tuple[Unlock, ...]:
    """The changes that would let a transfer through, the cheapest first; none for a permit.

    makers: states that make the item themselves
    Those that let it through go first, by cost; then those that only turn a denial into a question of consent. Two
    changes together are tried only where no single one lets it through.
    """
    now = book.judge_route(hops)
    if now.outcome == "permit":
        return ()
    changes = list(_changes(hops, book, names, makers, now))
    granted = _granted(now)
    singles = [_tried((change,), hops, book, names) for change in changes]
    found = [one for one in singles if one.through or (now.outcome, one.outcome) == ("deny", "consent_required")]
    found = [one for one in _merged(_no_detours(found, now)) if not granted or one.outcome == "permit"]
    if not granted and not any(one.through for one in found):
        pairs = [(one, two) for one, two in combinations(changes, 2) if one.kind != two.kind]
        both = [_tried(pair, hops, book, names) for pair in pairs]
        found += _no_detours([one for one in both if one.through], now)
    asked = [_asking(now, hops, book, names)] if granted else []
    return tuple(sorted([*asked, *found], key=_rank))


def lets_through(decision: RouteDecision) -> bool:
    """Whether it goes: permitted, or with every consent that is needed granted on file."""
    return decision.outcome == "permit" or _granted(decision)


def _rank(unlock: Unlock) -> tuple[Any, ...]:
    return (not unlock.through, unlock.cost, SEVERITY[unlock.outcome], unlock.nearness, unlock.sentence)


def _granted(decision: RouteDecision) -> bool:
    asked = [one for hop in decision.hops for one in hop.asked]
    all_yes = all(one.answer is not None and one.answer.fixed == "grant" for one in asked)
    return decision.outcome == "consent_required" and all_yes


def _tried(changes: Sequence[Change], hops: Hops, book: Rulebook, names: Names) -> Unlock:
    """The changes made and the law asked again."""
    for change in changes:
        hops, book = change.apply(hops, book)
    decision = book.judge_route(hops)
    words = " and ".join(change.words for change in changes)
    kinds, nearness = tuple(change.kind for change in changes), sum(change.nearness for change in changes)
    through = lets_through(decision)
    return Unlock(kinds, words, _ending(decision, names), decision.outcome, through, hops, book, nearness)


def _no_detours(found: Sequence[Unlock], now: RouteDecision) -> list[Unlock]:
    """Without ways round a state that denies and would have to consent on the way: it is not asked twice."""
    denying = {trace.giver for hop in now.hops for trace in hop.traces if trace.outcome == "deny"}
    return [one for one in found if "route" not in one.kinds or not denying & _givers(one)]


def _givers(unlock: Unlock) -> set[str]:
    return {one.giver for hop in unlock.book.judge_route(unlock.hops).hops for one in hop.asked}


def _merged(found: Sequence[Unlock]) -> list[Unlock]:
    """Ways through several states that end alike, told in one sentence; everything else as it is."""
    alike: dict[Any, list[Unlock]] = {}
    for number, one in enumerate(found):
        several = one.kinds == ("route",) and one.words.startswith(BY_WAY)
        alike.setdefault((BY_WAY, one.ending) if several else number, []).append(one)
    return [_in_one(ways) for ways in alike.values()]


def _in_one(ways: Sequence[Unlock]) -> Unlock:
    names = [way.words.removeprefix(BY_WAY) for way in ways]
    left = len(names) - MOST_NAMED + 1
    shown = names if len(names) <= MOST_NAMED else [*names[: MOST_NAMED - 1], f"one of {left} others"]
    words = BY_WAY + " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(ways) > 1 else ways[0].words
    return replace(ways[0], words=words, others=tuple(way.hops for way in ways[1:]))


def _ending(decision: RouteDecision, names: Names) -> str:
    """What could then happen."""
    if decision.outcome == "permit":
        return "it could go"
    if decision.outcome != "consent_required":
        return "nobody could say whether it may go"
    asked = {one.giver: one.answer for hop in decision.hops for one in hop.asked}
    givers = names.listed(asked)
    if _granted(decision):
        return f"it could go with the consent of {givers}, granted on file"
    refusing = [giver for giver, answer in asked.items() if answer and answer.fixed == "refuse"]
    silent = [giver for giver, answer in asked.items() if answer is None]
    if refusing == list(asked):
        return f"it would still need the consent of {givers}, which is refused on file"
    if silent == list(asked):
        return f"it would still need the consent of {givers}, on which no answer is on file"
    one = names.listed(refusing or silent)
    rest = f"{one} refuses by the answer on file" if refusing else f"the answer of {one} is not on file"
    return f"it would still need the consent of {givers}; {rest}"


def _asking(now: RouteDecision, hops: Hops, book: Rulebook, names: Names) -> Unlock:
    """A consent that is granted on file has only to be asked for."""
    givers = list(dict.fromkeys(one.giver for hop in now.hops for one in hop.asked))
    verb = "grant" if len(givers) > 1 else "grants"
    ending = f"{names.listed(givers)} {verb} it by the answer on file, and it could go"
    return Unlock(("consent",), "asked for consent", ending, now.outcome, through=True, hops=hops, book=book)


def _changes(hops: Hops, book: Rulebook, names: Names, makers: Sequence[str], now: RouteDecision) -> Iterator[Change]:
    """Everything that is worth trying."""
    yield from _assurances(hops, names)
    yield from _makes(hops, names, makers)
    yield from _routes(hops, book, names)
    yield from _classes(hops, names)
    yield from _standings(hops, names)
    yield from _days(hops, book)
    yield from _laws(now)
    yield from _peace(hops, names)


def _assurances(hops: Hops, names: Names) -> Iterator[Change]:
    last = hops[-1]
    taker = names(last.destination)
    if not last.request_official:
        yield Change("request", f"asked for officially by {taker}", _all_hops(request_official=True))
    if last.end_user not in ("", last.destination):
        yield Change("end_user", f"with {taker} itself as end user", _all_hops(end_user=last.destination))


def _makes(hops: Hops, names: Names, makers: Sequence[str]) -> Iterator[Change]:
    """Goods without another state's strings: of the last exporter's make, or exchanged for such on the way."""
    last = hops[-1]
    origin = last.origin or last.exporter
    own: dict[str, Any] = {"origin": "", "prior_suppliers": (), "component_suppliers": (), "route": ""}
    if origin != last.exporter:
        words = f"made in {names(last.exporter)} instead of {names(origin)}"
        yield Change("own_make", words, lambda way: (replace(way[-1], **own),))
    if last.destination in makers and origin != last.destination:
        words = f"made in {names(last.destination)} itself and only coming back"
        yield Change("own_make", words, lambda way: (replace(way[-1], **{**own, "origin": last.destination}),))
    for maker in makers:
        if maker not in {last.destination, *(hop.exporter for hop in hops)}:
            words = f"handed to {names(maker)}, which passes on as many of its own make"
            yield Change("swap", words, _swapped(maker, own))


def _swapped(maker: str, own: dict[str, Any]) -> Callable[[Hops], Hops]:
    def change(way: Hops) -> Hops:
        first = replace(way[0], destination=maker, end_user="")
        return first, replace(way[-1], exporter=maker, **own)

    return change


def _routes(hops: Hops, book: Rulebook, names: Names) -> Iterator[Change]:
    """One state in between that has law on file; or none, where one was named."""
    stops = {hop.exporter for hop in hops} | {hops[-1].destination}
    if len(hops) > 1:
        yield Change("route", f"sent straight to {names(hops[-1].destination)}", _straight)
    for state in sorted(set(book.policies) - stops):
        if names.is_state(state):
            yield Change("route", f"{BY_WAY}{names(state)}", _through(state))


def _straight(way: Hops) -> Hops:
    return (replace(way[0], destination=way[-1].destination),)


def _through(state: str) -> Callable[[Hops], Hops]:
    def change(way: Hops) -> Hops:
        first, last = way[0], way[-1]
        origin = first.origin or first.exporter
        return replace(first, destination=state), replace(last, exporter=state, origin=origin)

    return change


def _classes(hops: Hops, names: Names) -> Iterator[Change]:
    last = hops[-1]
    if last.item_class in ("finished", "ammunition"):
        parts = _all_hops(item_class="component", lethal=False)
        yield Change("class", "as parts that are no weapons in themselves", parts, nearness=1)
        knowledge = f"as knowledge with which {names(last.destination)} builds it itself"
        yield Change("class", knowledge, _all_hops(item_class="technology"), nearness=2)
    if last.lethal is not False:
        yield Change("class", "if what arrives were not lethal", _all_hops(lethal=False), nearness=3)


def _standings(hops: Hops, names: Names) -> Iterator[Change]:
    taker = names(hops[-1].destination)
    if hops[-1].programme:
        yield Change("pool", "sent to the common pool of its programme", _tokens("via_programme_pool"))
    yield Change("finding", "with special circumstances found", _tokens("special_circumstances"))
    agreed = _tokens("agreement_partner", "security_cooperation")
    yield Change("agreement", f"with an agreement on such transfers with {taker}", agreed)


def _days(hops: Hops, book: Rulebook) -> Iterator[Change]:
    """The nearest days before and after on which the law lets it through; nobody looks back beyond the regime."""
    on = hops[0].on
    days = [day for day in book.change_days() if day > book.regime_since(on)]
    before = [day - dt.timedelta(days=1) for day in reversed(days) if day <= on]
    now = book.judge_route(hops).outcome
    for side, word in ((before, "up to"), ([day for day in days if day > on], "from")):
        decided = [(day, book.judge_route(_all_hops(on=day)(hops))) for day in side]
        going = (day for day, then in decided if lets_through(then))
        milder = (day for day, then in decided if (now, then.outcome) == ("deny", "consent_required"))
        day = next(going, None) or next(milder, None)
        if day is not None:
            yield Change("date", f"{word} {written(day)}", _all_hops(on=day), nearness=abs((day - on).days))


def _laws(now: RouteDecision) -> Iterator[Change]:
    """Rules that are not law on the day and would ease it; and, at most cost, the rules that decided gone."""
    traces = [trace for hop in now.hops for trace in hop.traces]
    easing = {rule.id: rule for trace in traces for rule in trace.resting if rule.effect in ("permit", "none")}
    on = now.hops[0].transfer.on
    for rule in easing.values():
        yield Change("law", _had_it_been(rule, on), law=enacted(rule), nearness=_distance(rule, on))
    decided = {rule.id: rule for trace in traces if trace.outcome == now.outcome for rule in trace.deciding}
    for name, rule in decided.items():
        yield Change("repeal", f'without {name} ("{rule.title}")', law=repealed(rule))


def _had_it_been(rule: Rule, on: dt.date) -> str:
    called = f'{rule.id} ("{rule.title}")'
    window = rule.window
    if rule.status in ("adopted", "proposed"):
        return f"with {called} in force, which is only {rule.status}"
    if rule.status == "repealed" or window.never or window.is_over(on):
        ended = f", law until {written(window.until)}" if window.until else ""
        return f"with {called} in force{ended}"
    return f"with {called} in force already, law from {written(window.since or on)}"


def _distance(rule: Rule, on: dt.date) -> int:
    """Adopted law is nearer than law of another day, and that nearer than a proposal."""
    far = {"adopted": -200_000, "proposed": 200_000, "repealed": 200_000}
    edges = [abs((day - on).days) for day in rule.window.edges()]
    return far.get(rule.status, min(edges, default=100_000))


def _peace(hops: Hops, names: Names) -> Iterator[Change]:
    taker = hops[-1].destination
    tokens = ("active_combat", "conflict_risk")

    def calm(way: Hops) -> Hops:
        return tuple(
            replace(hop, destination_status=tuple(one for one in hop.destination_status if one not in tokens))
            for hop in way
        )

    yield Change("peace", f"if no fighting were under way in {names(taker)}", calm, at_peace(taker))


def _all_hops(**values: Any) -> Callable[[Hops], Hops]:
    return lambda way: tuple(replace(hop, **values) for hop in way)


def _tokens(*tokens: str) -> Callable[[Hops], Hops]:
    """The last hop with further standings of the destination."""

    def change(way: Hops) -> Hops:
        last = way[-1]
        return (*way[:-1], replace(last, destination_status=(*last.destination_status, *tokens)))

    return change
