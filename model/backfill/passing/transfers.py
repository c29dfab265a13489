"""From request to arrival: cases that wait for a decision, lots under contract, goods under way."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backfill.arrays import Floats, Masks, PerRun, Whole, sum_rows
from backfill.chance import Chance
from backfill.kernels.allocation import take_in_order
from backfill.kernels.pipeline import Ring
from backfill.months import REQUEST_DAY, month_of, months_later
from backfill.numbers import Draws
from backfill.passing.passage import Veto
from backfill.reading.number import Number
from backfill.scenario.schema import Procedure, Setting
from backfill.stock.ledger import Ledger

BACKFILL = ("promise", "backfill", "bought")
"""Channels on which backfill comes: promised, given for the asking, or paid for."""

GIVEN_BY = {"gift": "gift", "backfill": "gift", "sale": "sale", "bought": "sale"}
"""Which of a supplier's two ways of giving serves a channel along which somebody asks."""

IDLE_MONTHS = 12
"""A decided case ends when no unit has moved for so long; a dated gift that cannot be met lapses then."""


@dataclass(frozen=True)
class Route:
    """Who may hand what need on to whom, and in which way: a gift, a sale, a pledge or a promise.

    label: which promise it is, since two of them may go the same way
    """

    supplier: str
    recipient: str
    need: str
    channel: str
    via: str | None = None
    label: str = ""

    @property
    def name(self) -> str:
        return f"{self.supplier}-{self.recipient}.{self.need}.{self.channel}"


@dataclass(frozen=True)
class Lane:
    """One lot's way along a route: from a row of the supplier to a row of the recipient, open in some months.

    open_months: where nobody bars it   [months], or [months, runs] where the law is uncertain
    vetoes:      whose consent it needs besides
    """

    route: Route
    item: str
    origin: str
    from_row: int
    to_row: int
    open_months: Masks
    vetoes: tuple[Veto, ...] = ()

    def open_at(self, index: int) -> Masks:
        """Where nobody bars it in a month, consents apart.  [] or [runs]"""
        return np.asarray(self.open_months[index])


@dataclass(frozen=True)
class Delays:
    """Whole months from commitment to contract, hand-over and arrival, drawn together for one commitment.  [runs]"""

    contract: Whole
    handover: Whole
    arrival: Whole


class Procedures:
    """How long each stage takes between two states: the most specific pair wins, stage by stage."""

    def __init__(self, setting: Setting, chance: Chance, draws: Draws) -> None:
        self._entries: Mapping[str, Procedure] = setting.transfers
        self._chance, self._draws = chance, draws

    def stage(self, supplier: str, recipient: str, stage: str) -> Number | None:
        """The duration of one stage; of two wildcard pairs that fit, the supplier's wins."""
        for pair in (f"{supplier}-to-{recipient}", f"{supplier}-to-any", f"any-to-{recipient}", "any-to-any"):
            entry = self._entries.get(pair)
            if entry is not None and getattr(entry, stage) is not None:
                found: Number = getattr(entry, stage)
                return found
        return None

    def draw(self, route: Route, stage: str, month: int) -> PerRun:
        """The duration of a stage for the commitment of a month, in months.  [runs]"""
        said = self.stage(route.supplier, route.recipient, stage)
        return 0.0 if said is None else self.lasting(said, f"{route.name}.{stage}", month)

    def lasting(self, said: Number, entity: str, address: int) -> PerRun:
        """One duration in its range, drawn at its own address; the central value if such are taken.  [runs]"""
        return self._draws.anew(said, lambda: self._chance.uniform("delay", entity, address))

    def decision(self, route: Route, month: int) -> Whole:
        """Whole months until a government has decided on a case that opens this month.  [runs]"""
        return months_later(self.draw(route, "decision", month), REQUEST_DAY)

    def decided_in(self, route: Route, on: dt.date) -> Whole | int:
        """The month in which a government has decided on what was announced on a day.  [runs]"""
        announced = month_of(on)
        return announced + months_later(self.draw(route, "decision", announced), on.day - 1)

    def delays(self, route: Route, month: int) -> Delays:
        """The stages of a commitment of this month, on one clock that starts on the 15th."""
        durations = [self.draw(route, stage, month) for stage in ("contract", "handover", "transit")]
        return stages(durations, REQUEST_DAY)

    def longest(self) -> int:
        """Months that no transfer exceeds."""
        totals: list[float] = []
        for entry in self._entries.values():
            numbers = [getattr(entry, stage) for stage in ("decision", "contract", "handover", "transit")]
            totals.append(sum(max(number.high, number.value) for number in numbers if number is not None))
        return math.ceil(sum(sorted(totals)[-3:])) + 4


