"""Worlds drawn at random, mechanism by mechanism: each switch adds one to a small world, with numbers of its own.

A world is the map that a scenario file holds; `written` puts it into a folder, with the law that it reads beside it.
More mechanisms stand in `random_mechanisms`; a new one is one more function there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[Any], Any]
World = dict[str, Any]

ITEMS = ("arrow", "bolt", "dart")
OTHERS = ("XEA", "XEB", "XGA")
FIRST_YEAR = 2030
EVEN = (f"{FIRST_YEAR}-06", f"{FIRST_YEAR + 1}-03")
FIGHTING = "active_combat"
LAW = """
policy: 1
jurisdiction: XAL
title: Allia's rules
force: policy
default: permit
sources: {invented: {title: Invented, grade: low, url: "https://example.org"}}
rules:
  XAL-NO-ONWARD:
    {title: Nothing of Allia's goes on to Warland, effect: deny, since: 2020-01-01,
     when: {all: [{role: origin}, {destination: XWA}]}, refs: [invented], confidence: low}
  XAL-NO-EAST:
    {title: Nothing of Allia's goes to the east, effect: deny, status: proposed,
     when: {destination: XEA}, refs: [invented], confidence: low}
  XAL-ASK:
    {title: What is of Allia's make goes on with its consent, effect: consent_required, since: 2020-01-01,
     when: {all: [{role: origin}, {destination: XWA}]}, refs: [invented], confidence: low}
"""
ANSWERS = """
consent: 1
giver: XAL
otherwise: {answer: grant, chance: 60 %, after: 40 (10 to 100) days}
"""


# --- what is drawn ----------------------------------------------------------------------------------------------------


def number(draw: Draw, low: int, high: int, unit: str = "") -> str:
    """A number as a scenario writes it, in half of all cases with a range."""
    values = sorted(draw(st.integers(low, high)) for _ in range(3))
    ranged = f"{values[1]} ({values[0]} to {values[2]})" if draw(st.booleans()) else str(values[1])
    return f"{ranged} {unit}".strip()


def share(draw: Draw, low: int = 0, high: int = 100) -> str:
    return number(draw, low, high, "%")


def some(draw: Draw, names: Sequence[str], *, least: int = 1) -> list[str]:
    """Some of the names, in their order."""
    chosen = draw(st.sets(st.sampled_from(list(names)), min_size=min(least, len(names))))
    return [name for name in names if name in chosen]


def one(draw: Draw, choices: Sequence[Any]) -> Any:
    return draw(st.sampled_from(list(choices)))


def month(draw: Draw, first: int = 1, last: int = 18) -> str:
    """A month of the world, counted from its first."""
    index = draw(st.integers(first, last)) - 1
    return f"{FIRST_YEAR + index // 12}-{index % 12 + 1:02}"


def day(draw: Draw) -> str:
    return f"{month(draw)}-{draw(st.integers(1, 28)):02}"


def event(world: World, kind: str, **said: Any) -> None:
    """One more event, called by its kind and its number."""
    events = world.setdefault("events", {})
    name = f"{kind}_{sum(known.startswith(kind) for known in events)}"
    events[name] = {"kind": kind} | {key.rstrip("_"): value for key, value in said.items()}


# --- the smallest world -----------------------------------------------------------------------------------------------


def bare(draw: Draw) -> World:
    """States that hold stocks, some of Allia's make; the aided one has a war to come."""
    items = ITEMS[: draw(st.integers(1, len(ITEMS)))]
    states = ["XDA", "XAL", "XWA", *OTHERS[: draw(st.integers(0, len(OTHERS)))]]
    return {
        "scenario": 1,
        "title": "A world drawn at random",
        "label": "fictional",
        "horizon": f"{FIRST_YEAR}-01 to {FIRST_YEAR + 1}-{draw(st.integers(6, 12)):02}",
        "roles": {"donor": "XDA", "backfiller": "XAL", "aided": "XWA", "items": list(items)},
        "items": {
            item: {"name": item.title(), "licensor": "XDA", "cost": number(draw, 1, 5, "million usd")} for item in items
        },
        "states": {state: {"items": {item: _holding(draw, state) for item in items}} for state in states},
    }


def _holding(draw: Draw, state: str) -> World:
    origin = {"origin": "XAL"} if state != "XWA" and draw(st.booleans()) else {}
    return {"stock": number(draw, 0, 90 if state != "XWA" else 20)} | origin


def items_of(world: World) -> list[str]:
    return list(world["roles"]["items"])


