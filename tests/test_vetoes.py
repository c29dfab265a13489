"""What a second key keeps back, what replaces it, and who goes first where one vehicle is given for another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backfill.passing.gate import Gate
from backfill.reading.document import read_text
from backfill.rules.register import Register
from backfill.scenario import Scenario, load, packaged
from backfill.studies.run import simulate

RUNS = 6


def lived(scenario: Scenario, *arms: str) -> Any:
    return simulate(scenario, arms=["baseline", *arms], runs=RUNS, seed=1, under=False).dataset


def came(world: Any, arm: str = "baseline", **where: Any) -> Any:
    """Units that have come to Ukraine so far.  [month, run]"""
    units = world.aid.sel(arm=arm, state="UKR", **where)
    over = [name for name in ("item", "origin") if name in units.dims]
    return units.sum(over).cumsum("month").transpose("month", "run")


def received(world: Any, state: str, item: str, arm: str = "baseline") -> Any:
    """Units of backfill that have come to a state so far.  [month, run]"""
    units = world.backfill.sel(arm=arm, state=state, item=item)
    return units.sum("origin").cumsum("month").transpose("month", "run")


def first_month(course: Any) -> set[str]:
    """The months in which something came first, over all runs."""
    return {str(course.month.values[index]) for index in np.argmax(course.values > 0, axis=0)}


# --- 35 mm rounds ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rounds() -> Any:
    return lived(load("gepard_35mm"), "swiss_consent", "no_new_line", "early_line", "reform_2025")


@pytest.mark.parametrize("arm", ["baseline", "no_new_line", "early_line", "reform_2025"])
def test_no_swiss_round_is_ever_in_ukraine(rounds: Any, arm: str) -> None:
    assert came(rounds, arm)[-1].min() > 0
    assert not came(rounds, arm, origin="CHE").any()
    assert not came(rounds, arm, item="gepard_rounds").any()


def test_with_swiss_consent_the_swiss_rounds_come_and_no_more_than_there_are(rounds: Any) -> None:
    """All of them but where the guns fire so little that German rounds last until the new line."""
    swiss = came(rounds, "swiss_consent", origin="CHE")[-1]
    assert (swiss <= 12400).all()
    assert swiss.median() == 12400
    assert (came(rounds, "swiss_consent")[-1] >= came(rounds)[-1]).all()


def test_the_veto_binds_only_when_german_rounds_have_run_out(rounds: Any) -> None:
    """Free rounds go first: where consent has brought anything, the depots of the baseline hold no free round."""
    more = (came(rounds, "swiss_consent") - came(rounds)).values > 0
    free = rounds.stock.sel(arm="baseline", state="DEU", item="rounds_35mm").sum("origin").transpose("month", "run")
    assert more.any(axis=0).all()
    assert not free.values[more].any()
    assert not more[: list(rounds.month.values).index("2022-07")].any()


def test_nothing_of_the_new_line_comes_before_september_2023(rounds: Any) -> None:
    """Seven months after the order, sixteen after the first veto."""
    line = came(rounds) - came(rounds, "no_new_line")
    assert first_month(line) == {"2023-09"}


def test_ordered_ten_months_earlier_it_delivers_ten_months_earlier(rounds: Any) -> None:
    """Output is a month ahead of the first rounds in Ukraine."""
    early = rounds.produced.sel(arm="early_line", line="rheinmetall.rounds").transpose("month", "run").cumsum("month")
    assert first_month(early) == {"2022-10"}
    assert first_month(rounds.produced.sel(arm="baseline", line="rheinmetall.rounds").transpose("month", "run")) == {
        "2023-08"
    }


def test_two_months_of_the_new_line_are_more_than_what_was_vetoed(rounds: Any) -> None:
    line = came(rounds) - came(rounds, "no_new_line")
    assert (line.sel(month="2023-10") > 12400).all()
    assert (line.sel(month="2023-09") < 12400).all()


def test_ordered_at_the_first_veto_the_line_would_have_brought_more_than_the_rounds_by_then(rounds: Any) -> None:
    early = (came(rounds, "early_line") - came(rounds)).sel(month="2023-08")
    consent = (came(rounds, "swiss_consent") - came(rounds)).sel(month="2023-08")
    assert (early > 3 * consent).all()


def test_a_reform_that_leaves_ukraine_out_moves_nothing(rounds: Any) -> None:
    for outcome in ("aid", "stock", "unmet"):
        assert (
            rounds[outcome]
            .sel(arm="reform_2025")
            .equals(rounds[outcome].sel(arm="baseline").assign_coords(arm="reform_2025"))
        )


def test_by_july_2024_ukraine_has_what_was_counted_within_a_month_of_the_line(rounds: Any) -> None:
    """176,000 were counted, and the rate of the line is taken from that: 10,000 to 11,600 a month."""
    july = came(rounds).sel(month="2024-07")
    assert (july > 176000 - 11600 - 6000).all()
    assert (july < 176000 + 11600).all()


def test_it_is_swiss_law_that_decides_and_not_an_event() -> None:
    gate = Gate(load("gepard_35mm").setting)
    assert not gate.mask("DEU", "UKR", "gepard_rounds", "CHE").any()
    assert gate.mask("DEU", "UKR", "rounds_35mm", "DEU")[3:].all()


# --- one vehicle for another ----------------------------------------------------------------------------------------

GIVEN = {"CZE": ("t72", 62), "SVK": ("bmp1", 30), "SVN": ("m55s", 28)}
OWED = {"CZE": ("leopard_2", 14), "SVK": ("leopard_2", 15), "GRC": ("marder", 40), "SVN": ("truck", 40)}


@pytest.fixture(scope="module")
def ring() -> Any:
    return lived(load("ring_exchange"), "no_backfill", "germany_first", "one_for_one", "poland_accepts", "greece_first")


def test_every_swap_ends_in_its_ratio(ring: Any) -> None:
    """14 for 20 of the deal and 0.23 for each of the 62, 15 for 30, 40 for 40, 40 trucks for 28."""
    for state, (item, units) in GIVEN.items():
        assert (came(ring, origin=state, item=item)[-1] == units).all()
    for state, (item, units) in OWED.items():
        assert (received(ring, state, item)[-1] == units).all()
    assert (came(ring, origin="GRC", item="bmp1")[-1] >= 40).all()


@pytest.mark.parametrize(("vehicles", "tanks"), [("20", 10), ("7", 3), ("0", 0)])
def test_who_gives_less_is_owed_less(vehicles: str, tanks: float) -> None:
    world = load("ring_exchange").set("states.SVK.items.bmp1.stock", vehicles)
    course = received(lived(world), "SVK", "leopard_2")
    assert (course[-1] == tanks).all()


def test_the_first_replacements_come_when_they_came(ring: Any) -> None:
    """217 days after the Czech deal, 118 after the Slovak, 31 after the Greek."""
    assert first_month(received(ring, "CZE", "leopard_2")) == {"2022-12"}
    assert first_month(received(ring, "SVK", "leopard_2")) == {"2022-12"}
    assert first_month(received(ring, "GRC", "marder")) == {"2022-10"}


def test_by_april_2023_czechia_has_three_tanks_and_slovakia_two(ring: Any) -> None:
    assert (received(ring, "CZE", "leopard_2").sel(month="2023-04") == 3).all()
    assert (received(ring, "SVK", "leopard_2").sel(month="2023-04") == 2).all()
    assert first_month((received(ring, "CZE", "leopard_2") == 14).astype(float)) == {"2023-12"}


def test_greece_never_gives_ahead_of_what_it_has_received(ring: Any) -> None:
    def ahead(arm: str) -> Any:
        gave = came(ring, arm, origin="GRC", item="bmp1")
        return gave / gave[-1] > received(ring, "GRC", "marder", arm) / 40 + 1e-9  # a share, in floating point

    assert not ahead("baseline").any()
    assert ahead("greece_first").any("month").all()


def test_slovak_and_czech_vehicles_had_all_gone_before_a_tank_came(ring: Any) -> None:
    for state in ("SVK", "CZE"):
        item, units = GIVEN[state]
        before = received(ring, state, "leopard_2") > 0
        assert (came(ring, origin=state, item=item).where(before, units) == units).all()
        late = received(ring, state, "leopard_2", "germany_first") > 0
        assert (came(ring, "germany_first", origin=state, item=item).where(late, units) < units).any()


def test_without_promises_goes_what_was_given_on_credit_and_nothing_else(ring: Any) -> None:
    for state in ("CZE", "POL"):
        assert (came(ring, "no_backfill", origin=state) == came(ring, origin=state)).all()
    for state in ("SVK", "GRC", "SVN"):
        assert not came(ring, "no_backfill", origin=state).any()


def test_poland_gave_over_two_hundred_tanks_and_got_none(ring: Any) -> None:
    assert (came(ring, origin="POL", item="t72")[-1] >= 200).all()
    assert not received(ring, "POL", "leopard_2").any()
    accepted = received(ring, "POL", "leopard_2", "poland_accepts")
    assert first_month(accepted) == {"2023-04"}
    assert (accepted[-1] == 20).all()
    assert (came(ring, "poland_accepts") == came(ring)).all()


def test_who_waits_for_germany_gives_as_much_and_later(ring: Any) -> None:
    waited, gave = came(ring, "germany_first"), came(ring)
    assert (waited <= gave).all()
    assert (waited.sel(month="2022-12") <= gave.sel(month="2022-12") - 62).all()
    assert (waited[-1] == gave[-1]).all()


def test_a_better_ratio_is_the_givers_gain_alone(ring: Any) -> None:
    assert (came(ring, "one_for_one") == came(ring)).all()
    assert (received(ring, "CZE", "leopard_2", "one_for_one")[-1] == 20).all()
    assert (received(ring, "SVK", "leopard_2", "one_for_one")[-1] > 15).all()


# --- licensors and former owners ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys() -> Any:
    arms = ("israel_consents", "germany_in_2022", "leopard1_allowed", "swiss_bar_gone", "more_workshops")
    return lived(load("spike_and_leopard"), *arms)


@pytest.mark.parametrize("arm", ["baseline", "germany_in_2022", "leopard1_allowed", "swiss_bar_gone"])
def test_no_spike_moves_without_a_word_from_israel(keys: Any, arm: str) -> None:
    assert not came(keys, arm, item="spike_atgm").any()


def test_with_a_word_from_israel_they_all_move(keys: Any) -> None:
    spike = came(keys, "israel_consents", item="spike_atgm")
    held = keys.stock.sel(arm="baseline", state="DEU", item="spike_atgm").sum("origin").isel(month=0)
    assert (spike[-1] == held).all()
    assert min(first_month(spike)) > "2022-05"
    others = ["leopard_1", "leopard_2"]
    assert (came(keys, "israel_consents", item=others) == came(keys, item=others)).all()


def test_leopards_come_a_month_after_the_german_consent_and_none_before(keys: Any) -> None:
    """14 Polish ones 30 days after it, 18 German ones 61 days after it."""
    tanks = came(keys, item="leopard_2")
    assert first_month(tanks) == {"2023-02"}
    assert (tanks.sel(month="2023-02") == 14).all()
    assert (tanks.sel(month="2023-03") == 32).all()
    assert (came(keys, "germany_in_2022", item="leopard_2").sel(month="2022-12") == 32).all()


def test_the_answer_on_file_moves_polish_tanks_and_german_will_moves_german_ones() -> None:
    """No event tells Poland to give: another answer does."""
    world = load("spike_and_leopard").set("consent.DEU.answers.leopards_before.until", "2022-04-01")
    assert (came(lived(world), item="leopard_2").sel(month="2022-12") == 14).all()


def test_who_bars_can_still_backfill(keys: Any) -> None:
    """25 Swiss Leopard 2 stand in Germany to the end; without the bar they go on."""
    swiss = keys.stock.sel(state="DEU", item="leopard_2", origin="CHE").isel(month=-1)
    for arm in ("baseline", "leopard1_allowed"):
        assert (swiss.sel(arm=arm) == 25).all()
        assert not came(keys, arm, item="leopard_2", origin="CHE").any()
    assert not swiss.sel(arm="swiss_bar_gone").any()
    assert (came(keys, "swiss_bar_gone", item="leopard_2", origin="CHE")[-1] == 25).all()


def test_the_swiss_leopard_1_come_only_where_the_bar_does_not_reach_them(keys: Any) -> None:
    assert not came(keys, item="leopard_1", origin="CHE").any()
    assert (came(keys, "leopard1_allowed", item="leopard_1", origin="CHE")[-1] == 96).all()


def test_permission_is_not_delivery(keys: Any) -> None:
    """178 older tanks may go from February 2023 on; some 58 had come by July 2024, and faster workshops bring more."""
    old = came(keys, item="leopard_1").sel(month="2024-07")
    assert old.min() < 58 < old.max()
    assert (came(keys, "more_workshops", item="leopard_1").sel(month="2024-07") > old).all()


# --- the catalogue --------------------------------------------------------------------------------------------------


def test_the_catalogue_tells_of_an_item_what_the_register_tells() -> None:
    items = read_text((packaged() / "catalogue" / "vehicles.yaml").read_text(encoding="utf-8"), "vehicles.yaml")[
        "items"
    ]
    register = read_text((packaged() / "catalogue" / "register.yaml").read_text(encoding="utf-8"), "register.yaml")[
        "items"
    ]
    both = set(items) & set(register)
    assert {"gepard_rounds", "leopard_1", "leopard_2", "spike_atgm"} <= both
    for name in both:
        for field in ("name", "kind", "lethal", "maker", "licensor"):
            assert items[name].get(field) == register[name].get(field), (name, field)
    assert all(Register.packaged().find(name).registered for name in items)
