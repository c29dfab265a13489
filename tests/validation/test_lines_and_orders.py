"""What a line builds, when, of what and at which cost, against published answers and those of textbooks."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backfill.kernels.production import learned
from backfill.scenario import load, numbers_of
from backfill.world import World

pytestmark = pytest.mark.validation
make = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "small_lines.py")))
arrows, text_of, table, months_of = make.arrows, make.text_of, make.table, make.months_of
Grow = Callable[..., World]


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write a world down, raise it and live through it."""
    return partial(make.lived, tmp_path / "made.yaml")


# --- the scarcest part (PUB-H02) --------------------------------------------------------------------------------------


def test_complete_rounds_are_as_many_as_the_scarcest_part(grow: Grow) -> None:
    """Forty thousand projectiles and eighteen thousand charges a month are eighteen thousand rounds."""
    parts = ("projectile: {name: Projectile, kind: component}", "charge: {name: Charge, kind: component}")
    items = ", ".join(["arrow: {name: Round, needs: {projectile: 1, charge: 1}}", *parts])
    lines = {
        "works": "item: arrow, capacity: 60000 per month",
        "shells": "item: projectile, capacity: 40000 per month",
        "powder": "item: charge, capacity: 18000 per month",
    }
    world = grow(text_of(lines, items=items))
    assert set(months_of(world, "produced", "works.works")[1:]) == {18_000}
    assert set(months_of(world, "scarce", "works.works", "charge")[1:]) == {1}
    assert set(months_of(world, "scarce", "works.works", "projectile")[1:]) == {0}


# --- capacity does not appear before its time (PUB-R14) ---------------------------------------------------------------


def test_new_capacity_is_not_there_before_eighteen_months_and_complete_by_twenty_four(grow: Grow) -> None:
    """Ordered in the first month: a long book, eighteen months of investment, six of ramp."""
    plain = months_of(grow(text_of(arrows("10 per month", make.BIG_ORDER))), "produced", "works.works")
    growing = "ceiling: 20 per month, ramp: 6 months, investment: 18 months"
    built = months_of(grow(text_of(arrows("10 per month", growing, make.BIG_ORDER))), "produced", "works.works")
    assert built[:18] == plain[:18]
    assert built[24] == 20
    extra_shifts = growing.replace("investment: 18 months", "investment: 0 months")
    soon = months_of(grow(text_of(arrows("10 per month", extra_shifts, make.BIG_ORDER))), "produced", "works.works")
    assert max(soon[:18]) == 20  # the control: more shifts on the line there is


def test_a_decided_hall_builds_between_its_first_and_its_last_date(grow: Grow) -> None:
    """The date is drawn between eighteen and twenty-four months after the decision."""
    ready = "becomes: 20 per month, by: 2031-10 (2031-07 to 2032-01), at_once: true"
    hall = f"events: {{hall: {{kind: capacity, date: 2030-01-01, line: works.works, {ready}}}}}"
    built = table(grow(text_of(arrows("10 per month", make.BIG_ORDER), hall), range(60)), "produced", "works.works")
    assert (built[2:18] == 10).all()
    assert (built[24:] == 20).all()
    assert len(set(built[18:24].sum(axis=0))) > 2


# --- Little's law (PUB-A13) -------------------------------------------------------------------------------------------


def test_what_is_in_the_making_is_rate_times_lead_time(tmp_path: Path) -> None:
    """Fifty a month are begun, each takes two years: 1200 in the making, the first in month 24, 1800 in five years."""
    path = tmp_path / "little.yaml"
    plan = "procurement: {2030-01: 0 per month, 2032-01: 50 per month}"
    text = text_of(arrows("50 per month", "idles: true", lead=24), until="2034-12")
    planned = text.replace("XDA: {items: {arrow: {stock: 0}}}", f"XDA: {{items: {{arrow: {{stock: 0, {plan}}}}}}}")
    path.write_text(planned, encoding="utf-8")
    setting = load(path).setting
    world = World(setting, range(1), 1, numbers_of(setting))
    (line,), making, built = world.finished_lines, [], []
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        making.append(sum(float(line.book.still_open(account)[0]) for account in range(len(line.book.accounts))))
        built.append(float(line.built[0]))
    assert built.index(50) == 24
    assert sum(built) == 1800
    assert making[:24] == [50 * begun for begun in range(1, 25)]
    assert set(making[24:]) == {1200}


