"""An invented ensemble with the shapes of a real one: Japan backfills the United States, which gives to Ukraine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

from backfill.results import by_doctrine

ARMS = (
    "baseline",
    "no_backfill",
    "rules_2014",
    "promise_36",
    "transfer_100",
    "no_iran_war",
    "seekers_unlimited",
    "faster_line",
    "taiwan",
    "no_queue",
    "high_floor",
    "no_pause",
)
SLOPES = (0.0, -0.5, -0.5, 1.6, 1.2, 4.4, 3.0, 0.4, -0.9, -0.2, -0.6, 0.1)


@dataclass(frozen=True)
class Scenario:
    """What figures ask of a scenario: its names, its label, the setting of an arm."""

    setting: Any
    name: str = "japan_patriot"
    title: str = "Japan backfills US Patriot stocks"
    label: str = "fictional"

    def arm(self, _name: str = "baseline", **_under: str | None) -> Any:
        """The same setting for every arm."""
        return self.setting


@dataclass(frozen=True)
class Results:
    """What figures ask of results."""

    dataset: xr.Dataset
    scenario: Scenario
    arms: tuple[str, ...]
    runs: int
    seed: int = 1
    central: bool = False
    command: str = "backfill run japan_patriot --runs 200 --seed 1"
    under: dict[str, xr.Dataset] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=lambda: {by_doctrine.ROWS: ()})  # no other way of deciding

    def remembered(self, name: str, work_out: Callable[[], Any]) -> Any:
        """What is worked out once."""
        if name not in self.known:
            self.known[name] = work_out()
        return self.known[name]

    def knows(self, name: str) -> bool:
        """Whether it has been worked out."""
        return name in self.known

    @property
    def setting(self) -> Any:
        """The baseline."""
        return self.scenario.arm()

    @property
    def is_central_run(self) -> bool:
        """Whether it is one run with central numbers."""
        return self.central and self.runs == 1

    @property
    def months(self) -> list[str]:
        """The months of the horizon."""
        return [str(month) for month in self.dataset["month"].values]


def month_labels(first: int, count: int) -> list[str]:
    """`count` months from the January of a year on."""
    return [f"{first + month // 12}-{month % 12 + 1:02d}" for month in range(count)]


def event(kind: str, **said: Any) -> SimpleNamespace:
    """An event of a scenario."""
    return SimpleNamespace(kind=kind, **({"title": ""} | said))


def events() -> dict[str, SimpleNamespace]:
    """Events as a real scenario has them."""
    return {
        "japan_first": event("promise", date=dt.date(2023, 12, 22), from_="JPN", to="USA", item="pac3"),
        "us_objective": event("requirement", date=dt.date(2025, 4, 16), state="USA"),
        "al_udeid": event("shock", states=("USA",), months={24305: None}),
        "iran_war": event("shock", states=("USA", "SAU"), months={24313: None, 24314: None}, title="Iran war"),
        "second_line": event("capacity", date=dt.date(2028, 1, 6), title="second line opens"),
        "winter": event("phase", since=24310, until=24314),
        "pledge": event("pledge", date=dt.date(2025, 1, 1)),
    }


def setting(**changed: Any) -> SimpleNamespace:
    """The setting of the invented world."""
    roles = SimpleNamespace(donor="USA", backfiller="JPN", aided="UKR", items=("pac3_mse", "pac3"))
    gift, sale = (SimpleNamespace(doctrine=SimpleNamespace(kind=kind)) for kind in ("headroom", "flow"))
    states = {
        "USA": SimpleNamespace(name="United States", gift=gift, sale=sale, doctrine=None),
        "JPN": SimpleNamespace(name="Japan"),
        "UKR": SimpleNamespace(name="Ukraine"),
    }
    items = {"pac3_mse": SimpleNamespace(name="PAC-3 MSE"), "pac3": SimpleNamespace(name="PAC-3")}
    needs = {"air_defence": SimpleNamespace(worth={"pac3_mse": 1.0, "pac3": 0.6})}
    world = {"roles": roles, "states": states, "items": items, "needs": needs, "events": events(), "arms": {}}
    world |= {"policies": {}, "rules": {}, "consent": {}}
    world["outcomes"] = SimpleNamespace(headline="pass_through", promise=None)
    defaults = SimpleNamespace(state=SimpleNamespace(doctrine=None))
    return SimpleNamespace(**(world | {"defaults": defaults} | changed))


def stock_course(months: int, runs: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Stock and floor of the donor: a slow fall, a shock, a recovery that differs by run  [runs, months]."""
    time = np.arange(months)
    fall = 1340 - 4.6 * time - 260 * np.clip((time - 50) / 5, 0, 1)
    rise = np.clip(time - 55, 0, None)[None] * chance.normal(16, 6, (runs, 1))
    noise = np.cumsum(chance.normal(0, 3, (runs, months)), axis=1) * (time > 46)
    floor = np.where(time < 39, 900.0, 1000.0)[None] + chance.normal(0, 60, (runs, 1))
    return np.maximum(fall + rise + noise, 0), floor


