"""Claims about who waits for whom: what an event gives some customers of a line is what it takes from the others."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from copy import deepcopy
from functools import partial, partialmethod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from backfill.ordering.displacement import Displacement
from backfill.ordering.orders import OrderBook
from backfill.results import displacement, sentence
from backfill.results.table import as_data
from backfill.scenario import load
from backfill.studies.run import simulate
from backfill.world import World

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("queue_worlds.py"))))
order, text_of, queue, events = make.order, make.text_of, make.queue, make.events
had, lived = make.had, make.lived
REST_TO_XBB, REST_TO_XBC, REST_TO_XWA = (f", rest_to: {code}" for code in ("XBB", "XBC", "XWA"))

Grow = Callable[..., World]


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    return partial(_raised, tmp_path / "queue.yaml")


def _raised(path: Path, text: str, *said: Any, **more: Any) -> World:
    world: World = make.raised(text, path, *said, **more)
    return world


def displaced(world: World) -> dict[str, np.ndarray]:
    """Unit-months lost so far, by customer.  [months, runs]"""
    for outcome in world.recorder.outcomes:
        if outcome.name == "displaced":
            table = world.recorder.tables["displaced"].transpose(1, 0, 2)
            return {labels[1]: row for labels, row in zip(outcome.rows, table, strict=True)}
    return {}


def row_of(world: World, name: str, customer: str) -> np.ndarray:
    outcome = next(outcome for outcome in world.recorder.outcomes if outcome.name == name)
    place = [labels[1] for labels in outcome.rows].index(customer)
    table: np.ndarray = world.recorder.tables[name][:, place]
    return table


def test_ten_units_that_slip_by_two_months_are_twenty_unit_months(grow: Grow) -> None:
    """In March ten go to XWA; XBB has its last ten in April instead of March, XWA its own in March instead of April."""
    orders = {"old": order("XBB", 30), "war": order("XWA", 10, placed="2030-01")}
    world = grow(text_of(orders, events(sooner=queue(first="[XWA]", until="2030-04-01"))))
    lived(world)
    found = displaced(world)
    assert found["XBB"][:5, 0].tolist() == [0, 0, 10, 10, 10]
    assert found["XWA"][:5, 0].tolist() == [0, 0, -10, -10, -10]
    assert row_of(world, "slipped", "XBB")[:5, 0].tolist() == [0, 0, 10, 0, 0]
    assert row_of(world, "delayed", "XBB")[:5, 0].tolist() == [0, 0, 10, 10, 10]
    assert not row_of(world, "delayed", "XWA").any()


UNSURE = {
    "old": order("XBB", 170, over=17),
    "mid": "{customer: XBC, units: 150 (60 to 200), placed: 2029-12, over: 12 months}",
    "war": order("XWA", 40, placed="2030-02", over=20), "late": order("XBD", 90, placed="2030-06", over=9),
}  # fmt: skip
MOVES = [
    {"first": "[XWA]"},
    {"first": "[war]", "share": "40 (10 to 100) %"},
    {"first": "[war]", "share": "40 (10 to 100) %", "exempt": "[XBC]"},
    {"behind": "[XBB]"},
    {"first": "[XWA]", "behind": "[XBC]", "at_most": "30 (5 to 60)"},
    {"first": "[XWA]", "until": "", "lasts": "6 (1 to 14) months"},
]
RULES = ["", ", priority: [[XBD], [others]]", ", allocation: proportional"]
RUNS = range(9)


@pytest.mark.parametrize("said", MOVES)
@pytest.mark.parametrize("rule", RULES)
def test_what_some_gain_others_lose_in_every_run_and_month(grow: Grow, said: dict[str, str], rule: str) -> None:
    world = grow(text_of(UNSURE, events(moved=queue(**said)), capacity="8 (4 to 14) per month", line=rule), RUNS)
    lived(world)
    found = displaced(world)
    assert any(rows.any() for rows in found.values())
    assert not sum(found.values()).any()
    lost = sum(np.maximum(rows, 0.0) for rows in found.values())
    gained = sum(np.maximum(-rows, 0.0) for rows in found.values())
    assert (lost == gained).all()


def by_customer(world: World) -> dict[str, np.ndarray]:
    """What the line delivered to each customer.  [months, runs]"""
    given, found = lived(world), {}
    for number, account in enumerate(world.finished_lines[0].book.accounts):
        found[account.customer] = found.get(account.customer, 0.0) + given[:, number]
    return found


def agrees_with_the_world_without(grow: Grow, said: dict[str, str], rule: str) -> bool:
    """Whether what is displaced is what the deliveries of a world without the event tell, customer by customer."""
    text = text_of(UNSURE, capacity="8 (4 to 14) per month", line=rule)
    world, without = grow(f"{text}\n{events(moved=queue(**said))}", RUNS), grow(text, RUNS)
    moved, usual = by_customer(world), by_customer(without)
    assert (sum(moved.values()) == sum(usual.values())).all()  # a world of equal output, or there is nothing to compare
    lost = {name: np.cumsum(np.cumsum(usual[name] - moved[name], axis=0), axis=0) for name in usual}
    return all((lost[name] == rows).all() for name, rows in displaced(world).items())


@pytest.mark.parametrize("said", MOVES)
@pytest.mark.parametrize("rule", RULES)
def test_the_usual_order_is_that_of_the_world_without_the_event(grow: Grow, said: dict[str, str], rule: str) -> None:
    assert agrees_with_the_world_without(grow, said, rule)


def test_another_usual_order_would_be_noticed(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a usual book that misses the orders of later, or that has another class in front."""
    with monkeypatch.context() as patch:
        patch.setattr(OrderBook, "begin_usual", deepcopy)
        assert not agrees_with_the_world_without(grow, MOVES[0], "")
    with monkeypatch.context() as patch:
        patch.setattr(Displacement, "expect", partialmethod(_with_the_last_in_front, Displacement.expect))
        assert not agrees_with_the_world_without(grow, MOVES[0], "")


