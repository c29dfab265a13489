"""Export law: the judge, what files of law may say, and explanations."""

import dataclasses
import datetime as dt
import time
from functools import cache
from pathlib import Path

import pytest

from backfill.errors import ScenarioProblems
from backfill.reading.document import read_text
from backfill.rules import Rulebook, Transfer, casebook
from backfill.scenario import load, packaged

CASES = Path(__file__).parent / "data" / "export_rule_cases.csv"
LAW = tuple(sorted(path.stem for path in (packaged() / "policies").glob("*.yaml")))
MISSILE = Transfer(
    "JPN", "USA", dt.date(2024, 7, 28), "pac3", "finished", lethal=True, licensed_from=("USA",), request_official=True
)
ONWARD = dataclasses.replace(MISSILE, exporter="USA", destination="UKR", origin="JPN")


@cache
def book():
    return Rulebook.read(packaged())


@cache
def files():
    """The law as it is written: policies without their rules, the rules, the answers."""
    policies, rules, consent = {}, {}, {}
    for code in LAW:
        law = read_text((packaged() / "policies" / f"{code}.yaml").read_text(encoding="utf-8"), f"{code}.yaml")
        rules |= {name: {**rule, "jurisdiction": code} for name, rule in law.pop("rules").items()}
        policies[code] = law
        answers = packaged() / "consent" / f"{code}.yaml"
        if answers.exists():
            consent[code] = read_text(answers.read_text(encoding="utf-8"), f"{code}.yaml")
    return policies, rules, consent


def with_rules(changes):
    """The packaged law with some rules changed; None takes a rule away."""
    policies, rules, consent = files()
    changed = {name: {**rule, **(changes.get(name) or {})} for name, rule in rules.items()}
    kept = {name: rule for name, rule in changed.items() if changes.get(name, rule) is not None}
    return Rulebook.from_raw(policies, kept, consent)


# The judge


def test_dropping_a_defeat_changes_an_answer_so_that_the_shuffling_of_rules_could_fail():
    special = dataclasses.replace(ONWARD, destination_status=("special_circumstances",))
    assert book().judge(special).outcome == "consent_required"
    assert with_rules({"JP23-SPECIAL": None}).judge(special).outcome == "deny"


def test_a_rule_binds_on_its_first_day_and_not_on_its_last():
    before, first = dt.date(2023, 12, 21), dt.date(2023, 12, 22)
    outcomes = [book().judge(dataclasses.replace(MISSILE, on=on)).outcome for on in (before, first)]
    assert outcomes == ["deny", "permit"]
    part = dataclasses.replace(MISSILE, item="gyro", item_class="component", request_official=False, lethal=True)
    outcomes = [book().judge(dataclasses.replace(part, on=on)).outcome for on in (before, first)]
    # JP14-USPARTS has ended, and a part that kills, for which nobody asked, has no heading any more
    assert outcomes == ["permit", "deny"]


def test_a_defeat_lifts_a_bar_and_opens_nothing():
    weapon = Transfer("JPN", "XBB", dt.date(2026, 6, 1), "sam", lethal=True, request_official=True)
    fighting = dataclasses.replace(weapon, destination_status=("active_combat", "special_circumstances"))
    assert book().judge(fighting).outcome == "deny"
    trace = book().judge(fighting).traces[0]
    assert [(rule.id, by.id) for rule, by in trace.defeated] == [("JP26-COMBAT", "JP26-SPECIAL")]
    assert trace.because == "default"
    partner = (*fighting.destination_status, "agreement_partner")
    assert book().judge(dataclasses.replace(fighting, destination_status=partner)).outcome == "permit"


def test_the_destination_is_never_asked_and_an_exporter_only_as_exporter():
    assert MISSILE.claimants() == {"JPN": "exporter"}
    assert ONWARD.claimants() == {"USA": "exporter", "JPN": "origin"}
    assert dataclasses.replace(MISSILE, destination="DEU").claimants() == {"JPN": "exporter", "USA": "licensor"}


def test_law_that_is_not_on_file_is_a_named_gap_and_the_scenario_says_what_it_means():
    polish = dataclasses.replace(MISSILE, exporter="POL", destination="ROU", licensed_from=())
    decision = book().judge(polish)
    assert (decision.outcome, decision.gaps) == ("undetermined", ("POL",))
    assert book().allowed(polish, undetermined="permit")
    assert not book().allowed(polish, undetermined="deny")


