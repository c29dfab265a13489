"""What a scenario means, checked: names that exist, dates in the horizon, licences, rings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping

from backfill.errors import Problem
from backfill.reading.dates import written
from backfill.reading.document import Map
from backfill.reading.words import nearest
from backfill.scenario import lawful, queueing, schema, sources, swaps, theatres, tree
from backfill.scenario.finite import finite
from backfill.scenario.freezing import freezing
from backfill.scenario.headline import headlines
from backfill.scenario.making import making
from backfill.scenario.references import EXPECTED, Reference, references
from backfill.scenario.schema import Channel, Doctrine, Setting, Stance
from backfill.scenario.stores import stores
from backfill.scenario.validate import problem
from backfill.scenario.verbs import Draft

JOINTS = {"endpoint": "-to-", "pair": "-"}
"""What stands between two states, by the kind of pair."""


def meaning(setting: Setting, draft: Draft, sourcebook: sources.Library, *, first: bool) -> list[Problem]:
    """Everything in a setting that can be read but makes no sense.

    first: whether nothing of this scenario was checked before, so that the law has to be read in any case
    Names are looked up in the draft, so that one bad order does not make its maker unknown to every event.
    """
    found = [
        *_unknown_names(setting, draft, sourcebook),
        *_roles(setting),
        *_rings(setting),
        *_licences(setting),
        *making(setting, draft),
        *finite(setting),
        *_doctrines(setting),
        *(found for name, actor in setting.actors.items() for found in actor.mistakes(f"actors.{name}")),
        *_stocks(setting),
        *_levels(setting),
        *stores(setting),
        *_asked(setting),
        *_relations(setting),
        *theatres.theatres(setting, draft),
        *queueing.queueing(setting),
        *_events(setting, draft),
        *_outcomes(setting, draft),
        *headlines(setting),
        *_switched_off(setting, draft),
        *freezing(setting, draft, sourcebook),
        *(lawful.law(setting, draft) if first or lawful.concerns(draft) else ()),
    ]
    return [_placed(one, draft) for one in found]


def _placed(found: Problem, draft: Draft) -> Problem:
    place = found.place or tree.place_of(draft.raw, found.path)
    return problem(found.path, found.found, found.expected, found.nearest, place, found.level)


def _unknown_names(setting: Setting, draft: Draft, sourcebook: sources.Library) -> Iterator[Problem]:
    legal = _legal(draft, sourcebook)
    for reference in references(setting):
        names = legal[reference.what]
        if not _is_known(reference, names):
            place = tree.key_place(draft.raw, reference.path) if reference.is_key else None
            found = f"the source @{reference.name}" if reference.what == "source" else repr(reference.name)
            near = _nearest(reference, names)
            yield Problem(reference.path, found, EXPECTED[reference.what], near, place)


def _nearest(reference: Reference, names: Iterable[str]) -> str:
    """The nearest name that exists; of a pair only if it differs and neither end is lost."""
    if reference.what not in JOINTS:
        return nearest(reference.name, names)
    joint = JOINTS[reference.what]
    ends = [nearest(end, names) for end in re.split("-to-|-", reference.name)]
    usable = len(ends) == 2 and all(ends) and (reference.what == "endpoint" or ends[0] != ends[1])
    near = joint.join(ends)
    return near if usable and near != reference.name else ""


def _is_known(reference: Reference, names: Iterable[str]) -> bool:
    if reference.what not in JOINTS:
        return reference.name in names
    ends = reference.name.split(JOINTS[reference.what])
    return len(ends) == 2 and all(end in names for end in ends) and (reference.what == "endpoint" or ends[0] != ends[1])


def _legal(draft: Draft, sourcebook: sources.Library) -> dict[str, list[str]]:
    """The names that exist, by what they are, as the file says them."""
    raw = draft.raw
    states, items = _names(raw, "states.*"), _names(raw, "items.*")
    needs = _names(raw, "needs.*")
    lines = [".".join(path.split(".")[1::2]) for path in tree.matching(raw, "manufacturers.*.lines.*")]
    orders = _names(raw, "manufacturers.*.lines.*.orders.*")
    budgets, pledges, promises, authorities = (
        _events_of(raw, kind) for kind in ("budget", "pledge", "promise", "authority")
    )
    return {
        "state": states, "customer": [*states, "OTHER"], "item": items, "need": needs, "use": [*items, *needs],
        "line": lines, "conflict": _names(raw, "conflicts.*"), "arm": _names(raw, "arms.*"),
        "favoured": [*states, *orders, *budgets], "class": [*states, *orders, *budgets, "others", "OTHER"],
        "endpoint": [*states, "any"], "source": list(sourcebook), "pair": [*states, *_parties(raw)],
        "pledge": pledges, "promise": promises, "kept": [*promises, *pledges], "authority": authorities,
        "family": _names(raw, "outcomes.families.*"),
    }  # fmt: skip


def _events_of(raw: Map, kind: str) -> list[str]:
    return [name for name in _names(raw, "events.*") if tree.get(raw, f"events.{name}.kind") == kind]


def _parties(raw: Map) -> list[str]:
    """States whose law or answers are on file, in the scenario or not."""
    return list(dict.fromkeys([*_names(raw, "policies.*"), *_names(raw, "consent.*")]))


def _names(raw: Map, pattern: str) -> list[str]:
    return [path.rpartition(".")[2] for path in tree.matching(raw, pattern)]


def _roles(setting: Setting) -> Iterator[Problem]:
    """Three different states, and finished items, each of them counted once."""
    named = {role: getattr(setting.roles, role) for role in ("donor", "backfiller", "aided")}
    states = {role: code for role, code in named.items() if code is not None}
    for index, (role, code) in enumerate(states.items()):
        taken = [other for other, known in list(states.items())[:index] if known == code]
        if taken:
            yield Problem(f"roles.{role}", f"{code!r}, who is the {taken[0]} already", "three different states")
    if not setting.roles.items:
        yield Problem("roles.items", "an empty list", "the items that the question is about")
    for index, name in enumerate(setting.roles.items):
        if name in setting.roles.items[:index]:
            yield Problem(f"roles.items.{index}", f"{name!r} a second time", "every item once")
        elif name in setting.items and not setting.items[name].is_finished:
            yield Problem(
                f"roles.items.{index}", f"{name!r}, which is a component", "items that can be given: finished"
            )


def _rings(setting: Setting) -> Iterator[Problem]:
    """A component that is needed, step by step, to build itself."""
    for name in setting.items:
        ring = _ring(setting, name, (name,))
        if ring and min(ring) == name:
            said = f"a ring: {' needs '.join(ring)}"
            yield Problem(f"items.{name}.needs", said, "components that do not need what is built of them")


def _ring(setting: Setting, name: str, done: tuple[str, ...]) -> tuple[str, ...]:
    item = setting.items.get(name)
    for part in item.needs if item else ():
        if part == done[0]:
            return (*done, part)
        if part not in done:
            ring = _ring(setting, part, (*done, part))
            if ring:
                return ring
    return ()


def _licences(setting: Setting) -> Iterator[Problem]:
    """A line for an item that belongs to another state needs that state's licence."""
    for name, maker in setting.manufacturers.items():
        for label, line in maker.lines.items():
            item = setting.items.get(line.item)
            owner = item.licensor if item else None
            given = line.licence.from_ if line.licence else None
            if owner in (None, maker.state, given):
                continue
            without = "without a licence" if given is None else f"with a licence from {given}"
            said = f"a line in {maker.state} for {line.item}, which belongs to {owner}, {without}"
            yield Problem(f"manufacturers.{name}.lines.{label}", said, f"licence: {{from: {owner}}}")


