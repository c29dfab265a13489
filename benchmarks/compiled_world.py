"""How near the array world comes to a loop compiled by hand: the same world, the same draws, equal run for run.

    python benchmarks/compiled_world.py            # needs the packages of the extra `bench`

`four_states.yaml` is lived by the package and by `compiled_loop.py`. Both sides draw their luck from the same addresses
inside what is timed, and both record the same outcomes. Before anything is timed, every recorded number is compared.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from compiled_loop import AID_ALLY, AID_OWN, DELIVERED, DEMAND, PRODUCED, STOCKS, UNMET, live_all

from backfill.arrays import Floats
from backfill.chance import Chance, normal
from backfill.months import days_in, last_day, month_of
from backfill.numbers import Draws
from backfill.reading.number import Number
from backfill.scenario import load, numbers_of
from backfill.scenario.schema import Setting
from backfill.world import World

HERE = Path(__file__).resolve().parent
SEED, BLOCKS, PAIRS = 1, (1000, 4000), 9
KEPT = ("stock", "produced", "delivered", "aid", "demand", "unmet")
LINE, WAR = "manufacturers.donora_works.lines.arrow", "conflicts.border_war"

PATHS = {
    "donor_stock": "states.XDA.items.arrow.stock",
    "ally_stock": "states.XAL.items.arrow.stock",
    "bystander_stock": "states.XGA.items.arrow.stock",
    "aided_stock": "states.XWA.items.arrow.stock",
    "requirement": "states.XDA.requirement",
    "floor": "states.XDA.floor",
    "donor_minimum": "states.XDA.minimum",
    "will": "states.XDA.will",
    "persistence": "states.XDA.persistence",
    "spread": "states.XDA.spread",
    "release": "states.XDA.release",
    "anticipation": "states.XDA.anticipation",
    "look_ahead": "states.XDA.look_ahead",
    "training": "states.XDA.training",
    "bought": "states.XDA.items.arrow.procurement.2030-01",
    "share_bought": "states.XDA.items.arrow.procurement.2034-01",
    "ally_minimum": "states.XAL.minimum",
    "readiness": "states.XAL.readiness",
    "cover": "states.XWA.cover",
    "load": "states.XWA.load",
    "ahead": "states.XWA.fire_units_ahead",
    "lead_time": f"{LINE}.lead_time",
    "capacity": f"{LINE}.capacity.2030-01",
    "capacity_then": f"{LINE}.capacity.2032-01",
    "aided_order": f"{LINE}.orders.warland.units",
    "aided_over": f"{LINE}.orders.warland.over",
    "bystander_order": f"{LINE}.orders.gulfa.units",
    "bystander_over": f"{LINE}.orders.gulfa.over",
    "attacks": f"{WAR}.attacks",
    "engaged": f"{WAR}.engaged.2030-01",
    "engaged_then": f"{WAR}.engaged.2033-01",
    "per_target": f"{WAR}.per_target",
    "other_targets": f"{WAR}.other_targets",
    "dispersion": f"{WAR}.dispersion",
    "intensity": "events.winter.intensity",
    "promised": "events.gift.units",
    "delivers": "events.gift.delivers",
    "promise_due": "events.gift.due",
    "promise_decision": "transfers.XAL-to-XDA.decision",
    "promise_transit": "transfers.XAL-to-XDA.transit",
    "gift_transit": "transfers.any-to-any.transit",
}
"""What the loop calls the numbers of the file."""

GIFT, PROMISE = "XDA-XWA.air_defence.gift", "XAL-XDA.air_defence.promise"
DELAYS = {
    f"{GIFT}.decision": "transfers.any-to-any.decision",
    f"{GIFT}.contract": "transfers.any-to-any.contract",
    f"{GIFT}.handover": "transfers.any-to-any.handover",
    f"{PROMISE}.contract": "transfers.XAL-to-XDA.contract",
    f"{PROMISE}.handover": "transfers.XAL-to-XDA.handover",
}
"""Where the luck of a delay stands, and where its range."""


class Dates(NamedTuple):
    """Months of the file, counted from the first one, and the day of the promise."""

    capacity: int
    procurement: int
    engaged: int
    winter: int
    spring: int
    promise: int
    promise_day: int
    aided_order: int
    bystander_order: int


class Told(NamedTuple):
    """What of the file is the same in all runs."""

    dates: Dates
    open_share: Floats
    fire_units: Floats
    spans: Floats


def told(setting: Setting, numbers: dict[str, Number]) -> Told:
    """Read once, as the package reads its scenario once."""
    first, last = setting.horizon
    line = setting.manufacturers["donora_works"].lines["arrow"]
    promise, pause, winter = (setting.events[name] for name in ("gift", "stop", "winter"))
    dates = Dates(
        capacity=max(line.capacity) - first,
        procurement=max(setting.states["XDA"].items["arrow"].procurement) - first,
        engaged=max(setting.conflicts["border_war"].engaged) - first,
        winter=winter.since - first,
        spring=winter.until - first,
        promise=month_of(promise.date) - first,
        promise_day=promise.date.day - 1,
        aided_order=line.orders["warland"].placed - first,
        bystander_order=line.orders["gulfa"].placed - first,
    )
    open_share = np.ones(last - first + 1)
    paused = month_of(pause.since)
    open_share[paused - first] -= (pause.until - pause.since).days / days_in(paused)
    if month_of(pause.until) != paused or last_day(paused) < pause.until:
        raise SystemExit("the loop knows a pause within one month only")
    fire_units = np.zeros(last - first + 100)
    for since, units in sorted(setting.states["XWA"].fire_units.items()):
        fire_units[since - first :] = units.value
    spans = np.array([[numbers[path].low, numbers[path].value, numbers[path].high] for path in DELAYS.values()])
    return Told(dates, open_share, fire_units, spans)


def drawn(setting: Setting, numbers: dict[str, Number], runs: int) -> tuple[np.recarray, Floats]:
    """The numbers of the file [runs] and the luck of each month [kinds, months, runs], from the package's addresses."""
    chance = Chance(SEED, range(runs))
    draws = Draws(chance, numbers)
    values = np.empty(runs, dtype=[(name, float) for name in PATHS]).view(np.recarray)
    for name, path in PATHS.items():
        values[name] = draws.of(numbers[path])
    first, last = setting.horizon
    months = range(first, last + 1)
    luck = np.empty((2 + len(DELAYS), len(months), runs))
    for row, month in enumerate(months):
        luck[0, row] = chance.uniform("demand", "border_war", month)
        luck[1, row] = chance.uniform("will", "XDA.air_defence.gift", month)
        for kind, address in enumerate(DELAYS, start=2):
            luck[kind, row] = chance.uniform("delay", address, month)
    luck[1] = normal(luck[1])
    return values, luck