def needs_of(world: World) -> list[str]:
    """What the items meet: a need that has them all, else each its own."""
    return list(world.get("needs", items_of(world)))


# --- the switches -----------------------------------------------------------------------------------------------------


def one_need(draw: Draw, world: World) -> None:
    """All items meet one need, each with its worth."""
    worth = {item: f"{draw(st.integers(2, 10)) / 10:g}" for item in items_of(world)}
    world["needs"] = {"air": {"worth": worth | {items_of(world)[0]: "1"}}}


def stances(draw: Draw, world: World) -> None:
    """Floors, wills, doctrines and training of everybody."""
    for state in world["states"].values():
        state |= {
            "requirement": number(draw, 20, 120),
            "floor": share(draw, 0, 100),
            "floor_in_crisis": share(draw, 0, 30),
            "minimum": one(draw, [number(draw, 0, 20), f"{draw(st.integers(0, 30))} % of requirement"]),
            "will": share(draw, 10, 100),
            "persistence": share(draw, 0, 95),
            "spread": one(draw, ["0", "0.3", "0.6 (0.1 to 1)"]),
            "release": share(draw, 5, 100),
            "anticipation": share(draw),
            "look_ahead": number(draw, 1, 12, "months"),
            "flow_share": share(draw),
            "training": number(draw, 0, 30, "per year"),
            "doctrine": one(draw, ("headroom", "flow", "packages")),
        }


def channels(draw: Draw, world: World) -> None:
    """A donor gives in windows, and sells in another way."""
    start = draw(st.integers(1, 6))
    world["states"]["XDA"]["gift"] = {
        "doctrine": one(draw, ("headroom", "flow")),
        "windows": [
            f"{FIRST_YEAR}-{start:02} to {FIRST_YEAR}-{start + 5:02}",
            f"{FIRST_YEAR + 1}-02 to {FIRST_YEAR + 1}-06",
        ],
    }
    world["states"]["XDA"]["sale"] = {"doctrine": one(draw, ("headroom", "flow")), "will": share(draw, 20, 100)}


def asking(draw: Draw, world: World) -> None:
    """Warland asks for cover and for its fire units; the donor asks for backfill; a second state may ask for aid."""
    donors = [state for state in world["states"] if state != "XWA"]
    world["states"]["XWA"] |= {
        "cover": number(draw, 1, 4, "months"),
        "load": number(draw, 1, 6),
        "load_in": items_of(world),
        "fire_units": {f"{FIRST_YEAR}-{draw(st.integers(1, 4)):02}": number(draw, 1, 4), f"{FIRST_YEAR + 1}-01": "6"},
        "fire_units_ahead": number(draw, 0, 4, "months"),
        "aid_from": ["XDA", *(donor for donor in some(draw, donors) if donor != "XDA")],
    }
    world["states"]["XDA"] |= {"backfill_from": ["XAL"], "objective": number(draw, 50, 200)}
    for state in [other for other in OTHERS if other in world["states"]][:1]:
        world["states"][state] |= {
            "aid_from": ["XDA"],
            "load": number(draw, 1, 20),
            "fire_units": {f"{FIRST_YEAR}-03": 2},
        }


def lines(draw: Draw, world: World) -> None:
    """A line at home for each item and one under licence, of shared parts, with a book of every kind of order."""
    items = items_of(world)
    world["items"] |= {
        "seeker": {"name": "Seeker", "kind": "component"},
        "motor": {"name": "Motor", "kind": "component"},
    }
    for item in items:
        world["items"][item]["needs"] = {part: draw(st.integers(1, 2)) for part in some(draw, ("seeker", "motor"))}
    works = {item: _line(draw, world, item, "XDA") for item in items}
    parts = {
        part: {
            "item": part,
            "capacity": number(draw, 4, 20, "per month"),
            "allocation": one(draw, ("proportional", "priority")),
        }
        for part in ("seeker", "motor")
    }
    licensed = _line(draw, world, items[0], "XAL") | {"licence": {"from": "XDA"}}
    world["manufacturers"] = {
        "donora": {"state": "XDA", "lines": works | parts},
        "allia": {"state": "XAL", "lines": {items[0]: licensed}},
    }
    world["states"]["XDA"]["items"][items[0]] |= {
        "procurement": number(draw, 5, 50, "% of output"), "line": f"donora.{items[0]}"
    }  # fmt: skip
    world["states"]["XAL"]["items"][items[0]]["procurement"] = number(draw, 0, 30, "per year")


