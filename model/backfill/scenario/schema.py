"""What a scenario may say: one frozen model for each kind of entry.

Every field that is not listed here is an error at its line. Numbers arrive through the number line
(`backfill.reading.number`), months as `year * 12 + month - 1`, dates as `datetime.date`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from backfill.registry import ACTORS, Registry
from backfill.scenario.entry import Entry
from backfill.scenario.fields import (
    CODE,
    ID,
    JURISDICTION,
    Attacks,
    CalendarMonth,
    Chance,
    Count,
    Date,
    Dated,
    Duration,
    Event,
    Factor,
    Flag,
    Money,
    Month,
    Plain,
    Rate,
    Rows,
    Share,
    Span,
    Text,
    Version,
    Whole,
)
from backfill.scenario.happenings import (
    EVENTS,
    Authority,
    Budget,
    CapacityDecision,
    Finding,
    Happening,
    Pause,
    Phase,
    Pledge,
    Promise,
    Queue,
    Requirement,
    RuleChange,
    Shock,
    WillStep,
)
from backfill.scenario.makers import Contract, Licence, Line, Manufacturer, Order, Seed
from backfill.scenario.registered import Registered
from backfill.scenario.stances import Channel, Doctrine, Holding, Inventory, Stance, State


class Roles(Entry):
    """Who plays the parts of the question: the headline is about these. Nobody need hand on to the donor."""

    donor: CODE
    backfiller: CODE | None = None
    aided: CODE
    items: tuple[ID, ...]


class ExportRules(Entry):
    """Which policies judge transfers, whose answers are on file, and what an unanswered question means."""

    policies: tuple[JURISDICTION, ...] = ()
    consent: tuple[CODE, ...] = ()
    undetermined: Literal["permit", "deny"] = "permit"


class Part(Entry):
    """What another state supplies of an item, with its part of the cost where that is known."""

    name: Text = ""
    state: CODE
    share: Share | None = None


class Item(Entry):
    """A munition or a component, and what export law asks about it.

    maker:         the state whose goods these are, in whoever's hands; where it may differ, the lot says it
    military_only: whether it is made for military use alone
    category:      the heading of Japan's list under which it falls
    shelf_life:    from the month in which a unit is built to its date; without it units stay good
    """

    name: Text
    kind: Literal["finished", "ammunition", "component", "technology", "material", "service"] = "finished"
    lethal: Flag = True
    licensor: CODE | None = None
    licensors: tuple[CODE, ...] = ()
    codeveloped_with: tuple[CODE, ...] = ()
    maker: CODE | None = None
    programme: Text = ""
    category: Literal["rescue", "transport", "warning", "surveillance", "minesweeping"] | None = None
    military_only: Flag = True
    major: Flag | None = None
    firearm: Flag | None = None
    tags: tuple[Text, ...] = ()
    parts: dict[ID, Part] = Field(default_factory=dict)
    needs: dict[ID, Whole] = Field(default_factory=dict)
    cost: Money | None = None
    shelf_life: Duration | None = None
    also: tuple[Text, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether somebody can use it as it is."""
        return self.kind in ("finished", "ammunition")


class Need(Entry):
    """Something several items can meet, each with its worth in equivalents per unit."""

    name: Text = ""
    worth: dict[ID, Factor]


class Series(Entry):
    """A monthly series from a CSV beside the scenario, then what holds before and after it."""

    series: Text
    column: Text
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unit: Text
    source: Text
    scale: Factor | None = None
    gaps: Literal["zero", "straight line", "error"]
    before: Rate
    after: Rate
    values: dict[Month, Plain] = Field(default_factory=dict)


class Engagement(Entry):
    """How a target is engaged: `shots` rounds in a salvo, once or after each of at most `looks` looks."""

    kind: Literal["salvo", "shoot_look_shoot"]
    shots: Count
    looks: Whole | None = None


class Conflict(Entry):
    """A theatre: who fights, what is used up, in order of preference.

    demand (equivalents a month) = attacks * engaged * per_target * other_targets, negative binomial with `dispersion`;
    with an `engagement` the targets are drawn, and rounds follow; of `fires` the rounds themselves.
    What comes is multiplied by phases (events), `seasons` and `noise`, log-normal with mean 1 and `persistence`.
    onset: chance a month that a war begins in peace; attacks run only in war, which `lasts` so long, or for good.
    split: the part of the demand that falls to a fighter; the rest goes to all in the order of `fighting`.
    """

    name: Text = ""
    fighting: tuple[CODE, ...]
    uses: tuple[ID, ...]
    attacks: Attacks | None = None
    fires: Attacks | None = None
    engaged: Dated[Share] | None = None
    per_target: Factor | None = None
    engagement: Engagement | None = None
    other_targets: Factor | None = None
    kill: Share | None = None
    dispersion: Factor | None = None
    seasons: dict[CalendarMonth, Factor] = Field(default_factory=dict)
    noise: Factor | None = None
    persistence: Share | None = None
    onset: Chance | None = None
    lasts: Duration | None = None
    split: dict[CODE, Share] = Field(default_factory=dict)