def test_a_fact_that_nobody_knows_opens_nothing():
    unknown = dataclasses.replace(ONWARD, lethal=None)
    assert book().judge(unknown).outcome == "consent_required"
    granting = {"consent": 1, "giver": "JPN", "otherwise": {"answer": "grant"}}
    policies, rules, _ = files()
    assert not Rulebook.from_raw(policies, rules, {"JPN": granting}).allowed(unknown)
    harmless = dataclasses.replace(unknown, lethal=False)
    assert Rulebook.from_raw(policies, rules, {"JPN": granting}).allowed(harmless)
    heading = dataclasses.replace(MISSILE, on=dt.date(2026, 5, 1), request_official=False, lethal=None)
    decision = book().judge(heading)
    assert (decision.outcome, decision.traces[0].unknown) == ("undetermined", ("item.lethal",))
    assert not book().allowed(heading)


def test_between_two_days_of_change_the_law_stands_still():
    days = book().change_days()
    assert list(days) == sorted(set(days))
    assert {dt.date(2014, 4, 1), dt.date(2023, 12, 22), dt.date(2026, 4, 21)} <= set(days)
    for case in casebook.read(CASES):
        earlier = max((day for day in days if day <= case.transfer.on), default=case.transfer.on)
        moved = dataclasses.replace(case.transfer, on=earlier)
        assert book().judge(moved).outcome == case.expected, case.id


def test_parts_built_into_the_licensors_missile_travel_further_than_the_missile():
    inside = Transfer(
        "USA",
        "QAT",
        dt.date(2015, 6, 1),
        "pac-2",
        "component",
        lethal=True,
        licensed_from=("USA",),
        component_suppliers=("JPN",),
    )
    assert book().judge(inside).outcome == "permit"
    assert book().judge(dataclasses.replace(inside, licensed_from=())).outcome == "consent_required"


def test_weapons_for_an_embargoed_state_are_denied_whoever_sends_them():
    for exporter, destination in (("JPN", "RUS"), ("USA", "CHN"), ("JPN", "PRK")):
        radar = Transfer(exporter, destination, dt.date(2026, 6, 1), "radar", lethal=False, request_official=True)
        assert book().judge(radar).outcome == "deny"


def test_of_two_answers_that_fit_the_refusal_holds():
    policies, rules, _ = files()
    answers = {"yes": {"answer": "grant"}, "no": {"answer": "refuse", "when": {"destination": "POL"}}}
    consent = {"JPN": {"consent": 1, "giver": "JPN", "answers": answers}}
    split = Rulebook.from_raw(policies, rules, consent)
    poland = dataclasses.replace(ONWARD, destination="POL")
    assert split.answer("JPN", poland) == "refuse"
    assert split.answer("JPN", dataclasses.replace(ONWARD, destination="ROU")) == "grant"
    assert split.answer("USA", poland) is None


def test_an_answer_on_file_holds_as_it_is_given_and_its_chance_is_only_told():
    policies, rules, _ = files()
    consent = {"JPN": {"consent": 1, "giver": "JPN", "otherwise": {"answer": "grant", "chance": "20 %"}}}
    doubtful = Rulebook.from_raw(policies, rules, consent)
    assert doubtful.answer("JPN", ONWARD) == "grant"
    assert doubtful.answer_of("JPN", ONWARD).chance == 0.2


def test_a_cold_decision_takes_less_than_two_milliseconds():
    fresh = Rulebook.read(packaged())
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=number) for number in range(60)]
    times = []
    for day in days:
        start = time.perf_counter()
        fresh.judge(dataclasses.replace(ONWARD, on=day))
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.002  # the median: a busy machine may stop any single one


# Other laws


def switched_off(*prefixes):
    return {name: None for name in files()[1] if name.startswith(prefixes)}


def test_under_the_rules_of_2014_the_missile_does_not_leave_japan():
    kept = {name: {"until": "never"} for name in ("JP14-USPARTS", "JP14-FIVE", "JP22-UKR")}
    old = with_rules({**switched_off("JP23-", "JP24-", "JP26-"), **kept})
    assert old.judge(MISSILE).outcome == "deny"
    part = dataclasses.replace(MISSILE, item="gyro", item_class="component")
    assert old.judge(part).outcome == "permit"
    assert not old.allowed(ONWARD)