def stages(durations: Sequence[PerRun], day: int) -> Delays:
    """Cut a running sum of stage durations to whole months; goods arrive a month after commitment at the earliest.

    The hand-over is in the month before the arrival at the latest, so that goods are seen under way once.
    """
    contract = months_later(durations[0], day)
    handover = months_later(durations[0] + durations[1], day)
    arrival = np.maximum(months_later(durations[0] + durations[1] + durations[2], day), 1)
    return Delays(contract, np.minimum(handover, arrival - 1), arrival)


class Case:
    """The one standing request of a recipient to a supplier for a need: a monthly request changes it, adds no other.

    routes: the ways in which it may be met, by channel (a gift and a sale are one case), and the lanes of each
    waiting_until: the month in which the government has decided  [runs]
    """

    def __init__(self, routes: Sequence[Route], lanes: Mapping[str, list[int]], runs: int) -> None:
        self.supplier, self.recipient, self.need = routes[0].supplier, routes[0].recipient, routes[0].need
        self.routes = {route.channel: route for route in routes}
        self.lanes = dict(lanes)
        self.opened: Masks = np.zeros(runs, dtype=bool)
        self.waiting_until: Whole = np.zeros(runs, dtype=np.intp)
        self.last_moved: Whole = np.zeros(runs, dtype=np.intp)
        self.asked: Floats = np.zeros(runs)

    @property
    def route(self) -> Route:
        """The route on whose clock the government decides."""
        return next(iter(self.routes.values()))

    def ask(self, quantity: Floats, month: int, procedures: Procedures) -> None:
        """Publish this month's open quantity (equivalents); what opens a case starts its clock."""
        self.asked = quantity
        opening = (quantity > 0) & ~self.opened
        if opening.any():
            decided = month + procedures.decision(self.route, month)
            self.waiting_until = np.where(opening, decided, self.waiting_until)
            self.last_moved = np.where(opening, decided, self.last_moved)
            self.opened = self.opened | opening

    def matured(self, month: int) -> Masks:
        """Where the government has decided.  [runs]"""
        return self.opened & (self.waiting_until <= month)

    def close_where_idle(self, month: int, *, permitted: Masks) -> None:
        """A decision ends with the rule that allowed it, or when nothing has moved for a year."""
        self.opened = self.opened & (month - self.last_moved < IDLE_MONTHS) & permitted

    def moved(self, units: Floats, month: int) -> None:
        self.last_moved = np.where(units > 0, month, self.last_moved)

    def wait(self, where: Masks, month: int) -> None:
        """While a capital has not answered nothing is decided, and no year runs out."""
        self.last_moved = np.where(where, np.maximum(self.last_moved, month), self.last_moved)


