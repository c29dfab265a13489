"""Claims about order books: who is served first, by which rule, and how long an event changes it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backfill.errors import ScenarioProblems, UnitsLost
from backfill.registry import ALLOCATION_RULES, PluginFault
from backfill.world import World

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("queue_worlds.py"))))
order, text_of, queue, events, had = make.order, make.text_of, make.queue, make.events, make.had
Grow = Callable[..., World]


@pytest.fixture
def grow(tmp_path: Path) -> Grow:
    return partial(_raised, tmp_path / "queue.yaml")


def _raised(path: Path, text: str, *said: Any, **more: Any) -> World:
    world: World = make.raised(text, path, *said, **more)
    return world


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_tie_within_a_month_is_broken_by_the_order_of_the_file(grow: Grow) -> None:
    orders = {"a": order("XBB", 5), "b": order("XBC", 5)}
    given = had(grow(text_of(orders, capacity="5 per month")))
    assert (given["XBB"][:2], given["XBC"][:2]) == ([3, 2], [2, 3])


@pytest.mark.parametrize(("rule", "first_month"), [("priority", [9, 0]), ("proportional", [6, 3])])
def test_oldest_first_or_everybody_in_proportion(grow: Grow, rule: str, first_month: list[float]) -> None:
    """Sixty are due since January and thirty since February; the line builds nine in February, the first month."""
    orders = {"old": order("XBB", 60), "young": order("XBC", 30, placed="2030-01")}
    late = "{2030-01: 0 per month, 2030-02: 9 per month}"
    given = had(grow(text_of(orders, capacity=late, line=f", allocation: {rule}")))
    assert [given["XBB"][1], given["XBC"][1]] == first_month


def test_in_proportion_each_is_given_his_oldest_debt_first(grow: Grow) -> None:
    orders = {"a": order("XBB", 40, over=2), "b": order("XBC", 20, over=2)}
    world = grow(
        text_of(orders, capacity="{2030-01: 0 per month, 2030-02: 9 per month}", line=", allocation: proportional")
    )
    for month in (world.first, world.first + 1):
        world.month = month
        world.step()
    accounts = [account.customer for account in world.finished_lines[0].book.accounts]
    left = world.finished_lines[0].book.due[:2, [accounts.index("XBB"), accounts.index("XBC")], 0]
    assert left.tolist() == [[14, 7], [20, 10]]


def test_a_higher_class_is_served_whatever_others_wait_for(grow: Grow) -> None:
    orders = {"old": order("XBB", 60), "young": order("XBC", 12, placed="2030-03")}
    given = had(grow(text_of(orders, line=", priority: [[XBC], [others]]")))
    assert given["XBC"][2:6] == [0, 10, 2, 0]


def test_an_order_may_have_a_class_of_its_own(grow: Grow) -> None:
    """The urgent order comes first, the other one of the same customer waits its turn."""
    orders = {
        "old": order("XBB", 60), "urgent": order("XBC", 10, "2030-01"), "usual": order("XBC", 10, "2030-01"),
    }  # fmt: skip
    given = had(grow(text_of(orders, line=", priority: [[urgent], [others]]")))
    assert given["XBC"][:7] == [0, 10, 0, 0, 0, 0, 0]
    assert sum(given["XBC"]) == 20


def test_a_rule_of_a_user_divides_the_output(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    class LastComeFirst:
        def serve(self, due: np.ndarray, classes: Any, supply: np.ndarray, *, only: Any = None) -> np.ndarray:
            assert len(classes) == due.shape[1]
            given, left = np.zeros_like(due), supply
            for month in reversed(range(len(due))):
                for customer in only:
                    given[month, customer] = np.minimum(due[month, customer], left)
                    left = left - given[month, customer]
            return given

    monkeypatch.setitem(ALLOCATION_RULES._known, "last_come_first", LastComeFirst)
    orders = {"old": order("XBB", 40), "young": order("XBC", 10, placed="2030-01")}
    given = had(grow(text_of(orders, line=", allocation: last_come_first")))
    assert given["XBC"][1] == 10
    assert sum(sum(units) for units in given.values()) == 240


def half(due: np.ndarray, supply: np.ndarray) -> np.ndarray:
    return due * 0.5


def all_that_is_owed(due: np.ndarray, supply: np.ndarray) -> np.ndarray:
    return due


def twice(due: np.ndarray, supply: np.ndarray) -> np.ndarray:
    return due * 2


def nobody(due: np.ndarray, supply: np.ndarray) -> np.ndarray:
    return due * 0


def by_customer(due: np.ndarray, supply: np.ndarray) -> np.ndarray:
    return due.sum(axis=0)


@pytest.mark.parametrize(
    ("divides", "fault", "said"),
    [
        (half, PluginFault, "gives parts of units"),
        (all_that_is_owed, PluginFault, "gives more than was built"),
        (twice, PluginFault, "gives less than nothing or more than is owed"),
        (by_customer, PluginFault, r"gives an array \(2, 1\); expected \(1, 2, 1\)"),
        (nobody, UnitsLost, "built 10 units and delivered 0"),
    ],
)
def test_a_rule_that_gives_what_it_may_not_is_told(
    grow: Grow, monkeypatch: pytest.MonkeyPatch, divides: Any, fault: type[Exception], said: str
) -> None:
    class Wrong:
        def serve(self, due: np.ndarray, _classes: Any, supply: np.ndarray, *, only: Any = None) -> np.ndarray:
            assert only is not None
            given: np.ndarray = divides(due, supply)
            return given

    monkeypatch.setitem(ALLOCATION_RULES._known, "wrong", Wrong)
    world = grow(text_of({"odd": order("XBB", 25)}, line=", allocation: wrong"))
    with pytest.raises(fault, match=said):
        had(world)


PART = "items: {arrow: {name: Arrow, needs: {head: 1}}, head: {name: Head, kind: component}}"


@pytest.mark.parametrize(("rule", "at_home", "abroad"), [("", 5, 5), ("allocation: priority, ", 8, 2)])
def test_components_are_shared_or_stay_at_home_first(grow: Grow, rule: str, at_home: int, abroad: int) -> None:
    """Two lines of equal size want eight heads each; ten are built."""
    arrow = "arrow: {item: arrow, capacity: 8 per month, lead_time: 1 months, rest_to: OTHER}"
    text = text_of({}).replace("items: {arrow: {name: Arrow}}", PART)
    head = f"head: {{{rule}item: head, capacity: 10 per month}}"
    lines = [line for line in text.splitlines() if not line.startswith("manufacturers")]
    lines += [
        "manufacturers:",
        f"  works: {{state: XAL, lines: {{{arrow}, {head}}}}}",
        f"  far: {{state: XDA, lines: {{{arrow}}}}}",
    ]
    world = grow("\n".join(lines))
    world.step()
    assert {line.name: float(line.built[0]) for line in world.finished_lines} == {
        "works.arrow": at_home,
        "far.arrow": abroad,
    }


# --- for a while ----------------------------------------------------------------------------------------------------

REST_TO_XBB, REST_TO_XBC, REST_TO_XWA = (f", rest_to: {code}" for code in ("XBB", "XBC", "XWA"))
LONG = {"old": order("XBB", 200), "mid": order("XBC", 200, placed="2030-01"), "war": order("XWA", 60, placed="2030-01")}
"""The oldest order keeps the line busy for twenty months; the others wait."""


def test_who_is_put_first_comes_first_while_it_holds_and_the_usual_order_returns(grow: Grow) -> None:
    given = had(grow(text_of(LONG, events(sooner=queue(first="[XWA]")))))
    assert given["XWA"][:8] == [0, 0, 10, 10, 10, 0, 0, 0]
    assert given["XBB"][:8] == [10, 10, 0, 0, 0, 10, 10, 10]


def test_who_is_put_behind_comes_last_while_it_holds(grow: Grow) -> None:
    given = had(grow(text_of(LONG, events(later=queue(behind="[XBB]")))))
    assert given["XBB"][:7] == [10, 10, 0, 0, 0, 10, 10]
    assert sum(given["XBC"][:7]) + sum(given["XWA"][:7]) == 30


def test_nobody_behind_is_starved_of_what_the_others_do_not_want(grow: Grow) -> None:
    orders = {"old": order("XBB", 200), "small": order("XBC", 4, placed="2030-01")}
    given = had(grow(text_of(orders, events(later=queue(behind="[XBB]")), line=REST_TO_XBB)))
    assert given["XBC"][2] == 4
    assert given["XBB"][2] == 6


def test_of_two_events_at_once_both_hold(grow: Grow) -> None:
    orders = LONG | {"more": order("XBD", 60, placed="2030-01")}
    both = events(sooner=queue(first="[XWA]"), also=queue(first="[XBD]", until="2030-05-01"))
    given = had(grow(text_of(orders, both)))
    assert (given["XWA"][2:6], given["XBD"][2:6]) == ([5, 5, 10, 0], [5, 5, 0, 0])


def test_whole_classes_and_a_share_at_once_lose_no_unit(grow: Grow) -> None:
    both = events(sooner=queue(first="[XBC]"), also=queue(first="[XWA]", share="50 %"))
    given = had(grow(text_of(LONG, both)))
    assert given["XBC"][2:5] == [5, 5, 5]
    assert given["XWA"][2:5] == [5, 5, 5]


def test_with_a_share_who_is_behind_bears_it(grow: Grow) -> None:
    """In March XBD is due eight, XWA one; the older debt of XBC stands back, and two of the nine are XWA's of later."""
    orders = {"b": order("XBC", 200), "war": order("XWA", 60, "2030-02", 60), "c": order("XBD", 8, "2030-02")}
    moved = events(sooner=queue(first="[war]", behind="[XBC]", share="30 %", until="2030-04-01"))
    given = had(grow(text_of(orders, moved, line=REST_TO_XBC)))
    assert (given["XBD"][2], given["XWA"][2], given["XBC"][2]) == (7, 3, 0)


