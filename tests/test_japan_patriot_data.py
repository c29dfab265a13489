"""The world of the Japanese transfer says what its table of parameters says, and says where every number is from."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from backfill.reading.dates import month
from backfill.reading.number import Number
from backfill.scenario import Scenario, load

WORLDS = Path(__file__).resolve().parents[1] / "scenarios"
ARMS = (
    "baseline", "no_backfill", "rules_2014", "rules_2026", "promise_36", "transfer_100", "fast_procedure",
    "seekers_unlimited", "no_queue_reorder", "no_iran_war", "old_us_objective", "no_promise",
)  # fmt: skip
STATES = {
    "USA", "JPN", "UKR", "DEU", "NLD", "ROU", "ESP", "GRC", "POL", "SWE", "NOR", "CHE", "ISR", "TWN", "KOR", "SAU",
    "ARE", "QAT", "KWT",
}  # fmt: skip
UNITS = {
    "": 1.0, "%": 1 / 100, "% of output": 1 / 100, "per year": 1 / 12, "per month": 1.0, "months": 1.0,
    "million usd": 1e3, "billion usd": 1e6,
}  # fmt: skip

# The table of parameters, central (low to high), in the units in which it is written.
PARAMETERS = """
items.pac3_mse.cost                                        4.97 (3.8 to 5.2) million usd
items.gemt.cost                                            5.6 (5 to 5.6) million usd
needs.air_defence.worth.pac3_mse                           1
needs.air_defence.worth.pac3                               0.6 (0.5 to 0.9)
needs.air_defence.worth.gemt                               0.5 (0.2 to 0.8)
states.USA.objective                                       3376
states.USA.requirement                                     3376
states.USA.floor                                           25 (10 to 50) %
states.USA.floor_in_crisis                                 0 (0 to 30) %
states.USA.minimum                                         338 (169 to 675)
states.USA.will                                            50 (20 to 80) %
states.USA.persistence                                     90 (70 to 97) %
states.USA.spread                                          0.3 (0.1 to 0.6)
states.USA.release                                         10 (3 to 30) %
states.USA.anticipation                                    50 (0 to 100) %
states.USA.look_ahead                                      12 (6 to 24) months
states.USA.trust_prior                                     2 (1 to 5)
states.USA.training                                        25 (0 to 50) per year
states.USA.flow_share                                      40 (10 to 80) %
states.USA.inventory.equivalents                           1120 (340 to 2940)
states.USA.inventory.parts.pac3_mse                        70 (50 to 90) %
states.USA.items.pac3_mse.procurement.2022-01              227 (205 to 256) per year
states.USA.items.pac3_mse.procurement.2026-01              230 per year
states.USA.items.pac3_mse.procurement.2027-01              214 per year
states.USA.items.pac3_mse.procurement.2028-01              320 per year
states.USA.items.pac3_mse.procurement.2029-01              36 (34 to 52) % of output
states.JPN.readiness                                       60 %
states.JPN.floor                                           50 (30 to 60) %
states.JPN.needs.air_defence.worth.pac3                    1
states.JPN.needs.air_defence.worth.pac3_mse                1
states.JPN.items.pac3.stock                                400 (250 to 484)
states.UKR.cover                                           2 (1 to 6) months
states.UKR.fire_units_ahead                                4 months
states.UKR.fire_units.2023-04                              2
states.UKR.fire_units.2024-07                              4
states.UKR.fire_units.2024-12                              6
states.UKR.fire_units.2025-09                              8
states.UKR.fire_units.2025-11                              10
states.DEU.fire_units.2022-01                              12
states.DEU.inventory.per_fire_unit                         32 (17 to 64)
states.DEU.inventory.parts.pac3                            50 %
states.NLD.fire_units.2022-01                              4 (1 to 8)
states.ROU.fire_units.2022-01                              4 (1 to 8)
states.ESP.fire_units.2022-01                              3
states.ESP.inventory.units                                 50 (45 to 55)
states.GRC.fire_units.2022-01                              4 (1 to 8)
states.POL.fire_units.2022-01                              4 (1 to 8)
states.SWE.fire_units.2022-01                              4 (1 to 8)
states.KOR.fire_units.2022-01                              4 (1 to 8)
states.ISR.fire_units.2022-01                              4 (1 to 8)
states.ISR.items.gemt.stock                                90
states.TWN.inventory.units                                 350
states.SAU.inventory.units                                 1500 (900 to 2500)
states.SAU.inventory.share                                 50 %
states.ARE.inventory.share                                 25 %
states.KWT.inventory.share                                 15 %
states.QAT.inventory.share                                 10 %
states.QAT.inventory.parts.pac3_mse                        30 %
manufacturers.camden.lines.mse.lead_time                   24 (18 to 30) months
manufacturers.camden.lines.mse.capacity.2022-01            350 per year
manufacturers.camden.lines.mse.capacity.2023-01            350 per year
manufacturers.camden.lines.mse.capacity.2024-01            500 per year
manufacturers.camden.lines.mse.capacity.2024-07            550 per year
manufacturers.camden.lines.mse.capacity.2025-07            650 per year
manufacturers.camden.lines.mse.capacity.2027-07            700 (650 to 750) per year
manufacturers.camden.lines.mse.seed.shares.TWN             5 %
manufacturers.camden.lines.mse.seed.shares.ISR             5 %
manufacturers.camden.lines.mse.contracts.army_2024.units   870
manufacturers.camden.lines.mse.contracts.army_2025.units   1970
manufacturers.camden.lines.mse.orders.emirates.units       452
manufacturers.camden.lines.mse.orders.poland.units         644
manufacturers.camden.lines.mse.orders.germany.units        600
manufacturers.camden.lines.mse.orders.saudi.units          730
manufacturers.camden.lines.mse.orders.qatar.units          800 (400 to 800)
manufacturers.camden.lines.mse.orders.qatar.over           36 months
manufacturers.camden.lines.mse.orders.ukraine.units        419
manufacturers.camden.lines.mse.orders.ukraine.scale        43 (29 to 100) %
manufacturers.boeing.lines.seeker.slack                    0 (0 to 25) %
manufacturers.boeing.lines.seeker.capacity.2022-07         350 per year
manufacturers.boeing.lines.seeker.capacity.2023-07         400 per year
manufacturers.boeing.lines.seeker.capacity.2024-07         540 per year
manufacturers.boeing.lines.seeker.capacity.2025-07         650 per year
manufacturers.boeing.lines.seeker.capacity.2026-07         705 per year
manufacturers.boeing.lines.seeker.capacity.2026-12         705 per year
manufacturers.boeing.lines.seeker.capacity.2027-01         845 per year
manufacturers.boeing.lines.seeker.capacity.2029-05         845 per year
manufacturers.mhi.lines.mse.capacity.2022-01               30 (25 to 30) per year
manufacturers.raytheon.lines.gemt.capacity.2022-01         240 per year
manufacturers.raytheon.lines.gemt.capacity.2026-12         240 per year
manufacturers.raytheon.lines.gemt.capacity.2027-01         420 per year
manufacturers.raytheon.lines.gemt.contracts.nspa.units     1000
manufacturers.raytheon.lines.gemt.orders.ukraine.units     288
manufacturers.comlog.lines.gemt.orders.germany_for_ukraine.units  450 (300 to 630)
conflicts.ukraine.attacks.after                            90 (45 to 130) per month
conflicts.ukraine.engaged.2022-01                          17 (12 to 25) %
conflicts.ukraine.engaged.2025-07                          30 (10 to 45) %
conflicts.ukraine.per_target                               2.3 (2 to 3)
conflicts.ukraine.kill                                     70 (40 to 80) %
conflicts.ukraine.other_targets                            1.3 (1 to 1.6)
conflicts.ukraine.dispersion                               6 (3 to 15)
events.us_objective.becomes                                13773
events.us_objective.weight                                 30 (0 to 100) %
events.framework.becomes                                   2000 per year
events.framework.slip                                      12 (0 to 36) months
events.seeker_framework.becomes                            2060 per year
events.comlog_opens.becomes                                180 (60 to 180) per year
events.comlog_opens.by                                     2028-07 (2028-01 to 2030-01)
events.purl.amount.2025                                    4 (4 to 5) billion usd
events.purl.amount.2026                                    8 (4 to 15) billion usd
events.purl.part                                           25 (10 to 50) %
events.purl.lag                                            2 months
events.al_udeid.units                                      30
events.iran_war_us.units                                   800 (402 to 1300)
events.iran_war_us.months.2026-03                          80 %
events.iran_war_us.months.2026-04                          20 %
events.iran_war_gulf.units                                 800 (600 to 1000)
events.germany_64.units                                    64
events.germany_64.parts.pac3                               50 (0 to 100) %
events.israel_90.units                                     90
events.germany_30.units                                    30
events.jp_backfill.units                                   36 (24 to 60)
events.jp_backfill.delivers                                7 (4 to 20)
events.jp_backfill.due                                     12 (6 to 24) months
events.jp_backfill.contract                                7.2 months
events.jp_backfill.handover                                15.6 months
"""
SAME = {
    "states.UKR.load": "states.DEU.inventory.per_fire_unit",
    "states.KOR.inventory.per_fire_unit": "states.DEU.inventory.per_fire_unit",
    "states.JPN.minimum": "states.JPN.floor",
    "states.QAT.inventory.units": "states.SAU.inventory.units",
    "manufacturers.mhi.lines.mse.lead_time": "manufacturers.camden.lines.mse.lead_time",
    "manufacturers.raytheon.lines.gemt.orders.ukraine.scale": "manufacturers.camden.lines.mse.orders.ukraine.scale",
    "events.fms_queue.share": "manufacturers.camden.lines.mse.orders.ukraine.scale",
    "events.purl_queue.share": "manufacturers.camden.lines.mse.orders.ukraine.scale",
    "events.seeker_framework.slip": "events.framework.slip",
    "events.february_2026_poland.parts.pac3": "events.germany_64.parts.pac3",
}
LINE = re.compile(r"(?P<path>\S+)\s+(?P<value>\S+)(?: \((?P<low>\S+) to (?P<high>\S+)\))?(?: (?P<unit>.+))?")


@cache
def world() -> Scenario:
    return load("japan_patriot")


@cache
def written(name: str) -> Any:
    """A file as it is written, without any meaning."""
    return YAML(typ="safe", pure=True).load((WORLDS / name).read_text(encoding="utf-8"))


def canonical(text: str, unit: str) -> float:
    """A value of the table above in the unit of `Number`."""
    return float(month(text)) if re.fullmatch(r"\d{4}-\d{2}", text) else float(text) * UNITS[unit]


def test_the_loader_has_nothing_to_say_about_any_arm_or_doctrine():
    assert not [str(note) for note in world().notes]
    for doctrine in (None, "headroom", "flow"):
        for arm in ARMS:
            world().arm(arm, under=doctrine)


@pytest.mark.parametrize("line", PARAMETERS.strip().splitlines(), ids=lambda line: line.split()[0])
def test_each_parameter_has_its_value_and_its_range(line: str):
    said = LINE.fullmatch(line)
    assert said
    number = world()[said["path"]]
    expected = [canonical(said[part] or said["value"], said["unit"] or "") for part in ("value", "low", "high")]
    assert [number.value, number.low, number.high] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("path", SAME)
def test_what_is_one_number_is_drawn_once(path: str):
    assert world()[path].same_as == SAME[path]


def test_the_us_stock_and_the_weight_of_its_new_objective_are_drawn_together():
    assert world()["events.us_objective.weight"].drawn_with == "states.USA.inventory.equivalents"


def test_every_number_names_where_it_is_from_unless_it_says_nothing():
    """Zero, `unlimited` and the whole of something need no source."""
    unsourced = [path for path, number in world().numbers().items() if lacks_source(number)]
    assert not unsourced


def lacks_source(number: Number) -> bool:
    says_nothing = number.unlimited or number.value == 0 or (number.kind == "share" and number.value == 1)
    return not (number.sources or number.same_as) and (number.ranged or not says_nothing)


def test_every_citation_is_a_fact_a_source_or_an_assumption():
    known = facts() | set(written("japan_patriot.yaml")["sources"]) | assumptions()
    assert not cited() - known


def test_every_assumption_is_cited_and_names_only_facts_that_exist():
    assert not assumptions() - cited()
    reasons = " ".join(written("japan_patriot.yaml")["assumptions"].values())
    assert not set(re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", reasons)) - facts()


def facts() -> set[str]:
    with (WORLDS / "catalogue/sources/patriot_facts.csv").open(encoding="utf-8", newline="") as rows:
        return {row["id"] for row in csv.DictReader(rows)}


def assumptions() -> set[str]:
    return {name for file in ("japan_patriot.yaml", "catalogue/patriot.yaml") for name in written(file)["assumptions"]}


def cited() -> set[str]:
    return set().union(*(citations(written(file)) for file in ("japan_patriot.yaml", "catalogue/patriot.yaml")))


def citations(part: Any) -> set[str]:
    """Every word after an @, and every `source`, in a file as it is written."""
    if isinstance(part, str):
        return set(re.findall(r"@(\w+)", part))
    if isinstance(part, list):
        return set().union(*map(citations, part))
    if isinstance(part, dict):
        named = part.get("source", [])
        return set().union({named} if isinstance(named, str) else named, *map(citations, part.values()))
    return set()


def test_every_fact_has_a_source_with_an_address():
    with (WORLDS / "catalogue/sources/patriot_facts.csv").open(encoding="utf-8", newline="") as rows:
        assert all(row["source_title"] and row["source_url"].startswith("http") for row in csv.DictReader(rows))


def test_the_arms_and_the_doctrines_are_those_of_the_study():
    assert world().arm_names == ARMS
    assert set(world().setting.doctrines) == {"headroom", "flow", "marginal", "packages"}


def test_all_states_of_the_study_are_in_it():
    assert set(world().setting.states) == STATES


def test_indo_pacific_is_described_but_switched_off():
    assert "indo_pacific" in written("japan_patriot.yaml")["conflicts"]
    assert "indo_pacific" not in world().setting.conflicts


def test_gifts_by_others_are_those_announced():
    """64, the hundred of the coalition, 90, 30 and 35; in whole packages by month of arrival."""
    arrived: dict[str, int] = {}
    for event in written("japan_patriot.yaml")["events"].values():
        if event["kind"] == "pledge":
            arrived[event["arrives"]] = arrived.get(event["arrives"], 0) + int(str(event["units"]).split()[0])
    assert arrived == {"2023-06": 64, "2024-06": 32, "2024-07": 68, "2025-01": 90, "2025-04": 30, "2026-03": 35}


def test_no_backfill_has_neither_promise_nor_delivery_and_promise_36_delivers_what_is_announced():
    assert "jp_backfill" not in world().arm("no_backfill").events
    promise = world().arm("promise_36").events["jp_backfill"]
    assert promise.delivers.same_as == "events.jp_backfill.units"


def test_without_the_iran_war_nothing_is_fired_and_qatar_orders_nothing():
    peace = world().arm("no_iran_war")
    assert not {"iran_war_us", "iran_war_gulf"} & set(peace.events)
    assert "qatar" not in peace.manufacturers["camden"].lines["mse"].orders


def test_ukraine_keeps_its_order_where_the_queue_is_not_reordered():
    arm = world().arm("no_queue_reorder")
    assert "fms_queue" not in arm.events
    assert "ukraine" in arm.manufacturers["camden"].lines["mse"].orders
    assert "purl_queue" in arm.events


def test_the_series_sums_to_what_was_counted_in_the_months_that_gave_the_dispersion():
    """From 2024-01 to 2025-06: a mean of 49 and a variance of 415, as the assumption `dispersion` says."""
    launched: dict[str, int] = {}
    with (WORLDS / "series/ukraine_air_attacks.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            launched[row["month"]] = launched.get(row["month"], 0) + int(row["launched_count"])
    late = [count for at, count in launched.items() if at >= "2024-01"]
    mean = sum(late) / len(late)
    variance = sum((count - mean) ** 2 for count in late) / (len(late) - 1)
    assert len(late) == 18
    assert round(mean) == 49
    assert round(variance) == 415