# --- learning (PUB-A14) -----------------------------------------------------------------------------------------------

HOURS = {1: 100, 2: 160, 4: 256, 8: 409.6, 16: 655.36}
"""Units built, and hours for all of them, where each doubling lowers the average to 80 % of what it was."""


def test_hours_fall_to_four_fifths_with_every_doubling() -> None:
    """Wright's curve of averages; a page that prints it has 254.76 for the last step, its own totals say 245.76."""
    units = np.array(list(HOURS), dtype=float)
    assert units * 100 * learned(units - 1, 1, 0.8) == pytest.approx(list(HOURS.values()), abs=1e-6)
    assert HOURS[16] - HOURS[8] == pytest.approx(245.76)


def test_a_line_asks_the_learned_price_for_what_it_builds(tmp_path: Path) -> None:
    """One a month, one before the first month: its price is the average of all so far, a thousand dollars an hour."""
    path = tmp_path / "learning.yaml"
    learns = "price: 100000 usd, learning: 80 %, built_before: 1"
    path.write_text(text_of(arrows("1 per month", learns), until="2031-12"), encoding="utf-8")
    setting = load(path).setting
    world = World(setting, range(1), 1, numbers_of(setting))
    (line,) = world.finished_lines
    found = {1: float(line.price_at(0)[0])}
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        units = 1 + int(line.price.total[0])
        found[units] = units * float(line.price_at(world.index)[0])
    assert {units: found[units] for units in HOURS} == pytest.approx(HOURS, abs=1e-6)


# --- seekers for two lines (PUB-H12) ----------------------------------------------------------------------------------


def two_lines(grow: Grow, allocation: str) -> dict[str, np.ndarray]:
    """Output by year of the two lines that share seekers: 650 in one country, 30 with a ceiling of 60 in the other.

    680 seekers a year to 2026, three tenths more from 2027 on.
    """
    ordered = "orders: {many: {customer: XAL, units: 3000, placed: 2024-01}}"
    lines = {
        "works": "item: arrow, capacity: 650 per year",
        "licensed": f"item: arrow, capacity: 30 per year, ceiling: 60 per year, ramp: 12 months, {ordered}",
        "eyes": f"item: seeker, allocation: {allocation}, "
        "capacity: {2024-01: 680 per year, 2026-12: 680 per year, 2027-01: 884 per year}",
    }
    items = "arrow: {name: Arrow, needs: {seeker: 1}}, seeker: {name: Seeker, kind: component}"
    text = text_of(lines, items=items, abroad="licensed", until="2029-12").replace("2030-01 to", "2024-01 to")
    text = text.replace("XAL: {}", f"XAL: {make.NO_ARROWS}")
    world = grow(text)
    return {
        name: np.array(months_of(world, "produced", f"{name}.{name}")).reshape(6, 12).sum(axis=1)
        for name in ("works", "licensed")
    }


def test_a_licensed_line_that_comes_second_at_the_seekers_does_not_grow_before_there_are_more(grow: Grow) -> None:
    """What it could build above 30 waits for seekers until 2027, and without a new hall it is 60 at most after that."""
    built = two_lines(grow, "priority")
    assert (built["licensed"][:3] <= 31).all()
    assert built["licensed"][3] > 45
    assert (built["licensed"][3:] <= 60).all()
    assert (built["works"][1:] == 650).all()


def test_where_seekers_are_shared_what_one_line_gains_the_other_loses(grow: Grow) -> None:
    """In proportion to what each asks for, the licensed line grows before 2027, and both together do not."""
    built = two_lines(grow, "proportional")
    assert built["licensed"][1:3].sum() > 2 * 31
    together = built["works"] + built["licensed"]
    assert (together[:3] <= 680).all()
    assert (together[4:] == 710).all()
