"""States in one run: what they hold, what they keep back, what they ask for and offer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import mesa
from scipy import special

from backfill import blueprint
from backfill.chance import SMALLEST
from backfill.scenario import schema
from scalar_world.arithmetic import ROUNDING

if TYPE_CHECKING:
    from scalar_world.lines import Line
    from scalar_world.world import ScalarWorld


class Stance(mesa.Agent):
    """A state in one run, towards the one need of the small world."""

    def __init__(self, world: ScalarWorld, state: str, entry: schema.State) -> None:
        super().__init__(world)
        self.world, self.state, self.entry = world, state, entry
        self.items = [item for item in world.needs[world.need] if world.rows(state, item)]
        self.worth = {item: world.of(world.setting.needs[world.need].worth[item]) for item in self.items}
        self.least_worth_first = sorted(self.items, key=lambda item: self.worth[item])
        self.release, self.will_mean = self.value("release", 1.0), self.value("will", 1.0)
        self.look_ahead, self.ahead = round(self.value("look_ahead", 12.0)), round(self.value("fire_units_ahead"))
        self.floor_share, self.crisis_slope = self.value("floor"), self.value("floor_in_crisis")
        self.anticipation, self.cover = self.value("anticipation"), self.value("cover")
        self.persistence, self.spread = self.value("persistence"), self.value("spread")
        self.training, self.requirement = self.value("training"), self.value("requirement")
        if entry.readiness is not None:
            self.requirement = self.equivalents() / world.of(entry.readiness)
        self.load = self.rounds_for_a_fire_unit()
        self.share = world.of(entry.doctrine.share) if entry.doctrine and entry.doctrine.share else 1.0
        self.deviation = {"gift": 0.0, "sale": 0.0}
        self.will = {"gift": self.will_mean, "sale": self.will_mean}
        self.headroom, self.headroom_left, self.inflow, self.training_left = 0.0, 0.0, 0.0, 0.0
        self.left, self.fraction, self.offering = 0.0, 0.0, False
        held = [worth for item, worth in self.worth.items() if item in self.items and worth > 0]
        self.largest_worth = max(held, default=1.0)
        self.can_engage, self.target, self.shortfall, self.asked = True, 0.0, 0.0, 0.0
        self.donors = blueprint.donors_of(world.setting, state, world.need)
        self.is_asked = any(
            state in blueprint.donors_of(world.setting, other, world.need) for other in world.setting.states
        )
        self.tension = 0.0

    def value(self, name: str, otherwise: float = 0.0) -> float:
        number = getattr(self.entry, name)
        return otherwise if number is None else self.world.of(number)

    def rounds_for_a_fire_unit(self) -> float:
        rounds, items = self.value("load"), self.entry.load_in or ()
        return rounds * sum(self.worth[item] for item in items) / len(items) if items else rounds

    def fire_units_in(self, month: int) -> float:
        return self.world.at(self.entry.fire_units or {}, month)

    def equivalents(self) -> float:
        total = 0.0
        for item in self.items:
            total += self.worth[item] * sum(self.world.stock[row] for row in self.world.rows(self.state, item))
        return total

    def free_equivalents(self) -> float:
        total = 0.0
        for item in self.items:
            total += self.worth[item] * sum(self.world.free(row) for row in self.world.rows(self.state, item))
        return total

    def minimum(self) -> float:
        number = self.entry.minimum
        if number is None:
            return 0.0
        return self.world.of(number) * (self.requirement if self.world.draws.is_share(number) else 1.0)

    def floor(self) -> float:
        return (self.floor_share + self.crisis_slope * self.tension) * self.requirement

    def use(self, wanted: float, order: Sequence[str], *, uncommitted: bool = False) -> float:
        left = wanted
        for restricted in (True, False):
            for item in order:
                for row in self.world.rows(self.state, item):
                    if self.world.restricted(row) is restricted and self.worth[item] > 0:
                        asked = math.ceil(max(left, 0.0) / max(self.worth[item], ROUNDING) - ROUNDING)
                        units = min(self.world.free(row) if uncommitted else self.world.stock[row], asked)
                        self.world.stock[row] -= units
                        left -= units * self.worth[item]
        return wanted - max(left, 0.0)

    def open_month(self) -> None:
        self.inflow = 0.0
        self.can_engage = self.entry.fire_units is None or self.fire_units_in(self.world.month) > 0

    def train(self) -> None:
        if self.training > 0:
            due = self.training_left + self.training
            before = self.equivalents()
            self.use(max(float(math.floor(due)), 0.0), self.least_worth_first, uncommitted=True)
            self.training_left = min(due - (before - self.equivalents()), 1.0)

    def assess(self) -> None:
        theatres = [theatre for theatre in self.world.theatres if self.state in theatre.entry.fighting]
        self.tension = max((theatre.tension for theatre in theatres), default=0.0)
        expected = sum((theatre.expected for theatre in theatres), 0.0)
        if self.donors:
            self.aim(expected)
        if self.is_asked:
            self.judge_headroom(expected)

    def aim(self, expected: float) -> None:
        month = self.world.month
        expected = expected if self.can_engage else 0.0
        self.target = max(self.cover * expected, self.load * self.fire_units_in(month + self.ahead))
        self.shortfall = max(self.target - self.equivalents(), 0.0)

    def judge_headroom(self, expected: float) -> None:
        own_use = self.look_ahead * (self.training + expected)
        own_deliveries = self.due_from_lines(self.look_ahead)
        promised = 0.0
        for promise in self.world.promises:
            if promise.event.to == self.state:
                promised += self.worth[promise.event.item] * promise.expected(self.world.month, self.look_ahead)
        stock = self.free_equivalents()
        kept = stock - max(own_use - own_deliveries, 0.0)
        kept += self.anticipation * promised - self.floor()
        self.headroom = self.headroom_left = max(min(stock - self.minimum(), kept), 0.0)
        for channel in self.will:
            self.change_will(channel)

    def change_will(self, channel: str) -> None:
        if self.spread > 0:
            address = f"{self.state}.{self.world.need}.{channel}"
            uniform = self.world.uniform("will", address, self.world.month)
            step = self.spread * math.sqrt(1.0 - self.persistence * self.persistence)
            noise = float(special.ndtri(max(uniform, SMALLEST)))
            self.deviation[channel] = self.persistence * self.deviation[channel] + step * noise
        self.will[channel] = float(special.expit(special.logit(self.will_mean) + self.deviation[channel]))

    @property
    def gives_headroom(self) -> bool:
        return self.entry.doctrine is not None and self.entry.doctrine.kind == "headroom"

    def let_go(self) -> None:
        """What it lets go this month, in equivalents: computed once, then drawn down."""
        offered = self.offer()
        self.offering = offered > 0
        self.left = self.fraction + offered if self.offering else 0.0

    def offer(self) -> float:
        if self.entry.doctrine is not None and self.entry.doctrine.kind == "flow":
            return self.will["gift"] * self.share * self.inflow
        return self.will["gift"] * self.release * self.headroom_left

    def own_accounts(self) -> Iterator[tuple[Line, int, float]]:
        for line in self.world.finished_lines:
            if line.item in self.items:
                for account, customer in enumerate(line.customers):
                    if customer == self.state:
                        yield line, account, self.worth[line.item]

    def due_from_lines(self, months: int) -> float:
        total = 0.0
        for line, account, worth in self.own_accounts():
            total += worth * line.due_within(account, months)
        return total

    def request(self) -> None:
        if not self.donors:
            return
        self.asked = self.missing()
        for case in self.world.cases:
            case.ask(self.asked)

    def missing(self) -> float:
        coming = 0.0
        for lane, units in zip(self.world.lanes, self.world.coming, strict=True):
            if lane.route.recipient == self.state:
                coming += self.worth[lane.item] * units
        for line, account, worth in self.own_accounts():
            coming += worth * (line.underway[account] + line.outbound[account])
        coming += self.due_from_lines(round(self.cover))
        return max(self.target - self.equivalents() - coming, 0.0)