class Procedure(Entry):
    """How long the stages of a transfer take between two states.

    consent: how long a state that must consent takes to answer, where its own file does not say
    """

    decision: Duration | None = None
    contract: Duration | None = None
    handover: Duration | None = None
    transit: Duration | None = None
    consent: Duration | None = None


class Actor(Registered):
    """Somebody whom the engine does not know by itself: a class that a user has registered, and whose actor it is."""

    registry: ClassVar[Registry] = ACTORS
    common: ClassVar[tuple[str, ...]] = ("kind", "state")

    state: CODE | None = None


class Arm(Entry):
    """A named variant: verbs applied to the scenario."""

    title: Text = ""
    note: Text = ""
    includes: tuple[str, ...] = ()
    set_: dict[str, Any] = Field(default_factory=dict, alias="set")
    add: dict[str, Any] = Field(default_factory=dict)
    with_: tuple[str, ...] = Field(default=(), alias="with")
    without: tuple[str, ...] = ()


class Family(Entry):
    """Items that are also counted by themselves, such as PAC-3 among all Patriot rounds."""

    name: Text
    items: tuple[ID, ...]


class Outcomes(Entry):
    """Which outcome heads the report and at which dates: units at the first, pass-through at the others.

    headline: what a unit of backfill brings, units to the aided state, time until the donor is refilled, or how the
    promise (or the pledge) of that name is kept
    lead: the family of which a headline of units speaks; the others are counted apart
    """

    headline: Literal["pass_through", "units", "refill", "promise"] = "pass_through"
    promise: ID | None = None
    by: tuple[Month, ...] = ()
    families: dict[ID, Family] = Field(default_factory=dict)
    lead: ID | None = None


class Observed(Entry):
    """What happened, and which outcome of the world is held against it.

    of, part: labels on the axes of the outcome that are summed; with `part`, its share of `of` is meant
    reads: what a value in the file says about the outcome
    """

    title: Text = ""
    file: Text
    unit: Text
    outcome: Text
    of: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    part: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    reads: Literal["month", "half_year", "year", "total", "first"] = "total"
    before: Plain = 0.0
    since: Date | None = None
    per: Plain = 1.0
    rows: Rows = ()


class Source(Entry):
    """Where a number comes from. One that states a number lends its range and grade to what cites it."""

    title: Text
    url: Text = ""
    grade: Literal["high", "medium", "low"] = "medium"
    date: Text = ""
    value: Text = ""
    low: Text = ""
    high: Text = ""
    unit: Text = ""
    note: Text = ""


class Defaults(Entry):
    """What holds for every state that does not say otherwise; one draw, shared by its heirs."""

    state: State = Field(default_factory=State)


class Setting(Entry):
    """A resolved scenario: catalogue, parents, arms and `--set` applied; what is switched off is gone.

    relations: how close two states are, by pairs, USA-JPN: the closer, the likelier consent where no answer is on file
    doctrines: other ways the donor may decide, as arms; every arm is repeated under each of them.
    frozen: the last day on which anything that is cited was published: the world is a forecast from there
    """

    scenario: Version
    title: Text
    question: Text = ""
    label: Literal["public", "fictional", "user"] = "user"
    horizon: Span
    frozen: Date | None = None
    roles: Roles
    export_rules: ExportRules = ExportRules()
    assumptions: dict[ID, Text] = Field(default_factory=dict)
    sources: dict[ID, Source] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    items: dict[ID, Item]
    needs: dict[ID, Need] = Field(default_factory=dict)
    states: dict[CODE, State]
    manufacturers: dict[ID, Manufacturer] = Field(default_factory=dict)
    conflicts: dict[ID, Conflict] = Field(default_factory=dict)
    transfers: dict[str, Procedure] = Field(default_factory=dict)
    relations: dict[str, Share] = Field(default_factory=dict)
    events: dict[ID, Event] = Field(default_factory=dict)
    actors: dict[ID, Actor] = Field(default_factory=dict)
    arms: dict[ID, Arm] = Field(default_factory=dict)
    doctrines: dict[ID, Arm] = Field(default_factory=dict)
    outcomes: Outcomes = Outcomes()
    observed: dict[ID, Observed] = Field(default_factory=dict)
    policies: dict[JURISDICTION, dict[str, Any]] = Field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    consent: dict[CODE, dict[str, Any]] = Field(default_factory=dict)


__all__ = [
    "EVENTS",
    "Actor",
    "Arm",
    "Authority",
    "Budget",
    "CapacityDecision",
    "Channel",
    "Conflict",
    "Contract",
    "Defaults",
    "Doctrine",
    "Engagement",
    "Entry",
    "ExportRules",
    "Family",
    "Finding",
    "Happening",
    "Holding",
    "Inventory",
    "Item",
    "Licence",
    "Line",
    "Manufacturer",
    "Need",
    "Observed",
    "Order",
    "Outcomes",
    "Part",
    "Pause",
    "Phase",
    "Pledge",
    "Procedure",
    "Promise",
    "Queue",
    "Registered",
    "Requirement",
    "Roles",
    "RuleChange",
    "Seed",
    "Series",
    "Setting",
    "Shock",
    "Source",
    "Stance",
    "State",
    "WillStep",
]
