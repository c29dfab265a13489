"""What a scenario may say about a manufacturer: its lines, their capacity, and who ordered what."""

from __future__ import annotations

from pydantic import Field

from backfill.scenario.entry import Entry
from backfill.scenario.fields import (
    CODE,
    ID,
    Capacity,
    Count,
    Dated,
    Duration,
    Factor,
    Flag,
    Money,
    Month,
    Rate,
    Share,
    Text,
)


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
    Shares are taken in proportion to their sum: one customer alone has all, whatever its share says.
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
