"""What a scenario may say about a state: what it holds, what it wants, what it keeps back, how it gives."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backfill.registry import DOCTRINES, Registry
from backfill.scenario.entry import Entry
from backfill.scenario.fields import (
    CODE,
    ID,
    Chance,
    Count,
    Dated,
    Duration,
    Factor,
    Flag,
    Level,
    Month,
    Procurement,
    Rate,
    Share,
    Span,
    Text,
)
from backfill.scenario.registered import Registered


class Doctrine(Registered):
    """How a donor decides to give.

    share is for flow, in place of the state's `flow_share`; units over all windows for packages
    """

    registry: ClassVar[Registry] = DOCTRINES

    share: Share | None = None
    units: Count | None = None


class Channel(Entry):
    """One way of giving: its doctrine, its will and the months in which it is open (always, if none)."""

    doctrine: Doctrine | None = None
    will: Share | None = None
    windows: tuple[Span, ...] | None = None


class Inventory(Entry):
    """A first stock known only in total: one measure, a share of it, and how it splits over items.

    units, equivalents or per_fire_unit (rounds for each of the state's first fire units): exactly one.
    parts: the share of each item, in the measure of the total; `rest` takes what is left.
    """

    units: Count | None = None
    equivalents: Count | None = None
    per_fire_unit: Count | None = None
    share: Share | None = None
    parts: dict[ID, Share] = Field(default_factory=dict)
    rest: ID


class Stance(Entry):
    """What a state wants, holds back and gives, for a need. Levels are equivalents or shares of the requirement."""

    objective: Count | None = None
    requirement: Count | None = None
    readiness: Share | None = None
    floor: Share | None = None
    floor_in_crisis: Share | None = None
    minimum: Level | None = None
    will: Share | None = None
    persistence: Share | None = None
    spread: Factor | None = None
    release: Share | None = None
    anticipation: Share | None = None
    look_ahead: Duration | None = None
    trust_prior: Factor | None = None
    flow_share: Share | None = None
    cover: Duration | None = None
    load: Count | None = None
    load_in: tuple[ID, ...] | None = None
    fire_units: Dated[Count] | None = None
    fire_units_ahead: Duration | None = None
    training: Rate | None = None
    losses: Chance | None = None
    doctrine: Doctrine | None = None
    gift: Channel | None = None
    sale: Channel | None = None
    worth: dict[ID, Factor] | None = None
    inventory: Inventory | None = None
    aid_from: tuple[CODE, ...] | None = None
    backfill_from: tuple[CODE, ...] | None = None


class Holding(Entry):
    """What a state holds of one item at the start, whose conditions travel with it, and what it plans to receive.

    objective, requirement: those of the need that the item is by itself, if no need of the scenario counts it
    expires: which share of the stock expires in which months; without it lives are spread evenly over the shelf life
    """

    stock: Count | None = None
    objective: Count | None = None
    requirement: Count | None = None
    origin: CODE | None = None
    expires: dict[Month, Share] = Field(default_factory=dict)
    procurement: Procurement | None = None
    line: Text | None = None


class State(Stance):
    """A state: its stance towards every need, and what it holds.

    own_conditions: what it hands on takes it as origin, whose conditions travel with a lot from then on
    """

    name: Text = ""
    own_conditions: Flag = False
    items: dict[ID, Holding] = Field(default_factory=dict)
    needs: dict[ID, Stance] = Field(default_factory=dict)