def test_from_who_is_exempt_nothing_is_taken(grow: Grow) -> None:
    orders = {"a": order("XBB", 100), "b": order("XBC", 100), "war": order("XWA", 60, placed="2030-01")}
    given = had(grow(text_of(orders, events(sooner=queue(first="[XWA]", exempt="[XBC]")))))
    assert given["XBC"][:6] == [5] * 6
    assert given["XWA"][2:5] == [5, 5, 5]


@pytest.mark.parametrize("share", ["", "50 %"])
def test_no_more_units_are_moved_than_the_event_may_move(grow: Grow, share: str) -> None:
    moved = events(sooner=queue(first="[XWA]", share=share, at_most="13", until="2030-12-01"))
    given = had(grow(text_of(LONG, moved)))
    assert sum(given["XWA"][:12]) == 13
    assert max(given["XWA"]) <= 10
    free = had(grow(text_of(LONG, events(sooner=queue(first="[XWA]", share=share, until="2030-12-01")))))
    assert sum(free["XWA"][:12]) > 13


def test_no_more_units_are_put_off_than_the_event_may_move(grow: Grow) -> None:
    moved = events(later=queue(behind="[XBB]", at_most="13", until="2030-12-01"))
    given = had(grow(text_of(LONG, moved)))
    assert sum(given["XBB"][:12]) == 120 - 13