def _line(draw: Draw, world: World, item: str, home: str) -> World:
    customers = list(world["states"])
    orders = {
        f"{item}_{number_}": {
            "customer": one(draw, customers),
            "units": number(draw, 0, 60),
            "placed": one(draw, ("2029-06", "2029-12", month(draw))),
            "over": number(draw, 1, 12, "months"),
        }
        for number_ in range(draw(st.integers(1, 3)))
    }
    return {
        "item": item,
        "capacity": {
            f"{FIRST_YEAR}-01": number(draw, 2, 9, "per month"),
            f"{FIRST_YEAR + 1}-01": number(draw, 2, 99, "per year"),
        },
        "lead_time": number(draw, 1, 6, "months"),
        "slack": share(draw, 0, 20),
        "rest_to": one(draw, ("OTHER", home)) if draw(st.booleans()) else home,
        "priority": [[home], ["others"]] if draw(st.booleans()) else [],
        "seed": {"until": f"{FIRST_YEAR}-04", "shares": {one(draw, customers): share(draw, 0, 50)}},
        "contracts": {
            f"{item}_even": {"units": number(draw, 0, 40), "since": EVEN[0], "until": EVEN[1]},
            f"{item}_rest": {"units": number(draw, 0, 60), "since": EVEN[0], "split": {"XWA": "50 %", "XDA": "30 %"}},
        },
        "orders": orders,
    }  # fmt: skip


def wars(draw: Draw, world: World) -> None:
    """A war in Warland, one that may break out elsewhere; one heats up."""
    needs = needs_of(world)
    world["conflicts"] = {
        "border": {
            "fighting": ["XWA"], "uses": some(draw, needs), "attacks": number(draw, 1, 20, "per month"),
            "engaged": share(draw, 20, 100), "per_target": one(draw, ("1", "2.3 (2 to 3)")),
            "other_targets": "1.3 (1 to 1.6)", "kill": "60 %", "dispersion": one(draw, ("2", "6 (3 to 15)")),
        },
        "gulf": {
            "fighting": some(draw, [state for state in world["states"] if state != "XWA"]), "uses": some(draw, needs),
            "attacks": number(draw, 0, 8, "per month"), "onset": number(draw, 0, 20, "% per month"),
        },
    }  # fmt: skip
    event(
        world, "phase", conflict="border", since=month(draw, 2, 8), until=month(draw, 9, 18), intensity="1.5 (1 to 2)"
    )


def procedures(draw: Draw, world: World) -> None:
    """Delays of every stage, of some pairs too."""
    stages = ("decision", "contract", "handover", "transit")
    spans = {stage: one(draw, (number(draw, 0, 60, "days"), number(draw, 0, 4, "months"))) for stage in stages}
    world["transfers"] = {
        "any-to-any": spans,
        "XDA-to-XWA": {"decision": number(draw, 0, 3, "months")},
        "XAL-to-any": {"handover": number(draw, 0, 6, "months")},
    }


def law(draw: Draw, world: World) -> None:
    """Allia bars its rounds from Warland; it may bar them from the east; fighting may be found there."""
    world["export_rules"] = {"policies": ["XAL"], "undetermined": one(draw, ("permit", "deny"))}
    if "XEA" in world["states"]:
        event(world, "rule", rules=["XAL-NO-EAST"], since=month(draw, 1, 6), chance=number(draw, 0, 30, "% per month"))
    event(world, "finding", by="XAL", state="XWA", token=FIGHTING, since=month(draw, 1, 6), chance=share(draw))


def promises(draw: Draw, world: World) -> None:
    """Backfill is owed, twice, not always all of it."""
    for _ in range(2):
        units = draw(st.integers(1, 40))
        event(
            world, "promise", date=day(draw), from_="XAL", to="XDA", item=one(draw, items_of(world)), units=f"{units}",
            delivers=number(draw, 0, units), due=number(draw, 0, 10, "months"), contract=number(draw, 0, 3, "months"),
        )  # fmt: skip


def pledges(draw: Draw, world: World) -> None:
    """Packages: one decided on a day, one known to have arrived, one of several items by way of another state."""
    givers = [state for state in world["states"] if state != "XWA"]
    items = items_of(world)
    event(
        world,
        "pledge",
        date=day(draw),
        from_=one(draw, givers),
        to="XWA",
        item=one(draw, items),
        units=number(draw, 0, 30),
    )
    event(
        world, "pledge", arrives=month(draw, 3), from_="XAL", to="XWA", units=number(draw, 0, 20),
        parts={items[-1]: share(draw, 0, 60)} if len(items) > 1 else {}, rest=items[0], via="XDA",
    )  # fmt: skip


