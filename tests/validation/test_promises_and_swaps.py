"""What is given for what, when it comes, and that nothing is made or lost on the way."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.months import label
from backfill.records.recorder import Outcome
from backfill.world import World

pytestmark = pytest.mark.validation
gifts = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "gifts.py")))
AT_ONCE, OWED = gifts.AT_ONCE, gifts.OWED


def outcome(world: World, name: str) -> Outcome:
    """What was recorded under a name, and of whom."""
    return next(one for one in world.recorder.outcomes if one.name == name)


def stock(world: World, state: str, item: str = "arrow") -> float:
    """What a state holds of an item, in the first run."""
    return float(world.ledger.stock[world.ledger.rows(state, item)][:, 0].sum())


# --- mass balance (PUB-A23) -------------------------------------------------------------------------------------------


def test_one_for_one_moves_a_hole_and_makes_nothing(tmp_path: Path) -> None:
    """A donor gives a hundred of a thousand and has them back six months later: the hundred are missing elsewhere."""
    swap = f"{OWED}, date: 2030-01-01, for: gift, swap: 1, contract: 0 days, handover: 5 months, transit: 0 days"
    events = {"gift": "kind: pledge, from: XDA, to: XWA, item: arrow, units: 100, arrives: 2030-02", "owed": swap}
    holds = "items: {arrow: {stock: 1000}}"
    world = gifts.raised(gifts.write(tmp_path, events=events, XDA=f"{holds}, doctrine: packages", XAL=holds))
    held = np.array([[stock(world, state) for state in ("XDA", "XAL", "XWA")] for _month in gifts.months(world)])
    donor, ally, warland = held.T.tolist()
    assert donor == [900] * 6 + [1000] * 18  # given in the first month, replaced after six
    assert (ally[-1], warland[-1]) == (900, 100)
    entries = {row[0]: number for number, row in enumerate(outcome(world, "balance").rows)}
    books = world.recorder.tables["balance"][:, :, 0]
    assert (books[:, entries["stock"]] + books[:, entries["under_way"]] == 2000).all()


# --- the German ring (PUB-H18) ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Swapped:
    """What a state gave and got, and months in which it had less than before."""

    given: float
    received: float
    gap: int


def swapped(folder: Path, given: int, received: int, *, first: str) -> Swapped:
    """A swap of vehicles for tanks as it is lived; first: who ships first, the `giver` or the `promiser`."""
    course = "contract: 0 days, handover: 2 months, transit: 0 days"
    owed = f"for: gift, swap: {received / given}" if first == "giver" else f"units: {received}"
    gift = f"kind: pledge, from: XDA, to: XWA, item: bolt, units: {given}, against: ring"
    day = "2030-02-01" if first == "giver" else "2030-06-01"
    events = {
        "gift": f"{gift}, date: {day}",
        "ring": f"kind: promise, from: XAL, to: XDA, item: arrow, date: 2030-01-01, {owed}, {course}",
    }
    path = gifts.write(
        folder,
        events=events,
        XDA=f"items: {{arrow: {{stock: 0}}, bolt: {{stock: {given}}}}}",
        XWA="items: {arrow: {stock: 0}, bolt: {stock: 0}}",
    )
    world = gifts.raised(path)
    held = [(stock(world, "XDA", "bolt"), stock(world, "XDA")) for _month in gifts.months(world)]
    gap = sum(bolts == 0 and arrows == 0 for bolts, arrows in held)
    return Swapped(stock(world, "XWA", "bolt"), held[-1][1], gap)


@pytest.mark.parametrize(
    ("given", "received", "ratio"), [(30, 15, 0.5), (20, 14, 0.7)], ids=["slovakia", "czechia, on the deal"]
)
def test_who_gives_first_waits_for_its_replacement(tmp_path: Path, given: int, received: int, ratio: float) -> None:
    deal = swapped(tmp_path, given, received, first="giver")
    assert (deal.given, deal.received) == (given, received)
    assert deal.received / deal.given == ratio
    assert deal.gap >= 1


def test_who_receives_first_has_no_gap(tmp_path: Path) -> None:
    """Greece: forty Marder came before forty BMP-1 left."""
    deal = swapped(tmp_path, 40, 40, first="promiser")
    assert (deal.given, deal.received, deal.gap) == (40, 40, 0)


def test_czechia_on_all_that_it_gave(tmp_path: Path) -> None:
    """Fourteen for twenty of the deal, and 42 more that nobody replaced: 0.23 of all."""
    deal = swapped(tmp_path, 20, 14, first="giver")
    assert deal.received / (deal.given + 42) == pytest.approx(0.23, abs=0.005)


# --- from Japan's rule to the hand-over (PUB-H11) ---------------------------------------------------------------------


def transfer(folder: Path, law: str) -> World:
    """Japan, the United States and Ukraine under invented names, with a line of 620 a year and what is announced."""
    stages = "contract: 7.2 months, handover: 15.6 months, transit: 0 days"
    line = "item: arrow, capacity: 620 per year, lead_time: 1 months, rest_to: XDA"
    path = gifts.write(
        folder,
        f"manufacturers: {{works: {{state: XDA, lines: {{arrow: {{{line}}}}}}}}}",
        law,
        events={"transfer": f"{OWED}, date: 2023-12-22, units: 7 (4 to 20), {stages}"},
        XDA="items: {arrow: {stock: 100}}, doctrine: headroom",
        XWA=f"{gifts.NOTHING}, load: 1, fire_units: {{2022-01: 100000}}, aid_from: [XDA]",
    )
    text = path.read_text(encoding="utf-8").replace("2030-01", "2022-01").replace("2031-12", "2026-12")
    path.write_text(text, encoding="utf-8")
    return gifts.raised(path, range(200))


def test_the_japanese_transfer_comes_when_it_came_and_is_as_small_as_it_was(
    tmp_path: Path, allia_denies: Callable[[str], None]
) -> None:
    """Rule in December 2023, 7.2 months to the contract, 15.6 to the hand-over; 4 to 20 beside 620 built in 2025."""
    allia_denies("{destination: XWA}")
    world = transfer(tmp_path, "export_rules: {policies: [XAL]}")
    came = np.array([gifts.promise_named(world, "transfer").delivered.copy() for _month in gifts.months(world)])
    (month,) = {int(np.flatnonzero(run)[0]) for run in came.T}
    assert label(world.first + month) == "2025-11"
    assert month - 23 == pytest.approx(22.8, abs=1)  # the rule is of the 24th month
    assert (came[:month] == 0).all()
    assert ((came[-1] >= 4) & (came[-1] <= 20)).all()
    built = world.recorder.tables["produced"][36:48, 0].sum(axis=0)
    assert built == pytest.approx(620, abs=1)
    share = np.round(came[-1] / built, 3)
    assert ((share >= 0.006) & (share <= 0.032)).all()
    assert passed_on(world) == (0, True)
    assert passed_on(transfer(tmp_path, ""))[0] > 0  # the control: nothing keeps them at home


def passed_on(world: World) -> tuple[float, bool]:
    """Units of Allia's make that reached Warland, and whether others did."""
    if not world.index:
        world.run()
    aid = world.recorder.tables["aid"].sum(axis=(0, 2))
    units = {row[2]: float(total) for row, total in zip(outcome(world, "aid").rows, aid, strict=True)}
    return units.get("XAL", 0.0), units["XDA"] > 0
