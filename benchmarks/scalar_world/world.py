"""The world in one run, month by month."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import mesa

from backfill import blueprint
from backfill.chance import Chance
from backfill.months import days_in, last_day
from backfill.numbers import Draws
from backfill.passing.gate import Gate
from backfill.passing.transfers import IDLE_MONTHS, Lane, Route
from backfill.reading.number import Number
from backfill.scenario import schema
from backfill.scenario.schema import Setting
from backfill.stock.expiry import Expiry
from backfill.stock.ledger import Ledger
from scalar_world.arithmetic import MID_MONTH, ROUNDING, months_later, triangular
from scalar_world.lines import Maker
from scalar_world.states import Stance
from scalar_world.theatres import Shock, Theatre
from scalar_world.transfers import Case, Delays, Pledge, Promise


class ScalarWorld(mesa.Model):
    """One replication of an arm of the small world.

    recorded: for each outcome and row, one number a month
    """

    STAGES: ClassVar = ("contract", "handover", "transit")

    def __init__(self, setting: Setting, numbers: dict[str, Number], seed: int, replication: int) -> None:
        super().__init__(rng=0)
        self.setting = setting
        self.first, self.last = setting.horizon
        self.month = self.first
        self.chance = Chance(seed, [replication])
        self.draws = Draws(self.chance, numbers)
        self._values: dict[str, float] = {}
        leads = [line.lead_time for _name, _state, line in blueprint.lines_of(setting) if line.lead_time]
        self.slots = self.last - self.first + 1 + max(round(self.of(lead)) for lead in leads) + 1
        self.needs = blueprint.needs_of(setting)
        self.need = blueprint.need_of(setting, setting.roles.items[0])
        self._raise_lots()
        self._raise_agents()
        self.recorded: dict[tuple[str, ...], list[float]] = defaultdict(list)

    def _raise_lots(self) -> None:
        gate, routes = Gate(self.setting), blueprint.routes_of(self.setting)
        licensors = {name: item.licensor for name, item in self.setting.items.items() if item.licensor}
        expiry = Expiry(self.setting, self.draws)
        self.ledger = Ledger(blueprint.lots_of(self.setting, gate, routes, expiry), licensors, 1)
        self.lots = self.ledger.lots
        self._rows: dict[tuple[str, str], list[int]] = {}
        self._foreign = [lot.origin not in (lot.holder, licensors.get(lot.item)) for lot in self.lots]
        self.lanes: list[Lane] = blueprint.lanes_of(self.setting, gate, self.ledger, routes)
        self._lanes_of: dict[tuple[Route, str], list[int]] = defaultdict(list)
        for index, lane in enumerate(self.lanes):
            self._lanes_of[lane.route, lane.item].append(index)
        self.stock, self.committed = [0.0] * len(self.lots), [0.0] * len(self.lots)
        self.coming, self.under_way, self.arrived = ([0.0] * len(self.lanes) for _ in range(3))
        self.waiting, self.lapsed = [0] * len(self.lanes), [0.0] * len(self.lanes)
        self.leaving: dict[int, list[float]] = defaultdict(lambda: [0.0] * len(self.lanes))
        self.arriving: dict[int, list[float]] = defaultdict(lambda: [0.0] * len(self.lanes))
        for state, entry in self.setting.states.items():
            for item, holding in entry.items.items():
                if holding.stock is not None:
                    row = self.row(state, item, blueprint.first_origin(self.setting, state, item))
                    self.stock[row] += round(self.of(holding.stock))

    def _raise_agents(self) -> None:
        setting = self.setting
        promises = {name: event for name, event in setting.events.items() if isinstance(event, schema.Promise)}
        self.promises = [Promise(self, name, event) for name, event in promises.items()]
        self.pledges = [Pledge(self, event) for event in blueprint.events(setting, schema.Pledge)]
        self.shocks = [Shock(self, event) for event in blueprint.events(setting, schema.Shock)]
        self.pauses = blueprint.events(setting, schema.Pause)
        self.theatres = [Theatre(self, name, entry) for name, entry in setting.conflicts.items()]
        self.stances = {code: Stance(self, code, entry) for code, entry in setting.states.items()}
        makers = [Maker(self, name, entry) for name, entry in setting.manufacturers.items()]
        lines = [line for maker in makers for line in maker.lines]
        self.finished_lines = [line for line in lines if line.finished]
        self.component_lines = [line for line in lines if not line.finished]
        gifts = [route for route in blueprint.routes_of(setting) if route.channel == "gift" and route.need == self.need]
        self.cases = [Case(self, route) for route in sorted(gifts, key=lambda route: route.supplier)]

    # --- what things are ------------------------------------------------------------------------------------------

    def of(self, number: Number) -> float:
        if not number.ranged and not number.same_as:
            return number.value
        known = self._values.get(number.path)
        if known is None:
            drawn: Any = self.draws.of(number)
            known = self._values[number.path] = drawn if isinstance(drawn, float) else float(drawn[0])
        return known

    def dated(self, numbers: dict[int, Number], month: int) -> Number | None:
        begun = [since for since in numbers if since <= month]
        return numbers[max(begun)] if begun else None

    def at(self, numbers: dict[int, Number], month: int) -> float:
        number = self.dated(numbers, month)
        return 0.0 if number is None else self.of(number)

    def uniform(self, stream: str, entity: str, month: int) -> float:
        return float(self.chance.uniform(stream, entity, month)[0])

    def rows(self, holder: str, item: str) -> list[int]:
        if (holder, item) not in self._rows:
            self._rows[holder, item] = self.ledger.rows(holder, item)
        return self._rows[holder, item]

    def row(self, holder: str, item: str, origin: str) -> int:
        return self.ledger.row(holder, item, origin)

    def restricted(self, row: int) -> bool:
        return self._foreign[row]

    def free(self, row: int) -> float:
        return max(self.stock[row] - self.committed[row], 0.0)

    @property
    def index(self) -> int:
        return self.month - self.first

    def open_share(self, supplier: str, recipient: str) -> float:
        share = 1.0
        for pause in self.pauses:
            if pause.state == supplier and pause.to in (None, recipient):
                begins = last_day(self.month).replace(day=1)
                stop = min(last_day(self.month).toordinal() + 1, pause.until.toordinal())
                days = stop - max(begins.toordinal(), pause.since.toordinal())
                share -= max(days, 0) / days_in(self.month)
        return max(share, 0.0)

    def received(self, state: str, item: str, units: float) -> None:
        self.stances[state].inflow += self.stances[state].worth[item] * units

    # --- transfers ------------------------------------------------------------------------------------------------

    def duration(self, route: Route, stage: str) -> float:
        for pair in (f"{route.supplier}-to-{route.recipient}", "any-to-any"):
            entry = self.setting.transfers.get(pair)
            number = None if entry is None else getattr(entry, stage)
            if number is not None and number.ranged:
                return triangular(self.uniform("delay", f"{route.name}.{stage}", self.month), number)
            if number is not None:
                return float(number.value)
        return 0.0

    def delays(self, route: Route, day: int = MID_MONTH) -> Delays:
        contract, handover, transit = (self.duration(route, stage) for stage in self.STAGES)
        arrival = max(months_later(contract + handover + transit, day), 1)
        return Delays(months_later(contract, day), min(months_later(contract + handover, day), arrival - 1), arrival)

    def lanes_along(self, route: Route, item: str) -> list[int]:
        return self._lanes_of[route, item]

    def commit(self, route: Route, item: str, units: float, delays: Delays) -> float:
        left = units
        for lane in self._lanes_of[route, item]:
            row = self.lanes[lane].from_row
            taken = min(self.free(row), left)
            if taken:
                self.committed[row] += taken
                self.leaving[self.month + delays.handover][lane] += taken
                self.arriving[self.month + delays.arrival][lane] += taken
                self.coming[lane] += taken
                left -= taken
        return units - left

    def commit_dated(self, route: Route, item: str, units: float, delays: Delays) -> float:
        giver = self.stances[route.supplier]
        worth = max(giver.worth[item], ROUNDING)
        spare = math.floor(max(giver.free_equivalents() - giver.minimum(), 0.0) / worth + ROUNDING)
        taken = self.commit(route, item, min(units, spare), delays)
        giver.headroom_left = max(giver.headroom_left - taken * worth, 0.0)
        return taken

    # --- the month ------------------------------------------------------------------------------------------------

    def step(self) -> None:
        for stance in self.stances.values():
            stance.open_month()
        self.agents_by_type[Theatre].do("escalate")
        self.produce()
        self.arrive()
        for shock in self.shocks:
            shock.strike()
        self.agents_by_type[Theatre].do("consume")
        self.agents_by_type[Stance].do("train")
        self.agents_by_type[Stance].do("assess")
        for line in self.finished_lines:
            line.order(self.index)
        self.agents_by_type[Stance].do("request")
        for case in self.cases:
            case.close_where_idle()
        self.allocate()
        self.ship()
        self.record()

    def run(self) -> dict[tuple[str, ...], list[float]]:
        for month in range(self.first, self.last + 1):
            self.month = month
            self.step()
        return self.recorded

    def produce(self) -> None:
        for line in self.component_lines:
            line.supply_components([taker for taker in self.finished_lines if line.item in taker.needs], self.index)
        for line in self.finished_lines:
            line.run(self.index)

    def arrive(self) -> None:
        due = self.arriving.pop(self.month, [0.0] * len(self.lanes))
        for index, lane in enumerate(self.lanes):
            self.arrived[index] = came = min(due[index], self.under_way[index])
            never = min(due[index] - came, self.lapsed[index])
            self.lapsed[index] -= never
            self.arriving[self.month + 1][index] += due[index] - came - never
            self.coming[index] -= came + never
            self.under_way[index] -= came
            self.stock[lane.to_row] += came
            if lane.route.channel == "promise":
                self.received(lane.route.recipient, lane.item, came)
        for promise in self.promises:
            for index in self._lanes_of[promise.route, promise.event.item]:
                promise.delivered += self.arrived[index]
        for line in self.finished_lines:
            line.arrive()

    def allocate(self) -> None:
        for promise in self.promises:
            promise.commit()
        for pledge in self.pledges:
            pledge.commit()
        recipient = self.stances[self.setting.roles.aided]
        for stance in self.stances.values():
            if stance.is_asked:
                stance.let_go()
        offers = [case for case in self.cases if case.opened]
        for case in offers:
            case.make_offer()
        total = 0.0
        for case in offers:
            total += case.amount
        self.share_need(recipient, offers, total)

    def share_need(self, recipient: Stance, offers: Sequence[Case], total: float) -> None:
        """In proportion; what rounding left over goes where the largest part of a unit was left."""
        need, given, more = recipient.missing(), 0.0, 0.0
        delays = {case: self.delays(case.route) for case in offers}
        portions = {case: need * (case.amount / total if total > 0 else 0.0) for case in offers}
        for case in offers:
            case.hand_out(recipient, portions[case], delays[case])
            given += case.given
        unserved = {case: portions[case] - case.given for case in offers}
        for case in sorted(offers, key=lambda case: -unserved[case]):
            before = case.given
            case.hand_out(recipient, max(need - given - more, 0.0), delays[case])
            more = more + case.given - before
        for case in offers:
            case.close()

    def ship(self) -> None:
        due = self.leaving.pop(self.month, None)
        if due is None:
            return
        for index, lane in enumerate(self.lanes):
            if due[index]:
                share = self.open_share(lane.route.supplier, lane.route.recipient)
                allowed = due[index] if share == 1.0 else math.floor(due[index] * share + 0.5)
                gone = min(allowed, self.stock[lane.from_row])
                self.stock[lane.from_row] -= gone
                self.committed[lane.from_row] -= gone
                self.under_way[index] += gone
                held = due[index] - gone
                self.leaving[self.month + 1][index] += held - self.lapse(index, held)

    def lapse(self, index: int, held: float) -> float:
        """What is given up of what could not leave: all of it, after a year in which nothing was there."""
        self.waiting[index] = self.waiting[index] + 1 if held > 0 and self.stock[self.lanes[index].from_row] == 0 else 0
        if self.waiting[index] < IDLE_MONTHS:
            return 0.0
        self.waiting[index] = 0
        self.lapsed[index] += held
        self.committed[self.lanes[index].from_row] -= held
        return held

    # --- what is written down -------------------------------------------------------------------------------------

    def record(self) -> None:
        for key, value in self.observed():
            self.recorded[key].append(value)

    def observed(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """The outcomes of the package, in its names, for the states of the question."""
        roles = self.setting.roles
        for state in (roles.donor, roles.backfiller, roles.aided):
            stance = self.stances[state]
            for item in self.setting.roles.items:
                for row in self.rows(state, item):
                    yield ("stock", state, item, self.lots[row].origin), self.stock[row]
            yield ("position", state), stance.equivalents()
            yield ("floor", state), stance.floor()
            yield ("requirement", state), stance.requirement
            yield ("headroom", state), stance.headroom
        yield from self.observed_aid(self.stances[roles.aided])
        for line in (*self.component_lines, *self.finished_lines):
            yield ("produced", line.name), line.built
            yield ("bound", line.name), line.bound
        for theatre in self.theatres:
            yield ("tension", theatre.name), theatre.tension
        for channel, will in self.stances[roles.donor].will.items():
            yield ("will", channel), will
        yield ("delivered",), sum(promise.delivered for promise in self.promises)

    def observed_aid(self, aided: Stance) -> Iterator[tuple[tuple[str, ...], float]]:
        for item in self.setting.roles.items:
            for row in self.rows(aided.state, item):
                lot = self.lots[row]
                lanes = [i for i, lane in enumerate(self.lanes) if lane.to_row == row]
                came = sum(self.arrived[lane] for lane in lanes)
                for line in self.finished_lines:
                    if (line.item, line.state) == (item, lot.origin):
                        came += sum(
                            units
                            for customer, units in zip(line.customers, line.arrived, strict=True)
                            if customer == aided.state
                        )
                yield ("aid", aided.state, item, lot.origin), came
        theatres = [theatre for theatre in self.theatres if aided.state in theatre.entry.fighting]
        yield ("target", aided.state), aided.target
        yield ("shortfall", aided.state), aided.shortfall
        yield ("demand", aided.state), sum(theatre.demand for theatre in theatres)
        yield ("unmet", aided.state), sum(theatre.demand - theatre.met for theatre in theatres)