def test_with_the_rules_of_2026_in_2023_the_missile_goes_to_the_licensor_and_not_on_into_the_war():
    names = ("JP26-NONWEAPON", "JP26-WEAPON", "JP26-COMBAT", "JP26-SPECIAL")
    early = with_rules({name: {"since": "2023-12-22"} for name in names})
    assert early.judge(MISSILE).outcome == "permit"
    deciding = {rule.id for rule in early.judge(MISSILE).traces[0].deciding}
    assert deciding == {"JP23-LICENSOR", "JP26-WEAPON"}
    assert early.judge(dataclasses.replace(MISSILE, request_official=False)).outcome == "permit"
    assert early.judge(ONWARD).outcome == "deny"


def test_without_its_bar_on_fighting_onward_transfer_would_only_need_consent():
    loose = with_rules({"JP23-RET-COMBAT": None})
    assert loose.judge(ONWARD).outcome == "consent_required"
    assert loose.answer("JPN", ONWARD) == "refuse"


@pytest.mark.parametrize(
    ("arm", "to_licensor", "onward"),
    [("baseline", "permit", "deny"), ("rules_2014", "deny", "consent_required"), ("rules_2026", "permit", "deny")],
)
def test_the_arms_of_the_japanese_scenario_judge_as_they_say(arm, to_licensor, onward):
    setting = load("japan_patriot").arm(arm)
    law = Rulebook.from_raw(setting.policies, setting.rules, setting.consent)
    assert (law.judge(MISSILE).outcome, law.judge(ONWARD).outcome) == (to_licensor, onward)
    assert not law.allowed(ONWARD)


def test_a_rule_that_was_only_adopted_or_never_begins_decides_nothing():
    for change in ({"status": "adopted"}, {"since": "never"}):
        assert with_rules({"JP23-LICENSOR": change}).judge(MISSILE).outcome == "deny"


# The files


def test_every_rule_of_the_packaged_law_has_a_title_and_a_source_with_an_address():
    for policy in book().policies.values():
        for rule in policy.rules:
            assert rule.title
            assert any(policy.sources[ref].url for ref in rule.refs), rule.id


def test_no_source_of_the_packaged_law_stands_there_uncited():
    for code, policy in book().policies.items():
        text = (packaged() / "policies" / f"{code}.yaml").read_text(encoding="utf-8")
        assert [name for name in policy.sources if text.count(name) < 2] == []


def faults(**changes):
    """What is said about one small policy with something wrong in it."""
    rule = {"title": "No arms", "effect": "deny", "refs": ["text"], "jurisdiction": "XAA"}
    rules = {"A-ONE": {**rule, **changes}, "A-TWO": {**rule, "effect": "none", "defeats": ["A-ONE"]}}
    sources = {"text": {"title": "A text", "url": "https://example.org", "grade": "high"}}
    try:
        Rulebook.from_raw({"XAA": {"default": "permit", "sources": sources}}, rules, {})
    except ScenarioProblems as fault:
        return [(problem.path, problem.nearest) for problem in fault.problems]
    return []


@pytest.mark.parametrize(
    ("changes", "path", "near"),
    [
        ({"efect": "deny"}, "rules.A-ONE.efect", "effect"),
        ({"effect": "forbid"}, "rules.A-ONE.effect", ""),
        ({"refs": ["txt"]}, "rules.A-ONE.refs", "text"),
        ({"refs": []}, "rules.A-ONE.refs", ""),
        ({"since": "2024-02-30"}, "rules.A-ONE.since", ""),
        ({"since": 2024}, "rules.A-ONE.since", ""),
        ({"since": "2024-05-01", "until": "2024-05-01"}, "rules.A-ONE.until", ""),
        ({"when": {"item.letal": True}}, "rules.A-ONE.when.item.letal", "item.lethal"),
        ({"when": {"item.lethal": "yes"}}, "rules.A-ONE.when.item.lethal", ""),
        ({"when": {"dest.status": {"has": "active_combatt"}}}, "rules.A-ONE.when.dest.status", "active_combat"),
        ({"when": {"dest.status": {"lt": 3}}}, "rules.A-ONE.when.dest.status", ""),
        ({"when": {"destination": "$origin"}}, "rules.A-ONE.when.destination", ""),
        ({"when": {"destination": "GER"}}, "rules.A-ONE.when.destination", ""),
        ({"when": {"any": []}}, "rules.A-ONE.when.any", ""),
        ({"when": ["role"]}, "rules.A-ONE.when", ""),
        ({"when": {"all": [{"any": ["x"]}]}}, "rules.A-ONE.when.all.0.any.0", ""),
        ({"defeats": ["A-TWO"]}, "rules.A-ONE.defeats", ""),
        ({"jurisdiction": "XAB"}, "rules.A-ONE.jurisdiction", ""),
        ({"obligations": {"step": {"kind": "aproval"}}}, "rules.A-ONE.obligations.step.kind", "approval"),
        ({"obligations": {"s": {"kind": "approval", "delay": "30"}}}, "rules.A-ONE.obligations.s.delay", ""),
        ({"obligations": {"s": {"kind": "approval", "delay": "30 days @me"}}}, "rules.A-ONE.obligations.s.delay", ""),
        ({"travels": "everywhere"}, "rules.A-ONE.travels", ""),
    ],
)
def test_what_nobody_can_mean_is_refused_with_its_path_and_the_nearest_word(changes, path, near):
    assert (path, near) in faults(**changes)


