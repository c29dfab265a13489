"""Files of law, read into rules: whatever nobody can mean is refused, with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from backfill.errors import Place
from backfill.reading.words import listed, nearest
from backfill.rules.clerk import GROUP, NAME, Clerk, is_party, key_at, place_of
from backfill.rules.conditions import ALWAYS, All, Condition, Either, Leaf, Not
from backfill.rules.facts import FACTS, TOKENS, VARIABLES, Kind, kind_of
from backfill.rules.law import Answer, Consent, Member, Obligation, Policy, Rule, Source, Standing

EFFECTS = ("permit", "consent_required", "deny", "none")
STATUSES = ("in_force", "adopted", "proposed", "repealed")
FORCES = ("policy", "statute", "treaty", "contract")
OBLIGATIONS = (
    "approval", "licence", "undertaking", "confirmation", "monitoring", "notify_before", "notify_after", "delivery_lag",
)  # fmt: skip

_RULE = (
    "title", "effect", "status", "adopted", "since", "until", "when", "defeats", "obligations", "travels", "refs",
    "confidence", "note", "force", "jurisdiction",
)  # fmt: skip
_POLICY = (
    "policy", "jurisdiction", "title", "default", "force", "binds", "sources", "assumptions", "statuses", "rules",
    "note",
)  # fmt: skip
_CONSENT = ("consent", "giver", "title", "sources", "assumptions", "answers", "otherwise", "note")
ANSWER_FIELDS = ("title", "since", "until", "when", "answer", "chance", "after", "refs")
_TESTS = ("in", "has", "lt", "ge", "contains")


def read_policy(clerk: Clerk, code: str, raw: Any, rules: Mapping[str, Any], *, whole: bool) -> Policy:
    """The law of one state.

    rules: its rules by id, with the jurisdiction in each
    whole: whether nothing has been switched off, so that a defeated rule must be there
    """
    path = f"policies.{code}"
    fields = clerk.fields(raw, path, _POLICY, due=("default",))
    _check_header(clerk, fields, path, "policy", "jurisdiction", code)
    sources = clerk.sources(fields, path)
    read = tuple(_read_rule(clerk, name, rule, sources) for name, rule in rules.items())
    _check_defeats(clerk, read, rules, whole=whole)
    return Policy(
        code,
        _read_default(clerk, fields, path),
        clerk.word(fields, "force", path, FORCES, "policy"),
        read,
        _read_standings(clerk, fields, path, sources),
        sources,
        _read_members(clerk, fields, path, sources),
        for_all=fields.get("binds") == "all",
    )


def read_consent(clerk: Clerk, code: str, raw: Any) -> Consent:
    """What one capital answers."""
    path = f"consent.{code}"
    fields = clerk.fields(raw, path, _CONSENT)
    _check_header(clerk, fields, path, "consent", "giver", code)
    sources = clerk.sources(fields, path)
    entries = clerk.entries(fields, "answers", path)
    answers = tuple(_read_answer(clerk, name, entry, where, sources) for name, entry, where in entries)
    last = fields.get("otherwise")
    otherwise = None if last is None else _read_answer(clerk, "otherwise", last, f"{path}.otherwise", sources)
    return Consent(code, answers, otherwise, sources)


def read_condition(clerk: Clerk, raw: Any, path: str, place: Place | None = None) -> Condition:
    """A condition: a map whose entries must all hold, of facts and of all, any, not."""
    if not isinstance(raw, Mapping) or not raw:
        clerk.complain(path, repr(raw), "a map: all, any, not, or a fact and its value", "", place)
        return ALWAYS
    parts = [_read_part(clerk, str(key), value, raw, path) for key, value in raw.items()]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _check_header(clerk: Clerk, fields: Mapping[str, Any], path: str, version: str, who: str, code: str) -> None:
    """The version of the file's form, and that it belongs to the state, or the group, whose name it has."""
    if "binds" not in fields or not GROUP.fullmatch(code):
        clerk.code(code, path, getattr(fields, "place", None))
    if str(fields.get(version, 1)) != "1":
        clerk.complain(f"{path}.{version}", repr(fields[version]), "1", "1", place_of(fields, version))
    if fields.get(who, code) != code:
        found = repr(fields[who])
        clerk.complain(f"{path}.{who}", found, f"{code}, as the file is called", code, place_of(fields, who))


