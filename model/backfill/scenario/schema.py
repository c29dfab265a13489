"""What a scenario may say: one frozen model for each kind of entry.

Every field that is not listed here is an error at its line. Numbers arrive through the number line
(`backfill.reading.number`), months as `year * 12 + month - 1`, dates as `datetime.date`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from backfill.registry import ACTORS, DOCTRINES, Registry
from backfill.scenario.entry import Entry
from backfill.scenario.fields import (
    CODE,
    ID,
    JURISDICTION,
    Attacks,
    CalendarMonth,
    Capacity,
    Chance,
    Count,
    Dated,
    Duration,
    Event,
    Factor,
    Flag,
    Level,
    Money,
    Month,
    Plain,
    Procurement,
    Rate,
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
from backfill.scenario.registered import Registered


class Roles(Entry):
    """Who plays the parts of the question: the headline is about these."""

    donor: CODE
    backfiller: CODE
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


class Doctrine(Registered):
    """How a donor decides to give.

    share is for flow, in place of the state's `flow_share`; units (equivalents over all windows) are for packages
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


class Licence(Entry):
    """Whose design a line builds."""

    from_: CODE = Field(alias="from")


class Order(Entry):
    """Units ordered from a line: due one lead time after `placed`, evenly over `over` months.

    scale multiplies the units; an order may thus be a share of a larger one.
    """

    customer: CODE
    units: Count
    placed: Month
    over: Duration | None = None
    scale: Factor | None = None
    note: Text = ""
    title: Text = ""


class Contract(Entry):
    """A total of orders due in a span of months, whoever gets them.

    With `until` the units fall due evenly; without it they take whatever announced output nobody else has, until they
    are used up.
    `split` names the customers; without it the units that named orders leave go to customers outside the model.
    """

    units: Count
    since: Month
    until: Month | None = None
    split: dict[CODE, Share] = Field(default_factory=dict)
    note: Text = ""


class Seed(Entry):
    """The book before the first known orders: announced output until this month, these customers with a share of it."""

    until: Month
    shares: dict[CODE, Share] = Field(default_factory=dict)


class Line(Entry):
    """A production line for one item.

    refurbishes: the item, of the state's own, of which a unit is used up for every one that is made; customers are
        the state alone
    allocation: the registered rule by which its output is divided; if none is named, `priority` for finished items,
        `proportional` for components
    priority: classes of states, orders and budgets, the first served first
    rest_to: who takes announced output that nobody ordered; OTHER is outside the model.
    idles: whether nobody takes it, so that the line has only what plans, orders and contracts ask of it
    ceiling, ramp: what a long order book makes of its capacity, and the months from the announced capacity to there;
        fall: the months back (twice as many, if not said); investment: months from a decision to the first output
    fails, repair: mean months between failures, and until a repair is done
    restart, idle_after: months that a restart takes once the line had nothing to build for `idle_after` months
    price: what a unit from this line costs, in place of the item's cost
    learning: what a unit still costs after each doubling of all that was built, `built_before` the horizon and since
    """

    item: ID
    refurbishes: ID | None = None
    capacity: Dated[Capacity]
    slack: Share | None = None
    lead_time: Duration | None = None
    ceiling: Rate | None = None
    ramp: Duration | None = None
    fall: Duration | None = None
    investment: Duration | None = None
    fails: Duration | None = None
    repair: Duration | None = None
    restart: Duration | None = None
    idle_after: Duration | None = None
    price: Dated[Money] | None = None
    learning: Share | None = None
    built_before: Count | None = None
    licence: Licence | None = None
    allocation: ID | None = None
    priority: tuple[tuple[str, ...], ...] = ()
    rest_to: CODE | None = None
    idles: Flag = False
    seed: Seed | None = None
    contracts: dict[ID, Contract] = Field(default_factory=dict)
    orders: dict[ID, Order] = Field(default_factory=dict)


class Manufacturer(Entry):
    """A maker and its lines."""

    name: Text = ""
    state: CODE
    lines: dict[ID, Line] = Field(default_factory=dict)


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
    """Which outcome heads the report and at which dates: units at the first, pass-through at the others."""

    headline: Literal["pass_through"] = "pass_through"
    by: tuple[Month, ...] = ()
    families: dict[ID, Family] = Field(default_factory=dict)


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
    """

    scenario: Version
    title: Text
    question: Text = ""
    label: Literal["public", "fictional", "user"] = "user"
    horizon: Span
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
