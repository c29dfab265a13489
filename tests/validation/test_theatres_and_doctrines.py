"""What raids use up, what came by air over Ukraine, and what a donor keeps that weighs two dangers."""

from __future__ import annotations

import csv
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.scenario import load, numbers_of
from backfill.world import World

pytestmark = pytest.mark.validation
tests = Path(__file__).parents[1]
gifts = SimpleNamespace(**runpy.run_path(str(tests / "gifts.py")))
ATTACKS = tests / "data" / "published" / "russian_air_attacks_monthly_2022-09_2025-06.csv"


def theatre(folder: Path, war: str, runs: int, horizon: str) -> World:
    """A state at war that never runs out of arrows, at the end of a horizon."""
    text = [
        "scenario: 1",
        "title: A theatre",
        "label: fictional",
        f"horizon: {horizon}",
        "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
        "items: {arrow: {name: Arrow}}",
        "states: {XDA: {}, XAL: {}, XWA: {items: {arrow: {stock: 900000000}}}}",
        "sources: {press: {title: Reports of the air force}}",
        f"conflicts: {{border: {{fighting: [XWA], uses: [arrow], {war}}}}}",
    ]
    path = folder / "theatre.yaml"
    path.write_text("\n".join(text), encoding="utf-8")
    setting = load(path).setting
    keep = ["attacks", "called", "fired", "leaked"]
    world = World(setting, range(runs), 1, numbers_of(setting), keep=keep)
    world.run()
    return world


def course(world: World, name: str) -> np.ndarray:
    """One outcome of the theatre.  [months, runs]"""
    return np.asarray(world.recorder.tables[name][:, 0], dtype=float)


# --- raids (PUB-A20) --------------------------------------------------------------------------------------------------

RAIDS = (2000, "2030-01 to 2034-02")  # fifty months of two thousand runs: a hundred thousand raids
RAID = "attacks: 60 per month, kill: 70 %"


@pytest.mark.parametrize(
    ("engagement", "use", "variance"),
    [("{kind: salvo, shots: 2}", 120, 240), ("{kind: shoot_look_shoot, shots: 1, looks: 2}", 78, 114)],
)
def test_rounds_that_a_raid_uses_up(tmp_path: Path, engagement: str, use: float, variance: float) -> None:
    """Sixty targets, a kill at 70 %: two at once, or one and then another; 5.4 get through either way."""
    world = theatre(tmp_path, f"{RAID}, engagement: {engagement}", *RAIDS)
    fired = course(world, "fired")
    assert fired.size == 100_000
    assert fired.mean() == pytest.approx(use, rel=0.01)
    assert fired.var() == pytest.approx(variance, rel=0.02)
    assert course(world, "leaked").mean() == pytest.approx(5.4, rel=0.01)


def test_rounds_drawn_by_themselves_vary_too_little(tmp_path: Path) -> None:
    """The control: as many rounds, without targets to fire them at."""
    fired = course(theatre(tmp_path, f"{RAID}, per_target: 2", *RAIDS), "fired")
    assert fired.mean() == pytest.approx(120, rel=0.01)
    assert fired.var() != pytest.approx(240, rel=0.02)


# --- attacks on Ukraine (PUB-H06) -------------------------------------------------------------------------------------

LAUNCHED = {
    "ballistic": 666,
    "cruise_and_air_to_surface": 3925,
    "sam_ground_role_incl_mixed": 476,
    "mixed_cruise_ballistic": 27,
    "one_way_attack_uav": 37201,
}
SEEN = "2022-10 to 2025-06"


def series(folder: Path, column: str, *classes: str, after: str = "0 per month") -> str:
    """Attacks as the published series has them."""
    shutil.copy(ATTACKS, folder / "seen.csv")
    where = f"where: {{class: [{', '.join(classes)}]}}"
    rest = f"unit: per month, source: press, gaps: zero, before: 0 per month, after: {after}"
    return f"attacks: {{series: seen.csv, column: {column}, {where}, {rest}}}"


def counted(folder: Path, column: str, *classes: str) -> np.ndarray:
    """The same by month, 33 of them."""
    return course(theatre(folder, series(folder, column, *classes), 1, SEEN), "attacks")[:, 0]


@pytest.mark.parametrize(("name", "total"), LAUNCHED.items())
def test_the_series_adds_up_to_what_was_published(tmp_path: Path, name: str, total: int) -> None:
    months = counted(tmp_path, "launched_count", name)
    assert len(months) == 33
    assert months.sum() == total


def test_several_classes_add_up(tmp_path: Path) -> None:
    assert counted(tmp_path, "launched_count", *LAUNCHED).sum() == sum(LAUNCHED.values())


@pytest.mark.parametrize(("name", "digits", "rate"), [("ballistic", 2, 0.21), ("cruise_and_air_to_surface", 3, 0.723)])
def test_so_many_were_destroyed(tmp_path: Path, name: str, digits: int, rate: float) -> None:
    """To June 2025 the reports list losses to jamming apart; the published rates are of what was shot down."""
    destroyed = counted(tmp_path, "destroyed_count", name).sum()
    assert round(destroyed / LAUNCHED[name], digits) == rate


def test_a_process_that_goes_on_from_the_last_year_has_its_mean(tmp_path: Path) -> None:
    """Fitted to the twelve months to June 2025; a fit to all 33 months, the control, is another year."""
    with ATTACKS.open(encoding="utf-8", newline="") as rows:
        launched = [row for row in csv.DictReader(rows) if row["class"] == "ballistic" and row["month"] > "2022-09"]
    last = sum(int(row["launched_count"]) for row in launched if row["month"] > "2024-06") / 12
    all_months = LAUNCHED["ballistic"] / 33
    drawn = {}
    for mean in (last, all_months):
        war = series(tmp_path, "launched_count", "ballistic", after=f"{mean:.6f} per month")
        world = theatre(tmp_path, f"{war}, per_target: 1, dispersion: 6", 200, "2022-10 to 2026-06")
        drawn[mean] = course(world, "called")[-12:].mean()
    assert drawn[last] == pytest.approx(last, rel=0.1)
    assert drawn[all_months] != pytest.approx(last, rel=0.1)


# --- the newsvendor as a donor (PUB-A01) ------------------------------------------------------------------------------

MEAN, SPREAD, LEVEL = 50.0, 8.0, 56.60396
DISPERSION = MEAN**2 / (SPREAD**2 - MEAN)
"""Of the count whose spread is that of the published demand: variance = mean + mean^2 / dispersion."""


@pytest.mark.parametrize(("short", "over", "hits"), [(0.7, 0.18, True), (0.18, 0.18, False)])
def test_a_donor_keeps_what_the_newsvendor_keeps(tmp_path: Path, short: float, over: float, *, hits: bool) -> None:
    """A unit short at home costs 0.7, one too many 0.18: of a hundred all but 56.6 go, to the whole unit."""
    weighs = f"chance: 100 %, demand: {MEAN}, dispersion: {DISPERSION:.6f}, cost_ratio: {short / over:.9f}"
    stance = f"items: {{arrow: {{stock: 100}}}}, doctrine: {{kind: marginal, {weighs}}}"
    given = sum(gifts.aid(gifts.raised(gifts.write(tmp_path, XDA=stance, XWA=gifts.HUNGRY))))
    assert (abs(100 - given - LEVEL) < 1) == hits
