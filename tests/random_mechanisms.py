"""The rest of what may happen in a world drawn at random: one switch for each mechanism, on top of `random_worlds`."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

basis = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("random_worlds.py"))))
Draw = Callable[[Any], Any]
World = dict[str, Any]
FIRST_YEAR = basis.FIRST_YEAR
day, event, items_of, month, needs_of = basis.day, basis.event, basis.items_of, basis.month, basis.needs_of
number, one, share, some, worlds, written = (
    basis.number,
    basis.one,
    basis.share,
    basis.some,
    basis.worlds,
    basis.written,
)


def theatres(draw: Draw, world: World) -> None:
    """Seasons, noise, wars that end, engagements, ground fires, and fighters who share them."""
    border, gulf = world["conflicts"]["border"], world["conflicts"]["gulf"]
    border |= {
        "seasons": {1: number(draw, 1, 2), 7: "0.5"},
        "noise": "0.3 (0.1 to 0.5)",
        "persistence": share(draw, 0, 90),
    }
    gulf |= {"lasts": number(draw, 1, 6, "months"), "split": {gulf["fighting"][0]: share(draw)}}
    if draw(st.booleans()):
        border.pop("per_target")
        border["engagement"] = one(draw, SHOTS)
    world["conflicts"]["ground"] = {
        "fighting": ["XWA"], "uses": some(draw, needs_of(world)), "fires": number(draw, 0, 20, "per month"),
        "dispersion": "12",
    }  # fmt: skip


SHOTS: tuple[World, ...] = (
    {"kind": "salvo", "shots": "2 (1 to 3)"},
    {"kind": "shoot_look_shoot", "shots": "1", "looks": 2},
)


def authority(draw: Draw, world: World) -> None:
    """What the donor may give away in a year, by value; used rounds may be cheaper than new, and money may be kept."""
    event(
        world, "authority", state="XDA", since=month(draw, 1, 6),
        amount={FIRST_YEAR: number(draw, 0, 200, "million usd")},
        counts_at=share(draw, 20, 100), carries=draw(st.booleans()),
    )  # fmt: skip
    for known in world["events"].values():
        if known["kind"] == "budget":
            known |= {"used_price": share(draw, 20, 100), "carries": draw(st.booleans())}


def plants(draw: Draw, world: World) -> None:
    """Lines that grow with their books, fail, go cold, learn; parts that need parts."""
    first = items_of(world)[0]
    line = world["manufacturers"]["donora"]["lines"][first]
    line |= {
        "ceiling": number(draw, 10, 20, "per month"), "ramp": number(draw, 1, 9, "months"),
        "fall": number(draw, 2, 9, "months"),
        "investment": number(draw, 0, 4, "months"),
        "fails": number(draw, 3, 20, "months"), "repair": number(draw, 1, 4, "months"),
        "price": number(draw, 1, 6, "million usd"),
        "learning": share(draw, 70, 100), "built_before": number(draw, 10, 90),
    }  # fmt: skip
    abroad = world["manufacturers"]["allia"]["lines"][first]
    abroad |= {"idle_after": number(draw, 1, 3, "months"), "restart": number(draw, 1, 4, "months"), "idles": True}
    abroad.pop("rest_to")
    world["items"]["chip"] = {"name": "Chip", "kind": "component"}
    world["items"]["seeker"]["needs"] = {"chip": draw(st.integers(1, 2))}
    chips = {"item": "chip", "capacity": number(draw, 8, 60, "per month")}
    world["manufacturers"]["chips"] = {"state": one(draw, ("XAL", "XDA")), "lines": {"chip": chips}}
    event(world, "capacity", date=day(draw), line="chips.chip", becomes="+20 (10 to 50) %", by=f"{FIRST_YEAR + 1}-03")


def stocks(draw: Draw, world: World) -> None:
    """Units expire, get lost, and are made new."""
    items = items_of(world)
    world["items"][items[0]]["shelf_life"] = number(draw, 6, 40, "months")
    for state in world["states"].values():
        holding = state["items"][items[0]]
        if draw(st.booleans()):
            holding["expires"] = {month(draw, 2, 9): share(draw, 0, 50), month(draw, 10, 18): share(draw, 0, 50)}
        state["losses"] = number(draw, 0, 5, "% per month")
    shock = next(said for said in world["events"].values() if said["kind"] == "shock")
    shock["lost"] = draw(st.booleans())
    again = {
        "item": items[0], "refurbishes": items[-1], "capacity": number(draw, 0, 5, "per month"),
        "lead_time": "2 months", "rest_to": "XDA",
    }  # fmt: skip
    world["manufacturers"]["renewal"] = {"state": "XDA", "lines": {"again": again}}


def exchanges(draw: Draw, world: World) -> None:
    """A gift against a promise, a ring, promises that are withdrawn or fail, trust that moves with them."""
    items = items_of(world)
    world["states"]["XDA"]["trust_prior"] = number(draw, 0, 5)
    gift = {"kind": "pledge", "from": "XDA", "to": "XWA", "item": items[0], "units": number(draw, 1, 20)}
    world["events"] |= {
        "ring_gift": gift | {"date": f"{month(draw, 2, 6)}-10", "against": "ring", "fair": "0.5",
                              "in_step": draw(st.booleans())},
        "ring": {
            "kind": "promise", "date": f"{FIRST_YEAR}-01-20", "from": "XAL", "to": "XDA", "item": items[-1],
            "for": "ring_gift",
            "swap": one(draw, ("0.5", "1", "2 (1 to 3)")), "due": number(draw, 1, 10, "months"),
            "pace": number(draw, 0, 5, "per month"),
        },
    }  # fmt: skip
    owed = [said for said in world["events"].values() if said["kind"] == "promise"]
    owed[0]["default"] = number(draw, 0, 10, "% per month")
    owed[1]["withdrawn"] = f"{FIRST_YEAR + 1}-0{draw(st.integers(7, 9))}-15"


def doctrines(draw: Draw, world: World) -> None:
    """Donors that give what was replaced, or above what one more unit is worth at home."""
    marginal = {
        "kind": "marginal", "chance": share(draw, 20, 90), "demand": number(draw, 10, 90), "dispersion": "2 (1 to 6)",
        "cost_ratio": "3 (1 to 10)",
    }  # fmt: skip
    world["states"]["XDA"]["gift"]["doctrine"] = one(draw, ("headroom", "replacement", "flow", "packages", marginal))
    world["states"]["XAL"]["doctrine"] = one(draw, ("headroom", "replacement", "packages", marginal))


def consents(draw: Draw, world: World) -> None:
    """Allia must be asked before its rounds go on; it answers in its time, by chance, or as close as it is."""
    world["without"] = ["rules.XAL-NO-ONWARD"] if draw(st.booleans()) else []
    world["export_rules"] |= {"consent": ["XAL"] if draw(st.booleans()) else []}
    world["relations"] = {"XAL-XDA": share(draw, 20, 100), "XAL-XWA": share(draw, 20, 100)}
    world["transfers"]["any-to-any"]["consent"] = number(draw, 0, 90, "days")


def books(draw: Draw, world: World) -> None:
    """Lines that divide their output in other ways; customers who are put behind, or first for so many units."""
    for line in world["manufacturers"]["donora"]["lines"].values():
        if "orders" in line and not line["priority"]:
            line["allocation"] = one(draw, ("priority", "proportional"))
    line = f"donora.{items_of(world)[0]}"
    event(
        world, "queue", since=f"{month(draw, 1, 9)}-05", lasts=number(draw, 2, 9, "months"), lines=[line],
        first=["XWA"], behind=["XDA"], share=share(draw, 10, 100), at_most=number(draw, 0, 20),
    )  # fmt: skip


def purses(draw: Draw, world: World) -> None:
    """A third state pays for a package; the donor buys its backfill."""
    item = items_of(world)[0]
    pledged = next(said for said in world["events"].values() if said["kind"] == "pledge")
    pledged["paid_by"] = "authority_0"
    event(
        world, "budget", payers=["XDA"], for_="XDA", buys_from="XAL", item=item, since=month(draw, 1, 6),
        amount={FIRST_YEAR: number(draw, 0, 100, "million usd")}, lag="2 months",
    )  # fmt: skip


def shared_numbers(draw: Draw, world: World) -> None:
    """One draw for all who inherit it, a number that is the same as another, two that are high together."""
    world["defaults"] = {"state": {"cover": number(draw, 1, 3, "months"), "release": share(draw, 10, 90)}}
    world["states"]["XAL"].pop("release")
    world["states"]["XAL"]["will"] = {"same_as": "states.XDA.will"}
    world["states"]["XAL"]["anticipation"] = {
        "value": 50, "low": 0, "high": 100, "unit": "%", "drawn_with": "states.XDA.anticipation",
    }  # fmt: skip


def inventories(draw: Draw, world: World) -> None:
    """A first stock of which only the total is known, and a requirement of which only the readiness is."""
    items = items_of(world)
    parts = {item: share(draw, 0, 40) for item in items[1:]} if "needs" in world else {}
    total = {"units": number(draw, 5, 60), "parts": parts, "rest": items[0]}
    state = world["states"]["XAL"]
    for item in items:
        state["items"][item].pop("stock")
        state["items"][item].pop("expires", None)
    state["inventory"] = total
    state.pop("requirement")
    state["readiness"] = share(draw, 30, 100)


def peace(_draw: Draw, world: World) -> None:
    """Nothing under contract is used up: no war, no shock, no training, no loss, no date, nothing made new of it."""
    world["conflicts"] = {}
    world["events"] = {name: said for name, said in world["events"].items() if said["kind"] not in ("shock", "phase")}
    for state in world["states"].values():
        for field in ("training", "losses"):
            state.pop(field, None)
    for item in items_of(world):
        world["items"][item].pop("shelf_life", None)
    world["manufacturers"].pop("renewal", None)


EVERYTHING = (
    *basis.SWITCHES, theatres, authority, plants, stocks, exchanges, doctrines, consents, books, purses, shared_numbers,
    inventories,
)  # fmt: skip
"""Every mechanism of the engine."""
