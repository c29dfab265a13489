"""The cheapest unlock: every change is tried out, the cheapest goes first, and a permit has none."""

import dataclasses
import datetime as dt
from functools import cache

import pytest

from backfill.rules import SEVERITY, Rulebook, Transfer, explain
from backfill.rules.clerk import Clerk
from backfill.rules.law import Answer, Consent, Policy, Rule, Source, Standing, Window
from backfill.rules.names import Names
from backfill.rules.reading import read_condition
from backfill.rules.unlock import KINDS, lets_through, unlocks

QUESTIONS = [
    ("JPN", "UKR", {"item": "pac3", "on": "2024-01-15"}),
    ("JPN", "USA", {"item": "pac3", "on": "2023-12-21"}),
    ("JPN", "UKR", {"item": "pac3", "on": "2024-08-01", "via": "USA"}),
    ("JPN", "GBR", {"item": "shell_155_bae", "on": "2024-01-15", "official_request": False}),
    ("DEU", "UKR", {"item": "gepard_rounds", "on": "2022-04-26", "origin": "CHE"}),
    ("POL", "UKR", {"item": "leopard_2", "on": "2023-01-25", "origin": "DEU"}),
    ("JPN", "AUS", {"item": "gcap_fighter", "on": "2024-03-25"}),
    ("DEU", "UKR", {"item": "antitank-weapon", "on": "2022-01-21"}),
    ("KOR", "UKR", {"item": "155mm-shell-kor", "on": "2022-11-11"}),
]


@cache
def asked(number):
    giver, taker, rest = QUESTIONS[number]
    return explain(giver, taker, **rest)


every_question = pytest.mark.parametrize("number", range(len(QUESTIONS)))


@every_question
def test_each_unlock_does_what_it_says_when_the_law_is_asked_again(number):
    for one in asked(number).unlocks:
        for hops in (one.hops, *one.others):
            again = one.book.judge_route(hops)
            assert again.outcome == one.outcome
            assert lets_through(again) == one.through
        assert one.through or SEVERITY[one.outcome] < SEVERITY[asked(number).outcome]


@every_question
def test_what_lets_it_through_goes_first_and_the_cheaper_before_the_dearer(number):
    found = asked(number).unlocks
    order = [(not one.through, one.cost) for one in found]
    assert order == sorted(order)


@every_question
def test_an_unlock_is_one_sentence(number):
    for one in asked(number).unlocks:
        assert one.sentence.endswith(".")
        assert one.sentence[0] == one.sentence[0].upper()
        assert "\n" not in one.sentence


def test_some_question_has_an_unlock_so_that_the_claims_above_could_fail():
    assert all(asked(number).unlocks for number in range(len(QUESTIONS)))
    kinds = {kind for number in range(len(QUESTIONS)) for one in asked(number).unlocks for kind in one.kinds}
    assert {"consent", "request", "own_make", "swap", "class", "date", "law", "repeal"} <= kinds <= set(KINDS)


def test_a_permit_has_no_unlock():
    assert explain("JPN", "USA", item="pac3", on="2023-12-22").unlocks == ()


def test_a_consent_that_is_granted_on_file_has_only_to_be_asked_for():
    first = asked(5).unlocks[0]
    assert (first.kinds, first.through) == (("consent",), True)
    assert first.sentence == "Asked for consent, Germany grants it by the answer on file, and it could go."


def test_a_letter_is_cheaper_than_a_law():
    kinds = [one.kinds for one in asked(3).unlocks]
    assert kinds[0] == ("request",)
    assert kinds.index(("class",)) < kinds.index(("date",)) < kinds.index(("law",))


# A small world


def rule(name, effect, when=None, **more):
    clerk = Clerk()
    read = read_condition(clerk, when, name) if when else None
    assert not clerk.problems
    return Rule(name, f"About {name}", effect, **({"when": read} if read else {}), **more)


def law(code, *rules, default="permit", standings=()):
    sources = {"table": Source("table", "A table")}
    return Policy(code, ((dt.date.min, default),), "statute", tuple(rules), tuple(standings), sources)


def world(*policies):
    return Rulebook({policy.jurisdiction: policy for policy in policies}, {})


SENT = Transfer("XAA", "XAB", dt.date(2030, 6, 1), "gun", lethal=True, origin="XAA", request_official=True)


def kinds_of(book, transfer=SENT, makers=()):
    return {one.kinds for one in unlocks((transfer,), book, Names(), makers) if one.through}


def test_another_route_over_a_permitted_intermediary():
    book = world(law("XAA", rule("A", "deny", {"destination": "XAB", "exporter": "XAA"})), law("XAC"), law("XAD"))
    found = [one for one in unlocks((SENT,), book, Names()) if one.kinds == ("route",)]
    assert [one.sentence for one in found] == ["By way of XAC or XAD, it could go."]
    assert [[way[0].destination for way in (one.hops, *one.others)] for one in found] == [["XAC", "XAD"]]
    closed = world(law("XAA", rule("A", "deny", {"destination": "XAB"})), law("XAC"))
    assert ("route",) not in kinds_of(closed)