def changes_of_mind(draw: Draw, world: World) -> None:
    """Needs, wills and plans become others; a state pauses."""
    need = {"need": "air"} if "needs" in world else {}
    event(world, "requirement", date=day(draw), state="XDA", **need, becomes=number(draw, 50, 300), weight=share(draw))
    event(world, "will", date=day(draw), state="XDA", channel=one(draw, ("gift", "sale")), becomes=share(draw, 0, 100))
    event(
        world,
        "pause",
        state=one(draw, ("XDA", "XAL")),
        since=f"{FIRST_YEAR}-05-03",
        until=f"{FIRST_YEAR}-0{draw(st.integers(6, 9))}-20",
    )
    if "manufacturers" in world:
        line = f"donora.{items_of(world)[0]}"
        event(world, "capacity", date=day(draw), line=line, becomes=number(draw, 5, 20, "per month"),
              by=f"{FIRST_YEAR + 1}-06", slip=number(draw, 0, 6, "months"), at_once=draw(st.booleans()))  # fmt: skip


def shocks(draw: Draw, world: World) -> None:
    """Rounds are used at once, in two months."""
    states = some(draw, list(world["states"]))
    months = dict(zip(sorted({month(draw, 2, 9), month(draw, 10, 18)}), ("70 %", "30 %"), strict=True))
    conflict = {"conflict": "gulf"} if "conflicts" in world else {}
    used = {"need": "air"} if "needs" in world and draw(st.booleans()) else {"item": items_of(world)[0]}
    event(world, "shock", states=states, **used, units=number(draw, 0, 60), months=months, **conflict)


def queue(draw: Draw, world: World) -> None:
    """Some order is put first for a while: with a share of what others get, or before them all."""
    line = one(draw, [f"donora.{item}" for item in items_of(world)])
    orders = list(world["manufacturers"]["donora"]["lines"][line.split(".")[1]]["orders"])
    event(
        world, "queue", since=day(draw), lasts=number(draw, 1, 9, "months"), lines=[line], first=[one(draw, orders)],
        exempt=some(draw, list(world["states"]), least=0), **({"share": share(draw)} if draw(st.booleans()) else {}),
    )  # fmt: skip
    event(
        world,
        "queue",
        since=f"{month(draw, 1, 12)}-10",
        until=f"{FIRST_YEAR + 1}-05-20",
        lines=[line],
        first=["XWA"],
        share=share(draw),
    )


def money(draw: Draw, world: World) -> None:
    """Others pay for what Warland buys from the donor's stock, then from its line."""
    item = items_of(world)[0]
    event(
        world, "budget", payers=["XAL"], for_="XWA", buys_from="XDA", item=item, line=f"donora.{item}",
        since=month(draw, 1, 8), amount={FIRST_YEAR: number(draw, 0, 200, "million usd")}, part=share(draw, 20, 100),
        lag=number(draw, 1, 4, "months"),
    )  # fmt: skip


Switch = Callable[[Draw, World], None]
SWITCHES: tuple[Switch, ...] = (
    one_need, stances, channels, asking, lines, wars, procedures, law, promises, pledges, changes_of_mind, shocks,
    queue, money,
)  # fmt: skip
"""The oldest mechanisms; those of `random_mechanisms` come on top."""
OFTEN: tuple[Switch, ...] = (one_need,)
"""Switches that are off in some worlds even where all are on: without them the world is another, not a simpler one."""


@st.composite
def worlds(draw: Draw, switches: Sequence[Switch] = SWITCHES) -> World:
    """A world with every mechanism switched on."""
    world = bare(draw)
    for switch in switches:
        if switch not in OFTEN or draw(st.booleans()):
            switch(draw, world)
    return world


def written(world: World, folder: Path, name: str = "drawn") -> Path:
    """Put a world into a folder, with Allia's law beside it; JSON is YAML."""
    (folder / "policies").mkdir(exist_ok=True, parents=True)
    (folder / "policies" / "XAL.yaml").write_text(LAW, encoding="utf-8")
    (folder / "consent").mkdir(exist_ok=True)
    (folder / "consent" / "XAL.yaml").write_text(ANSWERS, encoding="utf-8")
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(world), encoding="utf-8")
    return path
