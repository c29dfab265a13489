"""Why not more? What an asking state lacks at the end of a month, each part of it charged to exactly one cause.

The order is a convention, not a marginal effect: what is under way comes first, then what the suppliers' gates keep
back, charged from the last gate to the first, then what lines do not deliver, and the rest is stock that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from backfill.agents.giving import Giving
from backfill.agents.position import Position
from backfill.arrays import Floats, Masks, PerRun
from backfill.kernels.production import COMPONENT, ORDERS
from backfill.passing.transfers import GIVEN_BY, Case

if TYPE_CHECKING:
    from backfill.world import World

AID, BACKFILL = "aid", "backfill"
CHANNELS = {AID: ("gift", "sale"), BACKFILL: ("backfill", "bought")}
"""What may be asked for, and the channels through which it may come."""

UNDER_WAY = ("transit", "procedure")
GATES = ("rule", "consent", "decision", "floor", "will", "strings", "money")
"""What keeps a supplier's stock back, in the order in which a unit meets it."""
LINES = ("component", "capacity", "queue")
CAUSES = (*UNDER_WAY, *GATES, *LINES, "stock")

GRAIN = 256.0
"""Equivalents are charged in 256ths, of which sums are exact."""


class Causes:
    """The charges of one month, for one state, one need and what it asks for.

    short:   equivalents that are missing, in whole 256ths                        [runs]
    charged: the same by cause; the causes add up to `short` exactly              [causes, runs]
    """

    def __init__(self, world: World, position: Position, asked_for: str) -> None:
        self.world, self.position = world, position
        self.channels = CHANNELS[asked_for]
        self.asked_for = asked_for
        self.cases = list(dict.fromkeys(case for name in self.channels for case in world.cases_of(position, name)))
        self._month, self._assigned = -1, (position.zeros(), position.zeros())

    @property
    def short(self) -> Floats:
        """Equivalents that are missing at the end of this month.  [runs]"""
        return self._of_this_month()[0]

    @property
    def charged(self) -> Floats:
        """What each cause has of them.  [causes, runs]"""
        return self._of_this_month()[1]

    def _of_this_month(self) -> tuple[Floats, Floats]:
        if self._month != self.world.month:
            self._month, self._assigned = self.world.month, self._assign()
        return self._assigned

    def _assign(self) -> tuple[Floats, Floats]:
        """What is missing now, and what each cause has of it.  [runs], [causes, runs]"""
        level = self.position.target if self.asked_for == AID else self.position.objective
        short = in_grains(np.maximum(level - self.position.equivalents(), 0.0))
        charges = dict.fromkeys(CAUSES, np.zeros(self.world.runs))
        left = short
        for cause, most in self._claims():
            charges[cause] = np.minimum(left, in_grains(most))
            left = left - charges[cause]
        charges["stock"] = left
        return short, np.array([charges[cause] for cause in CAUSES])

    def _claims(self) -> Iterator[tuple[str, Floats]]:
        """What each cause may have at most, in the order in which it is charged.  [runs] each"""
        yield from self._under_way()
        cuts = [cut_by_gates(self.world, self.position, case, self.channels) for case in self.cases]
        for number, gate in reversed(list(enumerate(GATES))):
            kept_back = [cut[number] for cut in cuts]
            yield gate, self._total([*kept_back, self._barred_at_lines()] if gate == "rule" else kept_back)
        yield from self._at_lines()

    def _total(self, parts: Sequence[Floats]) -> Floats:
        total = self.position.zeros()
        for part in parts:
            total = total + part
        return total

    def _under_way(self) -> Iterator[tuple[str, Floats]]:
        """What has left for this state, and what is under contract for it and has not left."""
        shipped = self.world.census.under_way(self.position)
        yield "transit", shipped
        yield "procedure", np.maximum(self.world.census.coming(self.position) - shipped, 0.0)

    def _barred_at_lines(self) -> Floats:
        """Its orders that are due and that the rules of a line's state do not let out.  [runs]"""
        total = self.position.zeros()
        for line, account, worth in self.world.census.accounts_of(self.position):
            due = line.book.overdue_of(account, self.world.index)
            total += worth * np.where(line.deliveries.bars(account, self.world.index), due, 0.0)
        return total

    def _at_lines(self) -> Iterator[tuple[str, Floats]]:
        """Its orders that are due, let out and not delivered, by what bound the line, and those that wait."""
        late = {"component": self.position.zeros(), "capacity": self.position.zeros()}
        waiting = self.position.zeros()
        for line, account, worth in self.world.census.accounts_of(self.position):
            overdue = worth * line.book.overdue_of(account, self.world.index)
            waiting += worth * line.book.still_open(account) - overdue
            due = np.where(line.deliveries.bars(account, self.world.index), 0.0, overdue)
            late["component"] += np.where(line.bound == COMPONENT, due, 0.0)
            late["capacity"] += np.where((line.bound != COMPONENT) & (line.bound != ORDERS), due, 0.0)
            waiting += np.where(line.bound == ORDERS, due, 0.0)
        yield from late.items()
        yield "queue", waiting


