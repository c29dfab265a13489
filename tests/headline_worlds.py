"""Small invented worlds for each kind of headline, and what came of a few runs of them."""

from __future__ import annotations

from pathlib import Path

from backfill.results import Results
from backfill.scenario import load
from backfill.studies.run import simulate

REFILL = """\
scenario: 1
title: A stock that was given away
question: How long until Donora has its arrows and its bolts back?
label: fictional
horizon: 2030-01 to 2035-12
roles: {donor: XDA, aided: XWA, items: [arrow, bolt]}
outcomes: {headline: refill}
items:
  arrow: {name: Arrow interceptor, licensor: XDA}
  bolt: {name: Bolt, licensor: XDA}
states:
  XDA:
    name: Donora
    items:
      arrow: {stock: 300, requirement: 1000, procurement: {2030-01: 100 % of output}, line: works.arrow}
      bolt: {stock: 100, requirement: 220, procurement: {2030-01: 100 % of output}, line: works.bolt}
  XWA: {name: Warland}
manufacturers:
  works:
    state: XDA
    lines:
      arrow: {item: arrow, capacity: 160 (90 to 260) per year, lead_time: 6 months}
      bolt: {item: bolt, capacity: 60 per year, lead_time: 6 months}
arms:
  surge: {title: Three shifts, set: {manufacturers.works.lines.arrow.capacity: 400 per year}}
  slow: {title: Half the bolts, set: {manufacturers.works.lines.bolt.capacity: 10 per year}}
  same: {title: Nothing else}
"""

GIVING = """\
scenario: 1
title: Three states and one missile
question: What reaches the state at war?
label: fictional
horizon: 2030-01 to 2033-12
roles: {ROLES, items: [arrow]}
outcomes: {HEADLINE}
items:
  arrow: {name: Arrow interceptor, licensor: XDA}
states:
  XDA:
    name: Donora
    floor: 80 (70 to 90) %
    doctrine: headroom
    items: {arrow: {stock: 900, requirement: 1000}}
  XAL:
    name: Allia
    items: {arrow: {stock: 200, requirement: 150}}
  XWA:
    name: Warland
    cover: 3 months
    items: {arrow: {stock: 50}}
conflicts:
  border_war: {fighting: [XWA], uses: [arrow], attacks: 12 (8 to 20) per month, per_target: 2}
transfers:
  any-to-any: {decision: 1 month, contract: 2 months, handover: 3 (1 to 9) months, transit: 15 days}
events:
  gift: {kind: promise, date: 2030-06, due: 9 months, from: XAL, to: XDA, item: arrow, units: 40}
  help: {kind: pledge, date: 2031-02, from: XDA, to: XWA, item: arrow, units: 64}
arms:
  no_gift: {title: Allia sends nothing, without: [events.gift]}
  fast: {title: A quick procedure, set: {transfers.any-to-any.handover: 1 month}}
"""


KNOWN: dict[tuple[str, int, int], Results] = {}
"""Worlds that were simulated before; tests read them and leave them alone."""


def lived(tmp_path: Path, text: str, *changes: tuple[str, str], runs: int = 12, seed: int = 1) -> Results:
    """What comes of a world in which some words are others."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    if (text, runs, seed) not in KNOWN:
        path = tmp_path / "world.yaml"
        path.write_text(text, encoding="utf-8")
        KNOWN[text, runs, seed] = simulate(load(path), runs=runs, seed=seed)
    return KNOWN[text, runs, seed]


def units(tmp_path: Path, *changes: tuple[str, str], runs: int = 12) -> Results:
    """A world that asks for units and has no backfiller."""
    words = (("ROLES", "donor: XDA, aided: XWA"), ("HEADLINE", "headline: units, by: [2031-12, 2033-12]"))
    return lived(tmp_path, GIVING, *words, *changes, runs=runs)


def kept(tmp_path: Path, *changes: tuple[str, str], event: str = "gift", runs: int = 12) -> Results:
    """A world that asks how a promise or a pledge is kept."""
    headline = f"headline: promise, promise: {event}, by: [2031-12]"
    words = (("ROLES", "donor: XDA, backfiller: XAL, aided: XWA"), ("HEADLINE", headline))
    return lived(tmp_path, GIVING, *words, *changes, runs=runs)