def _read_rule(clerk: Clerk, name: str, raw: Any, sources: Mapping[str, Source]) -> Rule:
    path = f"rules.{name}"
    fields = clerk.fields(raw, path, _RULE, due=("title", "effect", "refs"))
    if not NAME.fullmatch(name):
        clerk.complain(path, repr(name), "an id of letters, digits, _ and -", "", getattr(fields, "place", None))
    refs = clerk.cited(fields, "refs", path, sources)
    if "refs" in fields and not refs:
        clerk.complain(f"{path}.refs", "an empty list", "at least one source", "", place_of(fields, "refs"))
    clerk.window({"since": fields["adopted"]} if "adopted" in fields else {}, f"{path}.adopted")
    return Rule(
        name,
        clerk.text(fields, "title", path),
        clerk.word(fields, "effect", path, EFFECTS, "deny"),
        clerk.window(fields, path),
        clerk.word(fields, "status", path, STATUSES, "in_force"),
        _read_when(clerk, fields, path),
        clerk.words(fields, "defeats", path),
        _read_obligations(clerk, fields, path, sources),
        _read_travels(clerk, fields, path),
        refs,
        clerk.word(fields, "confidence", path, ("high", "medium", "low"), "high"),
        clerk.text(fields, "note", path),
        clerk.word(fields, "force", path, FORCES, ""),
    )


def _read_when(clerk: Clerk, fields: Mapping[str, Any], path: str) -> Condition:
    if "when" not in fields:
        return ALWAYS
    return read_condition(clerk, fields["when"], f"{path}.when", place_of(fields, "when"))


def _read_obligations(
    clerk: Clerk, fields: Mapping[str, Any], path: str, sources: Mapping[str, Source]
) -> tuple[Obligation, ...]:
    found = []
    for name, raw, where in clerk.entries(fields, "obligations", path):
        entry = clerk.fields(raw, where, ("kind", "by", "to", "text", "delay"), due=("kind",))
        clerk.number(entry, "delay", where, "duration", sources)
        kind = clerk.word(entry, "kind", where, OBLIGATIONS, "approval")
        by, to, text = (clerk.text(entry, key, where) for key in ("by", "to", "text"))
        found.append(Obligation(name, kind, by, to, text, str(entry.get("delay", ""))))
    return tuple(found)


def _read_travels(clerk: Clerk, fields: Mapping[str, Any], path: str) -> tuple[str, ...]:
    entries = list(clerk.entries(fields, "travels", path))
    for _, text, where in entries:
        if not isinstance(text, str):
            clerk.complain(where, repr(text), "a sentence", "", getattr(text, "place", None))
    return tuple(str(text) for _, text, _ in entries)


def _read_default(clerk: Clerk, fields: Mapping[str, Any], path: str) -> tuple[tuple[dt.date, str], ...]:
    """What holds where no rule speaks: one word, or words by the day from which they do."""
    raw = fields.get("default")
    words = ("permit", "deny")
    if not isinstance(raw, Mapping):
        return ((dt.date.min, clerk.word(fields, "default", path, words)),)
    found = []
    for since in raw:
        window = clerk.window({"since": since}, f"{path}.default")
        effect = clerk.word(raw, since, f"{path}.default", words)
        if window.since is not None:
            found.append((window.since, effect))
    return tuple(sorted(found))


def _read_standings(
    clerk: Clerk, fields: Mapping[str, Any], path: str, sources: Mapping[str, Source]
) -> tuple[Standing, ...]:
    """Tokens, in each the states that have it, in each the days; several spells of a state have names."""
    found: list[Standing] = []
    for token, _, where in clerk.entries(fields, "statuses", path):
        tokens = fields["statuses"]
        if token not in TOKENS:
            near = nearest(token, TOKENS)
            clerk.complain(where, repr(token), f"one of {listed(TOKENS)}", near, key_at(tokens, token))
        for state, raw, inner in clerk.entries(tokens, token, f"{path}.statuses"):
            code = clerk.code(state, inner, key_at(tokens[token], state))
            for spell in _spells(raw):
                entry = clerk.fields(spell, inner, ("since", "until", "source", "note"), due=("source",))
                cited = clerk.cited(entry, "source", inner, sources)
                found.append(Standing(code, token, clerk.window(entry, inner), "".join(cited[:1])))
    return tuple(found)


def _read_members(
    clerk: Clerk, fields: Mapping[str, Any], path: str, sources: Mapping[str, Source]
) -> tuple[Member, ...]:
    """Whom a group binds: nobody is named where it binds all."""
    if fields.get("binds") in (None, "all"):
        return ()
    found: list[Member] = []
    for state, raw, where in clerk.entries(fields, "binds", path):
        code = clerk.code(state, where, key_at(fields["binds"], state))
        for spell in _spells(raw):
            entry = clerk.fields(spell, where, ("since", "until", "source", "note"), due=("source",))
            cited = clerk.cited(entry, "source", where, sources)
            found.append(Member(code, clerk.window(entry, where), "".join(cited[:1])))
    return tuple(found)