def test_strings_of_the_origin_bind_on_the_way_too():
    strings = rule("B", "deny", {"role": "origin", "destination": "XAB"})
    book = world(law("XAA", rule("A", "deny", {"destination": "XAB", "exporter": "XAA"}), strings), law("XAC"))
    assert ("route",) not in kinds_of(book)


def test_a_state_that_denies_is_not_asked_again_behind_a_detour():
    bar = rule("A", "deny", {"role": "exporter", "destination": "XAB"})
    asks = rule("B", "consent_required", {"role": "origin"})
    willing = {code: Consent(code, otherwise=Answer("otherwise", "grant")) for code in ("XAA", "XAC")}
    book = Rulebook(world(law("XAA", bar, asks), law("XAC")).policies, willing)
    way = (dataclasses.replace(SENT, destination="XAC"), dataclasses.replace(SENT, exporter="XAC"))
    assert lets_through(book.judge_route(way))
    assert not any("route" in kinds for kinds in kinds_of(book))


def test_where_nothing_helps_the_answer_says_so():
    answer = explain("JPN", "PRK", item="pac3", on="2024-09-03")
    assert answer.unlocks == ()
    assert "Nothing that was tried, alone or in pairs, would have let it through." in answer.in_words()


def test_another_day_the_nearest_on_either_side():
    bar = rule("A", "deny", {"destination": "XAB"}, window=Window(dt.date(2029, 1, 1), dt.date(2031, 1, 1)))
    days = [one for one in unlocks((SENT,), world(law("XAA", bar)), Names()) if one.kinds == ("date",)]
    assert [one.hops[0].on for one in days] == [dt.date(2031, 1, 1), dt.date(2028, 12, 31)]


@pytest.mark.parametrize("status", ["adopted", "proposed"])
def test_a_rule_that_was_only_adopted_or_proposed(status):
    book = world(law("XAA", rule("A", "permit", {"role": "exporter"}, status=status), default="deny"))
    found = [one for one in unlocks((SENT,), book, Names()) if one.kinds == ("law",)]
    assert [one.sentence for one in found] == [f'With A ("About A") in force, which is only {status}, it could go.']
    assert found[0].book is not book


def test_adopted_law_is_nearer_than_a_proposal():
    rules = [rule(name, "permit", {"role": "exporter"}, status=name) for name in ("proposed", "adopted")]
    book = world(law("XAA", *rules, default="deny"))
    found = [one for one in unlocks((SENT,), book, Names()) if one.kinds == ("law",)]
    assert ["adopted" in one.words for one in found] == [True, False]


def test_the_end_of_a_war():
    war = Standing("XAB", "active_combat", Window(), "table")
    book = world(law("XAA", rule("A", "deny", {"dest.status": {"has": "active_combat"}}), standings=(war,)))
    assert ("peace",) in kinds_of(book)
    told = dataclasses.replace(SENT, destination_status=("active_combat",))
    assert ("peace",) in kinds_of(book, told)


def test_goods_that_the_destination_or_a_maker_made_itself():
    book = world(law("XAA", rule("A", "deny", {"role": "origin"}), rule("B", "permit"), default="deny"), law("XAC"))
    onward = dataclasses.replace(SENT, exporter="XAC", origin="XAA")
    assert ("own_make",) in kinds_of(book, onward)
    closed = world(law("XAA", rule("A", "deny", {"destination": "XAB"})), law("XAC"))
    assert ("swap",) in kinds_of(closed, makers=("XAC",))
    assert ("swap",) not in kinds_of(closed)


def test_two_changes_only_where_no_single_one_is_enough():
    when = {"all": [{"request.official": True}, {"dest.status": {"has": "agreement_partner"}}]}
    book = world(law("XAA", rule("A", "permit", when, window=Window(dt.date(2000, 1, 1))), default="deny"))
    unasked = dataclasses.replace(SENT, request_official=False)
    assert ("request", "agreement") in kinds_of(book, unasked)
    assert all(len(kinds) == 1 for kinds in kinds_of(book))


def test_a_consent_that_nobody_answers_does_not_let_it_through():
    book = world(law("XAA"), law("XAC", rule("A", "consent_required", {"role": "licensor"})))
    licensed = dataclasses.replace(SENT, licensed_from=("XAC",))
    assert book.judge(licensed).outcome == "consent_required"
    assert ("consent",) not in kinds_of(book, licensed)
    willing = Rulebook(book.policies, {"XAC": Consent("XAC", otherwise=Answer("otherwise", "grant"))})
    assert ("consent",) in kinds_of(willing, licensed)
