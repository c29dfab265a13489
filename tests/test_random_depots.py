"""What holds in any depot: random worlds with every mechanism, in which stocks expire, are lost and made new."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backfill.scenario import load, numbers_of
from backfill.world import World

draw = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("random_worlds.py"))))
RUNS = 5
IN = ("initial", "produced")


def shelf_lives(pick: Any, world: dict[str, Any]) -> None:
    """Some items expire, some first stocks have dates."""
    for item in draw.items_of(world):
        if pick(st.booleans()):
            world["items"][item]["shelf_life"] = draw.number(pick, 1, 30, "months")
        for state in world["states"].values():
            if pick(st.booleans()):
                state["items"][item]["expires"] = {draw.month(pick): draw.share(pick, 0, 50), "2031-01": "50 %"}


def losses(pick: Any, world: dict[str, Any]) -> None:
    """Accidents everywhere, a strike on depots, givers whose conditions travel."""
    for state in world["states"].values():
        state["losses"] = draw.number(pick, 0, 12, "% per month")
        state["own_conditions"] = pick(st.booleans())
    strike = {"states": list(world["states"])[:2], "item": draw.items_of(world)[0], "units": draw.number(pick, 0, 90)}
    draw.event(world, "shock", **strike, months={draw.month(pick, 2, 9): "100 %"}, lost=True)


def renewals(pick: Any, world: dict[str, Any]) -> None:
    """Lines make old units of Donora's and Allia's into the first item, and recertify those that expire."""
    items = draw.items_of(world)
    for home, maker in (("XDA", "donora"), ("XAL", "allia")):
        old = draw.one(pick, [items[-1], *(item for item in items if "shelf_life" in world["items"][item])])
        new = old if "shelf_life" in world["items"][old] else items[0]
        if old != new or "shelf_life" in world["items"][old]:
            world["manufacturers"][maker]["lines"]["renewal"] = {
                "item": new, "refurbishes": old, "capacity": draw.number(pick, 0, 9, "per month"),
                "lead_time": draw.number(pick, 1, 4, "months"), "rest_to": home, "licence": {"from": "XDA"},
            }  # fmt: skip


@pytest.fixture(scope="module")
def setting_of(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("depots")
    return lambda drawn: load(draw.written(drawn, folder)).setting


@settings(
    max_examples=12, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(drawn=draw.worlds((*draw.SWITCHES, shelf_lives, losses, renewals)))
def test_every_unit_of_any_depot_is_somewhere_or_went_in_one_way(setting_of: Any, drawn: dict[str, Any]) -> None:
    """Whole units, none negative, none promised twice; the balance is even; a run alone equals its row."""
    setting = setting_of(drawn)
    world = World(setting, range(RUNS), 3, numbers_of(setting))
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        for table in (world.ledger.stock, world.ledger.committed, world.shipments.under_way, world.shipments.coming):
            assert (table >= 0).all()
            assert (table == np.floor(table)).all()
    balance = next(outcome for outcome in world.recorder.outcomes if outcome.name == "balance")
    signs = np.array([1.0 if entry in IN else -1.0 for entry, _item in balance.rows])[:, np.newaxis]
    for item in world.ledger.items:
        rows = [row for row, (_entry, of) in enumerate(balance.rows) if of == item]
        assert not (world.recorder.tables["balance"][:, rows].astype(float) * signs[rows]).sum(axis=1).any()
    alone = World(setting, range(RUNS - 1, RUNS), 3, numbers_of(setting)).run().tables
    for outcome, table in alone.items():
        assert np.array_equal(table[..., 0], world.recorder.tables[outcome][..., -1], equal_nan=True), outcome