def _spells(raw: Any) -> tuple[Any, ...]:
    """The spells of a state: one that is written out, or several by name."""
    several = isinstance(raw, Mapping) and any(isinstance(part, Mapping) for part in raw.values())
    return tuple(raw.values()) if several else (raw,)


def _read_answer(clerk: Clerk, name: str, raw: Any, path: str, sources: Mapping[str, Source]) -> Answer:
    fields = clerk.fields(raw, path, ANSWER_FIELDS, due=("answer",))
    chance = clerk.number(fields, "chance", path, "share", sources)
    delay = clerk.number(fields, "after", path, "duration", sources)
    return Answer(
        name,
        clerk.word(fields, "answer", path, ("grant", "refuse"), "refuse"),
        clerk.window(fields, path),
        _read_when(clerk, fields, path),
        1.0 if chance is None else chance.value,
        str(fields.get("after", "")),
        delay,
        clerk.cited(fields, "refs", path, sources),
        clerk.text(fields, "title", path),
        chance,
    )


def _check_defeats(clerk: Clerk, rules: Sequence[Rule], raw: Mapping[str, Any], *, whole: bool) -> None:
    """A rule may defeat rules of its own state, and none that defeats others: one level, hence no circle."""
    known = {rule.id: rule for rule in rules}
    for rule in rules:
        for beaten in rule.defeats:
            place = place_of(raw[rule.id], "defeats")
            path = f"rules.{rule.id}.defeats"
            if beaten not in known and whole:
                clerk.complain(path, repr(beaten), "a rule of the same state", nearest(beaten, known), place)
            elif beaten in known and known[beaten].defeats:
                clerk.complain(path, f"{beaten!r}, which defeats others itself", "a rule that defeats none", "", place)


def _read_part(clerk: Clerk, key: str, value: Any, around: Mapping[str, Any], path: str) -> Condition:
    """One entry of a condition."""
    where = f"{path}.{key}"
    if key in ("all", "any"):
        return _read_several(clerk, key, value, around, where)
    if key == "not":
        return Not(read_condition(clerk, value, where, place_of(around, key)))
    kind = kind_of(key)
    if kind is None:
        known = (*FACTS, "all", "any", "not")
        clerk.complain(
            where, f"the unknown fact {key!r}", f"one of {listed(known)}", nearest(key, known), key_at(around, key)
        )
        return ALWAYS
    return _read_leaf(clerk, key, kind, value, around, where)


def _read_several(clerk: Clerk, key: str, value: Any, around: Mapping[str, Any], where: str) -> Condition:
    if not isinstance(value, list | tuple) or not value:
        clerk.complain(where, repr(value), "a list of conditions, not empty", "", place_of(around, key))
        return ALWAYS
    parts = tuple(read_condition(clerk, one, f"{where}.{number}") for number, one in enumerate(value))
    return All(parts) if key == "all" else Either(parts)


def _read_leaf(clerk: Clerk, fact: str, kind: Kind, value: Any, around: Mapping[str, Any], where: str) -> Leaf:
    test = "is"
    if isinstance(value, Mapping):
        if len(value) != 1 or next(iter(value)) not in _TESTS:
            clerk.complain(where, f"{list(value)}", f"one of {listed(_TESTS)}", "", place_of(around, fact))
            return Leaf(fact, "is", "")
        test, value = next(iter(value.items()))
    if test not in kind.tests:
        clerk.complain(where, f"the test {test!r}", f"one of {listed(kind.tests)}", "", place_of(around, fact))
    plain = tuple(_plain(one) for one in value) if isinstance(value, list | tuple) else _plain(value)
    for one in plain if isinstance(plain, tuple) else (plain,):
        _check_value(clerk, one, kind, where, place_of(around, fact))
    if isinstance(plain, tuple) != (test == "in" or (test == "is" and kind.values == "states")):
        clerk.complain(where, repr(value), "a list after in, one value otherwise", "", place_of(around, fact))
    return Leaf(fact, test, plain)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _check_value(clerk: Clerk, value: Any, kind: Kind, where: str, place: Place | None) -> None:
    """One value fits the sort of its fact."""
    if kind.values == "flag":
        fits, expected = isinstance(value, bool), "true or false"
    elif kind.values == "number":
        fits, expected = isinstance(value, int | float) and not isinstance(value, bool), "a plain number"
    elif kind.values in ("state", "states"):
        fits = is_party(value) or (isinstance(value, str) and value in VARIABLES)
        expected = f"a state by its ISO 3166 alpha-3 code, or {' or '.join(VARIABLES)}"
    else:
        fits = isinstance(value, str) and (not kind.words or value in kind.words)
        expected = f"one of {listed(kind.words)}" if kind.words else "a word"
    if not fits:
        near = nearest(value, kind.words) if isinstance(value, str) else ""
        clerk.complain(where, repr(value), expected, near, place)