def results(
    *, arms: tuple[str, ...] = ARMS, runs: int = 200, months: int = 108, scale: float = 1.0, **said: Any
) -> Results:
    """Results of an invented run; `scale` 0 makes a world in which nothing happens."""
    chance, time = np.random.default_rng(7), np.arange(months)
    labels, states = month_labels(2022, months), ["USA", "JPN", "UKR"]
    items, origins = ["pac3_mse", "pac3"], ["USA", "JPN"]
    aid = np.zeros((len(arms), runs, months, 3, 2, 2), np.float32)
    common = chance.poisson(10, (runs, months)) * (time > 14)
    for row, arm in enumerate(arms):
        slope = SLOPES[ARMS.index(arm)] if arm in ARMS else float(row)
        more = chance.poisson(abs(slope), (runs, months)) * np.sign(slope) * (time > 40 + 3 * row)
        aid[row, :, :, 2, 0, 0] = np.maximum(common + more, 0) * scale
    stock, floor = stock_course(months, runs, chance)
    position = np.zeros((len(arms), runs, months, 3), np.float32)
    floors = np.zeros_like(position)
    position[..., 0], floors[..., 0] = stock * scale, floor * scale
    stages = ("promised", "contracted", "shipped", "delivered")
    totals = {stage: ledger(stage, months, runs, len(arms), chance) * scale for stage in stages}
    by_state = ("arm", "run", "month", "state")
    variables = {
        "aid": ((*by_state, "item", "origin"), aid),
        "position": (by_state, position),
        "floor": (by_state, floors),
        **{name: (("arm", "run", "month"), total.astype(np.float32)) for name, total in totals.items()},
    }
    coords = {"arm": list(arms), "run": np.arange(runs), "month": labels}
    coords |= {"state": states, "item": items, "origin": origins}
    return Results(xr.Dataset(variables, coords), Scenario(said.pop("setting", setting()), **said), arms, runs)


def ledger(stage: str, months: int, runs: int, arms: int, chance: np.random.Generator) -> np.ndarray:
    """A running total of promises: known months, then random delays  [arms, runs, months]."""
    promised = ((23, 24), (44, 16), (63, 20))
    delay = {"promised": 0, "contracted": 7, "shipped": 20, "delivered": 23}[stage]
    late = chance.integers(-2, 6, (arms, runs, len(promised))) if delay else np.zeros((arms, runs, 3), int)
    total = np.zeros((arms, runs, months))
    for number, (month, units) in enumerate(promised):
        parts = (units // 2, units // 3) if delay > 8 else (units,)
        for part, share in enumerate(parts):
            total += share * (np.arange(months) >= (month + delay + 7 * part + late[..., number, None]))
    return total