def test_a_sound_rule_is_not_complained_about():
    assert faults(when={"dest.status": {"has": "peace"}}, since="2020-01", until="never") == []


def test_all_faults_are_told_at_once_with_their_places(tmp_path):
    (tmp_path / "policies").mkdir()
    law = (
        "policy: 1\njurisdiction: XAA\ndefault: maybe\nsources: {}\nrules:\n"
        "  A-ONE: {title: No arms, effect: deny, refs: [text], defeats: [A-TWO]}\n"
    )
    (tmp_path / "policies" / "XAA.yaml").write_text(law, encoding="utf-8")
    with pytest.raises(ScenarioProblems) as caught:
        Rulebook.read(tmp_path)
    said = {problem.path: problem.place for problem in caught.value.problems}
    assert set(said) == {"policies.XAA.default", "rules.A-ONE.refs", "rules.A-ONE.defeats"}
    assert str(said["rules.A-ONE.refs"]).startswith("policies/XAA.yaml:6:")


@pytest.mark.parametrize("word", ["effect", "force", "confidence", "status"])
def test_an_empty_word_is_none(word):
    assert (f"rules.A-ONE.{word}", "") in faults(**{word: ""})


def test_a_rule_may_defeat_one_that_a_patch_has_switched_off():
    assert with_rules({"JP26-COMBAT": None}).judge(MISSILE).outcome == "permit"


# Further states


def blocks(name):
    """The YAML blocks of the page that tells how law is written."""
    page = (packaged() / "policies" / "README.md").read_text(encoding="utf-8")
    return [part.partition("```")[0] for part in page.split("```yaml\n")[1:]][name]


def test_a_further_state_is_a_further_file_written_as_the_page_beside_it_says(tmp_path):
    for folder, text in (("policies", blocks(0)), ("consent", blocks(1))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "XAA.yaml").write_text(text, encoding="utf-8")
    law = Rulebook.read(tmp_path)
    passed_on = Transfer("XAC", "XAB", dt.date(2030, 6, 1), "shell", lethal=True, origin="XAA")
    assert law.judge(passed_on).outcome == "consent_required"
    assert not law.allowed(passed_on)
    peaceful = dataclasses.replace(passed_on, on=dt.date(2029, 6, 1))
    assert law.allowed(peaceful)
    assert [step.delay for _, step in law.judge(peaceful).obligations] == ["30 (1 to 90) days @days"]
    helmets = dataclasses.replace(passed_on, item="helmet", lethal=False)
    assert law.judge(helmets).traces[-1].because == "default"
    assert law.judge(helmets).gaps == ("XAC",)


def test_a_group_is_written_as_the_page_says_and_asks_for_its_members(tmp_path):
    for name, number in (("XAA", 0), ("XU", 2)):
        (tmp_path / "policies").mkdir(exist_ok=True)
        (tmp_path / "policies" / f"{name}.yaml").write_text(blocks(number), encoding="utf-8")
    law = Rulebook.read(tmp_path)
    passed_on = Transfer("XAC", "XAB", dt.date(2030, 6, 1), "shell", lethal=True, origin="XAA")
    groups = [trace for trace in law.judge(passed_on).traces if trace.for_group]
    assert [(trace.state, trace.member, trace.outcome) for trace in groups] == [("XU", "XAA", "consent_required")]
    before = dataclasses.replace(passed_on, on=dt.date(2004, 4, 30))
    assert not [trace for trace in law.judge(before).traces if trace.for_group]


def test_a_file_without_members_is_no_group_and_needs_the_code_of_a_state(tmp_path):
    (tmp_path / "policies").mkdir()
    text = blocks(2).replace("binds:", "bind:")
    (tmp_path / "policies" / "XU.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioProblems) as caught:
        Rulebook.read(tmp_path)
    assert {(problem.path, problem.nearest) for problem in caught.value.problems} >= {
        ("policies.XU.bind", "binds"),
        ("policies.XU", ""),
    }
