"""What theory promises of any world: more of a good thing never makes less of what it is for. Paired, run by run.

Where it promises nothing, a world says so: the last tests are counter-examples.
"""

from __future__ import annotations

import copy
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backfill.blueprint import lines_of
from backfill.scenario import load, numbers_of
from backfill.world import World

draw = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("random_worlds.py"))))

RUNS, SEED = 6, 5
CARRIED = 1.0
"""Units: what the part of a unit that is carried from month to month can hold back."""


@pytest.fixture(scope="module")
def setting_of(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    return lambda drawn: load(draw.written(drawn, folder)).setting


def given_pairs(pairs, examples):
    fixed = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
    return lambda test: settings(max_examples=examples, phases=[Phase.generate], **fixed)(given(pair=pairs)(test))


def totals(setting, name, wanted):
    """The running total of what is wanted of an outcome.  [months, runs]"""
    recorder = World(setting, range(RUNS), SEED, numbers_of(setting)).run()
    outcome = next(known for known in recorder.outcomes if known.name == name)
    rows = [row for row, labels in enumerate(outcome.rows) if wanted(*labels)]
    return np.cumsum(recorder.tables[name][:, rows].sum(axis=1, dtype=float), axis=0)


def output(setting):
    """Finished units of all lines so far."""
    finished = {name for name, _state, line in lines_of(setting) if setting.items[line.item].is_finished}
    return totals(setting, "produced", lambda line: line in finished)


def aid(setting):
    """Units that Warland has had so far."""
    return totals(setting, "aid", lambda state, *_rest: state == "XWA")


# --- more capacity ----------------------------------------------------------------------------------------------------


@st.composite
def plants(drawing, *, shared, full):
    """Lines with given orders, and the same with more capacity at one of them.

    shared: whether they need equally many of one part; full: whether no book ever runs out
    """
    world = draw.bare(drawing)
    items = draw.items_of(world)
    lines = {item: _line(drawing, world, full=full) | {"item": item} for item in items}
    if shared:
        needs = drawing(st.integers(1, 2))
        world["items"]["seeker"] = {"name": "Seeker", "kind": "component"}
        for item in items:
            world["items"][item]["needs"] = {"seeker": needs}
        lines["seeker"] = {"item": "seeker", "capacity": f"{needs * drawing(st.integers(2, 12))} per month"}
    world["manufacturers"] = {"works": {"state": "XDA", "lines": lines}}
    more = copy.deepcopy(world)
    raised = more["manufacturers"]["works"]["lines"][drawing(st.sampled_from(sorted(lines)))]
    raised["capacity"] = f"{int(raised['capacity'].split()[0]) + 2 * drawing(st.integers(1, 6))} per month"
    return world, more


def _line(drawing, world, *, full):
    customers = list(world["states"])
    if full:
        orders = {"large": {"customer": "XDA", "units": 9000, "placed": "2029-01"}}
    else:
        orders = {
            f"order_{index}": {
                "customer": drawing(st.sampled_from(customers)), "units": draw.number(drawing, 0, 80),
                "placed": draw.month(drawing), "over": draw.number(drawing, 1, 9, "months"),
            }
            for index in range(3)
        }  # fmt: skip
    capacity = f"{drawing(st.integers(1, 8))} per month"
    return {"capacity": capacity, "lead_time": draw.number(drawing, 1, 5, "months"), "idles": True, "orders": orders}


def more_capacity_never_lowers_output(setting_of, pair):
    less, more = (output(setting_of(world)) for world in pair)
    assert (more >= less).all()


@given_pairs(plants(shared=False, full=False), 10)
def test_more_capacity_never_lowers_output_whatever_is_ordered(setting_of, pair):
    more_capacity_never_lowers_output(setting_of, pair)


@given_pairs(plants(shared=True, full=True), 10)
def test_more_capacity_never_lowers_output_under_one_shared_part_while_books_are_full(setting_of, pair):
    more_capacity_never_lowers_output(setting_of, pair)


@pytest.mark.slow
@pytest.mark.parametrize(("shared", "full"), [(False, False), (False, True), (True, True)])
def test_more_capacity_never_lowers_output_in_many_worlds(setting_of, shared, full):
    given_pairs(plants(shared=shared, full=full), 200)(more_capacity_never_lowers_output)(setting_of)


# --- a laxer rule, a lower floor, an earlier delivery -----------------------------------------------------------------


def one_donor(drawing):
    """One donor that gives by headroom, its own line, an ally that is asked for backfill, a war."""
    world = draw.bare(drawing)
    world["roles"]["items"] = ["arrow"]
    for state, entry in world["states"].items():
        world["states"][state] = {"items": {"arrow": entry["items"]["arrow"]}}
    world["items"] = {"arrow": world["items"]["arrow"]}
    draw.wars(drawing, world)
    world["states"]["XDA"] |= {
        "requirement": draw.number(drawing, 20, 120), "floor": draw.share(drawing, 20, 90),
        "floor_in_crisis": draw.share(drawing, 0, 30), "will": draw.share(drawing, 20, 100), "persistence": "80 %",
        "spread": "0.3", "release": draw.share(drawing, 5, 100), "training": draw.number(drawing, 0, 24, "per year"),
        "doctrine": "headroom", "objective": draw.number(drawing, 50, 200), "backfill_from": ["XAL"],
    }  # fmt: skip
    world["states"]["XAL"] |= {"doctrine": "headroom", "release": draw.share(drawing, 5, 100), "requirement": "40",
                               "floor": draw.share(drawing, 0, 50)}  # fmt: skip
    world["states"]["XWA"] |= {"cover": draw.number(drawing, 1, 6, "months"), "aid_from": ["XDA"]}
    line = _line(drawing, world, full=False) | {"item": "arrow"}
    world["manufacturers"] = {"works": {"state": "XDA", "lines": {"arrow": line}}}
    world["transfers"] = {
        "any-to-any": {"handover": f"{drawing(st.integers(0, 3))} months", "transit": "1 month"},
        "XAL-to-XDA": {"contract": "1 month", "handover": f"{drawing(st.integers(2, 8))} months"},
    }
    world["export_rules"] = {"policies": ["XAL"]}
    return world


def _lower_floor(world, drawing):
    world["states"]["XDA"]["floor"] = f"{drawing(st.integers(0, 20))} %"


def _laxer_rule(world, _drawing):
    world["without"] = ["rules.XAL-NO-ONWARD"]


def _earlier_backfill(world, drawing):
    world["transfers"]["XAL-to-XDA"]["handover"] = f"{drawing(st.integers(0, 1))} months"


def _earlier_orders(world, _drawing):
    for order in world["manufacturers"]["works"]["lines"]["arrow"]["orders"].values():
        order |= {"customer": "XDA", "placed": "2029-12"}


BETTER = (_lower_floor, _laxer_rule, _earlier_backfill, _earlier_orders)


@st.composite
def donors(drawing, change):
    """A world of one donor, and the same with one thing made easier."""
    world = one_donor(drawing)
    if change is _earlier_orders:
        _delivered_when_due(world)
    easier = copy.deepcopy(world)
    change(easier, drawing)
    return world, easier


def _delivered_when_due(world):
    """A line that can build whatever is ordered, all of it for the donor, which asks nobody for backfill."""
    world["states"]["XDA"].pop("backfill_from")
    line = world["manufacturers"]["works"]["lines"]["arrow"]
    line["capacity"] = "unlimited"
    for order in line["orders"].values():
        order["customer"] = "XDA"


def makes_for_no_less_aid(setting_of, pair):
    harder, easier = (aid(setting_of(world)) for world in pair)
    assert (easier >= harder - CARRIED).all()


def named(change):
    return change.__name__.strip("_")


@pytest.mark.parametrize("change", BETTER, ids=named)
def test_what_makes_giving_easier_never_makes_for_less_aid(setting_of, change):
    given_pairs(donors(change), 6)(makes_for_no_less_aid)(setting_of)


@pytest.mark.slow
@pytest.mark.parametrize("change", BETTER, ids=named)
def test_what_makes_giving_easier_never_makes_for_less_aid_in_many_worlds(setting_of, change):
    given_pairs(donors(change), 250)(makes_for_no_less_aid)(setting_of)


@pytest.mark.parametrize("change", BETTER, ids=named)
def test_and_it_does_make_for_more_in_some(setting_of, change):
    """The control: in worlds where it changed nothing at all, the claim would be an empty one."""
    gains = []

    def look(setting_of, pair):
        harder, easier = (aid(setting_of(world)) for world in pair)
        gains.append(float((easier - harder).max()))

    given_pairs(donors(change), 12)(look)(setting_of)
    assert max(gains) > 2 * CARRIED


# --- where intuition fails --------------------------------------------------------------------------------------------

SEEKER = {"name": "Seeker", "kind": "component"}


def small(**parts):
    """A donor with a stock of arrows, an ally, and a state at war that asks for more than there is."""
    return {
        "scenario": 1, "title": "A counter-example", "label": "fictional", "horizon": "2030-01 to 2032-12",
        "roles": {"donor": "XDA", "backfiller": "XAL", "aided": "XWA", "items": ["arrow"]},
        "items": {"arrow": {"name": "Arrow", "licensor": "XDA"}},
        "states": {
            "XDA": {"items": {"arrow": {"stock": 100}}, "doctrine": "headroom", "requirement": 100,
                    "floor": "50 %", "release": "20 %"},
            "XAL": {"items": {"arrow": {"stock": 0}}},
            "XWA": {"items": {"arrow": {"stock": 0}}, "load": 900, "fire_units": {"2030-01": 1}},
        },
    } | parts  # fmt: skip


def two_lines(home, abroad, orders=9000):
    """Two lines that need one seeker each, of ten a month in all; both have orders from the first month on."""

    def line(capacity, customer):
        order = {"customer": customer, "units": orders, "placed": "2029-12"}
        return {"item": "arrow", "capacity": f"{capacity} per month", "lead_time": "1 month", "idles": True,
                "orders": {"large": order}}  # fmt: skip

    seekers = {"item": "seeker", "capacity": "10 per month"}
    return small(
        items={"arrow": {"name": "Arrow", "licensor": "XDA", "needs": {"seeker": 1}}, "seeker": SEEKER},
        manufacturers={
            "donora": {"state": "XDA", "lines": {"arrow": line(home, "XDA"), "seeker": seekers}},
            "allia": {"state": "XAL", "lines": {"arrow": line(abroad, "XAL") | {"licence": {"from": "XDA"}}}},
        },
    )


def test_more_capacity_at_one_line_lowers_aid_under_shared_seekers(setting_of):
    """Allia's line takes seekers from Donora's; what Allia builds stays there. All in all as much is built."""
    less, more = (setting_of(two_lines(10, abroad)) for abroad in (2, 10))
    assert (output(more)[-1] == output(less)[-1]).all()
    assert (aid(more)[-1] < aid(less)[-1] - 50).all()


def test_more_capacity_at_one_line_lowers_output_once_its_book_has_run_out(setting_of):
    """It takes the seekers first and is done; the other one has orders and seekers left, and can build no more."""
    less, more = (output(setting_of(two_lines(home, 5, orders=100))) for home in (5, 100))
    assert (more[5] >= less[5]).all()
    assert (more[20] < less[20] - 20).all()


def test_an_order_placed_sooner_lowers_aid_where_it_silences_the_request_for_backfill(setting_of):
    """Who waits for a hundred asks nobody for them; who has not ordered yet is given them in the meantime."""

    def ordered(month):
        order = {"customer": "XDA", "units": 100, "placed": month}
        line = {
            "item": "arrow",
            "capacity": "unlimited",
            "lead_time": "12 months",
            "idles": True,
            "orders": {"o": order},
        }
        world = small(manufacturers={"donora": {"state": "XDA", "lines": {"arrow": line}}})
        world["states"]["XDA"] |= {"objective": 200, "backfill_from": ["XAL"], "floor": "100 %"}
        world["states"]["XAL"] = {"items": {"arrow": {"stock": 100}}, "doctrine": "headroom"}
        return aid(setting_of(world))

    sooner, later = ordered("2029-12"), ordered("2031-06")
    assert (sooner[10] < later[10] - 20).all()