def compiled(setting: Setting, numbers: dict[str, Number], known: Told, runs: int) -> Floats:
    """All runs, one after the other, draws included.  [recorded, months, runs]"""
    found: Floats = live_all(*drawn(setting, numbers, runs), *known)
    return found


def as_arrays(setting: Setting, numbers: dict[str, Number], runs: int) -> dict[tuple[str, ...], Floats]:
    """The same by the package: every outcome that the loop records, by its name.  [months, runs]"""
    recorder = World(setting, range(runs), SEED, numbers, keep=KEPT).run()
    return {
        (outcome.name, *labels): recorder.tables[outcome.name][:, row]
        for outcome in recorder.outcomes
        for row, labels in enumerate(outcome.rows)
    }


LOTS = {("XAL", "XAL"): 0, ("XDA", "XAL"): 1, ("XDA", "XDA"): 2, ("XWA", "XAL"): 4, ("XWA", "XDA"): 5}
PAIRED = {
    ("produced", "donora_works.arrow"): PRODUCED,
    ("delivered",): DELIVERED,
    ("aid", "XWA", "arrow", "XDA"): AID_OWN,
    ("aid", "XWA", "arrow", "XAL"): AID_ALLY,
    ("demand", "XWA"): DEMAND,
    ("unmet", "XWA"): UNMET,
    **{("stock", holder, "arrow", origin): STOCKS + row for (holder, origin), row in LOTS.items()},
}
"""Which row of the loop is which outcome of the package, which records no stocks of bystanders."""


def differing(arrays: dict[tuple[str, ...], Floats], loop: Floats) -> list[str]:
    """The outcomes in which some month of some run is not the same."""
    return [" ".join(name) for name, row in PAIRED.items() if (arrays[name] != loop[row]).any()]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    started = perf_counter()
    work()
    return perf_counter() - started


def say(name: str, figures: list[float]) -> None:
    """A median with the smallest and the largest."""
    print(f"{name:<58} {statistics.median(figures):8.3f} ({min(figures):.3f} to {max(figures):.3f})")


def compare(setting: Setting, numbers: dict[str, Number], known: Told, runs: int) -> None:
    """Live the runs of a block on both sides; end where they differ, else time both in turn."""
    arrays, loop = as_arrays(setting, numbers, runs), compiled(setting, numbers, known, runs)
    if wrong := differing(arrays, loop):
        raise SystemExit(f"not the same world: {', '.join(wrong)}")
    moving = sum(bool(loop[row].any()) for row in PAIRED.values())
    print(
        f"block of {runs}: {len(PAIRED)} outcomes, {moving} of them not always zero, are equal in every month and run"
    )
    mine, its, draws = [], [], []
    for _pair in range(PAIRS):
        mine.append(seconds(lambda: as_arrays(setting, numbers, runs)) * 1000 / runs)
        its.append(seconds(lambda: compiled(setting, numbers, known, runs)) * 1000 / runs)
        draws.append(seconds(lambda: drawn(setting, numbers, runs)) * 1000 / runs)
    say("package, ms a run", mine)
    say("compiled loop with its draws, ms a run", its)
    say("its draws alone, ms a run", draws)
    say("time in that of the compiled loop", [ours / loops for ours, loops in zip(mine, its, strict=True)])


def main() -> None:
    """Print the figures of each size of block."""
    setting = load(str(HERE / "four_states.yaml")).arm("baseline")
    numbers = numbers_of(setting)
    known = told(setting, numbers)
    for runs in BLOCKS:
        compare(setting, numbers, known, runs)


if __name__ == "__main__":
    main()
