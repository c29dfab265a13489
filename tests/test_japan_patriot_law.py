"""The law of the packaged world, held against what really went where."""

import datetime as dt
from functools import cache
from itertools import pairwise

import pytest

from backfill.months import month_of
from backfill.passing.gate import Gate
from backfill.rules import Rulebook, Transfer
from backfill.rules.register import goods_of
from backfill.scenario import load

HAPPENED = [
    ("USA", "UKR", None, "gemt", "2022-12-21"),
    ("DEU", "UKR", None, "pac3", "2023-06-16"),
    ("DEU", "UKR", None, "gemt", "2023-06-16"),
    ("DEU", "UKR", None, "pac3", "2024-06-11"),
    ("NLD", "UKR", None, "pac3", "2024-06-11"),
    ("USA", "UKR", None, "pac3_mse", "2024-06-20"),
    ("USA", "TWN", None, "pac3_mse", "2024-06-20"),
    ("USA", "ISR", None, "gemt", "2024-06-20"),
    ("ISR", "UKR", "USA", "gemt", "2025-01-28"),
    ("DEU", "UKR", None, "pac3", "2025-04-11"),
    ("JPN", "USA", None, "pac3", "2023-12-22"),
    ("JPN", "USA", None, "pac3", "2024-07-28"),
    ("JPN", "USA", None, "pac3", "2025-11-15"),
    ("SWE", "UKR", None, "gemt", "2026-02-12"),
    ("POL", "UKR", None, "pac3", "2026-02-12"),
    ("DEU", "UKR", None, "gemt", "2026-04-14"),
    ("USA", "QAT", None, "pac3_mse", "2026-05-01"),
    ("USA", "JPN", None, "seeker", "2024-07-19"),
]
"""Giver, receiver, by way of, item and a day on which it was decided, announced or handed over."""


@cache
def setting():
    return load("japan_patriot").arm("baseline")


@cache
def book():
    return Rulebook.from_raw(setting().policies, setting().rules, setting().consent)


@cache
def gate():
    return Gate(setting())


def open_in(month, *way):
    return bool(gate().mask(*way)[month - setting().horizon[0]])


def hops(giver, taker, via, item, on):
    stops = [giver, *([via] if via else []), taker]
    traits = goods_of(item, setting().items[item]).traits()
    return [Transfer(one, other, on, **traits, origin=giver, request_official=True) for one, other in pairwise(stops)]


def test_the_law_of_every_state_of_this_world_that_has_a_file_is_asked():
    assert set(book().policies) == {"JPN", "USA", "DEU", "CHE", "ISR", "KOR", "SWE", "EU", "UN"}


@pytest.mark.parametrize("way", HAPPENED, ids=lambda way: " ".join(filter(None, way)))
def test_nothing_that_really_happened_is_denied_on_its_day(way):
    giver, taker, via, item, day = way
    on = dt.date.fromisoformat(day)
    transfers = hops(giver, taker, via, item, on)
    assert book().judge_route(transfers).outcome != "deny"
    assert all(book().allowed(transfer) for transfer in transfers)


def test_every_pledge_and_promise_of_the_world_is_let_through_in_its_month():
    pledges = [event for event in setting().events.values() if event.kind in ("pledge", "promise")]
    assert len(pledges) > 12
    for event in pledges:
        items = [item for item in (*getattr(event, "parts", ()), getattr(event, "rest", None), event.item) if item]
        for item in items:
            via = getattr(event, "via", None)
            month = getattr(event, "arrives", None) or month_of(event.date)
            origin = setting().states[event.from_].items
            lots = {event.from_, "USA", *(held.origin for held in origin.values() if held.origin)}
            opened = [open_in(month, event.from_, event.to, item, lot, via) for lot in lots - {event.to}]
            assert all(opened), (event.title, item)


def test_every_line_may_deliver_to_every_customer_from_the_day_of_the_order():
    customers = [
        (maker.state, order.customer, line.item, order.placed)
        for maker in setting().manufacturers.values()
        for line in maker.lines.values()
        for order in line.orders.values()
    ]
    customers += [
        (maker.state, customer, line.item, contract.since or setting().horizon[0])
        for maker in setting().manufacturers.values()
        for line in maker.lines.values()
        for contract in line.contracts.values()
        for customer in contract.split
    ]
    assert len(customers) > 8
    for state, customer, item, since in customers:
        if customer not in (state, "OTHER"):
            first = max(since, setting().horizon[0])
            months = range(first, setting().horizon[1] + 1)
            assert all(open_in(month, state, customer, item, state) for month in months), (state, customer, item)


def test_the_controls_are_denied():
    """What did not happen: Israel straight to Ukraine, Japan's rounds onward, Korea and Switzerland to the war."""
    for way in (("ISR", "UKR", None), ("JPN", "UKR", "USA"), ("KOR", "UKR", None), ("CHE", "UKR", None)):
        transfers = hops(*way, "pac3", dt.date(2025, 1, 28))
        assert book().judge_route(transfers).outcome == "deny", way
