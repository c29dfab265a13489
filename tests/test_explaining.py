"""Explanations: the worked examples as a lawyer would tell them, and the same as data."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from backfill.errors import ScenarioProblems, UnknownName
from backfill.rules import Rulebook, Transfer, explain
from backfill.scenario import packaged


def told(*ways, **question):
    """An explanation in one line, so that it does not matter where lines end."""
    return " ".join(explain(*ways, **question).in_words().split())


# The worked examples


def test_japan_to_ukraine_is_denied_for_want_of_a_heading_and_the_nearest_one_is_named():
    text = told("JPN", "UKR", item="pac3", on="2024-01-15")
    assert text.startswith("DENY. PAC-3 (basic) may not go from Japan to Ukraine on 15 January 2024.")
    assert "Japan, as exporter, denies it, for its list is closed and no heading fits the case." in text
    assert "Of its headings, JP23-LICENSOR" in text
    assert "holds only if it is built under a licence of the destination" in text
    assert "1 Handed to the United States, which passes on as many of its own make, it could go." in text


def test_japan_to_the_united_states_turns_on_one_day():
    before, after = (told("JPN", "USA", item="pac3", on=day) for day in ("2023-12-21", "2023-12-22"))
    assert before.startswith("DENY.")
    assert "From 22 December 2023, it could go." in before
    assert "Not law on that day: JP23-LICENSOR" in before
    assert after.startswith("PERMIT.")
    assert "Japan, as exporter, permits it under JP23-LICENSOR" in after
    assert "policy in force since 22 December 2023" in after
    assert "What would have let it through" not in after


def test_a_re_transfer_of_japanese_rounds_to_ukraine_is_barred_and_american_ones_would_do():
    text = told("USA", "UKR", item="pac3", on="2024-08-01", origin="JPN")
    assert text.startswith("DENY. PAC-3 (basic) from Japan may not go from the United States to Ukraine")
    assert "Japan, as the origin of the goods, denies it under JP23-RET-COMBAT" in text
    assert "That outweighs JP14-P3-CONSENT" in text
    assert "1 Made in the United States instead of Japan, it could go." in text
    assert "Not enough, for it would still need the consent of Japan, which is refused on file:" in text


def test_british_shells_go_home_only_if_they_are_asked_for():
    question = {"item": "155mm-shell-bae", "on": "2024-01-15"}
    text = told("JPN", "GBR", **question, official_request=False)
    assert text.startswith("DENY.")
    assert "holds only if the destination's government has asked for it" in text
    assert "1 Asked for officially by the United Kingdom, it could go." in text
    assert told("JPN", "GBR", **question).startswith("PERMIT.")


def test_switzerland_vetoes_german_rounds_without_discretion():
    text = told("DEU", "UKR", item="35mm-gepard-ammunition", on="2022-04-26", origin="CHE")
    assert text.startswith("DENY. 35 mm rounds for the Gepard from Switzerland may not go from Germany to Ukraine")
    assert "Switzerland, as the origin of the goods, denies it under CH-KMV5-CONFLICT" in text
    assert "statute in force since 12 December 2008" in text
    assert "Asked for consent" not in text


def test_korean_shells_go_to_the_united_states_as_end_user():
    text = told("KOR", "USA", item="155mm-shell-kor", on="2022-11-11", end_user="USA")
    assert text.startswith("PERMIT.")
    assert "for use by the United States" in text
    assert "the United States is the end user" in text


def test_germany_consents_to_polish_leopards():
    text = told("POL", "UKR", item="leopard-2", on="2023-01-25", origin="DEU")
    assert text.startswith("CONSENT REQUIRED. Leopard 2 from Germany may go from Poland to Ukraine")
    assert "only with the consent of Germany (granted on file)" in text
    assert "For Poland, as exporter, no law of its own is on file." in text


def test_the_fighter_may_go_to_a_third_state_one_day_later():
    before, after = (told("JPN", "AUS", item="gcap-fighter", on=day) for day in ("2024-03-25", "2024-03-26"))
    assert before.startswith("DENY.")
    assert "- from 26 March 2024" in before
    assert after.startswith("CONSENT REQUIRED.")
    assert "The United Kingdom, as co-developer, must consent" in after


# Paragraphs


def test_of_several_hops_each_has_a_paragraph():
    text = told("JPN", "UKR", item="pac3", on="2024-08-01", via="USA")
    assert text.startswith("DENY. PAC-3 (basic) may not go from Japan to Ukraine through the United States")
    assert "From Japan to the United States: permit." in text
    assert "From the United States to Ukraine: deny." in text


def test_sources_are_counted_or_named():
    answer = explain("JPN", "UKR", item="pac3", on="2024-08-01", via="USA")
    assert "https://" not in answer.in_words()
    assert "https://japannews.yomiuri.co.jp" in answer.in_words(sources=True)


def test_no_line_is_wider_than_a_hundred_columns():
    for question in (("JPN", "UKR", "pac3"), ("JPN", "AUS", "gcap_fighter"), ("DEU", "UKR", "gepard_rounds")):
        text = explain(*question[:2], item=question[2], on="2024-03-25").in_words()
        assert max(map(len, text.splitlines())) <= 100


def test_where_the_law_denies_nobody_is_asked():
    answer = explain("JPN", "UKR", item="pac3", on="2024-01-15")
    assert "Where one state denies, nobody is asked." in " ".join(answer.in_words().split())
    assert answer.as_json()["hops"][0]["consents_needed"] == []


def test_a_scenario_is_asked_with_its_own_items_names_and_arms():
    question = {"item": "pac3", "on": "2024-07-28", "scenario": "japan_patriot"}
    there = explain("JPN", "USA", **question)
    assert there.outcome == "permit"
    assert "from Japan to the United States" in there.in_words()
    assert explain("JPN", "USA", **question, arm="rules_2014").outcome == "deny"
    with pytest.raises(UnknownName, match="nearest: pac3"):
        explain("JPN", "USA", item="pac4", on="2024-07-28", scenario="japan_patriot")


def test_an_item_that_no_catalogue_has_is_the_exporters_own_and_the_answer_says_so():
    answer = explain("USA", "UKR", item="slingshot", on="2024-07-28")
    assert answer.outcome == "permit"
    assert "slingshot is in no catalogue here" in answer.in_words()


def test_a_seeker_is_a_part_and_no_weapon_and_a_missile_may_be_sent_as_parts():
    question = {"on": "2024-05-01"}
    assert explain("JPN", "IDN", item="seeker", **question).outcome == "consent_required"
    assert explain("JPN", "IDN", item="pac3", **question).outcome == "deny"
    assert explain("JPN", "IDN", item="pac3", item_class="parts", **question).outcome == "consent_required"


def test_the_goods_may_have_passed_through_other_hands():
    answer = explain("EST", "UKR", item="d-30-howitzer", on="2022-01-21", origin=["DEU", "FIN"])
    assert {one.giver for one in answer.hops[0].asked} == {"DEU", "FIN"}
    assert "from Germany and Finland" in answer.in_words()


# Data


def test_an_explanation_as_data_is_strict_json_and_says_the_same():
    answer = explain("JPN", "UKR", item="pac3", on="2024-08-01", via="USA")
    data = json.loads(json.dumps(answer.as_json(), allow_nan=False))
    assert data["outcome"] == "deny"
    assert [hop["outcome"] for hop in data["hops"]] == ["permit", "deny"]
    origin = next(trace for trace in data["hops"][1]["claimants"] if trace["state"] == "JPN")
    assert [rule["rule"] for rule in origin["deciding"]] == ["JP23-RET-COMBAT"]
    lifting = {"rule": "JP23-SPECIAL", "first_false": "special circumstances have been found", "needs_fact": []}
    assert lifting in origin["missed"]
    assert data["unlocks"][0]["change"] == ["own_make"]


def test_the_data_of_an_explanation_hold_all_that_must_be_known_to_ask_again():
    law = Rulebook.read(packaged())
    for on in ("2023-12-21", "2024-08-01", "2026-05-01"):
        data = json.loads(json.dumps(explain("JPN", "UKR", item="pac3", on=on, via="USA").as_json()))
        again = law.judge_route([Transfer.from_json(hop["transfer"]) for hop in data["hops"]])
        assert [hop.outcome for hop in again.hops] == [hop["outcome"] for hop in data["hops"]]


# Mistakes


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"exporter": "JP"}, "from"),
        ({"destination": "Ukraine"}, "to"),
        ({"via": "US"}, "via"),
        ({"origin": "Japan"}, "origin"),
        ({"end_user": "ukr"}, "end-user"),
        ({"item_class": "part"}, "as"),
        ({"on": "2024-02-30"}, "on"),
        ({"destination": "JPN"}, "to"),
    ],
)
def test_a_state_a_day_or_a_class_that_does_not_exist_is_told(change, path):
    question = {"exporter": "JPN", "destination": "UKR", "item": "pac3", "on": "2024-01-15", **change}
    with pytest.raises(ScenarioProblems) as caught:
        explain(question.pop("exporter"), question.pop("destination"), **question)
    assert [problem.path for problem in caught.value.problems] == [path]


# The page


PAGE = (Path(__file__).resolve().parents[1] / "docs" / "export_rules.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ backfill explain (.*?)\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("words", "shown"), SHOWN)
def test_the_page_shows_what_is_answered(words, shown):
    given = dict(pairwise(words.split()))
    answer = explain(
        given["--from"], given["--to"], item=given["--item"], on=given["--on"], origin=given.get("--origin")
    )
    assert answer.in_words() == shown.rstrip("\n")


def test_the_page_shows_three_answers():
    assert len(SHOWN) == 3
