"""The world, month by month. Start reading at `World.step`: it is the table of contents of the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from typing import cast

import mesa
import numpy as np

from backfill import blueprint
from backfill.agents.conflict import Conflict
from backfill.agents.manufacturer import Manufacturer
from backfill.agents.position import Position
from backfill.agents.state import State
from backfill.arrays import Floats, Masks, sum_rows
from backfill.census import Census
from backfill.chance import Chance
from backfill.founding import found, longest_lead
from backfill.giving.allocation import Allocation, whole_units
from backfill.giving.pledges import Pledge
from backfill.giving.promises import Promise
from backfill.lines.line import Line
from backfill.lines.materials import BillOfMaterials
from backfill.months import label, month_of, share_of_month
from backfill.numbers import NOTHING_VARIES, Draws, Varied
from backfill.ordering.money import Authority, Budget
from backfill.ordering.procurement import Purchasing
from backfill.ordering.queues import Allowance
from backfill.passing.consent import EVEN, Consents, Question
from backfill.passing.gate import Gate
from backfill.passing.transfers import Case, Delays, Procedures, Route, Shipments
from backfill.reading.number import Number
from backfill.records.outline import outcomes_of
from backfill.records.recorder import Recorder
from backfill.scenario import schema
from backfill.scenario.schema import Setting
from backfill.stock.expiry import Expiry
from backfill.stock.ledger import Ledger
from backfill.stock.shocks import Shock


class World(mesa.Model):
    """One arm of a scenario in a block of runs: what differs from run to run are numbers, nothing else.

    setting:       the resolved scenario of one arm
    replications:  which random futures; replication i is the same run alone and in any block
    varied:        numbers that are not those of the setting in every run, by path: points of a design side by side
    """

    gate: Gate
    ledger: Ledger
    expiry: Expiry
    conflicts: list[Conflict]
    shipments: Shipments
    cases: list[Case]
    consents: Consents
    promises: list[Promise]
    pledges: list[Pledge]
    shocks: list[Shock]
    budgets: dict[str, Budget]
    authorities: dict[str, Authority]
    manufacturers: list[Manufacturer]
    finished_lines: list[Line]
    component_lines: list[Line]
    repriced: list[tuple[Budget, Line]]
    materials: BillOfMaterials
    purchasing: list[Purchasing]
    theatres: mesa.agent.AgentSet
    governments: mesa.agent.AgentSet
    actors: mesa.agent.AgentSet
    allocation: Allocation

    def __init__(
        self,
        setting: Setting,
        replications: Sequence[int] | range,
        seed: int,
        numbers: Mapping[str, Number],
        *,
        central: bool = False,
        keep: Sequence[str] | None = None,
        varied: Mapping[str, Varied] = NOTHING_VARIES,
        luck: type[Chance] = Chance,
    ) -> None:
        super().__init__(rng=0)
        self.setting, self.runs = setting, len(replications)
        self.first, self.last = setting.horizon
        self.month = self.first
        self.chance = luck(seed, replications)
        self.draws = Draws(self.chance, numbers, central=central, varied=varied)
        self.procedures = Procedures(setting, self.chance, self.draws)
        self.slots = self.last - self.first + 1 + longest_lead(setting, self.draws)
        self.needs = blueprint.needs_of(setting)
        self._need_of = {item: need for need, items in self.needs.items() for item in (need, *items)}
        self.census = Census(self)
        self.positions: dict[tuple[str, str], Position] = {}
        self.new_orders: list[tuple[Line, int, Floats]] = []
        self.allowances: dict[str, Allowance] = {}
        found(self)
        self._requests = self._by_request()
        self.recorder = Recorder(outcomes_of(self, keep), self.last - self.first + 1, self.runs)

    # --- the month --------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One month, in the order in which it is lived; actors whom a user added act last in each phase."""
        self.apply_events()
        self.escalate()
        self.produce()
        self.arrive()
        self.consume()
        self.assess()
        self.order()
        self.request()
        self.authorise()
        self.allocate()
        self.ship()
        self.record()

    def run(self, each_month: Callable[[], None] | None = None) -> Recorder:
        """Live through the horizon; the tables of what happened. `each_month` is called before every month."""
        for month in range(self.first, self.last + 1):
            if each_month is not None:
                each_month()
            self.month = month
            self.step()
        return self.recorder

    @property
    def index(self) -> int:
        """The month counted from the first of the horizon."""
        return self.month - self.first

    # --- 1 events ---------------------------------------------------------------------------------------------

    def apply_events(self) -> None:
        """What the calendar changes: needs, readiness to give, money. Inflows are counted anew, bars are lifted."""
        for position in self.positions.values():
            position.inflow = position.zeros()
            position.lift_bars()
            position.can_engage = position.engages_in(self.month)
        for event in self.setting.events.values():
            if isinstance(event, schema.Requirement | schema.WillStep) and month_of(event.date) == self.month:
                self._change_mind(event)
        for purse in (*self.budgets.values(), *self.authorities.values()):
            purse.open_month(self.month)
        for promise in self.promises:
            promise.withdraw(self.month)

    def _change_mind(self, event: schema.Requirement | schema.WillStep) -> None:
        for position in self.positions.values():
            if position.state == event.state:
                position.change(event)

    # --- 2 escalation -----------------------------------------------------------------------------------------

    def escalate(self) -> None:
        """Wars break out and end, tension fades or jumps, attacks follow."""
        self.theatres.do("escalate")
        self.actors.do("escalate")

    # --- 3 production -----------------------------------------------------------------------------------------

    def produce(self) -> None:
        """Parts first, then what is built of them; money follows the prices of the lines where it buys."""
        self.materials.produce(self.index)
        for budget, line in self.repriced:
            budget.price = line.price_at(self.index)

    # --- 4 arrivals -------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Shipments and deliveries from abroad that are due enter stock; promises are judged; expired lots leave."""
        self.shipments.arrive(self.month)
        for lane in self.shipments.backfill_lanes:
            way = self.shipments.lanes[lane]
            self.received(way.route.recipient, way.item, self.shipments.arrived[lane])
        for promise in self.promises:
            promise.arrive()
        for line in self.finished_lines:
            line.deliveries.arrive()
        if self.ledger.ages:
            self.expiry.retire(self.ledger, self.shipments, self.month)

    def received(self, state: str, item: str, units: Floats) -> None:
        """Count what came into a state's stock this month: own deliveries and backfill."""
        position = self.position(state, item)
        if position is not None and item in position.items:
            position.inflow = position.inflow + position.worth[position.items.index(item)] * units

    # --- 5 use ------------------------------------------------------------------------------------------------

    def consume(self) -> None:
        """Shocks, battles, training, losses in depots."""
        for shock in self.shocks:
            shock.strike(self.month)
        self.theatres.do("consume")
        self.governments.do("train")
        self.governments.do("lose")
        self.actors.do("consume")

    # --- 6 assessment -----------------------------------------------------------------------------------------

    def assess(self) -> None:
        """States judge what they lack and what they can spare, and how willing they are."""
        self.governments.do("assess")
        self.actors.do("assess")

    # --- 7 orders ---------------------------------------------------------------------------------------------

    def order(self) -> None:
        """Orders decided last month enter the book, then plans one lead time ahead."""
        for line, account, units in self.new_orders:
            line.book.place(account, self.index + line.lead, units)
        self.new_orders = []
        for purchasing in self.purchasing:
            purchasing.order(self.index)
        self.actors.do("order")

    # --- 8, 9 requests and decisions --------------------------------------------------------------------------

    def request(self) -> None:
        """Whoever lacks something asks for it."""
        self.governments.do("request")
        self.actors.do("request")

    def ask(self, position: Position, channel: str, quantity: Floats) -> None:
        """Publish a request to every supplier that the state lists."""
        for case in self.cases_of(position, channel):
            case.ask(quantity, self.month, self.procedures)

    def cases_of(self, position: Position, channel: str) -> list[Case]:
        """The standing requests of a state that may be met through a channel, in the order of the suppliers' codes."""
        return self._requests.get((position.state, position.need, channel), [])

    def _by_request(self) -> dict[tuple[str, str, str], list[Case]]:
        found: dict[tuple[str, str, str], list[Case]] = {}
        for case in self.cases:
            for channel in case.routes:
                found.setdefault((case.recipient, case.need, channel), []).append(case)
        return found

    def authorise(self) -> None:
        """Consents are asked for and answered while governments decide.

        Cases whose rule or last consent is gone, or that have not moved for a year, are closed.
        """
        for case in self.cases:
            gone = self.consents.move(case)
            case.close_where_idle(self.month, permitted=self._case_lawful(case) & ~gone)
            self.consents.lapse(case)
        self.actors.do("authorise")

    def answer(self, question: Question) -> Masks:
        """What a state says that is asked for its consent; one that is no part of this world has no will.  [runs]"""
        giver = self._governments.get(question.giver)
        return question.agreed(EVEN) if giver is None else giver.answer(question)

    @cached_property
    def _governments(self) -> dict[str, State]:
        return {state.code: state for state in self.states}

    def _case_lawful(self, case: Case) -> Masks:
        """Where nobody bars every lot of the case this month, consents apart.  [] or [runs]"""
        lanes = [self.shipments.lanes[lane] for lanes in case.lanes.values() for lane in lanes]
        return _any_of(lane.open_at(self.index) for lane in lanes)

    def case_permitted(self, case: Case) -> Masks:
        """Where any lot of the case may go this month, consents in hand.  [] or [runs]"""
        return _any_of(self.opened([lane for lanes in case.lanes.values() for lane in lanes]))

    def opened(self, lanes: Sequence[int]) -> list[Masks]:
        """Where each of some lanes is open this month, consents in hand.  [lanes], each [] or [runs]"""
        return [self.consents.opened(lane) for lane in lanes]

    # --- 10, 11 allocation and shipping -----------------------------------------------------------------------

    def allocate(self) -> None:
        """Dated gifts first, then what is asked for, then orders for what no stock covers."""
        for promise in self.promises:
            if promise.stands(self.month).any():
                promise.commit(self.month)
        for pledge in self.pledges:
            pledge.commit(self.month)
        self.allocation.serve_requests()
        self.allocation.order_on_behalf()
        self.actors.do("allocate")

    def ship(self) -> None:
        """What is due for hand-over leaves."""
        self.shipments.depart(self.month, self.open_share)
        for pledge in self.pledges:
            pledge.depart()
        for promise in self.promises:
            promise.depart()

    # --- 12 record --------------------------------------------------------------------------------------------

    def record(self) -> None:
        """Check that no unit was created or lost, and write the month down."""
        self.ledger.check(self._under_way(), label(self.month))
        self.recorder.record(self.index)
        for position in self.positions.values():
            position.used[...] = 0.0

    def _under_way(self) -> dict[str, Floats]:
        totals = self.shipments.by_item()
        for line in self.finished_lines:
            if len(line.book.accounts):
                totals[line.item] = totals.get(line.item, 0.0) + line.deliveries.under_way()
        return totals

    # --- what agents ask of the world -------------------------------------------------------------------------

    def uses(self, entry: schema.Conflict, need: str) -> bool:
        """Whether a theatre uses up what meets a need."""
        return any(item == need or item in self.needs[need] for item in entry.uses)

    def need_of(self, item: str) -> str:
        """The need that an item meets; an item in no need is one by itself. A need is its own."""
        return self._need_of.get(item, item)

    def position(self, state: str, item: str) -> Position | None:
        """Where a state stands towards the need that an item meets."""
        return self.positions.get((state, self.need_of(item)))

    def allowance(self, name: str, event: schema.Queue) -> Allowance:
        """What a re-ordering may still move, over all lines that it touches."""
        most = np.inf if event.at_most is None else self.draws.whole(event.at_most)
        units = np.array(np.broadcast_to(np.asarray(most, dtype=float), (self.runs,)))
        return self.allowances.setdefault(name, Allowance(units))

    def open_share(self, supplier: str, recipient: str) -> float:
        """The part of this month in which a state gives to another: less for a pause of some days."""
        share, counted = 1.0, dt.date.min
        for pause in self._pauses.get(self.month, ()):
            if pause.state == supplier and pause.to in (None, recipient):
                share -= share_of_month(self.month, max(pause.since, counted), pause.until)
                counted = max(counted, pause.until)
        return max(share, 0.0)

    @cached_property
    def _pauses(self) -> dict[int, list[schema.Pause]]:
        """The pauses that touch a month, in their order; they may overlap."""
        pauses = sorted(blueprint.events(self.setting, schema.Pause), key=lambda one: (one.since, one.until))
        months = range(self.first, self.last + 1)
        touched = {month: [one for one in pauses if share_of_month(month, one.since, one.until)] for month in months}
        return {month: found for month, found in touched.items() if found}

    def budgets_for(self, recipient: Position) -> list[Budget]:
        """The money that buys for a state what meets a need, in the order of the file."""
        wanted = (recipient.state, recipient.need)
        return [
            budget for budget in self.budgets.values() if (budget.event.for_, self.need_of(budget.event.item)) == wanted
        ]

    def authorities_for(self, supplier: str, recipient: str) -> list[Authority]:
        """What the gifts of one state to another are charged to."""
        return [authority for authority in self.authorities.values() if authority.covers(supplier, recipient)]

    def shocked(self, conflict: str) -> bool:
        """Whether rounds are used at once in a theatre this month."""
        return any(shock.event.conflict == conflict and self.month in shock.event.months for shock in self.shocks)

    def lanes_of(self, route: Route, item: str) -> list[int]:
        """The lanes of an item along a route, the freest origins first."""
        return self.shipments.along(route, item)

    def open_lanes(self, route: Route, item: str) -> list[int]:
        """Those of them that are open this month, in some run at least."""
        return [lane for lane in self.lanes_of(route, item) if self.consents.opened(lane).any()]

    def permitted(self, route: Route, item: str) -> Masks:
        """Where the rules let an item go along a route this month.  [] or [runs]"""
        return _any_of(self.opened(self.lanes_of(route, item)))

    def commit(self, lanes: Sequence[int], units: Floats, delays: Delays) -> Floats:
        """Put units under contract where the rules open these lanes this month; by lane  [lanes, runs]"""
        return self.shipments.commit(lanes, units, delays, self.month, self.opened(lanes))

    def gives_packages(self, route: Route) -> bool:
        """Whether a giver's dated gifts are executed; under another doctrine they are observations to compare with."""
        giver = self.positions.get((route.supplier, route.need))
        return giver is not None and giver.giving["gift"].doctrine.kind == "packages"

    def commit_dated(self, route: Route, item: str, units: Floats, delays: Delays) -> Floats:
        """Put a dated gift under contract as far as the giver's stock above its minimum allows.

        Returns what was committed on each lane that is open  [lanes, runs]
        """
        lanes = self.open_lanes(route, item)
        giver = self.positions.get((route.supplier, route.need))
        if not lanes or giver is None:
            return np.zeros((len(lanes), self.runs))
        worth = giver.worth[giver.items.index(item)]
        units = np.where(giver.giving["gift"].barred, 0.0, units)
        spare = whole_units(giver.free_equivalents() - giver.minimum(), worth)
        taken = self.commit(lanes, np.minimum(units, spare), delays)
        giver.headroom_left = np.maximum(giver.headroom_left - sum_rows(taken) * worth, 0.0)
        return taken

    @property
    def states(self) -> list[State]:
        return cast("list[State]", list(self.governments))


def _any_of(masks: Iterable[Masks]) -> Masks:
    """Where any of some masks holds.  [] or [runs]"""
    return reduce(np.logical_or, masks, np.asarray(a=False))
