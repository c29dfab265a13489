"""Which outcomes a world records, and where each is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backfill.arrays import Floats, PerRun, sum_rows
from backfill.blueprint import backfillers_of, donors_of, events
from backfill.lines.displaced import displacement
from backfill.passing.transfers import BACKFILL
from backfill.records.causes import CAUSES, causes_of
from backfill.records.flows import flows_of
from backfill.records.headline import headline_outcomes
from backfill.records.recorder import Labels, Outcome
from backfill.records.silence import OnTrust
from backfill.scenario import schema
from backfill.stock.balance import balance_of

if TYPE_CHECKING:
    from backfill.agents.conflict import Conflict
    from backfill.agents.position import Position
    from backfill.giving.promises import Promise
    from backfill.lines.line import Line
    from backfill.world import World

CHANNELS = ("gift", "sale", "pledge", "queue", "purchase")
CASE_STAGES = ("decision", "consent", "refused", "open")
LEDGER_STAGES = ("promised", "contracted", "shipped", "delivered")


def outcomes_of(world: World, keep: Sequence[str] | None) -> list[Outcome]:
    """Every outcome, or those that are kept."""
    everything = [
        *_arrivals(world),
        _stock(world),
        *_positions(world),
        *_promises(world),
        *_verdicts(world),
        *_lines(world),
        *_moods(world),
        balance_of(world),
        *_theatres(world),
        _spending(world),
        *_shortfalls(world),
        _on_trust(world),
        *_cases(world),
        *displacement(world, keep),
        *headline_outcomes(world),
        *flows_of(world),
    ]
    return [outcome for outcome in everything if keep is None or outcome.name in keep]


def _roles(world: World) -> list[str]:
    roles = world.setting.roles
    states = (roles.donor, roles.backfiller, roles.aided)
    return list(dict.fromkeys(state for state in states if state is not None))


def _aided(world: World) -> list[str]:
    """States that ask somebody for aid."""
    return [state for state in world.setting.states if any(donors_of(world.setting, state, n) for n in world.needs)]


def _backfilled(world: World) -> list[str]:
    """States that ask somebody for backfill, whatever it is that they need, or are promised some."""
    setting = world.setting
    promised = {event.to for event in events(setting, schema.Promise)}
    return [s for s in setting.states if s in promised or any(backfillers_of(setting, s, n) for n in world.needs)]


def _arrivals(world: World) -> list[Outcome]:
    items = world.setting.roles.items
    aided, donors = _aided(world), _backfilled(world)
    aid = [(s, i, o) for s in aided for i in items for o in _origins(world, s, i)]
    back = [(s, i, o) for s in donors for i in items for o in _origins(world, s, i)]
    by_channel = [(s, channel) for s in aided for channel in CHANNELS]
    return [
        Outcome("aid", ("state", "item", "origin"), tuple(aid), lambda: [_came(world, *row) for row in aid]),
        Outcome(
            "aid_by_channel",
            ("state", "channel"),
            tuple(by_channel),
            lambda: [_through(world, *row) for row in by_channel],
        ),
        Outcome(
            "backfill",
            ("state", "item", "origin"),
            tuple(back),
            lambda: [_shipped(world, *row, channels=BACKFILL) for row in back],
        ),
    ]


def _origins(world: World, state: str, item: str) -> list[str]:
    return list(dict.fromkeys(world.ledger.lots[row].origin for row in world.ledger.rows(state, item)))


def _came(world: World, state: str, item: str, origin: str) -> Floats:
    """Units of an item and origin that arrived this month, from whomever."""
    built = _from_lines(world, state, lambda line: (line.item, line.state) == (item, origin))
    return _shipped(world, state, item, origin) + built


def _through(world: World, state: str, channel: str) -> Floats:
    total = np.zeros(world.runs)
    for lane in world.shipments.to(state, world.setting.items):
        if world.shipments.lanes[lane].route.channel == channel:
            total += world.shipments.arrived[lane]
    return total + _from_lines(world, state, lambda _line: True, channel)


def _shipped(world: World, state: str, item: str, origin: str, channels: Sequence[str] | None = None) -> Floats:
    total = np.zeros(world.runs)
    for number in world.shipments.to(state, (item,)):
        lane = world.shipments.lanes[number]
        if lane.origin == origin and (channels is None or lane.route.channel in channels):
            total += world.shipments.arrived[number]
    return total


def _from_lines(world: World, state: str, wanted: Callable[..., bool], channel: str | None = None) -> Floats:
    total = np.zeros(world.runs)
    for line, account in world.census.accounts_at_lines(state):
        if wanted(line) and channel in (None, line.book.accounts[account].channel):
            total += line.deliveries.arrived[account]
    return total


def _stock(world: World) -> Outcome:
    rows = [(s, i, o) for s in _roles(world) for i in world.setting.roles.items for o in _origins(world, s, i)]
    lots = [world.ledger.classes(*row) for row in rows]
    first = [own[0] for own in lots]

    def held() -> Floats | list[Floats]:
        if not world.ledger.ages:
            return world.ledger.stock[first]
        return [sum_rows(world.ledger.stock[own]) for own in lots]

    return Outcome("stock", ("state", "item", "origin"), tuple(rows), held)


def _positions(world: World) -> list[Outcome]:
    need = world.need_of(world.setting.roles.items[0])
    held = [world.positions[state, need] for state in _roles(world) if (state, need) in world.positions]
    aided = [position for position in held if position.asks_for_aid]

    def of(positions: list[Position], name: str, read: Callable[[Position], object]) -> Outcome:
        labels: tuple[Labels, ...] = tuple((position.state,) for position in positions)
        return Outcome(
            name, ("state",), labels, lambda: [np.broadcast_to(np.asarray(read(p)), (world.runs,)) for p in positions]
        )

    conflicts = {p.state: [c for c in world.conflicts if p.state in c.entry.fighting] for p in aided}
    return [
        of(held, "position", lambda p: p.equivalents()),
        of(held, "floor", lambda p: p.floor()),
        of(held, "requirement", lambda p: p.requirement),
        of(held, "headroom", lambda p: p.headroom),
        of(aided, "target", lambda p: p.target),
        of(aided, "shortfall", lambda p: p.shortfall),
        of(aided, "demand", lambda p: sum((c.demand for c in conflicts[p.state]), p.zeros())),
        of(aided, "unmet", lambda p: sum((c.demand - c.met for c in conflicts[p.state]), p.zeros())),
        of(aided, "leakers", lambda p: sum((c.leakers for c in conflicts[p.state]), p.zeros())),
        of(aided, "asked", lambda p: p.asked),
        of(held, "coming", world.census.coming),
        Outcome(
            "used",
            ("state", "item"),
            tuple((p.state, item) for p in held for item in p.items),
            lambda: [p.used[index] for p in held for index in range(len(p.items))],
        ),
    ]


def _promises(world: World) -> list[Outcome]:
    roles = world.setting.roles
    owed = [p for p in world.promises if (p.event.from_, p.event.to) == (roles.backfiller, roles.donor)]

    def over_all(stage: str) -> Floats:
        result = np.zeros(world.runs)
        for promise in owed:
            result = result + _stage(world, promise, stage)
        return result

    return [Outcome(stage, (), ((),), lambda stage=stage: [over_all(stage)]) for stage in LEDGER_STAGES]  # type: ignore[misc]


def _verdicts(world: World) -> list[Outcome]:
    """How each promise was kept, how far promisers are believed, what is withheld for want of a promise."""
    promises, pledges = world.promises, [pledge for pledge in world.pledges if pledge.event.against is not None]
    names: tuple[Labels, ...] = tuple((promise.name,) for promise in promises)
    believed = {(p.event.to, p.event.from_): world.position(p.event.to, p.event.item) for p in promises}
    doubting = {pair: at for pair, at in believed.items() if at is not None and at.trust_prior is not None}
    none = np.zeros(world.runs)
    return [
        Outcome("verdict", ("promise",), names, lambda: [promise.record.verdict() for promise in promises]),
        Outcome("kept", ("promise",), names, lambda: [promise.record.kept for promise in promises]),
        Outcome("exposed", ("promise",), names, lambda: [_exposed(world, promise) for promise in promises]),
        Outcome(
            "trust",
            ("state", "promiser"),
            tuple(doubting),
            lambda: [none + world.census.trust(at, promiser) for (_state, promiser), at in doubting.items()],
        ),
        Outcome(
            "withheld",
            ("pledge",),
            tuple((pledge.name,) for pledge in pledges),
            lambda: [pledge.withheld for pledge in pledges],
        ),
    ]


def _exposed(world: World, promise: Promise) -> Floats:
    """Equivalents by which the promised state lies below its floor while it waits: (floor - position)+.  [runs]"""
    position = world.position(promise.event.to, promise.event.item)
    if position is None:
        return np.zeros(world.runs)
    return np.where(promise.waiting(world.month), np.maximum(position.floor() - position.equivalents(), 0.0), 0.0)


def _stage(world: World, promise: Promise, stage: str) -> Floats:
    """Cumulative units of a promise that have reached a stage."""
    if stage == "promised":
        return np.where(promise.stands(world.month), promise.announced, 0.0)
    if stage == "contracted":
        return promise.contracted(world.month)
    return promise.shipped if stage == "shipped" else promise.delivered


def _lines(world: World) -> list[Outcome]:
    lines = [*world.component_lines, *world.finished_lines]
    names: tuple[Labels, ...] = tuple((line.name,) for line in lines)
    return [
        Outcome("produced", ("line",), names, lambda: [line.built for line in lines]),
        Outcome("bound", ("line",), names, lambda: [line.bound for line in lines]),
        *_parts(lines),
        *_capacities(world, lines),
    ]


def _parts(lines: Sequence[Line]) -> list[Outcome]:
    """Which part a line was short of (1 in a month in which it bound, else 0), and units of each that were used up."""
    used = [(line, part) for line in lines for part in line.needs]
    names: tuple[Labels, ...] = tuple((line.name, part) for line, part in used)
    axes = ("line", "component")
    return [
        Outcome("scarce", axes, names, lambda: [line.short_of(part).astype(float) for line, part in used]),
        Outcome("parts_used", axes, names, lambda: [line.built * line.needs[part] for line, part in used]),
    ]


def _capacities(world: World, lines: Sequence[Line]) -> list[Outcome]:
    """Units a month where capacity moves by itself, thousands of US dollars a unit where a line has its own price."""
    moving = [line for line in lines if line.growth is not None or line.stoppages]
    priced = [line for line in lines if line.price.own]
    return [
        Outcome("capacity", ("line",), tuple((line.name,) for line in moving), lambda: [line.able for line in moving]),
        Outcome(
            "unit_cost",
            ("line",),
            tuple((line.name,) for line in priced),
            lambda: [np.broadcast_to(line.price_at(world.index), (world.runs,)) for line in priced],
        ),
    ]


def _moods(world: World) -> list[Outcome]:
    need = world.need_of(world.setting.roles.items[0])
    donor = world.positions.get((world.setting.roles.donor, need))
    giving = [] if donor is None else list(donor.giving.values())
    conflicts = world.conflicts
    return [
        Outcome("will", ("channel",), tuple((g.name,) for g in giving), lambda: [g.will for g in giving]),
        Outcome("tension", ("conflict",), tuple((c.name,) for c in conflicts), lambda: [c.tension for c in conflicts]),
    ]


def _theatres(world: World) -> list[Outcome]:
    """What happens in each theatre: how hot it is, what comes, what is called for and fired, what gets through."""
    attacked = [conflict for conflict in world.conflicts if conflict.entry.attacks is not None]
    counted = [conflict for conflict in attacked if conflict.entry.kill is not None]

    def of(conflicts: list[Conflict], name: str, read: Callable[[Conflict], PerRun]) -> Outcome:
        labels: tuple[Labels, ...] = tuple((conflict.name,) for conflict in conflicts)
        return Outcome(
            name, ("conflict",), labels, lambda: [np.broadcast_to(read(c), (world.runs,)) for c in conflicts]
        )

    return [
        of(world.conflicts, "intensity", lambda c: c.intensity),
        of(attacked, "attacks", lambda c: c.attacks),
        of(world.conflicts, "called", lambda c: c.demand),
        of(world.conflicts, "fired", lambda c: c.met),
        of(attacked, "leaked", lambda c: c.leakers),
        of(counted, "intercepted", lambda c: c.intercepted),
    ]


def _spending(world: World) -> Outcome:
    """Thousands of US dollars spent this month, by budget or authority."""
    purses = [*world.budgets.values(), *world.authorities.values()]
    return Outcome("spent", ("purse",), tuple((p.name,) for p in purses), lambda: [p.spent for p in purses])


def _shortfalls(world: World) -> list[Outcome]:
    """What asking states lack, and which cause each part of it is charged to, in equivalents."""
    asking = causes_of(world)
    names = [(one.position.state, one.position.need, one.asked_for) for one in asking]
    dims = ("state", "need", "asked_for")
    return [
        Outcome("short", dims, tuple(names), lambda: [one.short for one in asking]),
        Outcome(
            "why_not",
            (*dims, "cause"),
            tuple((*name, cause) for name in names for cause in CAUSES),
            lambda: [row for one in asking for row in one.charged],
        ),
    ]


def _on_trust(world: World) -> Outcome:
    """Units that arrive along ways which no law on file determines; nothing where a scenario has no law at all."""
    flows = [("aid", state) for state in _aided(world)] + [("backfill", state) for state in _backfilled(world)]
    found = [OnTrust(world, state, flow) for flow, state in flows if world.setting.export_rules.policies]
    names = tuple((one.state, one.flow) for one in found)
    return Outcome("undetermined", ("state", "flow"), names, lambda: [one.arrived() for one in found])


def _cases(world: World) -> list[Outcome]:
    """How many cases of a supplier and a recipient wait for a government, for a consent, are refused, are open."""
    pairs = list(dict.fromkeys((case.supplier, case.recipient) for case in world.cases))
    rows = tuple((*pair, stage) for pair in pairs for stage in CASE_STAGES)

    def count() -> list[Floats]:
        table = {row: np.zeros(world.runs) for row in rows}
        for case in world.cases:
            for stage, where in world.consents.stages(case).items():
                table[case.supplier, case.recipient, stage] += where
        return list(table.values())

    return [Outcome("cases", ("supplier", "recipient", "stage"), rows, count)]
