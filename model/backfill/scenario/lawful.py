"""The law that a scenario names, checked: it can be read, and it leaves every customer some day of delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from backfill.errors import Problem, ScenarioProblems
from backfill.reading.document import Map
from backfill.reading.number import Number
from backfill.reading.number_line import parse
from backfill.reading.words import listed, nearest
from backfill.rules import Rulebook, Transfer
from backfill.rules.facts import TOKENS
from backfill.rules.register import goods_of
from backfill.scenario.schema import Finding, Line, Manufacturer, RuleChange, Setting
from backfill.scenario.verbs import Draft

_PARTS = ("rules", "policies", "consent", "export_rules")


def law(setting: Setting, draft: Draft) -> list[Problem]:
    """What is wrong with the rules and answers of a draft, each fault where it is written."""
    off = {path.partition(".")[2] for path in draft.off if path.startswith("rules.")}
    rules = {name: rule for name, rule in _part(draft, "rules").items() if name not in off}
    try:
        book = Rulebook.shared(_part(draft, "policies"), rules, _part(draft, "consent"), whole=not off)
    except ScenarioProblems as fault:
        return list(fault.problems)
    doubts = [*_doubtful(setting, book, off)]
    return doubts or ([*_denied(setting, book)] if book.policies else [])


def odds_on_file(setting: Setting) -> Iterator[Number]:
    """The chances of the answers of a setting, at the paths at which they are drawn."""
    for giver, file in setting.consent.items():
        named = {f"answers.{name}": entry for name, entry in file.get("answers", {}).items()}
        for name, entry in (named | {"otherwise": file.get("otherwise", {})}).items():
            if "chance" in entry:
                path, text = f"consent.{giver}.{name}.chance", str(entry["chance"])
                line = parse(text, "share")
                yield Number(line.value, line.low, line.high, line.kind, text, path=path, sources=line.sources)


def concerns(draft: Draft) -> bool:
    """Whether a patch of a draft changes the law or who orders what."""
    touched = [*draft.patched, *draft.off]
    return any(path.partition(".")[0] in (*_PARTS, "events", "manufacturers", "horizon") for path in touched)


def _part(draft: Draft, name: str) -> Map:
    found = draft.raw.get(name)
    return found if isinstance(found, Map) else Map(draft.raw.place)


def _doubtful(setting: Setting, book: Rulebook, off: set[str]) -> Iterator[Problem]:
    """Uncertain law that is about no law on file."""
    known = [rule.id for policy in book.policies.values() for rule in policy.rules]
    for name, event in setting.events.items():
        path = f"events.{name}"
        if isinstance(event, RuleChange):
            for index, rule in enumerate(event.rules):
                if rule not in known and rule not in off:
                    yield Problem(f"{path}.rules.{index}", repr(rule), "a rule on file", nearest(rule, known))
        elif isinstance(event, Finding):
            if event.by not in book.policies:
                near = nearest(event.by, book.policies)
                yield Problem(f"{path}.by", repr(event.by), "whose policy is on file", near)
            if event.token not in TOKENS:
                expected = f"one of {listed(TOKENS)}"
                yield Problem(f"{path}.token", repr(event.token), expected, nearest(event.token, TOKENS))


def _denied(setting: Setting, book: Rulebook) -> Iterator[Problem]:
    """Customers to whom the law never lets their order go."""
    days = _days(setting, book)
    for name, maker in setting.manufacturers.items():
        for label, line in maker.lines.items():
            for path, customer in _customers(f"manufacturers.{name}.lines.{label}", line):
                abroad = customer not in ("OTHER", maker.state)
                if abroad and not any(_permitted(setting, book, maker, line, customer, on) for on in days):
                    found = f"{customer!r}, to whom no rule ever lets {line.item} go from {maker.state}"
                    yield Problem(
                        path, found, "a customer whom the law permits on some day of the horizon", level="note"
                    )


def _days(setting: Setting, book: Rulebook) -> list[dt.date]:
    """The first day of the horizon and those on which the law changes within it."""
    first, last = (dt.date(month // 12, month % 12 + 1, 1) for month in setting.horizon)
    return [first, *(day for day in book.change_days() if first < day < last)]


def _customers(path: str, line: Line) -> Iterator[tuple[str, str]]:
    for name, order in line.orders.items():
        yield f"{path}.orders.{name}.customer", order.customer
    for name, contract in line.contracts.items():
        yield from ((f"{path}.contracts.{name}.split.{customer}", customer) for customer in contract.split)


def _permitted(setting: Setting, book: Rulebook, maker: Manufacturer, line: Line, customer: str, on: dt.date) -> bool:
    item = setting.items.get(line.item)
    if item is None:
        return True
    goods = goods_of(line.item, item)
    transfer = Transfer(maker.state, customer, on, **goods.traits(), origin=maker.state, request_official=True)
    return book.judge(transfer).outcome != "deny"