def test_the_limit_of_an_event_is_shared_by_its_lines(grow: Grow) -> None:
    text = text_of(LONG, events(sooner=queue(first="[XWA]", at_most="13", lines="[works.arrow, more.arrow]")))
    works = next(line for line in text.splitlines() if line.startswith("manufacturers: {"))
    inner = works.removeprefix("manufacturers: {").removesuffix("}")
    world = grow(text.replace(works, f"manufacturers: {{{inner}, {inner.replace('works', 'more')}}}"))
    given = {line.name: 0.0 for line in world.finished_lines}
    for month in range(world.first, world.first + 12):
        world.month = month
        world.step()
        for line in world.finished_lines:
            given[line.name] += float(line.deliveries.delivered[line.book.index("XWA", "")].sum())
    assert len(given) == 2
    assert sum(given.values()) == 13


@pytest.mark.parametrize(("until", "months"), [("2030-05-31", 2), ("2030-06-01", 3), ("2030-06-30", 3)])
def test_the_month_in_which_an_event_ends_is_in_the_usual_order(grow: Grow, until: str, months: int) -> None:
    given = had(grow(text_of(LONG, events(sooner=queue(first="[XWA]", until=until)))))
    assert sum(units > 0 for units in given["XWA"][:8]) == months


# --- what cannot be meant -------------------------------------------------------------------------------------------


BOTH = ", allocation: proportional, priority: [[XBB]]"
LINE = "manufacturers.works.lines.arrow"


@pytest.mark.parametrize(
    ("line", "event", "where", "found", "near"),
    [
        (", allocation: proportionl", queue(first="[XWA]"), f"{LINE}.allocation", "'proportionl'", "proportional"),
        (BOTH, queue(first="[XWA]"), f"{LINE}.priority", "classes at a line", ""),
        ("", queue(), "events.moved", "nobody changes places", ""),
        ("", queue(behind="[XBB]", share="10 %"), "events.moved.share", "a share that nobody takes", ""),
        ("", queue(first="[XBB]", behind="[XBB]"), "events.moved.behind.0", "'XBB', who is first already", ""),
        ("", queue(first="[XBB]", until="2030-03-20"), "events.moved.until", "in the month of since", ""),
        ("", queue(first="[wra]"), "events.moved.first.0", "'wra'", "war"),
        ("", queue(behind="[XBE]"), "events.moved.behind.0", "'XBE'", "XBD"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(grow: Grow, line: str, event: str, where: str, found: str, near: str) -> None:
    with pytest.raises(ScenarioProblems) as told:
        grow(text_of(LONG, events(moved=event), line=line))
    (problem,) = told.value.problems
    assert problem.path == where
    assert problem.nearest == near or not near
    assert found in problem.found