def _with_the_last_in_front(kept: Displacement, expect: Callable[..., None], *said: Any) -> None:
    kept.classes = [1] * (len(kept.classes) - 1) + [0]
    expect(kept, *said)


@pytest.mark.parametrize("share", ["", "40 %"])
def test_an_empty_queue_displaces_nobody(grow: Grow, share: str) -> None:
    """The favoured have no order, or nobody else has one."""
    for orders in ({"old": order("XBB", 100, over=20), "war": order("XWA", 0)}, {"war": order("XWA", 100, over=20)}):
        rest = REST_TO_XBB if "old" in orders else REST_TO_XWA
        world = grow(text_of(orders, events(sooner=queue(first="[XWA]", share=share)), line=rest))
        lived(world)
        assert not any(rows.any() for rows in displaced(world).values())


def test_before_an_event_nobody_is_displaced_and_orders_of_later_enter_both_books(grow: Grow) -> None:
    """An order that is placed after the event has ended is late only by what is in front of it."""
    orders = {
        "old": order("XBB", 60),
        "war": order("XWA", 30, placed="2030-01"),
        "new": order("XBD", 20, placed="2030-07"),
    }
    world = grow(text_of(orders, events(sooner=queue(first="[war]"))))
    lived(world)
    found = displaced(world)
    assert found["XBB"][-1].all()
    assert not any(rows[:2].any() for rows in found.values())
    assert not found["XBD"].any()


def test_a_closed_border_is_closed_in_both_orders_and_what_is_left_over_is_nobodys(
    grow: Grow, allia_denies: Callable[[str], None], tmp_path: Path
) -> None:
    """XWA is served early and barred from July on. In the usual order it has 20 by then, XBB its 40 by April."""
    allia_denies("{destination: XWA}")
    law = tmp_path / "policies" / "XAL.yaml"
    law.write_text(law.read_text(encoding="utf-8").replace("2020-01-01", "2030-07-01"), encoding="utf-8")
    orders = {"old": order("XBB", 40), "war": order("XWA", 90, placed="2030-01")}
    moved = events(sooner=queue(first="[XWA]", until="2030-07-01"))
    world = grow(text_of(orders, moved, "export_rules: {policies: [XAL]}", line=REST_TO_XWA))
    given = had(world)
    assert (given["XWA"][2:8], given["XBB"][6:8]) == ([10, 10, 10, 10, 0, 0], [10, 10])
    found = displaced(world)
    assert not sum(found.values()).any()
    assert found["nobody"][4:9, 0].tolist() == [0, 0, 10, 30, 50]


@pytest.mark.parametrize("said", MOVES)
def test_a_run_alone_equals_its_row_in_whatever_is_moved(grow: Grow, said: dict[str, str]) -> None:
    text = text_of(UNSURE, events(moved=queue(**said)), capacity="8 (4 to 14) per month")
    together = grow(text, RUNS)
    given = lived(together)
    for replication in RUNS:
        alone = grow(text, range(replication, replication + 1))
        assert (lived(alone)[..., 0] == given[..., replication]).all()
        for name in ("displaced", "slipped", "delayed"):
            one, all_ = alone.recorder.tables[name], together.recorder.tables[name]
            assert (one[..., 0] == all_[..., replication]).all()


def test_the_usual_order_is_kept_only_for_who_asks_and_changes_nothing(grow: Grow) -> None:
    text = text_of(UNSURE, events(moved=queue(first="[war]", share="40 (10 to 100) %")))
    with_it, without = grow(text, RUNS), grow(text, RUNS, keep=["aid", "stock"])
    assert without.finished_lines[0].deliveries.displacement is None
    assert (lived(with_it) == lived(without)).all()
    assert (with_it.recorder.tables["stock"] == without.recorder.tables["stock"]).all()


