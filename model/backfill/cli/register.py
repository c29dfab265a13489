"""The register of all packaged numbers, written from the worlds themselves: `python -m backfill.cli.register`."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from backfill.errors import BackfillError
from backfill.reading.number import Number
from backfill.scenario import Scenario, load, names, numbers_of
from backfill.scenario.shelf import packaged
from backfill.words import capital, count, listed, markdown, one_line, percent

GRADES = ("high", "medium", "low", "assumed", "plain")
WEAK = ("low", "assumed")
ORIGINS = {"sources": "title", "assumptions": ""}
RIGHTS, HINDCASTS = "rights.csv", "hindcasts"
DATA = "series", "history", "hindcasts/observed", "catalogue/sources"
"""Folders of tables whose rights are told."""


@dataclass(frozen=True)
class Entry:
    """A number as it stands in some world: where it is said, what it says, on what it rests."""

    path: str
    text: str
    sources: tuple[str, ...]
    grade: str
    note: str
    arm: str = ""

    @property
    def line(self) -> str:
        """A row of a table."""
        said = ", ".join(filter(None, (", ".join(f"`{name}`" for name in self.sources), markdown(self.note))))
        where = f"`{self.path}`" + (f" in {markdown(self.arm)}" if self.arm else "")
        return f"| {where} | {markdown(self.text)} | {self.grade} | {said} |"


@dataclass(frozen=True)
class World:
    """A packaged world with all its numbers, those of its arms included."""

    scenario: Scenario
    folder: str = ""

    @property
    def name(self) -> str:
        """What commands call it; a hindcast with its folder, since a world may have the same name."""
        return f"{self.folder}{self.scenario.name}"

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The numbers of the baseline, then those that only an arm or another way of deciding says."""
        scenario = self.scenario
        known = numbers_of(scenario.setting)
        found = [_entry(number) for number in known.values()]
        seen = {(entry.path, entry.text) for entry in found}
        for arm, way in scenario.variants():
            more = [_entry(number, way or arm) for number in numbers_of(scenario.arm(arm, under=way)).values()]
            found += [entry for entry in more if (entry.path, entry.text) not in seen]
            seen |= {(entry.path, entry.text) for entry in more}
        return tuple(found)

    def reasons(self, entry: Entry) -> tuple[str, ...]:
        """What a number rests on in this world, in full: another world may say something else under the same id."""
        return tuple(line for (_part, name), line in self.origins.items() if name in entry.sources)

    @cached_property
    def origins(self) -> dict[tuple[str, str], str]:
        """Everything that its numbers rest on, by part and id: a row of the tables below."""
        cited = {name for entry in self.entries for name in entry.sources}
        raw = self.scenario.raw
        found = {}
        for part in ORIGINS:
            for name, said in raw.get(part, {}).items():
                if name in cited:
                    found[part, name] = _source(name, said) if isinstance(said, dict) else _reason(name, said)
        return found


def _entry(number: Number, arm: str = "") -> Entry:
    text = f"as {number.same_as}" if number.same_as else number.text
    return Entry(number.path, text, number.sources, number.grade, number.note, arm)


def _source(name: str, said: Mapping[str, str]) -> str:
    title, url = markdown(said.get("title", "")), said.get("url", "")
    link = f"[{title}](<{url}>)" if url.startswith(("http://", "https://")) else title
    stated = " ".join(filter(None, (said.get("value", ""), said.get("unit", "").replace("_", " "))))
    low, high = said.get("low", ""), said.get("high", "")
    span = f" ({low} to {high})" if low and high and low != high else ""
    return f"| `{name}` | {link} | {said.get('date', '')} | {said.get('grade', 'medium')} | {markdown(stated + span)} |"


def _reason(name: str, said: str) -> str:
    return f"| `{name}` | {markdown(one_line(str(said)))} |"


def worlds() -> list[World]:
    """The packaged worlds, the hindcasts after them."""
    past = sorted((packaged() / HINDCASTS).glob("*.yaml"))
    return [*(World(load(name)) for name in names()), *(World(load(path), f"{HINDCASTS}/") for path in past)]


def register(found: Sequence[World]) -> str:
    """The whole register as Markdown."""
    shared = _shared(found)
    parts = [*_head(), *_shares(found), *_rights(), *_together(shared)]
    for world in found:
        parts += _of_world(world, shared)
    parts += _origins(found)
    return "\n".join(parts) + "\n"


def _head() -> list[str]:
    return [
        "# The data",
        "",
        "Written by `python -m backfill.cli.register > docs/data.md` from the packaged worlds; a test says when",
        "it is out of date.",
        "",
        "Every number of every world, with its range and what it rests on. `backfill scenarios NAME` prints the same",
        "of one world.",
        "",
        "| grade | means |",
        "|---|---|",
        "| high, medium, low | how well the source knows it |",
        "| assumed | ours, for the reason given under [assumptions](#assumptions) |",
        "| assumed, what-if | what an arm sets to see what follows; its title says why |",
        "| plain | nothing to know: zero, all of it, no limit; in an invented world everything |",
    ]


