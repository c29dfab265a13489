"""Who may send an item to whom on a day: every supplier with law on file against every recipient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backfill.reading.countries import is_code
from backfill.rules.book import Rulebook
from backfill.rules.names import Names, written
from backfill.rules.register import Goods
from backfill.rules.transfer import Transfer
from backfill.rules.words import OUTCOMES, block
from backfill.words import listed

ANSWERS = ("permit", "consent_required", "undetermined", "deny")
"""In the order in which they are shown."""

SHORT = {"permit": "yes", "consent_required": "ask", "undetermined": "?", "deny": "no"}
MOST_COLUMNS = 10
WAR = ("victim_of_aggression", "active_combat")


@dataclass(frozen=True)
class Matrix:
    """The answers for one item on one day, by supplier and recipient; a state and itself have none.

    The goods are officially asked for, and made by the supplier unless the register names another maker.
    without_law: suppliers of whom no law of their own is on file
    """

    goods: Goods
    on: dt.date
    suppliers: tuple[str, ...]
    recipients: tuple[str, ...]
    answers: Mapping[tuple[str, str], str]
    without_law: tuple[str, ...] = ()

    @property
    def assumed(self) -> str:
        """Whose goods they are, and whose law is missing."""
        made = f"Made by {self.goods.maker}" if self.goods.maker else "Of the supplier's own make"
        missing = f" No law on file of {', '.join(self.without_law)}." if self.without_law else ""
        return f"{made}, officially asked for.{missing}"

    def count(self, answer: str) -> int:
        """How many of the ways have an answer."""
        return sum(one == answer for one in self.answers.values())

    def of(self, supplier: str, answer: str) -> list[str]:
        """The recipients about whom a supplier is told an answer."""
        return [taker for taker in self.recipients if self.answers.get((supplier, taker)) == answer]

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The recipients by what they are told: suppliers alone, others together where every answer is the same."""
        alike: dict[Any, list[str]] = {}
        for state in self.recipients:
            column = tuple(self.answers.get((supplier, state)) for supplier in self.suppliers)
            alike.setdefault(state if state in self.suppliers else column, []).append(state)
        return tuple(map(tuple, alike.values()))

    def in_words(self, names: Names) -> str:
        """The table, at most a hundred columns wide."""
        head = f"May the row's state send {self.goods.name} to the column's state on {written(self.on)}?"
        small = len(self.recipients) <= MOST_COLUMNS
        lines = self._grid(names) if small else self._grouped(names)
        return "\n".join([head, "", *lines, "", *self._key(small=small)])

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "item": self.goods.id,
            "registered": self.goods.registered,
            "on": self.on.isoformat(),
            "suppliers": list(self.suppliers),
            "recipients": list(self.recipients),
            "without_law": list(self.without_law),
            "answers": [
                {"from": giver, "to": taker, "outcome": outcome} for (giver, taker), outcome in self.answers.items()
            ],
        }

    def _grid(self, names: Names) -> list[str]:
        """A row for each supplier, a column for each recipient."""
        wide = max(len(names.plain(state)) for state in self.suppliers)
        head = f"{'':<{wide}}" + "".join(f"{state:>6}" for state in self.recipients)
        rows = [
            f"{names.plain(giver):<{wide}}"
            + "".join(f"{SHORT.get(self.answers.get((giver, taker), ''), '–'):>6}" for taker in self.recipients)
            for giver in self.suppliers
        ]
        return [head, "─" * len(head), *rows]

    def _grouped(self, names: Names) -> list[str]:
        """A row for each group of recipients who are told the same, a column for each supplier."""
        lines = []
        for group in self.groups():
            said = [SHORT.get(self.answers.get((giver, group[0]), ""), "–") for giver in self.suppliers]
            who = ", ".join(names.plain(state) for state in group) + (f" ({len(group)})" if len(group) > 1 else "")
            lines += _hung("".join(f"{word:<5}" for word in said), who)
        return ["".join(f"{state:<5}" for state in self.suppliers) + "recipients", "─" * 100, *lines]

    def _key(self, *, small: bool) -> list[str]:
        counts = listed([f"{OUTCOMES[one]} {self.count(one)}" for one in ANSWERS if self.count(one)])
        says = "" if small else "A column is a supplier, a row its recipients. "
        says += "yes: permit, ask: consent required, ?: undetermined, no: deny. "
        text = f"{says}{len(self.answers)} ways: {counts}. {self.assumed}"
        return block(text, indent=0)


def matrix(
    book: Rulebook,
    goods: Goods,
    on: dt.date,
    suppliers: Sequence[str] = (),
    recipients: Sequence[str] = (),
) -> Matrix:
    """The answers for an item on a day.

    suppliers:  every state with law on file, if not said
    recipients: those, and whoever is at war in their tables, if not said
    """
    givers = tuple(suppliers) or states_with_law(book)
    takers = tuple(recipients) or tuple(dict.fromkeys((*states_with_law(book), *_at_war(book))))
    ways = [(giver, taker) for giver in givers for taker in takers if giver != taker]
    answers = {way: book.judge(usual(goods, *way, on)).outcome for way in ways}
    gaps = tuple(sorted(set(givers) - set(states_with_law(book))))
    return Matrix(goods, on, _freest_first(givers, answers, 0), _freest_first(takers, answers, 1), answers, gaps)


def usual(goods: Goods, giver: str, taker: str, on: dt.date) -> Transfer:
    """A transfer that is officially asked for, of what its maker made if the register names one, else the supplier."""
    return Transfer(giver, taker, on, **goods.traits(), origin=goods.maker or giver, request_official=True)


def states_with_law(book: Rulebook) -> tuple[str, ...]:
    """The states whose own law is on file."""
    return tuple(sorted(code for code, policy in book.policies.items() if is_code(code) and not policy.is_group))


def states_named(book: Rulebook) -> tuple[str, ...]:
    """The states with law on file or a standing in a table of it."""
    named = {standing.state for policy in book.policies.values() for standing in policy.standings}
    return tuple(sorted(one for one in named | set(states_with_law(book)) if is_code(one)))


def _freest_first(states: Sequence[str], answers: Mapping[tuple[str, str], str], side: int) -> tuple[str, ...]:
    """States by how strict their answers are on average; side: 0 as supplier, 1 as recipient."""

    def strictness(state: str) -> tuple[float, str]:
        said = [ANSWERS.index(answer) for way, answer in answers.items() if way[side] == state]
        return sum(said) / max(len(said), 1), state

    return tuple(sorted(states, key=strictness))


def _at_war(book: Rulebook) -> Iterable[str]:
    standings = [standing for policy in book.policies.values() for standing in policy.standings]
    return sorted({one.state for one in standings if one.token in WAR and is_code(one.state)})


def _hung(start: str, text: str) -> list[str]:
    """A row whose last cell goes on below itself."""
    first, *rest = block(text, indent=0, width=100 - len(start))
    return [start + first, *(" " * len(start) + line for line in rest)]