def _doctrines(setting: Setting) -> Iterator[Problem]:
    """Doctrines are registered ones, and each has its own fields only."""
    stances: dict[str, Stance] = {"defaults.state": setting.defaults.state}
    stances |= {f"states.{code}": state for code, state in setting.states.items()}
    for code, state in setting.states.items():
        stances |= {f"states.{code}.needs.{need}": stance for need, stance in state.needs.items()}
    for path, stance in stances.items():
        for where, doctrine in _said_in(path, stance):
            yield from doctrine.mistakes(where)
            dispersion = doctrine.numbers.get("dispersion")
            if dispersion is not None and dispersion.low <= 0 and not dispersion.same_as:
                yield Problem(f"{where}.dispersion", repr(dispersion.text), theatres.EVENNESS)


def _said_in(path: str, stance: Stance) -> Iterator[tuple[str, Doctrine]]:
    channels: Mapping[str, Stance | Channel | None] = {"": stance, ".gift": stance.gift, ".sale": stance.sale}
    for name, holder in channels.items():
        if holder is not None and holder.doctrine is not None:
            yield f"{path}{name}.doctrine", holder.doctrine


def _levels(setting: Setting) -> Iterator[Problem]:
    """What is wanted of an item stands at the item only if no need counts it."""
    counted = {item: need for need, entry in setting.needs.items() for item in entry.worth}
    for code, state in setting.states.items():
        for item, holding in state.items.items():
            for field in ("objective", "requirement"):
                if item in counted and getattr(holding, field) is not None:
                    path = f"states.{code}.items.{item}.{field}"
                    expected = f"it at the need: states.{code}.needs.{counted[item]}.{field}"
                    yield Problem(path, f"a {field} of an item that {counted[item]} counts", expected)


