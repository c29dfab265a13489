"""What changed between two days: which answers are other ones, and which rule made the difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backfill.rules.book import Rulebook
from backfill.rules.decision import Decision, Trace
from backfill.rules.law import Rule
from backfill.rules.matrix import states_named, states_with_law, usual
from backfill.rules.names import Names, written
from backfill.rules.register import Goods
from backfill.rules.words import OUTCOMES, block
from backfill.words import count, listed

MOST_NAMED = 6
"""States that are called by their names; more of them are listed by their codes."""

SILENT = Trace("", "", "permit", "default")
"""What a group says of whom it does not bind."""


@dataclass(frozen=True)
class Turned:
    """One answer that is another one on the second day.

    because: rules that decide, defeat or are defeated on one of the days only, each with what happened to it;
             without any, the default that changed
    """

    item: str
    supplier: str
    recipient: str
    before: str
    after: str
    because: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        causes = [{"rule": name, "change": change} for name, change in self.because]
        said = {"item": self.item, "from": self.supplier, "to": self.recipient}
        return {**said, "before": self.before, "after": self.after, "because": causes}


@dataclass(frozen=True)
class Comparison:
    """All answers on two days: what was asked, and what turned."""

    first: dt.date
    second: dt.date
    items: tuple[str, ...]
    suppliers: tuple[str, ...]
    recipients: tuple[str, ...]
    asked: int
    turned: tuple[Turned, ...]

    @property
    def covered(self) -> str:
        """What was asked, in a sentence."""
        return (
            f"Covered: {count(len(self.items), 'item')}, {count(len(self.suppliers), 'supplier')} with "
            f"law on file ({', '.join(self.suppliers)}) and {count(len(self.recipients), 'recipient')} with law or a "
            "standing in its tables; sent straight, officially asked for, made by the supplier unless the register "
            "names another maker."
        )

    def in_words(self, names: Names) -> str:
        """What turned, by the rule that made the difference."""
        days = f"{written(self.first)} and {written(self.second)}"
        lines = [f"Between {days}, {len(self.turned):,} of {self.asked:,} answers changed.", ""]
        for because, turned in _by_cause(self.turned):
            lines += block(f"{listed([f'{name} ({change})' for name, change in because])}", indent=0)
            lines += [line for told in _told(turned, names) for line in block(told, indent=2)]
            lines.append("")
        return "\n".join([*lines, *block(self.covered, indent=0)])

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "first": self.first.isoformat(),
            "second": self.second.isoformat(),
            "asked": self.asked,
            "covered": {"items": self.items, "suppliers": self.suppliers, "recipients": self.recipients},
            "changed": [one.as_json() for one in self.turned],
        }


def compare(book: Rulebook, goods: Sequence[Goods], first: dt.date, second: dt.date) -> Comparison:
    """Ask everything on both days: every item, every supplier with law on file, every recipient that is named."""
    givers, takers = states_with_law(book), states_named(book)
    still = not any(first < day <= second for day in book.change_days())
    alike = _alike(book, goods, takers, (first, second))
    turned = [
        replace(found, recipient=taker)
        for item in (() if still else goods)
        for giver in givers
        for group in alike
        if (found := _turned(book, item, giver, next((one for one in group if one != giver), ""), first, second))
        for taker in group
        if taker != giver
    ]
    items = tuple(item.id for item in goods)
    asked = len(items) * sum(giver != taker for giver in givers for taker in takers)
    return Comparison(first, second, items, givers, takers, asked, tuple(turned))


def _alike(book: Rulebook, goods: Sequence[Goods], takers: Iterable[str], days: Sequence[dt.date]) -> list[list[str]]:
    """Recipients in groups of which the law cannot tell one from another, so that one answer holds for all.

    A state that a rule, an item or a file of law names is alone; of the others only the standings count.
    """
    rules = [rule for policy in book.policies.values() for rule in policy.rules]
    values = [leaf.value for rule in rules for leaf in rule.when.leaves()]
    values += [value for item in goods for value in (*item.traits().values(), item.maker)]
    named = {one for value in values for one in _flat(value)} | set(book.policies)
    groups: dict[Any, list[str]] = {}
    for taker in takers:
        groups.setdefault(taker if taker in named else _standings(book, taker, days), []).append(taker)
    return list(groups.values())


def _flat(value: Any) -> Iterator[Any]:
    """A value, or what is in it."""
    if isinstance(value, tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _standings(book: Rulebook, state: str, days: Sequence[dt.date]) -> frozenset[tuple[str, str, dt.date]]:
    """What a state is in the tables of all law, on some days."""
    return frozenset(
        (code, standing.token, day)
        for code, policy in book.policies.items()
        for standing in policy.standings
        for day in days
        if standing.state == state and standing.window.holds(day)
    )


def _turned(book: Rulebook, item: Goods, giver: str, taker: str, first: dt.date, second: dt.date) -> Turned | None:
    if not taker:
        return None
    before, after = (book.judge(usual(item, giver, taker, on)) for on in (first, second))
    if before.outcome == after.outcome:
        return None
    causes = _causes(before, after, first, second)
    return Turned(item.id, giver, taker, before.outcome, after.outcome, causes)


def _causes(before: Decision, after: Decision, first: dt.date, second: dt.date) -> tuple[tuple[str, str], ...]:
    """The rules that came, went or were lifted, among the claimants who made the answer what it was or is."""
    then, now = ({(one.state, one.member): one for one in decision.traces} for decision in (before, after))
    found: dict[str, str] = {}
    for claimant in then.keys() | now.keys():
        old, new = then.get(claimant, SILENT), now.get(claimant, SILENT)
        made = (before.outcome, after.outcome)
        if old.outcome != new.outcome and (old.outcome == made[0] or new.outcome == made[1]):
            rules = (_holding(old) ^ _holding(new)) & (_speaking(old) | _speaking(new))
            found |= {rule.id: _what_happened(rule, first, second) for rule in rules}
            lifted = [{rule.id for rule, _ in trace.defeated} for trace in (old, new)]
            found |= {name: "lifted by then" for name in lifted[1] - lifted[0] if name in found}
            found |= {name: "not lifted any more" for name in lifted[0] - lifted[1] if name in found}
            found |= {} if rules else {claimant[0]: "another default"}
    return tuple(sorted(found.items()))


def _holding(trace: Trace) -> set[Rule]:
    """The rules that hold and are not lifted, and those that lift others."""
    return {*trace.standing, *(by for _, by in trace.defeated)}


def _speaking(trace: Trace) -> set[Rule]:
    """The rules that decide, defeat or are defeated."""
    return {*trace.deciding, *(rule for pair in trace.defeated for rule in pair)}


def _what_happened(rule: Rule, first: dt.date, second: dt.date) -> str:
    if rule.binds(second) and not rule.binds(first):
        return f"in force since {written(rule.window.since)}" if rule.window.since else "in force"
    if rule.binds(first) and not rule.binds(second):
        return f"in force until {written(rule.window.until)}" if rule.window.until else "not in force any more"
    return "in force on both days, but the facts changed"


def _by_cause(turned: Iterable[Turned]) -> Iterator[tuple[tuple[tuple[str, str], ...], list[Turned]]]:
    groups: dict[tuple[tuple[str, str], ...], list[Turned]] = {}
    for one in turned:
        groups.setdefault(one.because, []).append(one)
    yield from sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _told(turned: Sequence[Turned], names: Names) -> Iterator[str]:
    """Lines for one cause: what turned into what, from whom, to whom, and which items."""
    rows: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    ways: dict[tuple[str, str, str, str], list[str]] = {}
    for one in turned:
        ways.setdefault((one.before, one.after, one.supplier, one.recipient), []).append(one.item)
    for (before, after, giver, taker), items in ways.items():
        rows.setdefault((before, after, giver, tuple(items)), []).append(taker)
    for (before, after, giver, several), takers in rows.items():
        states = sorted(takers)
        whom = names.listed(states) if len(states) <= MOST_NAMED else f"{len(states)} states, {', '.join(states)}"
        yield f"{OUTCOMES[before]} → {OUTCOMES[after]}: {names(giver)} to {whom}: {', '.join(several)}"
