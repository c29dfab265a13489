"""Claims about what is missing: every part of it has one cause, and the cause is the gate that was closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backfill.records.causes import CAUSES
from backfill.scenario import load, numbers_of
from backfill.world import World

NEEDY = "items: {arrow: {stock: 0}}, load: 1, fire_units: {2030-01: 100}"
RICH = "items: {arrow: {stock: 1000}}, doctrine: headroom, requirement: 100, floor: 100 %"
QUICK = "{decision: 0 days, contract: 0 days, handover: 0 days, transit: 15 days}"
LINE = (
    "item: arrow, lead_time: 6 months, orders: {warland: {customer: XWA, units: 600, placed: 2029-06, over: 12 months}}"
)


@pytest.fixture
def grow(tmp_path: Path) -> Callable[..., World]:
    """Write a world down in which the donor has a thousand and the aided state lacks a hundred, and raise it."""

    def grown(*more: str, procedure: str = QUICK, items: str = "}}", runs: range = range(1), **states: str) -> World:
        stances = {"XDA": RICH, "XAL": "items: {arrow: {stock: 0}}", "XWA": NEEDY} | states
        text = [
            "scenario: 1",
            "title: A small world",
            "label: fictional",
            "horizon: 2030-01 to 2031-12",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            f"items: {{arrow: {{name: Arrow, licensor: XDA, cost: 1 million usd{items}",
            "states:",
            *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
            f"transfers: {{any-to-any: {procedure}}}",
            *more,
        ]
        path = tmp_path / "missing.yaml"
        path.write_text("\n".join(text), encoding="utf-8")
        setting = load(path).setting
        return World(setting, runs, 1, numbers_of(setting))

    return grown


def charged(world: World, month: int, state: str = "XWA", asked_for: str = "aid") -> dict[str, float]:
    """What each cause had in a month of the first run, those that had nothing left out."""
    recorder = world.run()
    rows = next(outcome.rows for outcome in recorder.outcomes if outcome.name == "why_not")
    table = recorder.tables["why_not"][month, :, 0]
    found = {
        row[3]: float(value) for row, value in zip(rows, table, strict=True) if (row[0], row[2]) == (state, asked_for)
    }
    return {cause: value for cause, value in found.items() if value}


def test_with_every_gate_open_what_is_missing_is_under_way(grow) -> None:
    """The control: the donor is willing, rich and allowed, so that all that lacks in the first month is on its way."""
    world = grow()
    assert charged(world, 0) == {"transit": 100}
    assert world.recorder.tables["short"][1:].sum() == 0


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        ("floor", {"XDA": RICH.replace("requirement: 100", "requirement: 1000")}),
        ("will", {"XDA": RICH + ", will: 0 %"}),
        ("will", {"XDA": RICH + ", gift: {windows: [2031-06 to 2031-07]}"}),
        ("decision", {"procedure": QUICK.replace("decision: 0 days", "decision: 20 months")}),
        ("procedure", {"procedure": QUICK.replace("handover: 0 days", "handover: 20 months")}),
        ("stock", {"XDA": RICH.replace("stock: 1000", "stock: 0")}),
        ("stock", {"XDA": RICH + ", minimum: 1000"}),
    ],
)
def test_one_closed_gate_is_charged_with_all_that_is_missing(grow, cause: str, changes: dict[str, str]) -> None:
    assert charged(grow(**changes), 3) == {cause: 100}


def test_the_law_is_charged_with_free_lots_that_it_bars(grow, allia_denies) -> None:
    allia_denies("{destination: XWA}")
    law = "export_rules: {policies: [XAL]}"
    world = grow(law, XDA="items: {}", XAL=RICH, XWA=NEEDY + ", aid_from: [XAL]")
    assert charged(world, 3) == {"rule": 100}


def test_strings_are_charged_with_lots_that_came_under_conditions(grow, allia_denies) -> None:
    """The donor holds nothing but Allia's make, far above its floor; Allia lets none of it go on to Warland."""
    allia_denies("{destination: XWA}")
    strung = RICH.replace("stock: 1000", "stock: 1000, origin: XAL")
    assert charged(grow("export_rules: {policies: [XAL]}", XDA=strung), 3) == {"strings": 100}


def test_money_is_charged_when_the_authority_is_used_up(grow) -> None:
    poor = "events: {pda: {kind: authority, state: XDA, since: 2030-01, amount: {2030: 12 million usd}}}"
    assert charged(grow(poor), 3) == {"transit": 1, "money": 96}


@pytest.mark.parametrize(
    ("capacity", "seekers", "late"),
    [("120 per year", "", {"capacity": 240}), ("unlimited", "12 per year", {"component": 294}), ("unlimited", "", {})],
)
def test_a_line_that_does_not_deliver_is_charged_by_its_limit(grow, capacity: str, seekers: str, late) -> None:
    """Fifty a month are due from the first month on, and 250 of the order wait for their turn."""
    parts = ", needs: {seeker: 1}}, seeker: {name: Seeker, kind: component}}" if seekers else "}}"
    makers = f"works: {{state: XDA, lines: {{arrow: {{{LINE}, capacity: {capacity}}}}}}}"
    makers += f", parts: {{state: XDA, lines: {{seeker: {{item: seeker, capacity: {seekers}}}}}}}" if seekers else ""
    lacking = {"XDA": "items: {}", "XWA": NEEDY.replace("2030-01: 100", "2030-01: 1000")}
    world = grow(f"manufacturers: {{{makers}}}", items=parts, **lacking)
    found = charged(world, 5)
    assert {name: found[name] for name in found if name in ("capacity", "component", "queue")} == {**late, "queue": 250}
    assert sum(found.values()) == 1000 - float(world.recorder.tables["position"][5, -1, 0])


def test_backfill_that_is_asked_for_and_not_given_has_its_causes_too(grow) -> None:
    asks = RICH + ", objective: 1200, backfill_from: [XAL]"
    keeps = "items: {arrow: {stock: 500}}, doctrine: headroom, requirement: 400, floor: 100 %, will: 0 %"
    found = charged(grow(XDA=asks, XAL=keeps), 0, state="XDA", asked_for="backfill")
    assert found == {"will": 100, "floor": 200}


def test_in_every_run_the_causes_add_up_to_what_is_missing(grow) -> None:
    """Numbers that differ from run to run, worth that is no round number, all gates half open."""
    donor = "items: {arrow: {stock: 300 (100 to 500)}}, doctrine: headroom, requirement: 300, floor: 30 (0 to 60) %, "
    donor += "will: 50 (10 to 90) %, spread: 0.5, release: 13.7 %"
    slow = "{decision: 1 (0 to 4) months, contract: 1 (0 to 3) months, handover: 2 months, transit: 1 month}"
    uses = "conflicts: {war: {fighting: [XWA], uses: [arrow], attacks: 13 (5 to 30) per month, dispersion: 3}}"
    recorder = grow(uses, procedure=slow, runs=range(40), XDA=donor).run()
    missing, causes = recorder.tables["short"].astype(float), recorder.tables["why_not"].astype(float)
    assert missing.any()
    assert np.array_equal(causes.reshape(24, -1, len(CAUSES), 40).sum(axis=2), missing)
    assert np.abs(missing[:, 0] - recorder.tables["shortfall"][:, 0]).max() <= 0.5 / 256
    assert (causes >= 0).all()