class Shipments:
    """Lots on their way between states: committed until hand-over, under way until arrival.

    under_way: units that have left and not arrived   [lanes, runs]
    """

    def __init__(self, ledger: Ledger, lanes: Sequence[Lane], longest: int) -> None:
        self.ledger, self.lanes = ledger, tuple(lanes)
        self._of: dict[Route, list[int]] = {}
        self._along: dict[tuple[Route, str], list[int]] = {}
        self._to: dict[tuple[str, str], list[int]] = {}
        self._from: dict[int, list[int]] = {}
        for index, lane in enumerate(self.lanes):
            self._of.setdefault(lane.route, []).append(index)
            self._along.setdefault((lane.route, lane.item), []).append(index)
            self._to.setdefault((lane.route.recipient, lane.item), []).append(index)
            self._from.setdefault(lane.from_row, []).append(index)
        self._leaving = Ring(longest + 2, len(self.lanes), ledger.runs)
        self._arriving = Ring(longest + 2, len(self.lanes), ledger.runs)
        self.under_way: Floats = np.zeros((len(self.lanes), ledger.runs))
        self.arrived: Floats = np.zeros((len(self.lanes), ledger.runs))
        self.departed: Floats = np.zeros((len(self.lanes), ledger.runs))
        self._waiting: Floats = np.zeros((len(self.lanes), ledger.runs))
        self._lapsed: Floats = np.zeros((len(self.lanes), ledger.runs))

    def of(self, route: Route) -> list[int]:
        """All lanes of a route."""
        return self._of.get(route, [])

    @cached_property
    def backfill_lanes(self) -> list[int]:
        """The lanes on which backfill comes, promised, asked for or bought."""
        return [index for index, lane in enumerate(self.lanes) if lane.route.channel in BACKFILL]

    @cached_property
    def _by_item(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, lane in enumerate(self.lanes):
            found.setdefault(lane.item, []).append(index)
        return found

    def along(self, route: Route, item: str) -> list[int]:
        """The lanes of an item along a route, the freest origins first."""
        return self._along.get((route, item), [])

    def to(self, recipient: str, items: Iterable[str]) -> list[int]:
        """The lanes on which some items come to a state, in their order."""
        return sorted(lane for item in items for lane in self._to.get((recipient, item), []))

    @property
    def coming(self) -> Floats:
        """Units committed or under way on each lane, which the recipient may count on.  [lanes, runs]"""
        return self._arriving.inside

    def commit(
        self, lanes: Sequence[int], units: Floats, delays: Delays, month: int, opened: Sequence[Masks] | None = None
    ) -> Floats:
        """Put whole units of one item under contract, from the lots of these lanes, the freest origin first.

        Lots whose date will have come when they arrive are left alone.

        opened: where each lane is open; everywhere, if not said   [lanes], each [] or [runs]
        Returns what was committed on each lane  [lanes, runs]
        """
        rows = [self.lanes[lane].from_row for lane in lanes]
        free = self.ledger.free(rows)
        for index, mask in enumerate(opened or ()):
            free[index] = np.where(mask, free[index], 0.0)
        if self.ledger.ages:
            free *= month + delays.arrival < self.ledger.leaves[rows][:, np.newaxis]
        taken = take_in_order(free, units)
        for lane, row, amount in zip(lanes, rows, taken, strict=True):
            if amount.any():
                self.ledger.committed[row] += amount
                self._leaving.send(lane, amount, delays.handover, month)
                self._arriving.send(lane, amount, delays.arrival, month)
        return taken

    def release(self, lanes: Sequence[int], taken: Floats, handover: Whole, arrival: Whole, month: int) -> None:
        """Give lots free again that were committed, have not left and have not expired.

        taken: units on each lane  [lanes, runs]    handover, arrival: the months for which they were committed  [runs]
        """
        for lane, units in zip(lanes, taken, strict=True):
            amount = np.minimum(units, self._leaving.inside[lane])
            self.ledger.committed[self.lanes[lane].from_row] -= amount
            self._leaving.send(lane, -amount, handover - month, month)
            self._arriving.send(lane, -amount, arrival - month, month)

    def due_within(self, month: int, months: Whole, lanes: Sequence[int]) -> Floats:
        """Units on some lanes that arrive within some months.  [lanes, runs]"""
        return self._arriving.due_within(month, months, lanes)

    def arrive(self, month: int) -> None:
        """What is due this month and has left enters the stock of its new holder; the rest comes a month later."""
        due = self._arriving.arrive(month)
        self.arrived = np.minimum(due, self.under_way)
        late = due - self.arrived
        gone = np.minimum(late, self._lapsed)
        late, self._lapsed = late - gone, self._lapsed - gone
        for index in np.flatnonzero(due.any(axis=1)):
            self._arriving.send(int(index), late[index], 1, month)
            self.ledger.stock[self.lanes[index].to_row] += self.arrived[index]
        self.under_way -= self.arrived

    def depart(self, month: int, open_share: Callable[[str, str], float]) -> None:
        """What is due for hand-over leaves, less what a pause holds back or what is not there: that waits a month.

        A commitment of which nothing could leave for a year, because its giver has nothing left, lapses.

        open_share: the part of this month in which a supplier hands over to a recipient
        """
        due = self._leaving.arrive(month)
        self.departed = np.zeros_like(due)
        for index in map(int, np.flatnonzero(due.any(axis=1))):
            lane = self.lanes[index]
            self._hand_over(index, lane, due[index], open_share)
            held = due[index] - self.departed[index]
            self._leaving.send(index, held - self._lapse(index, lane, held), 1, month)

    def _lapse(self, index: int, lane: Lane, held: Floats) -> Floats:
        """What is given up of what could not leave: all of it, after a year in which nothing left.  [runs]"""
        stuck = (held > 0) & (self.ledger.stock[lane.from_row] == 0)
        waiting = np.where(stuck, self._waiting[index] + 1, 0.0)
        over = waiting >= IDLE_MONTHS
        self._waiting[index] = np.where(over, 0.0, waiting)
        lapsed = np.where(over, held, 0.0)
        self._lapsed[index] += lapsed
        self.ledger.committed[lane.from_row] -= lapsed
        return lapsed

    def _hand_over(self, index: int, lane: Lane, due: Floats, open_share: Callable[[str, str], float]) -> None:
        share = open_share(lane.route.supplier, lane.route.recipient)
        allowed = due if share == 1.0 else np.floor(due * share + 0.5)
        gone = np.minimum(allowed, self.ledger.stock[lane.from_row])
        self.departed[index] = gone
        self.ledger.stock[lane.from_row] -= gone
        self.ledger.committed[lane.from_row] -= gone
        self.under_way[index] += gone

    def cancel(self, row: int, month: int) -> None:
        """Whatever is under contract of a lot and has not left lapses; recipients no longer count on it."""
        if not self.ledger.committed[row].any():
            return
        for index in self._from.get(row, ()):
            held = self._leaving.clear(index)
            self._arriving.cut(index, held, month)
            self._waiting[index] = 0.0
        self.ledger.committed[row] = 0.0

    def by_item(self) -> dict[str, Floats]:
        """Units under way of each item.  [runs]"""
        return {item: sum_rows(self.under_way[lanes]) for item, lanes in self._by_item.items()}
