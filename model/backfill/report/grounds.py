"""What a result rests on: how well its numbers are known, the register of them, and where they were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backfill.report.html import Html, element, grid, joined, link
from backfill.results.ways import ways
from backfill.words import UNDEFINED, count, one_line, percent, state_name

if TYPE_CHECKING:
    from backfill.reading.number import Number
    from backfill.scenario import Scenario, Setting

GRADES = {
    "high": "the source knows it well",
    "medium": "the source is sound, the number is rounded, old or second-hand",
    "low": "the source is weak or speaks of something near",
    "assumed": "ours, for the reason given",
    "plain": "nothing to know: zero, all of it, no limit; in an invented world everything",
}
WEAK = ("low", "assumed")


def grades(scenario: Scenario) -> Html:
    """How many numbers are known how well."""
    found = Counter(entry.grade for entry in scenario.numbers().values())
    known = sum(many for grade, many in found.items() if grade != "plain")
    weak = percent(sum(found[grade] for grade in WEAK) / known) if known else ""
    said = (
        f"Of {count(known, 'number')} that somebody has to know, {weak} are assumed or of low grade."
        if known
        else "The world is invented: there is nothing in it that a source could know."
    )
    rows = [[grade, f"{found[grade]:,}", words] for grade, words in GRADES.items()]
    table = grid("Numbers of the baseline by grade", ["grade", "numbers", "means"], rows, numbers=False)
    return joined([element("p", said), table])


def register(scenario: Scenario) -> Html:
    """Every number with its range, grade and source, then assumptions and sources in full."""
    parts = [_numbers(scenario), _assumptions(scenario), _sources(scenario)]
    return joined(part for part in parts if part)


def _numbers(scenario: Scenario) -> Html:
    entries = sorted(scenario.numbers().values(), key=lambda entry: (entry.grade not in WEAK, entry.path))
    rows = [[element("code", one.path), _text(one), one.grade, _rests(one)] for one in entries]
    head = ["number", "value (range) unit", "grade", "rests on"]
    return _folded(
        f"The register: {count(len(rows), 'number')}, the least known first",
        grid("Every number of the baseline", head, rows, numbers=False),
    )


def _text(entry: Number) -> str:
    return f"as {entry.same_as}" if entry.same_as else entry.text


def _rests(entry: Number) -> str:
    return ", ".join(filter(None, (*entry.sources, entry.note))) or UNDEFINED


def _cited(scenario: Scenario) -> set[str]:
    return {name for entry in scenario.numbers().values() for name in entry.sources}


def _assumptions(scenario: Scenario) -> Html:
    cited, said = _cited(scenario), _part(scenario, "assumptions")
    rows = [[element("code", name), one_line(str(reason))] for name, reason in said.items() if name in cited]
    if not rows:
        return Html()
    table = grid("Assumptions and their reasons", ["id", "reason"], rows, numbers=False)
    return _folded(f"Assumptions in full: {len(rows)}", table)


def _sources(scenario: Scenario) -> Html:
    cited, said = _cited(scenario), _part(scenario, "sources")
    rows = [
        [element("code", name), link(str(one.get("url", "")), _title(name, one)), str(one.get("date", "")), _grade(one)]
        for name, one in said.items()
        if name in cited and isinstance(one, dict)
    ]
    if not rows:
        return Html()
    return _folded(
        f"Sources: {len(rows)}", grid("Sources of the numbers", ["id", "source", "date", "grade"], rows, numbers=False)
    )


def _part(scenario: Scenario, name: str) -> Mapping[str, Any]:
    found = scenario.raw.get(name, {})
    return found if isinstance(found, dict) else {}


def _title(name: str, source: Mapping[str, Any]) -> str:
    return one_line(str(source.get("title") or name))


def _grade(source: Mapping[str, Any]) -> str:
    return str(source.get("grade", "medium"))


def _folded(head: str, inside: Html) -> Html:
    return element("details", element("summary", head), inside, open="open")


def decided(scenario: Scenario) -> Iterator[Html]:
    """The rules that decide on the ways of the question, each with where it was read."""
    setting = scenario.setting
    found = ways(setting)
    if not found:
        yield element("p", "This world has no export law on file: nothing in it was decided by a rule.")
        return
    silent = "permits" if setting.export_rules.undetermined == "permit" else "bars"
    yield element(
        "p",
        "What the law on file says to each way of the question: from capital to capital, on an official request, on "
        "the first day and whenever the answer or its reason changes. The most severe claimant decides. Where no law "
        f"determines a way, this world {silent} it. Consents are answered with chances and delays of their own.",
    )
    for way in found:
        giver, taker, origin = (state_name(setting, code) for code in (way.giver, way.taker, way.origin))
        items = ", ".join(setting.items[item].name or item for item in way.items)
        made = "" if origin == giver else f", made in {origin}"
        rows = [
            [
                span.since.isoformat(),
                ANSWERS.get(span.outcome, span.outcome),
                _rules(setting, span.rules),
                _read(span.sources),
            ]
            for span in way.spans
        ]
        head = ["from", "answer", "decided by", "read in"]
        yield grid(f"{giver} to {taker}: {items}{made}", head, rows, numbers=False)


ANSWERS = {"permit": "✓ permitted", "consent_required": "◐ consent needed", "undetermined": "? undetermined"} | {
    "deny": "✕ denied"
}

BECAUSE = {
    "default": "what holds where no rule fits",
    "no policy": "no law on file",
    "unknown fact": "a fact that nobody knows",
}


def _rules(setting: Setting, rules: tuple[tuple[str, str], ...]) -> Html:
    said = [f"{state_name(setting, state)}: {BECAUSE.get(title, title)}" for state, title in rules]
    return joined(said, Html("<br>")) if rules else Html(UNDEFINED)


def _read(sources: Any) -> Html:
    return joined([link(one.url, one.title or one.id) for one in sources], Html("<br>")) if sources else Html(UNDEFINED)
