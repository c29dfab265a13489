"""A run made up by hand: 3 arms, 5 runs, 14 months, 4 states, 3 items, 2 origins. Japan backfills, Ukraine is aided."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

from backfill.reading.number import Number
from backfill.results import Results

ARMS = ("baseline", "no_backfill", "more")
MONTHS = tuple(f"{2022 + month // 12}-{month % 12 + 1:02d}" for month in range(14))
STATES, ITEMS, ORIGINS = ("USA", "JPN", "UKR", "DEU"), ("mse", "pac3", "gemt"), ("USA", "JPN")
DECEMBER, LAST = 24264 + 11, 24264 + 13


def number(value: float, path: str, grade: str = "plain", **said: Any) -> Number:
    return Number(
        value, said.pop("low", value), said.pop("high", value), "count", str(value), path=path, grade=grade, **said
    )


@dataclass(frozen=True)
class World:
    """As much of a scenario as a reader of results asks for."""

    name: str = "made_up"
    title: str = "Japan backfills US stocks"
    question: str = "How many more reach Ukraine?"
    label: str = "fictional"
    arm_names: tuple[str, ...] = ARMS
    empty: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    doctrines: tuple[str, ...] = ("flow",)
    worth: dict[str, Number] | None = None
    by: tuple[int, ...] = (DECEMBER, DECEMBER, LAST)
    notes: tuple[Any, ...] = ()
    families: dict[str, Any] = field(default_factory=dict)

    @property
    def setting(self) -> Any:
        return self.arm()

    def arm(self, name: str = "baseline", under: str | None = None) -> Any:
        doctrine = {way: SimpleNamespace(kind=way) for way in ("headroom", "flow")}
        usa = SimpleNamespace(
            name="United States",
            gift=SimpleNamespace(doctrine=doctrine.get(under, doctrine["headroom"])),
            sale=SimpleNamespace(doctrine=doctrine.get(under, doctrine["flow"])),
        )
        return SimpleNamespace(
            same_for=name if name not in self.empty else "baseline",
            roles=SimpleNamespace(donor="USA", backfiller="JPN", aided="UKR", items=ITEMS),
            states={"USA": usa, "JPN": SimpleNamespace(name="Japan"), "UKR": SimpleNamespace(name="Ukraine")},
            needs={"defence": SimpleNamespace(worth=self.worth)} if self.worth else {},
            arms={name: SimpleNamespace(title=self.titles.get(name, "")) for name in self.arm_names[1:]},
            doctrines={way: SimpleNamespace(title=f"{way} in both channels") for way in self.doctrines},
            outcomes=SimpleNamespace(by=self.by, families=self.families),
        )

    @property
    def raw(self) -> dict[str, Any]:
        return {"scenario": 1, "title": self.title, "horizon": "2022-01 to 2023-02"}

    def numbers(self) -> dict[str, Number]:
        known = [
            number(0.25, "states.USA.floor", grade="assumed"),
            number(3376, "states.USA.requirement", grade="high"),
            number(0.25, "states.JPN.floor", grade="assumed", same_as="states.USA.floor"),
        ]
        return {entry.path: entry for entry in known}


def flow(arms: int = 3, runs: int = 5, months: int = 14) -> np.ndarray:
    """Nothing moves  [arm, run, month, state, item, origin]."""
    return np.zeros((arms, runs, months, len(STATES), len(ITEMS), len(ORIGINS)), dtype=np.float32)


def usual(runs: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Aid and backfill: 10 and more a month in all arms; 4 are handed over in month 3, 8 in the third arm.

    Two of the 4 and four of the 8 come through in month 6, and one more or less in every second run.
    """
    aid, back = flow(runs=runs), flow(runs=runs)
    aid[:, :, :, 2, 0, 0] = 10 + np.arange(runs)[None, :, None]
    swing = np.where(np.arange(runs) % 2, 1, -1) * (np.arange(runs) < runs - runs % 2)
    for arm, units in ((0, 4), (2, 8)):
        back[arm, :, 3, 0, 1, 1] = units
        aid[arm, :, 6, 2, 1, 0] = units // 2 + swing
    return aid, back


def results(
    aid: np.ndarray | None = None, back: np.ndarray | None = None, *, world: World | None = None, **said: Any
) -> Results:
    """A run with some aid and backfill  [arm, run, month, state, item, origin]; levels are invented around them."""
    usual_aid, usual_back = usual()
    aid, back = usual_aid if aid is None else aid, usual_back if back is None else back
    arms, runs = aid.shape[:2]
    names = said.pop("arms", ARMS[:arms])
    dataset = _dataset(aid, back, names, said.pop("draws", None))
    way = dataset[["aid", "backfill", "position", "floor"]]
    return Results(
        dataset=dataset,
        under=said.pop("under", {"flow": way}),
        scenario=world or World(),
        arms=names,
        runs=runs,
        seed=said.pop("seed", 1),
        **said,
    )


def _dataset(
    aid: np.ndarray, back: np.ndarray, arms: tuple[str, ...], draws: dict[str, np.ndarray] | None
) -> xr.Dataset:
    runs, months = aid.shape[1:3]
    full, by_state = ("arm", "run", "month", "state", "item", "origin"), ("arm", "run", "month", "state")
    position = 900 + np.cumsum(back.sum((-1, -2)), axis=2)
    floor = np.broadcast_to(np.where(np.arange(months) < 5, 901.0, 850.0)[:, None], position.shape)
    handed = np.cumsum(back[:, :, :, 0].sum((-1, -2)), axis=2)
    announced = np.broadcast_to(2 * handed[:, :, -1:], handed.shape)
    stages = {"promised": announced, "contracted": handed, "shipped": handed, "delivered": handed}
    draws = draws if draws is not None else {"states.USA.floor": np.linspace(0.1, 0.5, runs)}
    variables = {
        "aid": (full, aid),
        "backfill": (full, back),
        "stock": (full, np.cumsum(back, axis=2)),
        "position": (by_state, position.astype(np.float32)),
        "floor": (by_state, floor.astype(np.float32)),
        "unmet": (by_state, np.ones(position.shape, np.float32)),
        **{name: (full[:3], total.astype(np.float32)) for name, total in stages.items()},
        "draws": (("run", "number"), np.array(list(draws.values())).reshape(len(draws), runs).T),
    }
    coords = {"arm": list(arms), "run": np.arange(runs), "month": list(MONTHS[:months])}
    coords |= {"state": list(STATES), "item": list(ITEMS), "origin": list(ORIGINS), "number": list(draws)}
    return xr.Dataset(variables, coords)