def _stocks(setting: Setting) -> Iterator[Problem]:
    """A first stock has one measure; a share of output belongs to a line."""
    for code, state in setting.states.items():
        stances: dict[str, Stance] = {f"states.{code}": state}
        stances |= {f"states.{code}.needs.{need}": stance for need, stance in state.needs.items()}
        for path, stance in stances.items():
            given = [
                name for name in ("units", "equivalents", "per_fire_unit") if getattr(stance.inventory, name, None)
            ]
            if stance.inventory is not None and len(given) != 1:
                said = " and ".join(given) or "no measure"
                yield Problem(f"{path}.inventory", said, "one of units, equivalents, per_fire_unit")
        for item, holding in state.items.items():
            shares = [month for month, number in (holding.procurement or {}).items() if number.of == "output"]
            if shares and holding.line is None:
                yield Problem(
                    f"states.{code}.items.{item}.procurement", "a share of output without a line", "line: maker.line"
                )


def _asked(setting: Setting) -> Iterator[Problem]:
    """Nobody asks himself for aid or backfill."""
    for code, state in setting.states.items():
        stances: dict[str, Stance] = {f"states.{code}": state}
        stances |= {f"states.{code}.needs.{need}": stance for need, stance in state.needs.items()}
        for path, stance in stances.items():
            for field in ("aid_from", "backfill_from"):
                for index, supplier in enumerate(getattr(stance, field) or ()):
                    if supplier == code:
                        yield Problem(f"{path}.{field}.{index}", f"{code!r}, who asks", "another state")


def _relations(setting: Setting) -> Iterator[Problem]:
    """A relation is the same from both sides, and said once."""
    for index, pair in enumerate(setting.relations):
        other = "-".join(reversed(pair.split("-")))
        if other in list(setting.relations)[:index]:
            yield Problem(f"relations.{pair}", f"{pair}, beside {other}", "every pair once: it holds for both")


def _events(setting: Setting, draft: Draft) -> Iterator[Problem]:
    for name, event in setting.events.items():
        yield from _complete(f"events.{name}", event)
        yield from _line_of_another_item(f"events.{name}", event, setting)
        yield from swaps.mistakes(f"events.{name}", event, setting, draft)
        yield from _in_time(f"events.{name}", event, setting, draft)


