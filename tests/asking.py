"""A small world in which a donor has to ask before it gives, for the tests of consents and of cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from backfill.passing.consent import Question
from backfill.scenario import load, numbers_of
from backfill.world import World

WORLD = """
scenario: 1
title: A donor that has to ask
label: fictional
horizon: 2030-01 to {until}
roles: {{donor: XDA, backfiller: XAL, aided: XWA, items: [arrow]}}
export_rules: {{policies: [{policies}], consent: [{consent}], undetermined: {undetermined}}}
items: {{arrow: {{name: Arrow, licensor: {licensor}}}}}
states:
  XDA: {{doctrine: {doctrine}, items: {{arrow: {{stock: {stock}, origin: XAL}}}}}}
  XAL: {{items: {{arrow: {{stock: 0}}}}, will: 40 %}}
  XWA: {{items: {{arrow: {{stock: 0}}}}, load: 1, fire_units: {{2030-01: 40}}}}
{more}
"""
LAW = """
policy: 1
jurisdiction: {code}
default: permit
sources: {{invented: {{title: Invented for this test, grade: low, url: "https://example.org"}}}}
rules:
{rules}
"""
ASK = "  {code}-ASK: {{title: With consent only, effect: consent_required, when: {{role: {role}}}, refs: [invented]}}"
ORIGIN = ASK.format(code="XAL", role="origin")
GRANT, REFUSE = "answer: grant", "answer: refuse"


def write(folder: Path, laws: dict[str, str], answers: dict[str, str], **said: Any) -> Path:
    """Write a world, the law of some states, and their answers: `otherwise` in short, or the lines of a file."""
    for part, texts in (("policies", laws), ("consent", answers)):
        (folder / part).mkdir(exist_ok=True)
        for code, text in texts.items():
            whole = LAW.format(code=code, rules=text) if part == "policies" else _file(code, text)
            (folder / part / f"{code}.yaml").write_text(whole, encoding="utf-8")
    usual = {"until": "2030-12", "undetermined": "permit", "licensor": "XAL", "stock": 100, "more": ""}
    usual |= {"policies": ", ".join(laws), "consent": ", ".join(answers), "doctrine": "headroom"}
    path = folder / "asking.yaml"
    path.write_text(WORLD.format(**{**usual, **said}), encoding="utf-8")
    return path


def _file(code: str, text: str) -> str:
    body = text if "\n" in text else f"otherwise: {{{text}}}"
    return f"consent: 1\ngiver: {code}\n{body}\n"


def raised(path: Path, replications: range) -> World:
    setting = load(path).setting
    return World(setting, replications, 1, numbers_of(setting))


def months(world: World) -> Iterator[int]:
    """Every month of a world, counted from the first, once it is over."""
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        yield world.index


def questions(world: World) -> list[Question]:
    return [question for case in world.cases for question in world.consents.of(case)]


def course(world: World, name: str) -> np.ndarray:
    """One of the arrays of the only question, month by month.  [months, runs]"""
    (question,) = questions(world)
    return np.array([np.array(getattr(question, name)) for _month in months(world)])


def aid(world: World) -> np.ndarray:
    """Units that arrive in each month.  [months, runs]"""
    arrived: np.ndarray = world.run().tables["aid"].sum(axis=1)
    return arrived