def _shares(found: Sequence[World]) -> Iterator[str]:
    yield from ("", "## How well the worlds are known", "")
    yield "Numbers of the baseline and of the arms. Low or assumed: their share among those that are not plain."
    yield ""
    yield "| world | label | numbers | " + " | ".join(GRADES) + " | low or assumed |"
    yield "|---|---|---:|" + "---:|" * (len(GRADES) + 1)
    for world in found:
        grades = Counter(entry.grade for entry in world.entries)
        cells = " | ".join(str(grades[grade]) for grade in GRADES)
        name, label = world.name, world.scenario.label
        weak = "invented" if label == "fictional" else weak_share(grades)
        yield f"| {name} | {label} | {len(world.entries)} | {cells} | {weak} |"


def weak_share(grades: Mapping[str, int]) -> str:
    """The share of numbers of low grade or assumed among those that somebody has to know."""
    known = sum(many for grade, many in grades.items() if grade != "plain")
    return percent(sum(grades.get(grade, 0) for grade in WEAK) / known) if known else "none to know"


@dataclass(frozen=True)
class Right:
    """Whose a table is, under which licence, and what of it is kept here."""

    files: str
    what: str
    whose: str
    licence: str
    kept: str
    url: str


def rights() -> list[Right]:
    """What is on file about the rights in tables; of several lines that fit a table the first holds."""
    with (packaged() / RIGHTS).open(encoding="utf-8", newline="") as file:
        return [Right(**row) for row in csv.DictReader(file)]


def tables() -> list[str]:
    """The tables of data that come with the worlds, by their place."""
    root = packaged()
    return sorted(path.relative_to(root).as_posix() for folder in DATA for path in (root / folder).glob("*.csv"))


def right_of(table: str, known: Sequence[Right]) -> Right:
    """What holds for a table. Raises BackfillError if nothing is on file."""
    for right in known:
        if fnmatchcase(table, right.files):
            return right
    raise BackfillError(f"scenarios/{RIGHTS} says nothing about {table}")


def _rights() -> Iterator[str]:
    yield from ("", "## Rights", "", "| table | what | whose | licence | what is kept |", "|---|---|---|---|---|")
    known = rights()
    for table in tables():
        right = right_of(table, known)
        whose = f"[{markdown(right.whose)}](<{right.url}>)" if right.url else markdown(right.whose)
        cells = (f"`{table}`", markdown(right.what), whose, markdown(right.licence), markdown(right.kept))
        yield f"| {' | '.join(cells)} |"


HEADS = ("| number | value (range) unit | grade | rests on |", "|---|---|---|---|")


def _shared(found: Sequence[World]) -> dict[Entry, list[str]]:
    """Numbers that several worlds have from one catalogue or parent, with the worlds."""
    where: dict[tuple[Entry, tuple[str, ...]], list[str]] = {}
    for world in found:
        for entry in world.entries:
            if entry.grade != "plain":
                where.setdefault((entry, world.reasons(entry)), []).append(world.name)
    return {entry: used for (entry, _reasons), used in where.items() if len(used) > 1}


def _together(shared: Mapping[Entry, Sequence[str]]) -> Iterator[str]:
    """Each set of worlds that share numbers, with these numbers."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry, used in shared.items():
        groups.setdefault(tuple(used), []).append(entry)
    if groups:
        yield from ("", "## Numbers of several worlds")
    for used, entries in groups.items():
        yield from ("", f"Of {listed(used)}:", "", *HEADS, *(entry.line for entry in entries))


def _of_world(world: World, shared: Mapping[Entry, Sequence[str]]) -> Iterator[str]:
    own = [entry for entry in world.entries if world.name not in shared.get(entry, ())]
    rest = len(world.entries) - len(own)
    yield from ("", f"## {world.name}", "", f"{capital(markdown(world.scenario.title))} ({world.scenario.label}). ")
    if rest:
        yield f"{count(rest, 'number')} more with [other worlds](#numbers-of-several-worlds)."
    yield from ("", *HEADS, *(entry.line for entry in own))


def _origins(found: Sequence[World]) -> Iterator[str]:
    """All sources and all assumptions, each once with the worlds that rest on it."""
    heads = {
        "sources": ("Sources", "| id | title | date | grade | states |", "|---|---|---|---|---|"),
        "assumptions": ("Assumptions", "| id | reason |", "|---|---|"),
    }
    for part, (title, head, rule) in heads.items():
        where: dict[str, list[str]] = {}
        for world in found:
            for (kind, _name), line in world.origins.items():
                if kind == part:
                    where.setdefault(line, []).append(world.name)
        if where:
            yield from ("", f"## {title}", "", f"{head} in |", f"{rule}---|")
            yield from (f"{line} {', '.join(used)} |" for line, used in sorted(where.items()))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(register(worlds()))
