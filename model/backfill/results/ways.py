"""The export rules that decide on the ways a question is about, day by day, with their sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.rules import Rulebook, Transfer
from backfill.rules.register import goods_of

if TYPE_CHECKING:
    from backfill.rules.decision import Decision
    from backfill.rules.law import Source
    from backfill.scenario import Setting


@dataclass(frozen=True)
class Span:
    """What the law says from a day on to a way, and by which rules."""

    since: dt.date
    outcome: str
    rules: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Way:
    """Goods of an origin that go from one state to another, and what the law says in turn."""

    giver: str
    taker: str
    items: tuple[str, ...]
    origin: str
    spans: tuple[Span, ...]


def ways(setting: Setting) -> list[Way]:
    """The direct ways of the question under the law on file; those to which it says the same become one."""
    book = Rulebook.from_raw(setting.policies, setting.rules, setting.consent)
    if not book.policies:
        return []
    found: dict[tuple[str, str, str, tuple[Span, ...]], list[str]] = {}
    for giver, taker in _pairs(setting):
        for item in setting.roles.items:
            for origin in _origins(setting, item, giver):
                spans = tuple(_spans(setting, book, giver, taker, item, origin))
                found.setdefault((giver, taker, origin, spans), []).append(item)
    return [Way(giver, taker, tuple(items), origin, spans) for (giver, taker, origin, spans), items in found.items()]


def _pairs(setting: Setting) -> list[tuple[str, str]]:
    roles = setting.roles
    onward = (roles.donor, roles.aided)
    return [onward] if roles.backfiller is None else [(roles.backfiller, roles.donor), onward]


def _origins(setting: Setting, item: str, giver: str) -> list[str]:
    """The states whose goods these are: of the giver's own lines, else of anybody's, else the giver's."""
    makers = setting.manufacturers.values()
    made = [maker.state for maker in makers for line in maker.lines.values() if line.item == item]
    return [giver] if giver in made or not made else list(dict.fromkeys(made))


def _spans(setting: Setting, book: Rulebook, giver: str, taker: str, item: str, origin: str) -> Iterator[Span]:
    goods, before = goods_of(item, setting.items[item]), None
    for day in _days(setting, book):
        transfer = Transfer(giver, taker, day, **goods.traits(), origin=origin, request_official=True)
        span = _span(book.judge(transfer), day)
        if before is None or (span.outcome, span.rules) != (before.outcome, before.rules):
            yield span
        before = span


def _days(setting: Setting, book: Rulebook) -> Sequence[dt.date]:
    first, last = (dt.date(month // 12, month % 12 + 1, 1) for month in setting.horizon)
    return [first, *(day for day in book.change_days() if first < day < last)]


def _span(decision: Decision, day: dt.date) -> Span:
    """The answer and whatever gave it: of the claimants those with the most severe answer."""
    giving = [trace for trace in decision.traces if trace.outcome == decision.outcome]
    rules = [(trace.state, rule.title or rule.id) for trace in giving for rule in trace.deciding]
    rules += [(trace.state, trace.because) for trace in giving if not trace.deciding]
    sources = [source for trace in giving for source in trace.sources]
    return Span(day, decision.outcome, tuple(dict.fromkeys(rules)), tuple(dict.fromkeys(sources)))
