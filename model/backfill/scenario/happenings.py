"""What may happen in a world, dated: one frozen model for each kind of event."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backfill.scenario.entry import Entry
from backfill.scenario.fields import (
    CODE,
    ID,
    JURISDICTION,
    Capacity,
    Chance,
    Count,
    Date,
    Dated,
    Duration,
    Factor,
    Flag,
    Money,
    Month,
    MonthNumber,
    Rate,
    Share,
    Sources,
    Text,
    Year,
)


class Happening(Entry):
    """What every event may say beside its kind."""

    title: Text = ""
    note: Text = ""
    source: Sources = ()


class Pause(Happening):
    """A state gives nothing (to one state, or to anybody) from a day until a day; a month loses its share of days."""

    kind: Literal["pause"]
    state: CODE
    to: CODE | None = None
    since: Date
    until: Date


class Pledge(Happening):
    """A dated package: decided on `date`, or known to have arrived in the month `arrives`.

    against: the promise without which it is not given
    in_step: given only as far as that promise has been kept, in proportion; what is in exchange for it is owed at once
    fair: given only if what is promised is worth so much of it, in equivalents of one need, else at prices
    paid_by: the authority, of whomever, to which it is charged when it is committed, and which may not suffice
    """

    kind: Literal["pledge"]
    from_: CODE = Field(alias="from")
    to: CODE
    via: CODE | None = None
    units: Count
    item: ID | None = None
    parts: dict[ID, Share] = Field(default_factory=dict)
    rest: ID | None = None
    date: Date | None = None
    arrives: Month | None = None
    against: ID | None = None
    in_step: Flag = False
    fair: Factor | None = None
    paid_by: ID | None = None


class Promise(Happening):
    """Backfill owed: units announced, units delivered (all, if not said), when due, how long the stages take.

    for: the pledge in exchange for which it is; `swap` units of it are owed for each unit given, `units` at most
    pace: how many units at most are named for delivery in a month
    withdrawn, default: the day, or the chance a month, on which the promiser takes back what is not under contract
    """

    kind: Literal["promise"]
    date: Date
    from_: CODE = Field(alias="from")
    to: CODE
    item: ID
    units: Count | None = None
    for_: ID | None = Field(default=None, alias="for")
    swap: Factor | None = None
    delivers: Count | None = None
    due: Duration | None = None
    contract: Duration | None = None
    handover: Duration | None = None
    transit: Duration | None = None
    pace: Dated[Rate] | None = None
    withdrawn: Date | None = None
    default: Chance | None = None


class Requirement(Happening):
    """A new objective; it enters the requirement with `weight`: requirement + weight * (becomes - requirement)."""

    kind: Literal["requirement"]
    date: Date
    state: CODE
    need: ID | None = None
    becomes: Count
    weight: Share | None = None


class WillStep(Happening):
    """The mean readiness to give of a channel (or both) becomes another."""

    kind: Literal["will"]
    date: Date
    state: CODE
    channel: Literal["gift", "sale"] | None = None
    becomes: Share


class CapacityDecision(Happening):
    """Somebody decides to build more: in a straight line from the last announced point, or in one step.

    The rate is reached `by` plus `slip`. `becomes: +30 %` is a step on what the line can do when that line begins: at
    `date`, or at the last announced point where that comes later.
    """

    kind: Literal["capacity"]
    date: Date
    line: Text
    becomes: Capacity
    by: MonthNumber
    slip: Duration | None = None
    at_once: Flag = False


class Queue(Happening):
    """Customers change places for a while. `first`, `behind` and `exempt` name states, orders or budgets.

    With `share` the first take that share of each month's deliveries abroad; without it they come before all others.
    `behind` come after all others; from who is `exempt` nothing is taken in a month's deliveries.
    at_most: the most units that the event may move in all; then it ends
    """

    kind: Literal["queue"]
    since: Date
    until: Date | None = None
    lasts: Duration | None = None
    lines: tuple[Text, ...]
    first: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    share: Share | None = None
    at_most: Count | None = None


class Phase(Happening):
    """A theatre heats up or cools down: attacks are multiplied."""

    kind: Literal["phase"]
    conflict: ID
    since: Month
    until: Month
    intensity: Factor


class Shock(Happening):
    """Rounds are used at once by some states; `months` says which share falls in which month.

    Only a named conflict feels tension. With `lost` the rounds are not fired but destroyed: a strike on depots.
    """

    kind: Literal["shock"]
    states: tuple[CODE, ...]
    conflict: ID | None = None
    need: ID | None = None
    item: ID | None = None
    units: Count
    months: dict[Month, Share]
    lost: Flag = False


class Budget(Happening):
    """Money for one recipient, by calendar year, spent in equal months; `part` of it buys `item`.

    It buys from the stock of `buys_from` first (its sale channel), then orders from `line`, if one is named.
    lag: from sale to arrival; used_price: what a unit from stock costs, as a share of a new one
    carries: whether what a year leaves unspent is kept
    """

    kind: Literal["budget"]
    payers: tuple[CODE, ...]
    for_: CODE = Field(alias="for")
    buys_from: CODE
    item: ID
    line: Text | None = None
    since: Month
    until: Month | None = None
    amount: dict[Year, Money]
    part: Share | None = None
    lag: Duration | None = None
    used_price: Share | None = None
    carries: Flag = False


class Authority(Happening):
    """What a state may give away in a calendar year, by value: a gift counts with its cost times `counts_at`.

    to: the recipient whose gifts are charged; without it all of them
    """

    kind: Literal["authority"]
    state: CODE
    to: CODE | None = None
    since: Month
    until: Month | None = None
    amount: dict[Year, Money]
    part: Share | None = None
    counts_at: Share | None = None
    carries: Flag = False


class RuleChange(Happening):
    """Rules that are not law may come into force, with the same chance in each month from `since` on."""

    kind: Literal["rule"]
    rules: tuple[Text, ...]
    since: Month
    until: Month | None = None
    chance: Chance


class Finding(Happening):
    """A capital may find a standing of a state that its tables do not have, such as fighting under way there.

    chance: of the finding, once in a run; it holds from `since` until `until`
    """

    kind: Literal["finding"]
    by: JURISDICTION
    state: CODE
    token: Text
    since: Month
    until: Month | None = None
    chance: Share


EVENTS: dict[str, type[Happening]] = {
    "pause": Pause,
    "pledge": Pledge,
    "promise": Promise,
    "requirement": Requirement,
    "will": WillStep,
    "capacity": CapacityDecision,
    "queue": Queue,
    "phase": Phase,
    "shock": Shock,
    "budget": Budget,
    "authority": Authority,
    "rule": RuleChange,
    "finding": Finding,
}
