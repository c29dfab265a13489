"""Claims about theatres: how hot they are, what a target takes, who fires, and what gets through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backfill.scenario import check_file, load, numbers_of
from backfill.world import World

RUNS = range(4000)
ARROW = "arrow: {name: Arrow, licensor: XDA}"
BOLT = "bolt: {name: Bolt, licensor: XDA}"
PLENTY_UNITS = 9_000_000
PLENTY = f"items: {{arrow: {{stock: {PLENTY_UNITS}}}}}"
Grow = Callable[..., World]


def text_of(*war: str, more: str = "", items: str = ARROW, until: str = "2030-12", **states: str) -> str:
    """Three states, and one theatre, border, in which Warland fights with arrows unless something else is said."""
    stances = {"XDA": "name: Donora", "XAL": "name: Allia", "XWA": PLENTY} | states
    said = {"fighting": "[XWA]", "uses": "[arrow]"} | dict(part.split(": ", 1) for part in war)
    return "\n".join(
        [
            "scenario: 1",
            "title: A border",
            "label: fictional",
            f"horizon: 2030-01 to {until}",
            "roles: {donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}",
            f"items: {{{items}}}",
            "states:",
            *(f"  {code}: {{{stance}}}" for code, stance in stances.items()),
            "conflicts:",
            "  border: {" + ", ".join(f"{field}: {value}" for field, value in said.items()) + "}",
            more,
        ]
    )


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    """Write a world down and raise it."""

    def grown(text: str, runs: range = range(1), seed: int = 1) -> World:
        path = tmp_path / "border.yaml"
        path.write_text(text, encoding="utf-8")
        setting = load(path).setting
        return World(setting, runs, seed, numbers_of(setting))

    return grown


def course(world: World, name: str, row: int = 0) -> np.ndarray:
    """One outcome through all months of a world.  [months, runs]"""
    tables = world.run().tables if not world.index else world.recorder.tables
    return tables[name][:, row].astype(float)


def row_of(world: World, name: str, *labels: str) -> int:
    return next(o for o in world.recorder.outcomes if o.name == name).rows.index(labels)


# --- intensity ------------------------------------------------------------------------------------------------------


def test_seasons_come_back_every_year(grow: Grow) -> None:
    world = grow(text_of("attacks: 100 per month", "seasons: {11: 1.3, 12: 150 %}", until="2031-12"))
    year = [100.0] * 10 + [130.0, 150.0]
    assert course(world, "attacks")[:, 0].tolist() == pytest.approx(year * 2, rel=1e-6)


def test_phases_and_seasons_multiply(grow: Grow) -> None:
    event = "events: {hot: {kind: phase, conflict: border, since: 2030-11, until: 2030-12, intensity: 2}}"
    world = grow(text_of("attacks: 100 per month", "seasons: {11: 1.5, 12: 1.5}", more=event))
    assert course(world, "intensity")[-3:, 0].tolist() == [1.0, 3.0, 1.5]
    assert course(world, "attacks")[-3:, 0].tolist() == [100.0, 300.0, 150.0]


def test_the_noise_is_one_on_average_in_every_month_and_lasts(grow: Grow) -> None:
    """Log-normal with deviation 0.5: 4000 runs know the mean of a month to 0.0084, of which four are allowed."""
    world = grow(text_of("attacks: 100 per month", "noise: 0.5", "persistence: 80 %"), RUNS)
    logs = np.log(course(world, "intensity"))
    allowed = 4 * np.sqrt((np.exp(0.25) - 1) / len(RUNS))
    means = np.exp(logs).mean(axis=1)
    assert (abs(means - 1) < allowed).all()
    assert (abs(means * np.exp(0.125) - 1) > allowed).all()  # the control: without half the variance taken off
    assert np.corrcoef(logs[3], logs[4])[0, 1] == pytest.approx(0.8, abs=0.03)
    assert np.corrcoef(logs[3], logs[8])[0, 1] == pytest.approx(0.8**5, abs=0.06)


def test_noise_of_one_theatre_is_not_moved_by_another(grow: Grow) -> None:
    noisy = ("attacks: 100 per month", "noise: 0.5", "persistence: 80 %")
    alone = course(grow(text_of(*noisy), range(5)), "intensity")
    other = "  sea: {fighting: [XAL], uses: [arrow], attacks: 5 per month, noise: 0.5}"
    assert (course(grow(text_of(*noisy, more=other), range(5)), "intensity") == alone).all()
    assert (course(grow(text_of(*noisy), range(5), seed=2), "intensity") != alone).all()


def test_a_month_that_was_observed_has_its_season_and_noise_in_it(grow: Grow, tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_text("month,launched\n2030-02,40\n2030-03,50\n", encoding="utf-8")
    seen = (
        "{series: seen.csv, source: press, column: launched, unit: per month, gaps: zero, "
        "before: 0 per month, after: 10 per month}"
    )
    press = "sources: {press: {title: A newspaper}}"
    world = grow(
        text_of(f"attacks: {seen}", "seasons: {3: 2, 4: 2}", "noise: 0.5", more=press),
        range(3),
    )
    came = course(world, "attacks")
    assert came[:3].tolist() == [[0.0] * 3, [40.0] * 3, [50.0] * 3]
    assert len(set(came[3])) == 3


# --- wars that come and go ------------------------------------------------------------------------------------------


def at_war(months: np.ndarray) -> list[str]:
    """The wars of one run, a letter for each month."""
    return "".join("w" if hot else " " for hot in months).split()


def test_a_war_ends_and_may_break_out_again(grow: Grow) -> None:
    """Peace lasts until a chance of 1 in 4 comes true, 4 months on average with the first; a war lasts 3 months."""
    war = ("attacks: 10 per month", "onset: 25 % per month", "lasts: 3 months")
    world = grow(text_of(*war, until="2039-12"), range(300))
    hot = course(world, "intensity") > 0
    starts = hot[1:] & ~hot[:-1]
    assert (starts.sum(axis=0) > 3).all()
    ended = [len(war) for months in hot.T for war in at_war(months[: np.flatnonzero(~months)[-1]])]
    assert {length % 3 for length in ended} == {0}
    assert hot.mean() == pytest.approx(3 / (3 + 3), abs=0.02)  # peace ends at once or later: 1 / 0.25 - 1 = 3 months
    tension = course(world, "tension")
    assert (tension[1:][starts] == 1).all()
    assert not course(world, "attacks")[~hot].any()


def test_without_a_length_a_war_goes_on(grow: Grow) -> None:
    """The control of the one before."""
    world = grow(text_of("attacks: 10 per month", "onset: 25 % per month", until="2039-12"), range(50))
    hot = course(world, "intensity") > 0
    assert hot[-1].all()
    assert (hot[1:] >= hot[:-1]).all()


def test_how_long_a_war_lasts_is_drawn_for_each_outbreak(grow: Grow) -> None:
    war = ("attacks: 10 per month", "onset: 10 % per month", "lasts: 4 (2 to 9) months")
    hot = course(grow(text_of(*war, until="2049-12")), "intensity")[:, 0] > 0
    assert len({len(war) for war in at_war(hot)}) > 2


def test_tension_moves_the_floor_and_leaves_the_will_alone(grow: Grow) -> None:
    """Donora fights in a theatre that breaks out at once: its floor is 40 + 20 % of 100, then nine tenths of that."""
    stance = (
        "items: {arrow: {stock: 500}}, requirement: 100, floor: 40 %, floor_in_crisis: 20 %, will: 60 %, "
        "doctrine: headroom"
    )
    war = ("attacks: 10 per month", "onset: 100 % per month", "fighting: [XDA]")
    world = grow(text_of(*war, XDA=stance, XWA="load: 1, fire_units: {2030-01: 5}, items: {arrow: {stock: 0}}"))
    floor = course(world, "floor", row_of(world, "floor", "XDA"))[:, 0]
    assert floor[:3].tolist() == pytest.approx([60.0, 58.0, 56.2])
    assert set(course(world, "will")[:, 0].round(6)) == {0.6}


# --- engagements ----------------------------------------------------------------------------------------------------

RAID = ("attacks: 60 per month", "kill: 70 %")
SALVO = "engagement: {kind: salvo, shots: 2}"
LOOKS = "engagement: {kind: shoot_look_shoot, shots: 1, looks: 2}"


@pytest.mark.parametrize(
    ("plan", "use", "variance", "others"),
    [(SALVO, 120, 240, 1.0), (LOOKS, 78, 114, 1.0), (LOOKS, 1.5 * 78, 1.5 * 114, 1.5)],
)
def test_rounds_and_leakers_of_a_raid_are_those_of_a_compound_count(
    grow: Grow, plan: str, use: float, variance: float, others: float
) -> None:
    """Sixty targets at 70 %: two at once take 120 rounds and one after the other 78; 5.4 get through either way.

    48000 months know the mean to 0.06 %, the variance to 0.65 %: four times that is allowed.
    """
    world = grow(text_of(*RAID, plan, f"other_targets: {others}"), RUNS)
    fired, leaked = course(world, "fired"), course(world, "leaked")
    assert fired.mean() == pytest.approx(use, rel=0.003)
    assert fired.var() == pytest.approx(variance, rel=0.026)
    assert leaked.mean() == pytest.approx(5.4, rel=0.01)
    assert course(world, "intercepted").mean() == pytest.approx(54.6, rel=0.003)
    assert world.conflicts[0].expected == pytest.approx(use)
    assert fired.var() != pytest.approx(use, rel=0.026)  # the control: rounds drawn as one Poisson count


def test_without_rounds_every_target_gets_through(grow: Grow) -> None:
    world = grow(text_of(*RAID, LOOKS, XWA="items: {arrow: {stock: 0}}"), range(50))
    leaked = course(world, "leaked")
    assert leaked.mean() == pytest.approx(60, abs=1.3)
    assert not course(world, "intercepted").any()


def test_half_the_rounds_stop_half_the_targets(grow: Grow) -> None:
    full = grow(text_of(*RAID, LOOKS), range(200))
    full.step()
    short = grow(text_of(*RAID, LOOKS, XWA="items: {arrow: {stock: 39}}"), range(200))
    short.step()
    conflict, other = full.conflicts[0], short.conflicts[0]
    assert (conflict.demand == other.demand).all()
    assert other.met.max() == 39
    assert other.intercepted == pytest.approx(conflict.intercepted * 39 / conflict.demand)
    assert other.leakers + other.intercepted == pytest.approx(conflict.leakers + conflict.intercepted)


def test_an_average_use_knows_what_it_destroys(grow: Grow) -> None:
    """Two rounds a target without an engagement: unmet demand leaks, 91 % of the others are destroyed."""
    world = grow(text_of(*RAID, "per_target: 2", XWA="items: {arrow: {stock: 60}}"), range(20))
    world.step()
    conflict = world.conflicts[0]
    assert conflict.leakers == pytest.approx((conflict.demand - 60) / 2)
    assert conflict.intercepted == pytest.approx(np.full(20, 30 * 0.91))


def test_a_run_alone_is_its_row_in_a_block(grow: Grow) -> None:
    said = (*RAID, LOOKS, "noise: 0.4", "persistence: 50 %", "onset: 30 % per month", "lasts: 5 (1 to 9) months")
    world, alone = (grow(text_of(*said, "dispersion: 4"), runs) for runs in (range(7), range(5, 6)))
    for name in ("intensity", "attacks", "called", "fired", "leaked", "intercepted", "tension"):
        together = course(world, name)[:, 5]
        assert (together == course(alone, name)[:, 0]).all(), name


# --- fires ----------------------------------------------------------------------------------------------------------


def test_shells_are_called_for_directly(grow: Grow) -> None:
    """The mean of 90,000 is known to 13 shells a run and month with dispersion 12: 0.13 % over 48,000 of them."""
    world = grow(text_of("fires: {2030-01: 90000 per month, 2030-07: 1080000 per year}", "dispersion: 12"), RUNS)
    fired = course(world, "fired")
    assert fired.mean() == pytest.approx(90_000, rel=0.006)
    assert (fired == np.rint(fired)).all()
    assert fired.std() / 90_000 == pytest.approx(1 / np.sqrt(12), rel=0.03)
    assert not course(world, "leakers").any()
    assert "leaked" not in world.recorder.tables
    assert "attacks" not in world.recorder.tables


def test_shells_that_are_not_there_are_unmet(grow: Grow) -> None:
    war = ("fires: 1000 per month", "seasons: {1: 2}")
    world = grow(text_of(*war, XWA="items: {arrow: {stock: 500}}"), range(9))
    world.step()
    assert (world.conflicts[0].met == 500).all()
    assert world.conflicts[0].expected == 2000
    assert (world.conflicts[0].demand > 1500).all()


# --- who fires what -------------------------------------------------------------------------------------------------

AIR = "needs: {air: {worth: {arrow: 1, bolt: 0.6, dud: 0}}}"
THREE = f"{ARROW}, {BOLT}, dud: {{name: Dud, licensor: XDA}}"


def fire(world: World, rounds: float, state: str = "XWA") -> tuple[float, dict[tuple[str, str], float]]:
    """What is left of a call for rounds, and which lots of a state were used up."""
    conflict, before = world.conflicts[0], world.ledger.stock.copy()
    met = conflict._fire(state, np.full(world.runs, float(rounds)))
    used = (before - world.ledger.stock)[:, 0]
    lots = zip(world.ledger.lots, used, strict=True)
    return rounds - float(met[0]), {(lot.item, lot.origin): float(units) for lot, units in lots if units}


def test_items_are_used_in_order_of_preference_at_their_worth(grow: Grow) -> None:
    """Ten calls: five arrows, then ceil(5 / 0.6) bolts; what is worth nothing stays where it is."""
    stock = "items: {arrow: {stock: 5}, bolt: {stock: 20}, dud: {stock: 20}}"
    world = grow(text_of("attacks: 1 per month", "uses: [arrow, bolt, dud]", more=AIR, items=THREE, XWA=stock))
    assert fire(world, 10) == (0, {("arrow", "XDA"): 5, ("bolt", "XDA"): 9})
    left, used = fire(world, 100)
    assert left == pytest.approx(100 - 11 * 0.6)
    assert used == {("bolt", "XDA"): 11}


def test_the_theatre_says_what_is_preferred(grow: Grow) -> None:
    stock = "items: {arrow: {stock: 5}, bolt: {stock: 20}}"
    world = grow(text_of("attacks: 1 per month", "uses: [bolt, arrow]", more=AIR, items=THREE, XWA=stock))
    assert fire(world, 13) == (0, {("bolt", "XDA"): 20, ("arrow", "XDA"): 1})


def test_restricted_lots_go_first_whatever_is_preferred(grow: Grow) -> None:
    """Bolts came under the conditions of Allia, so they are fired at home before free arrows."""
    stock = "items: {arrow: {stock: 50}, bolt: {stock: 10, origin: XAL}}"
    world = grow(text_of("attacks: 1 per month", "uses: [arrow, bolt]", more=AIR, items=THREE, XWA=stock))
    assert fire(world, 10) == (0, {("bolt", "XAL"): 10, ("arrow", "XDA"): 4})
    free = grow(
        text_of("attacks: 1 per month", "uses: [arrow, bolt]", more=AIR, items=THREE, XWA=stock.replace("XAL", "XDA"))
    )
    assert fire(free, 10) == (0, {("arrow", "XDA"): 10})


def test_several_needs_are_used_in_the_order_of_the_theatre(grow: Grow) -> None:
    """Shells, a need by themselves, stand between two items of the air need: nobody falls back on bolts before."""
    more = "needs: {air: {worth: {arrow: 1, bolt: 0.5}}}"
    items = f"{ARROW}, {BOLT}, shell: {{name: Shell, licensor: XDA}}"
    stock = "items: {arrow: {stock: 5}, bolt: {stock: 20}, shell: {stock: 3}}"
    for uses, used in (
        ("[arrow, shell, bolt]", {"arrow": 5, "shell": 3, "bolt": 4}),
        ("[shell, air]", {"shell": 3, "arrow": 5, "bolt": 4}),
        ("[air, shell]", {"arrow": 5, "bolt": 10}),
    ):
        world = grow(text_of("attacks: 1 per month", f"uses: {uses}", more=more, items=items, XWA=stock))
        left, lots = fire(world, 10)
        assert (left, {item: units for (item, _origin), units in lots.items()}) == (0, used)


# --- several fighters, several theatres -----------------------------------------------------------------------------

TOGETHER = ("fires: 100 per month", "fighting: [XWA, XAL]")


def used_by(world: World) -> dict[str, float]:
    """Rounds of the first month, by state."""
    world.step()
    return {code: PLENTY_UNITS - float(world.positions[code, "arrow"].equivalents()[0]) for code in ("XWA", "XAL")}


def test_the_first_named_fires_all_without_a_split(grow: Grow) -> None:
    used = used_by(grow(text_of(*TOGETHER, XAL=PLENTY)))
    assert used["XWA"] > 0
    assert used["XAL"] == 0


def test_a_split_says_whose_rounds_are_fired(grow: Grow) -> None:
    world = grow(text_of(*TOGETHER, "split: {XAL: 40 %}", XAL=PLENTY))
    used = used_by(world)
    demand = world.conflicts[0].demand[0]
    assert used == {"XAL": np.rint(0.4 * demand), "XWA": demand - np.rint(0.4 * demand)}
    expected = {code: float(world.census.expected_use(world.positions[code, "arrow"])) for code in used}
    assert expected == pytest.approx({"XAL": 40, "XWA": 60})


def test_what_one_fighter_lacks_the_others_fire(grow: Grow) -> None:
    world = grow(text_of(*TOGETHER, "split: {XAL: 40 %, XWA: 60 %}", XAL="items: {arrow: {stock: 7}}"))
    world.step()
    conflict = world.conflicts[0]
    assert (conflict.met == conflict.demand).all()
    assert PLENTY_UNITS - world.positions["XWA", "arrow"].equivalents()[0] == conflict.demand[0] - 7


def test_two_theatres_draw_on_one_stock_in_the_order_of_the_file(grow: Grow) -> None:
    """Seventy rounds for two wars of a hundred calls each: the first takes them all, both count what they lack."""
    other = "  sea: {fighting: [XWA, XAL], uses: [arrow], fires: 100 per month, split: {XWA: 30 %}}"
    world = grow(text_of("fires: 100 per month", more=other, XWA="items: {arrow: {stock: 70}}"), range(3))
    assert world.census.expected_use(world.positions["XWA", "arrow"]) == 0
    world.step()
    border, sea = world.conflicts
    assert (border.met == 70).all()
    assert (sea.met == 0).all()
    assert (border.demand > 70).all()
    assert (sea.demand > 0).all()
    assert world.census.expected_use(world.positions["XWA", "arrow"]) == pytest.approx(100 + 30)
    unmet = world.recorder.tables["unmet"][0, row_of(world, "unmet", "XWA")]
    assert (unmet == border.demand - border.met + sea.demand - sea.met).all()


# --- what is said wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("war", "path", "found"),
    [
        (("attacks: 5 per month", "fires: 5 per month"), "fires", "both attacks and fires"),
        (("name: Border",), "", "neither attacks nor fires"),
        (("atacks: 5 per month",), "atacks", "the unknown field 'atacks'"),
        (("fires: 5",), "fires", "'5' without a unit"),
        (("fires: 5 per month", "kill: 70 %"), "kill", "'kill' with fires"),
        ((*RAID, SALVO, "per_target: 2"), "per_target", "both per_target and engagement"),
        (("attacks: 5 per month", SALVO), "engagement", "an engagement without kill"),
        ((*RAID, "engagement: {kind: salvo, shots: 2, looks: 2}"), "engagement.looks", "'looks' with salvo"),
        ((*RAID, "engagement: {kind: salvo, shots: 0}"), "engagement.shots", "'0'"),
        ((*RAID, LOOKS.replace("looks: 2", "looks: 0")), "engagement.looks", "'0'"),
        ((*RAID, LOOKS.replace(", looks: 2", "")), "engagement", "shoot_look_shoot without looks"),
        (("attacks: 5 per month", "lasts: 3 months"), "lasts", "'lasts' without onset"),
        (("attacks: 5 per month", "persistence: 50 %"), "persistence", "'persistence' without noise"),
        (("attacks: 5 per month", "split: {XAL: 50 %}"), "split.XAL", "'XAL', which does not fight here"),
        ((*TOGETHER, "split: {XWA: 50 %, XAL: 60 %}"), "split", "parts of 110 % in all"),
        (("attacks: 5 per month", "seasons: {November: 1.3}"), "seasons.November", "'November'"),
        (("attacks: {2030-01: 5 per month, 2030: 6 per month}",), "attacks", "'2030'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_theatre_is_told_once(tmp_path: Path, war: tuple[str, ...], path: str, found: str) -> None:
    file = tmp_path / "border.yaml"
    file.write_text(text_of(*war), encoding="utf-8")
    (told,) = check_file(file)
    assert (told.path, told.found) == (f"conflicts.border.{path}".rstrip("."), found)
    assert told.place
