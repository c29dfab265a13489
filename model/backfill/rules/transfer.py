"""One transfer of arms, as export law sees it, and the states that have a say in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

ROLES = ("exporter", "origin", "licensor", "co_developer", "component_supplier")


@dataclass(frozen=True)
class Transfer:
    """Goods or knowledge that are to go from one state to another on a day.

    on:                  the day of the decision
    item_class:          finished, component, technology, ammunition, material or service; of a component, all that
                         follows describes the part
    lethal:              whether what arrives kills or destroys; None if nobody knows
    licensed_from:       states under whose licence it is built
    defence_equipment:   False for what is not made for military use alone
    foreign_share:       parts of the cost by state, between 0 and 1
    tags:                words for cases that a rule names one by one
    origin:              the state whose lot it is; the exporter, if not said
    prior_suppliers:     states through whose hands it came before, each with a claim of its own
    component_suppliers: states whose parts are inside
    route:               direct, retransfer or component; told by origin and parts, if not said
    request_official:    whether the destination's government has asked for it
    destination_status:  tokens of the destination beside those that the policies' own tables hold
    """

    exporter: str
    destination: str
    on: dt.date
    item: str = ""
    item_class: str = "finished"
    lethal: bool | None = None
    licensed_from: tuple[str, ...] = ()
    codeveloped_with: tuple[str, ...] = ()
    programme: str = ""
    jp_category: str = ""
    defence_equipment: bool = True
    foreign_share: tuple[tuple[str, float], ...] = ()
    tags: tuple[str, ...] = ()
    us_mde: bool | None = None
    firearm: bool | None = None
    origin: str = ""
    prior_suppliers: tuple[str, ...] = ()
    component_suppliers: tuple[str, ...] = ()
    route: str = ""
    request_official: bool = False
    request_by: str = ""
    end_use: str = "own_use"
    end_user: str = ""
    channel: str = ""
    value_usd: float | None = None
    destination_status: tuple[str, ...] = ()
    exporter_status: tuple[str, ...] = ()

    @property
    def way(self) -> str:
        """The route: parts inside another state's product, somebody else's goods, or the exporter's own."""
        if self.route:
            return self.route
        if self.component_suppliers:
            return "component"
        return "retransfer" if self.origin not in ("", self.exporter) or self.prior_suppliers else "direct"

    def claimants(self) -> dict[str, str]:
        """The states that must allow it, each with the role in which it does.

        The destination never claims against itself. A state with several roles speaks in the one that binds the
        goods most closely: as exporter, else as origin, else as licensor.

        >>> Transfer("USA", "UKR", dt.date(2024, 8, 1), "pac3", licensed_from=("USA",), origin="JPN").claimants()
        {'USA': 'exporter', 'JPN': 'origin'}
        """
        claims = {self.exporter: "exporter"}
        named = (
            ((self.origin, *self.prior_suppliers), "origin"),
            (self.licensed_from, "licensor"),
            (self.codeveloped_with, "co_developer"),
            (self.component_suppliers, "component_supplier"),
        )
        for states, role in named:
            for state in states:
                if state and state != self.destination:
                    claims.setdefault(state, role)
        return claims

    def as_json(self) -> dict[str, Any]:
        """Everything that is known of it as plain data; what is not said is left out."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        usual = {one.name: one.default for one in fields(self) if one.default is not MISSING}
        return {name: _plain(value) for name, value in said.items() if name not in usual or value != usual[name]}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """The transfer of which plain data tell.

        >>> one = Transfer("USA", "UKR", dt.date(2024, 8, 1), "pac3", foreign_share=(("CHE", 0.2),))
        >>> Transfer.from_json(one.as_json()) == one
        True
        """
        return cls(**{name: _frozen(value) for name, value in raw.items() if name != "on"}, on=_day(raw["on"]))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)
