"""What a rule may ask about a transfer: a closed set of facts, each with the questions that fit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backfill.rules.transfer import ROLES, Transfer

TOKENS = {
    "licensor": "the destination is the licensor",
    "ally": "the destination is an ally",
    "agreement_partner": "the destination has a transfer agreement",
    "security_cooperation": "the destination cooperates in security",
    "joint_development_partner": "the destination developed it too",
    "un_embargoed": "the destination is under an embargo of the Security Council",
    "conflict_party_unsc": "the Security Council acts against the destination for an armed attack",
    "active_combat": "fighting is under way at the destination",
    "conflict_risk": "the destination is at risk of conflict",
    "victim_of_aggression": "the destination is a victim of aggression",
    "embargoed_national": "the destination is under a national embargo",
    "annex2": "the destination is in annex 2",
    "known_atrocities": "it is known that the arms would serve genocide, crimes against humanity or war crimes",
    "nato": "the destination is in NATO",
    "un_body": "the destination is a body of the United Nations",
    "communist_bloc": "the destination is of the communist bloc",
    "ihl_clear_risk": "a clear risk of serious breaches of the law of war exists there",
    "via_programme_pool": "it goes into a programme's common pool",
    "special_circumstances": "special circumstances have been found",
    "no_agreement": "the destination has no transfer agreement",
    "peace": "the destination is at peace",
}
"""Standings of a state on a day. Three are never to be merged: conflict_party_unsc, active_combat, conflict_risk."""

CLASSES = ("finished", "component", "technology", "ammunition", "material", "service")
ROUTES = ("direct", "retransfer", "component")
CATEGORIES = ("rescue", "transport", "warning", "surveillance", "minesweeping")
END_USES = (
    "own_use", "stock_replenishment", "integration", "un_operation", "humanitarian", "acsa", "own_activity", "research",
)  # fmt: skip
VARIABLES = ("$destination", "$exporter")


@dataclass(frozen=True)
class Kind:
    """What sort of thing a fact is: the tests that fit it, the words it may be compared with (any, if none)."""

    tests: tuple[str, ...]
    values: str
    words: tuple[str, ...] = ()


_STATE = Kind(("is", "in"), "state")
_STATES = Kind(("is", "contains"), "states")
_FLAG = Kind(("is",), "flag")
_WORD = Kind(("is", "in"), "word")
_AMOUNT = Kind(("is", "lt", "ge"), "number")

FACTS = {
    "exporter": _STATE,
    "destination": _STATE,
    "claimant": _STATE,
    "role": Kind(("is", "in"), "word", ROLES),
    "route": Kind(("is", "in"), "word", ROUTES),
    "item.name": _WORD,
    "item.class": Kind(("is", "in"), "word", CLASSES),
    "item.lethal": _FLAG,
    "item.licensed_from": _STATES,
    "item.codeveloped_with": _STATES,
    "item.programme": _WORD,
    "item.jp_category": Kind(("is", "in"), "word", CATEGORIES),
    "item.defence_equipment": _FLAG,
    "item.tag": Kind(("contains",), "word"),
    "item.us_mde": _FLAG,
    "item.firearm": _FLAG,
    "dest.status": Kind(("has",), "word", tuple(TOKENS)),
    "exporter.status": Kind(("has",), "word", tuple(TOKENS)),
    "request.official": _FLAG,
    "request.by": _STATE,
    "end_use": Kind(("is", "in"), "word", END_USES),
    "end_user": _STATE,
    "channel": _WORD,
    "value_usd": _AMOUNT,
}
SHARE = "item.foreign_share."
"""The part of the cost that is a state's: item.foreign_share.CHE."""


def kind_of(fact: str) -> Kind | None:
    """The sort of a fact; None for what is not in the closed set."""
    if fact.startswith(SHARE) and len(fact) == len(SHARE) + 3:
        return _AMOUNT
    return FACTS.get(fact)


def facts_of(transfer: Transfer, claimant: str, role: str, statuses: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """The facts of a transfer as one claimant sees them; None is a fact that nobody knows.

    claimant: the state whose claim is judged; under the law of a group, the member that it binds
    statuses: tokens by state, on the day of the transfer, from the claimant's own tables
    """
    finished_too = ("finished",) if transfer.item_class == "ammunition" else ()
    shares = {f"{SHARE}{state}": share for state, share in transfer.foreign_share}
    return {
        "exporter": transfer.exporter,
        "destination": transfer.destination,
        "claimant": claimant,
        "role": role,
        "route": transfer.way,
        "item.name": transfer.item,
        "item.class": (transfer.item_class, *finished_too),
        "item.lethal": transfer.lethal,
        "item.licensed_from": transfer.licensed_from,
        "item.codeveloped_with": transfer.codeveloped_with,
        "item.programme": transfer.programme,
        "item.jp_category": transfer.jp_category,
        "item.defence_equipment": transfer.defence_equipment,
        "item.tag": transfer.tags,
        "item.us_mde": transfer.us_mde,
        "item.firearm": transfer.firearm,
        "dest.status": _standing(transfer, statuses),
        "exporter.status": statuses.get(transfer.exporter, frozenset()) | set(transfer.exporter_status),
        "request.official": transfer.request_official,
        "request.by": transfer.request_by,
        "end_use": transfer.end_use,
        "end_user": transfer.end_user or transfer.destination,
        "channel": transfer.channel,
        "value_usd": transfer.value_usd,
        **shares,
    }


def _standing(transfer: Transfer, statuses: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The destination's tokens: those of the tables, those said, and the two that the item decides."""
    to = transfer.destination
    by_item = {"licensor": transfer.licensed_from, "joint_development_partner": transfer.codeveloped_with}
    derived = {token for token, states in by_item.items() if to in states}
    return statuses.get(to, frozenset()) | derived | set(transfer.destination_status)
