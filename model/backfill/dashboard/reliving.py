"""One stored run, lived through again: everything that its actors held, asked, judged and sent, month by month."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backfill.arrays import Floats
from backfill.giving.trust import VERDICTS
from backfill.kernels.production import CAPACITY, COMPONENT, DOWN, ORDERS
from backfill.months import label
from backfill.words import one_line, state_name

if TYPE_CHECKING:
    from backfill.scenario.schema import Setting
    from backfill.world import World

BOUND = {ORDERS: "orders", CAPACITY: "capacity", COMPONENT: "a part", DOWN: "stood still"}
ROLES = ("donor", "backfiller", "aided")
STAGES = ("promised", "contracted", "shipped", "delivered")


@dataclass
class Course:
    """Columns of numbers, a row for each thing, a value for each month."""

    months: int
    rows: dict[Hashable, dict[str, list[Any]]] = field(default_factory=dict)

    def note(self, key: Hashable, index: int, **values: Any) -> None:
        """Write down what holds of a thing in a month; nothing where it was never noted."""
        row = self.rows.setdefault(key, {name: [0.0] * self.months for name in values})
        for name, value in values.items():
            row[name][index] = value

    def named(self, *names: str) -> list[dict[str, Any]]:
        """The rows in which anything ever happens, with the parts of their keys as words."""
        return [
            dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True)) | row
            for key, row in self.rows.items()
            if any(any(column) for column in row.values())
        ]


def relive(setting: Setting, *, replication: int, seed: int, central: bool) -> dict[str, Any]:
    """Live through one replication of an arm, the same to the last bit as in the block in which it was stored."""
    from backfill.scenario import numbers_of
    from backfill.world import World

    world = World(setting, [replication], seed, numbers_of(setting), central=central)
    count = world.last - world.first + 1
    watch = _Watch(
        world, {name: Course(count) for name in ("stock", "needs", "lines", "queue", "promises", "cases", "lots")}
    )
    for month in range(world.first, world.last + 1):
        world.month = month
        watch.before()
        world.step()
        watch.note()
    return {"months": [label(month) for month in range(world.first, world.last + 1)]} | watch.told() | _names(setting)


def _names(setting: Setting) -> dict[str, Mapping[str, str]]:
    """What states, items and events are called, and which parts states play."""
    titles = {name: one_line(getattr(event, "title", "") or "") for name, event in setting.events.items()}
    roles = {part: getattr(setting.roles, part) for part in ROLES}
    return {
        "roles": {part: code for part, code in roles.items() if code is not None},
        "states": {code: state_name(setting, code) for code in setting.states},
        "items": {name: one_line(item.name) for name, item in setting.items.items()},
        "events": {name: title for name, title in titles.items() if title},
    }


def _one(value: Any) -> float:
    """The number of the only run."""
    return round(float(np.ravel(np.asarray(value))[0]), 4)


@dataclass
class _Watch:
    """Whoever writes a world down while it lives."""

    world: World
    courses: dict[str, Course]
    _coming: Floats = field(default_factory=lambda: np.zeros(0))

    def before(self) -> None:
        """What recipients may count on before the month begins."""
        self._coming = np.array(self.world.shipments.coming)

    def note(self) -> None:
        """Write the month down, as it ends."""
        index = self.world.index
        notes: tuple[Callable[[int], None], ...] = (
            self._stock, self._needs, self._lines, self._promises, self._cases, self._lots,
        )  # fmt: skip
        for part in notes:
            part(index)

    def told(self) -> dict[str, Any]:
        """All of it as plain data."""
        keys = {
            "stock": ("state", "item", "origin"),
            "needs": ("state", "need"),
            "lines": ("line", "item"),
            "queue": ("line", "customer", "order"),
            "promises": ("promise", "from", "to"),
            "cases": ("from", "to", "need"),
            "lots": ("from", "to", "item", "origin", "channel"),
        }
        return {name: self.courses[name].named(*parts) for name, parts in keys.items()}

    def _stock(self, index: int) -> None:
        ledger, found = self.world.ledger, dict[tuple[str, str, str], tuple[float, float]]()
        for row, lot in enumerate(ledger.lots):
            if lot.holder in self.world.setting.states:
                key = (lot.holder, lot.item, lot.origin)
                held, bound = found.get(key, (0.0, 0.0))
                found[key] = held + _one(ledger.stock[row]), bound + _one(ledger.committed[row])
        for key, (held, bound) in found.items():
            self.courses["stock"].note(key, index, units=held, committed=bound)

    def _needs(self, index: int) -> None:
        for (state, need), at in self.world.positions.items():
            self.courses["needs"].note(
                (state, need), index, held=_one(at.equivalents()), floor=_one(at.floor()),
                required=_one(at.requirement), spare=_one(at.headroom), asked=_one(at.asked),
            )  # fmt: skip

    def _lines(self, index: int) -> None:
        for line in (*self.world.finished_lines, *self.world.component_lines):
            self.courses["lines"].note(
                (line.name, line.item),
                index,
                built=_one(line.built),
                able=_one(line.able),
                bound=BOUND[_one(line.bound)],
            )
            overdue = line.book.overdue(index) if line.book.accounts else np.zeros((0, 1))
            for place, account in enumerate(line.book.accounts):
                self.courses["queue"].note(
                    (line.name, account.customer, account.label), index, due=_one(overdue[place]),
                    open=_one(line.book.still_open(place)), given=_one(line.deliveries.delivered[place]),
                )  # fmt: skip

    def _promises(self, index: int) -> None:
        month = self.world.month
        for promise in self.world.promises:
            verdict = VERDICTS[int(_one(promise.record.verdict()))]
            stands = bool(np.ravel(promise.stands(month))[0])
            told = (promise.announced * stands, promise.contracted(month), promise.shipped, promise.delivered)
            self.courses["promises"].note(
                (promise.name, promise.event.from_, promise.event.to), index,
                **dict(zip(STAGES, map(_one, told), strict=True)), verdict=verdict,
                due=label(int(_one(promise.due))),
            )  # fmt: skip

    def _cases(self, index: int) -> None:
        for case in self.world.cases:
            stages = self.world.consents.stages(case)
            stage = next((name for name, where in stages.items() if np.ravel(where)[0]), "")
            self.courses["cases"].note(
                (case.supplier, case.recipient, case.need), index, asked=_one(case.asked), stage=stage,
                lawful=bool(np.ravel(self.world.case_permitted(case))[0]),
            )  # fmt: skip

    def _lots(self, index: int) -> None:
        """Units put under contract, handed over and arrived this month, by the way that they take."""
        shipments = self.world.shipments
        made = shipments.coming - self._coming + shipments.arrived
        found: dict[tuple[str, ...], list[float]] = {}
        for number, lane in enumerate(shipments.lanes):
            key = (lane.route.supplier, lane.route.recipient, lane.item, lane.origin, lane.route.channel)
            sums = found.setdefault(key, [0.0, 0.0, 0.0])
            for place, table in enumerate((made, shipments.departed, shipments.arrived)):
                sums[place] += max(_one(table[number]), 0.0)
        for way, (committed, sent, arrived) in found.items():
            self.courses["lots"].note(way, index, committed=committed, sent=sent, arrived=arrived)