def in_grains(equivalents: Floats) -> Floats:
    """Equivalents in whole 256ths.

    >>> float(in_grains(np.array([0.3]))[0])
    0.30078125
    """
    return np.rint(equivalents * GRAIN) / GRAIN


def cut_by_gates(world: World, recipient: Position, case: Case, channels: Sequence[str]) -> list[Floats]:
    """What each gate keeps back of one supplier's uncommitted stock above its minimum, in equivalents.

    Each gate lets pass at most so much of what passed the one before it; strings are lots that came under conditions
    which bar them from going on, all other lots that the law bars are cut by the rule.  [gates], each [runs]
    """
    supplier = world.positions.get((case.supplier, case.need))
    if supplier is None:
        return [np.zeros(world.runs) for _gate in GATES]
    lots = _Lots(world, case, supplier)
    ways = [supplier.giving[GIVEN_BY[name]] for name in channels if name in case.routes]
    passing = [np.maximum(lots.free - supplier.minimum(), 0.0)]
    for most in (
        lots.free - lots.barred,
        lots.consented,
        np.where(case.matured(world.month) | ~world.case_permitted(case), np.inf, 0.0),
        _above_floor(world, supplier, ways),
        _let_go(world, case, ways),
        lots.open,
        _payable(world, recipient, case, channels),
    ):
        passing.append(np.minimum(passing[-1], most))
    cuts = [before - after for before, after in pairwise(passing)]
    cuts[GATES.index("will")] = cuts[GATES.index("will")] + passing[-1]
    return cuts


class _Lots:
    """A supplier's uncommitted lots in one case, in equivalents: all, barred, consented, open.  [runs] each

    consented: all but the barred and those whose consents are not in hand      open: free to go in every respect
    """

    def __init__(self, world: World, case: Case, supplier: Position) -> None:
        self.free, self.barred, self.open, pending = (supplier.zeros() for _ in range(4))
        lanes = [lane for lanes in case.lanes.values() for lane in lanes]
        lawful = self._rows(world, lanes, [world.shipments.lanes[lane].open_at(world.index) for lane in lanes])
        opened = self._rows(world, lanes, world.opened(lanes))
        for worth, rows in zip(supplier.worth, supplier.rows, strict=True):
            for row in rows:
                units = worth * world.ledger.free([row])[0]
                legal, passes = (where.get(row, np.asarray(a=False)) for where in (lawful, opened))
                self.free += units
                self.open += np.where(passes, units, 0.0)
                pending += np.where(legal & ~passes, units, 0.0)
                if not supplier.restricted[row]:
                    self.barred += np.where(legal, 0.0, units)
        self.consented = self.free - self.barred - pending

    def _rows(self, world: World, lanes: Sequence[int], masks: Sequence[Masks]) -> dict[int, Masks]:
        """Where each lot passes along some lane of the case this month."""
        rows: dict[int, Masks] = {}
        for lane, mask in zip(lanes, masks, strict=True):
            row = world.shipments.lanes[lane].from_row
            rows[row] = rows.get(row, np.asarray(a=False)) | mask
        return rows


def _open_ways(world: World, ways: Sequence[Giving]) -> list[Giving]:
    return [way for way in ways if way.open_in(world.month)]


def _above_floor(world: World, supplier: Position, ways: Sequence[Giving]) -> PerRun:
    """What lies above the floor, if every open channel gives from headroom.  [runs]"""
    kinds = {way.doctrine.kind for way in _open_ways(world, ways)}
    return supplier.headroom_left if kinds == {"headroom"} else np.inf


def _let_go(world: World, case: Case, ways: Sequence[Giving]) -> Floats:
    """What is left of this month's offers: nothing through a channel that is closed or during a pause.  [runs]"""
    total = np.zeros(world.runs)
    for way in _open_ways(world, ways):
        total = np.maximum(total, way.left * world.open_share(case.supplier, case.recipient))
    return total


def _payable(world: World, recipient: Position, case: Case, channels: Sequence[str]) -> PerRun:
    """What there is money for: gifts within their authority, sales within their budgets.  [runs]"""
    gift = world.authorities_for(case.supplier, case.recipient)
    if channels[0] in case.routes and not gift:
        return np.inf
    total = np.zeros(world.runs)
    for budget in world.budgets_for(recipient):
        if budget.event.buys_from == case.supplier:
            total = total + budget.affordable_from_stock()
    if channels[0] in case.routes:
        most = [np.minimum.reduce([authority.affordable(item) for authority in gift]) for item in recipient.items]
        total = total + np.maximum.reduce(most)
    return total


def causes_of(world: World) -> list[Causes]:
    """One for each state and need that asks for aid, and for each that asks for backfill."""
    positions = world.positions.values()
    aided = [Causes(world, position, AID) for position in positions if position.asks_for_aid]
    return aided + [Causes(world, position, BACKFILL) for position in positions if position.asks_for_backfill]