def _complete(path: str, event: schema.Happening) -> Iterator[Problem]:
    """What must be said once, one way or the other."""
    match event:
        case schema.Pledge():
            if (event.date is None) == (event.arrives is None):
                yield Problem(path, "both date and arrives" if event.date else "no date", "date, or arrives: a month")
            if event.item is None and event.rest is None:
                yield Problem(path, "no item", "item, or parts and rest")
        case schema.Shock() if (event.need is None) == (event.item is None):
            yield Problem(path, "both need and item" if event.need else "neither need nor item", "need or item")
        case schema.Budget() if not event.payers:
            yield Problem(f"{path}.payers", "an empty list", "the states that pay")
        case schema.Budget() if event.for_ == event.buys_from:
            yield Problem(f"{path}.buys_from", f"{event.buys_from!r}, for whom it buys", "another state")
        case schema.Queue() if event.until is not None and event.lasts is not None:
            yield Problem(f"{path}.lasts", "both until and lasts", "one of them")
    parts = sum(share.value for share in event.months.values()) if isinstance(event, schema.Shock) else 0.0
    if parts > 1.0 + 1e-9:
        yield Problem(f"{path}.months", f"parts of {100 * parts:g} % in all", "100 % at most")
    since, until = getattr(event, "since", None), getattr(event, "until", None)
    if since is not None and until is not None and until <= since:
        yield Problem(
            f"{path}.until", f"{_said(until)}, not after since: {_said(since)}", "a later date: until does not count"
        )


def _line_of_another_item(path: str, event: schema.Happening, setting: Setting) -> Iterator[Problem]:
    """A budget orders what it buys: from a line that builds it."""
    if not isinstance(event, schema.Budget) or event.line is None:
        return
    maker, _, label = event.line.partition(".")
    line = setting.manufacturers[maker].lines.get(label) if maker in setting.manufacturers else None
    if line is not None and line.item != event.item:
        found = f"{event.line!r}, which builds {line.item}"
        builders = [
            f"{name}.{label}"
            for name, entry in setting.manufacturers.items()
            for label, line in entry.lines.items()
            if line.item == event.item and line.refurbishes is None
        ]
        yield Problem(f"{path}.line", found, f"a line that builds {event.item}", nearest(event.line, builders))


def _said(moment: dt.date | int) -> str:
    return moment.isoformat() if isinstance(moment, dt.date) else written(moment)


def _month(moment: dt.date | int) -> int:
    return moment.year * 12 + moment.month - 1 if isinstance(moment, dt.date) else moment


def _in_time(path: str, event: schema.Happening, setting: Setting, draft: Draft) -> Iterator[Problem]:
    """An event happens within the horizon; in a horizon that was shortened, one outside is a note."""
    first, last = setting.horizon
    level = "note" if draft.shortened else "error"
    expected = f"a date between {written(first)} and {written(last)}, the horizon"
    until = getattr(event, "until", None)
    for field in ("date", "since", "arrives"):
        moment = getattr(event, field, None)
        if moment is None:
            continue
        over = until is not None and field == "since" and _month(until) > first and _month(moment) < first
        if not first <= _month(moment) <= last and not over:
            yield Problem(f"{path}.{field}", f"{_said(moment)}, outside the horizon", expected, level=level)
    for month in event.months if isinstance(event, schema.Shock) else ():
        if not first <= month <= last:
            yield Problem(
                f"{path}.months.{written(month)}", f"{written(month)}, outside the horizon", expected, level=level
            )


def _switched_off(setting: Setting, draft: Draft) -> Iterator[Problem]:
    """A budget cannot order from a line that is switched off; everything else bears that what it names is off."""
    for name, event in setting.events.items():
        if isinstance(event, schema.Budget) and event.line and f"events.{name}" not in draft.off:
            maker, _, line = event.line.partition(".")
            if f"manufacturers.{maker}.lines.{line}" in draft.off:
                expected = f"a line that is on, or without: [events.{name}]"
                yield Problem(f"events.{name}.line", f"{event.line!r}, which is switched off", expected)


def _outcomes(setting: Setting, draft: Draft) -> Iterator[Problem]:
    first, last = setting.horizon
    level = "note" if draft.shortened else "error"
    for index, month in enumerate(setting.outcomes.by):
        if not first <= month <= last:
            expected = f"a month between {written(first)} and {written(last)}, the horizon"
            yield Problem(f"outcomes.by.{index}", f"{written(month)}, outside the horizon", expected, level=level)
