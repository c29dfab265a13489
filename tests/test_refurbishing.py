"""Claims about old units made new: one is used up for each that is made, and whose conditions travel with it stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backfill.errors import ScenarioProblems
from backfill.months import NEVER
from backfill.scenario import load, numbers_of
from backfill.world import World

Grow = Callable[..., World]
ITEMS = "new: {name: New, licensor: XDA}, old: {name: Old, licensor: XDA}"
RENEWED = "new: {name: New, licensor: XDA, shelf_life: 2 years}"
NEED = "needs: {air: {worth: {new: 1, old: 0.6}}}"
NOTHING = "items: {new: {stock: 0}, old: {stock: 0}}"


def text_of(*more: str, items: str = ITEMS, until: str = "2031-12", **states: str) -> str:
    """Three states that hold nothing of two items, but for what is said of them."""
    nothing = NOTHING if "old:" in items else "items: {new: {stock: 0}}"
    stances = {"XDA": nothing, "XAL": nothing, "XWA": nothing} | states
    return "\n".join(
        [
            "scenario: 1",
            "title: A depot that makes old units new",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [new]}",
            f"items: {{{items}}}",
            "states:",
            *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
            *more,
        ]
    )


def works(capacity: str, *more: str, old: str = "old", rest_to: str | None = "XDA") -> str:
    """A line of Donora's, depot.new, that makes new units of old ones."""
    rest = [] if rest_to is None else [f"rest_to: {rest_to}"]
    said = ", ".join([f"item: new, refurbishes: {old}, capacity: {capacity}, lead_time: 1 month", *rest, *more])
    return f"manufacturers: {{depot: {{state: XDA, lines: {{new: {{{said}}}}}}}}}"


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write a world down and raise it."""

    def grown(text: str) -> World:
        path = tmp_path / "depot.yaml"
        path.write_text(text, encoding="utf-8")
        setting = load(path).setting
        return World(setting, range(2), 1, numbers_of(setting))

    return grown


def account(world: World, entry: str, item: str) -> float:
    return float(world.ledger.account(entry, item)[0])


def held(world: World, state: str, item: str) -> dict[tuple[str, int], float]:
    """What a state, or a line, holds in the first run, by origin and month of leaving."""
    ledger = world.ledger
    rows = [row for row in ledger.rows(state, item) if ledger.stock[row, 0]]
    return {(ledger.lots[row].origin, ledger.lots[row].expires): float(ledger.stock[row, 0]) for row in rows}


def test_each_new_unit_uses_up_an_old_one(grow: Grow) -> None:
    world = grow(text_of(works("4 per month"), XDA="items: {new: {stock: 0}, old: {stock: 30}}", until="2030-06"))
    world.run()
    assert (account(world, "produced", "new"), account(world, "refurbished", "old")) == (24, 24)
    assert (account(world, "stock", "new"), account(world, "stock", "old")) == (24, 6)


def test_a_line_refurbishes_no_more_than_is_there(grow: Grow) -> None:
    """Thirty old units are done after eight months; a line that builds new ones goes on (the control)."""
    stock = "items: {new: {stock: 0}, old: {stock: 30}}"
    limited = grow(text_of(works("4 per month"), XDA=stock))
    bound = limited.run().tables["bound"][:, 0, 0]
    assert account(limited, "produced", "new") == 30
    assert [int(cause) for cause in bound[[6, 7, 8]]] == [0, 2, 2]
    building = grow(text_of(works("4 per month").replace("refurbishes: old, ", ""), XDA=stock))
    building.run()
    assert account(building, "produced", "new") == 96


def test_without_an_order_nothing_is_refurbished(grow: Grow) -> None:
    """A line that idles has only the five that were ordered; one whose state takes the rest turns over all there is."""
    stock = "items: {new: {stock: 0}, old: {stock: 30}}"
    order = "orders: {few: {customer: XDA, units: 5, placed: 2030-01}}"
    for rest, made in ((None, 5), ("XDA", 30)):
        more = [order] if rest else [order, "idles: true"]
        world = grow(text_of(works("4 per month", *more, rest_to=rest), XDA=stock))
        world.run()
        assert account(world, "produced", "new") == made


def test_a_refurbished_unit_keeps_the_origin_of_what_it_was_made_of(grow: Grow) -> None:
    world = grow(text_of(works("4 per month"), XDA="items: {new: {stock: 0}, old: {stock: 30, origin: XAL}}"))
    world.run()
    assert held(world, "XDA", "new") == {("XAL", NEVER): 30}


def test_what_is_under_contract_is_not_refurbished(grow: Grow) -> None:
    gift = "events: {gift: {kind: pledge, from: XDA, to: XWA, item: old, units: 20, date: 2030-01-01}}"
    slow = "transfers: {any-to-any: {decision: 0 days, contract: 0 days, handover: 12 months, transit: 0 days}}"
    world = grow(text_of(works("4 per month"), gift, slow, XDA="items: {new: {stock: 0}, old: {stock: 30}}"))
    world.run()
    assert held(world, "XWA", "old") == {("XDA", NEVER): 20}
    assert held(world, "XDA", "new") == {("XDA", NEVER): 10}


def test_what_has_expired_waits_in_the_yard_and_comes_first(grow: Grow) -> None:
    """Twelve expire in July 2030, as many are to a year later: from January on a line takes these, then those."""
    late = works(
        "{2030-01: 0 per month, 2030-12: 0 per month, 2031-01: 4 per month, 2031-06: 4 per month, 2031-07: 0 per month}"
    )
    stock = "items: {new: {stock: 0}, old: {stock: 30, expires: {2030-05: 40 %, 2031-05: 40 %}}}"
    world = grow(text_of(late, XDA=stock, until="2031-07"))
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        if month == world.first + 11:
            assert held(world, "depot.new", "old") == {("XDA", NEVER): 12}
    assert (account(world, "refurbished", "old"), account(world, "expired", "old")) == (24, 0)
    assert held(world, "XDA", "old") == {("XDA", NEVER): 6}
    without = grow(text_of(XDA=stock, until="2031-07"))
    without.run()
    assert account(without, "expired", "old") == 24


def test_the_same_item_gets_a_new_date(grow: Grow) -> None:
    """Forty-eight that last two years leave two a month; recertified, the soonest first, none is ever lost."""
    stock = "items: {new: {stock: 48}}"
    kept = grow(text_of(works("2 per month", old="new"), items=RENEWED, XDA=stock, until="2033-12"))
    left = grow(text_of(items=RENEWED, XDA=stock, until="2033-12"))
    for world in (kept, left):
        world.run()
    assert (account(kept, "stock", "new"), account(kept, "expired", "new")) == (48, 0)
    assert (account(left, "stock", "new"), account(left, "expired", "new")) == (0, 48)
    assert account(kept, "produced", "new") == account(kept, "refurbished", "new") > 48


def test_an_order_for_refurbishment_counts_only_with_what_it_adds(grow: Grow) -> None:
    """An old unit counts 0.6 already: ten on order add four equivalents, and what comes back is no inflow."""
    order = "orders: {ten: {customer: XDA, units: 10, placed: 2030-01}}"
    none_yet = works("{2030-01: 0 per month, 2031-12: 0 per month}", order)
    world = grow(text_of(NEED, none_yet, XDA="items: {new: {stock: 0}, old: {stock: 30}}", until="2030-03"))
    world.run()
    donor = world.positions["XDA", "air"]
    assert donor.equivalents()[0] == pytest.approx(18)
    assert world.census.whole_position(donor)[0] == pytest.approx(22)
    busy = grow(text_of(NEED, works("4 per month"), XDA="items: {new: {stock: 0}, old: {stock: 30}}", until="2030-03"))
    busy.run()
    assert busy.positions["XDA", "air"].inflow[0] == 0


MISTAKES = {
    "a component with a shelf life": (
        text_of(items=f"{ITEMS}, seeker: {{name: Seeker, kind: component, shelf_life: 2 years}}"),
        "a shelf life of seeker, which is a component",
    ),
    "a shelf life of days": (text_of(items=RENEWED.replace("2 years", "10 days")), "a month at least"),
    "a stock that had expired": (
        text_of(XDA="items: {new: {stock: 0}, old: {stock: 9, expires: {2029-12: 10 %}}}"),
        "2029-12, before the first month",
    ),
    "dates of nothing": (text_of(XAL="items: {old: {expires: {2030-05: 10 %}}}"), "dates of no stock"),
    "more than all": (
        text_of(XDA="items: {new: {stock: 0}, old: {stock: 9, expires: {2030-05: 60 %, 2031-05: 60 %}}}"),
        "shares of 120 % in all",
    ),
    "an unknown item": (text_of(works("4 per month", old="odl")), "nearest: old"),
    "a component made of an old unit": (
        text_of(works("4 per month", old="seeker"), items=f"{ITEMS}, seeker: {{name: Seeker, kind: component}}"),
        "finished items, old and new",
    ),
    "an item that never expires made of itself": (text_of(works("4 per month", old="new")), "a shelf_life of new"),
    "customers outside": (text_of(works("4 per month", rest_to=None)), "rest_to: XDA"),
    "a foreign customer": (
        text_of(works("4 per month", "orders: {ten: {customer: XAL, units: 10, placed: 2030-01}}")),
        "customers of its own state only",
    ),
    "a foreign plan": (
        text_of(works("4 per month"), XAL="items: {new: {stock: 0, line: depot.new, procurement: 5 per year}}"),
        "customers of its own state only",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_makes_no_sense_is_refused(grow: Grow, mistake: str) -> None:
    text, said = MISTAKES[mistake]
    with pytest.raises(ScenarioProblems, match=said):
        grow(text)