def some_event(luck: np.random.Generator) -> str:
    """An event drawn at random: somebody first or behind, perhaps somebody exempt, a share, a limit, a length."""
    names = [f"[{name}]" for name in luck.permutation(["XWA", "XBB", "XBC", "XBD", "war", "old", "mid"])]
    said = {"since": f"2030-{luck.integers(1, 9):02d}-01", "until": f"2031-{luck.integers(1, 13):02d}-01"}
    said |= {"first": names[0]} if luck.random() < 0.8 else {"behind": names[1]}
    said |= {"behind": names[1]} if luck.random() < 0.4 else {}
    said |= {"exempt": names[2]} if luck.random() < 0.3 else {}
    said |= {"share": "40 (10 to 100) %"} if luck.random() < 0.5 and "first" in said else {}
    said |= {"at_most": "30 (5 to 60)"} if luck.random() < 0.4 else {}
    return str(queue(**said | ({"until": "", "lasts": "6 (1 to 14) months"} if luck.random() < 0.4 else {})))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_events_meet_both_books_hold_the_same_orders_and_no_limit_is_passed(grow: Grow, seed: int) -> None:
    luck = np.random.default_rng(seed)
    met = {f"event_{number}": some_event(luck) for number in range(luck.integers(1, 4))}
    world = grow(text_of(UNSURE, events(**met), capacity="8 (4 to 14) per month", line=RULES[seed % 3]), RUNS)
    lived(world)
    book, kept = world.finished_lines[0].book, world.finished_lines[0].deliveries.displacement
    assert kept is not None
    assert kept._usual is not None
    assert (book.due >= 0).all()
    assert (kept._usual.due >= 0).all()
    assert (kept._usual.due.sum(axis=(0, 1)) == book.due.sum(axis=(0, 1))).all()
    assert not sum(displaced(world).values()).any()
    assert all((allowance.left >= 0).all() for allowance in world.allowances.values())


# --- what a run tells -----------------------------------------------------------------------------------------------


def results_of(tmp_path: Path, *more: str, **said: Any) -> Any:
    path = tmp_path / "told.yaml"
    path.write_text(text_of(*more, **said), encoding="utf-8")
    return simulate(load(path), runs=len(RUNS), seed=1, under=False)


def test_months_slipped_are_unit_months_lost_by_units_delayed(tmp_path: Path) -> None:
    """Thirty of XBB's units come three months late, and XWA, who is put first for three months, waits for nothing."""
    orders = {"old": order("XBB", 50), "war": order("XWA", 30, placed="2030-01")}
    results = results_of(tmp_path, orders, events(sooner=queue(first="[XWA]")))
    lost = displacement.displaced(results, "2031-12").sel(arm="baseline", run=0, queue="works.arrow")
    each = displacement.months_slipped(results, "2031-12").sel(arm="baseline", queue="works.arrow")
    assert (float(lost.sel(customer="XBB")), float(lost.sel(customer="XWA"))) == (90, -90)
    assert float(each.sel(customer="XBB")) == 3
    assert np.isnan(float(each.sel(customer="XWA")))


def test_a_run_tells_who_waits_for_whom_in_a_sentence_a_table_and_a_file(tmp_path: Path) -> None:
    orders = {"old": order("XBB", 50), "war": order("XWA", 30, placed="2030-01")}
    results = results_of(tmp_path, orders, events(sooner=queue(first="[XWA]")))
    said = (
        "In the re-ordered queue of works.arrow, by December 2031, XWA gains 90 unit-months; most is lost by XBB, 90: "
        "30 units by 3 months each."
    )
    assert said in sentence.notes(results.table)
    folder = results.save(tmp_path / "saved")
    assert "| works.arrow | XBB | 90 | 30 | 3.0 |" in (folder / "summary.md").read_text(encoding="utf-8")
    rows = pq.read_table(folder / "tables" / "displacement.parquet").to_pylist()
    mine = [row for row in rows if row["run"] == 4]
    assert {row["customer"]: (row["lost"], row["delayed"]) for row in mine} == {"XBB": (90, 30), "XWA": (-90, 0)}
    assert as_data(results)["displacement"][0]["unit_months_lost"] == 90


def test_where_no_queue_is_re_ordered_nothing_is_told(tmp_path: Path) -> None:
    results = results_of(tmp_path, {"old": order("XBB", 50)})
    assert displacement.displaced(results, "2031-12") is None
    assert displacement.months_slipped(results, "2031-12") is None
    assert not displacement.notes(results)
    assert not list(displacement.section(results))
    folder = results.save(tmp_path / "saved")
    assert pq.read_table(folder / "tables" / "displacement.parquet").num_rows == 0
