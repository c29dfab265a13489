"""The last step from a draft to a setting: links, sources, meaning, inheritance, switches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from backfill.errors import Problem
from backfill.reading.number import Number
from backfill.scenario import check, inherit, lawful, links, sources
from backfill.scenario.arms import entries
from backfill.scenario.numbering import numbers_in
from backfill.scenario.schema import Setting
from backfill.scenario.validate import understood
from backfill.scenario.verbs import Draft


def finished(draft: Draft, sourcebook: sources.Library, *, first: bool) -> tuple[Setting | None, list[Problem]]:
    """The setting that a draft describes: links followed, sources asked, defaults inherited, the rest switched off."""
    raw = draft.raw
    problems = [*draft.problems, *links.linked(raw)]
    states = entries(raw, "states")
    known = sources.Reading(tuple(states), sourcebook, str(raw.get("label", "user")), tuple(draft.patched))
    setting, wrong = understood(raw, known)
    problems += [*wrong, *known.notes]
    if setting is None:
        return None, problems
    problems += check.meaning(setting, draft, sourcebook, first=first)
    return _by_name(_switched_off(inherit.with_defaults(setting), draft.off)), problems


def _by_name(setting: Setting) -> Setting:
    """The setting with its agents in the order of their names, so that nobody gains by standing first in the file."""
    makers = {
        name: maker.model_copy(update={"lines": _sorted(maker.lines)}) for name, maker in setting.manufacturers.items()
    }
    agents: dict[str, Mapping[str, Any]] = {
        "states": setting.states,
        "manufacturers": makers,
        "conflicts": setting.conflicts,
        "actors": setting.actors,
    }
    return setting.model_copy(update={part: _sorted(entries_) for part, entries_ in agents.items()})


def _sorted(entries_: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(entries_.items()))


def _switched_off(setting: Setting, off: set[str]) -> Setting:
    """The setting without what is switched off."""
    for path in sorted(off, reverse=True):
        around: Any = setting
        *above, name = path.split(".")
        for step in above:
            around = around.get(step) if isinstance(around, dict) else getattr(around, step, None)
        if isinstance(around, dict):
            around.pop(name, None)
    return setting


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, file by file, in the order of the lines."""
    unique = list(dict.fromkeys(problems))
    files = list(dict.fromkeys(found.place.file for found in unique if found.place))

    def order(found: Problem) -> tuple[int, int, int]:
        place = found.place
        return (files.index(place.file), place.line, place.column) if place else (len(files), 0, 0)

    return sorted(unique, key=order)


def numbers_of(setting: Setting) -> dict[str, Number]:
    """The numbers of a setting by the path at which each is drawn.

    What others lean on is among them even where it is switched off: the share of an order that an arm drops is drawn.
    """
    found = {number.path: number for number in (*numbers_in(setting), *lawful.odds_on_file(setting))}
    for link in ("same_as", "drawn_with"):
        for number in list(found.values()):
            path = getattr(number, link)
            if path and path not in found:
                found[path] = replace(number, path=path, same_as="", drawn_with="")
    return found
