"""Whatever is done to a scenario file or to `--set`, the answer is a list of problems and never a traceback."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from backfill.errors import BackfillError
from backfill.scenario import Scenario, check_file, load

TESTS = Path(__file__).parent
SMALL = (TESTS / "worlds" / "three_states.yaml").read_text(encoding="utf-8")
GOOD = (TESTS / "bad_scenarios" / "good.yaml").read_text(encoding="utf-8")
CHILD = """\
scenario: 1
extends: parent
title: A child
set: {states.XDA.floor: 50 %, events.*.note: what-if}
add: {events.calm: {kind: pause, state: XDA, since: 2025-01, until: 2025-02}}
without: [events.help]
arms:
  a: {set: {states.XDA.sale.doctrine.share: 3 %}, includes: [no_gift], with: [events.help]}
doctrines:
  b: {set: {states.XDA.gift.doctrine: {kind: flow, share: {same_as: states.XDA.sale.doctrine.share}}}}
"""
LAW = """\
policy: 1
jurisdiction: XDA
default: {1990-01-01: permit, 2020-01-01: deny}
sources: {statute: {title: A statute, url: "https://example.org/", grade: high}}
statuses: {active_combat: {XWA: {since: 2022-01-01, source: statute}}}
rules:
  XDA-1: {title: Nothing to Allia, effect: deny, until: 2025-01-01, when: {destination: XAL}, refs: [statute]}
  XDA-2: {title: To Warland, effect: consent_required, when: {all: [{destination: XWA}]}, refs: [statute]}
"""
PIECES = (
    "[]", "{}", "null", "true", "-1", "x: y", "[[]]", "{a: b}", "*", "@guess", "%", "set", "without", "kind: [a]",
    "{same_as: states.XDA.floor}", "{drawn_with: states.XDA.floor}", ".", "..", "baseline", "2024-01", "1e9", "9" * 30,
    '"', "'", "\t", "- a", "?", ",", ": ", "#", "|", ">", "&a", "!x", "0", "never", "unlimited", "1 (2 to 3)",
    "extends", "arms", "includes: [a]", "catalogue: [patriot]", "\x00", "\x85", "\u2028", "\ufeff", "\U0001f600",
)  # fmt: skip
VALUES = (
    "50 %", "50", "{}", "[]", "null", "true", "{kind: flow}", "headroom", "[a]", "{a: {b: c}}", "[[[]]]", "", '"', "{",
    "{same_as: states.XDA.floor}", "unlimited", "never", "2025-01", "a: b", "- x", "@guess", "1 (2 to 3)", "&x 1",
    "5 (1 to 9) @nothing", "*x", "!t x", "2024-01 to 2024-01", "2024-02 to 2030-01", "\u00e9",
)  # fmt: skip
PARTS = (
    "states.XDA", "states.XDA.gift", "states.XDA.gift.doctrine", "states.XDA.gift.doctrine.kind", "states.*.floor",
    "events", "events.gift", "events.gift.kind", "events.*.units", "horizon", "roles.items", "roles.items.0", "label",
    "items.arrow", "rules.X", "rules.X.since", "policies.XDA", "conflicts.war.attacks", "conflicts.war.attacks.series",
    "export_rules.policies", "arms.no_gift", "needs.defence", "defaults.state", "defaults.state.floor", "title", "*",
    "transfers.any-to-any", "", ".", "..", "**", "without", "set", "sources.x", "doctrines", "outcomes.by",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z0-9_.@%]+")


def mutated(text: str, chance: random.Random) -> str:
    """The text after one to four slips of the pen."""
    for _ in range(chance.randint(1, 4)):
        slip = chance.choice((_letter_lost, _piece_put_in, _line_twice, _line_lost, _word_replaced, _value_replaced))
        text = slip(text or "a", chance)
    return text


def _letter_lost(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + text[at + 1 :]


def _piece_put_in(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(PIECES) + text[at:]


def _line_twice(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "\n".join(lines)


def _line_lost(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def _word_replaced(text: str, chance: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word, other = chance.choice(words), chance.choice(words).group()
    return text[: word.start()] + chance.choice((other, *PIECES)) + text[word.end() :]


def _value_replaced(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    name, colon, _ = lines[at].partition(": ")
    lines[at] = name + colon + chance.choice(PIECES) if colon else lines[at]
    return "\n".join(lines)


def check_mutations(folder: Path, *, seed: int, files: int) -> int:
    """Check mutated files; returns how many of them had an error."""
    chance = random.Random(seed)  # noqa: S311
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "parent.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "lawful.yaml").write_text(GOOD + "export_rules: {policies: [XDA]}\n", encoding="utf-8")
    wrong = 0
    for _ in range(files):
        text = chance.choice((SMALL, GOOD, CHILD, LAW))
        law = text is LAW
        (folder / "policies" / "XDA.yaml" if law else folder / "mutated.yaml").write_text(
            mutated(text, chance), encoding="utf-8"
        )
        file = folder / ("lawful.yaml" if law else "mutated.yaml")
        problems = check_file(file)
        assert all(str(problem) for problem in problems)
        if any(problem.level == "error" for problem in problems):
            wrong += 1
        else:
            load(file)
    return wrong


def set_at_random(scenario: Scenario, *, seed: int, times: int) -> int:
    """Set random paths to random values; returns how often that was refused."""
    chance = random.Random(seed)  # noqa: S311
    paths, refused = [*scenario.numbers(), *PARTS], 0
    for _ in range(times):
        path = chance.choice(paths)
        if chance.random() < 0.3:
            at = chance.randrange(len(path) + 1)
            path = path[:at] + chance.choice(".*x@ [") + path[at:]
        try:
            chance.choice((scenario.set, scenario.add))(path, chance.choice(VALUES))
        except BackfillError:
            refused += 1
    return refused


def test_a_mutated_file_is_refused_or_loaded(tmp_path):
    wrong = check_mutations(tmp_path, seed=1, files=400)
    assert 200 < wrong < 400  # the control: most mutations are mistakes, and some are none


def test_a_random_set_is_refused_or_done():
    refused = set_at_random(load(TESTS / "bad_scenarios" / "good.yaml"), seed=2, times=300)
    assert 150 < refused < 300


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_many_mutated_files_and_random_sets(tmp_path, seed):
    assert check_mutations(tmp_path, seed=seed, files=1_000)
    assert set_at_random(load(TESTS / "bad_scenarios" / "good.yaml"), seed=seed, times=500)
