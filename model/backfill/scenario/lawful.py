"""The law that a scenario names, checked: it can be read, and it leaves every customer some day of delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from backfill.errors import Problem, ScenarioProblems
from backfill.reading.document import Map
from backfill.rules import Rulebook, Transfer
from backfill.rules.register import goods_of
from backfill.scenario.schema import Line, Manufacturer, Setting
from backfill.scenario.verbs import Draft

_PARTS = ("rules", "policies", "consent", "export_rules")


def law(setting: Setting, draft: Draft) -> list[Problem]:
    """What is wrong with the rules and answers of a draft, each fault where it is written."""
    off = {path.partition(".")[2] for path in draft.off if path.startswith("rules.")}
    rules = {name: rule for name, rule in _part(draft, "rules").items() if name not in off}
    try:
        book = Rulebook.from_raw(_part(draft, "policies"), rules, _part(draft, "consent"), whole=not off)
    except ScenarioProblems as fault:
        return list(fault.problems)
    return [*_denied(setting, book)] if book.policies else []


def concerns(draft: Draft) -> bool:
    """Whether a patch of a draft changes the law or who orders what."""
    touched = [*draft.patched, *draft.off]
    return any(path.partition(".")[0] in (*_PARTS, "manufacturers", "horizon") for path in touched)


def _part(draft: Draft, name: str) -> Map:
    found = draft.raw.get(name)
    return found if isinstance(found, Map) else Map(draft.raw.place)


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
