"""Decisions in the words of a careful lawyer: the answer first, then who gave it and why nobody else's rule decided."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from backfill.rules.decision import Asked, Decision, Missed, Trace
from backfill.rules.law import Obligation, Rule, Source

WIDTH = 116
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
OUTCOMES = {
    "permit": "permit",
    "undetermined": "undetermined",
    "consent_required": "consent required",
    "deny": "deny",
    "none": "defeats only",
}
_ROLES = {
    "exporter": "as exporter",
    "origin": "as origin of the goods",
    "licensor": "as licensor",
    "co_developer": "as co-developer",
    "component_supplier": "as supplier of a part",
}
_KINDS = {
    "approval": "approval",
    "licence": "a licence",
    "undertaking": "an undertaking",
    "confirmation": "a confirmation",
    "monitoring": "monitoring",
    "notify_before": "notice beforehand",
    "notify_after": "notice afterwards",
    "delivery_lag": "time",
}
_STRICT = ("deny", "consent_required")


def decision_in_words(decision: Decision) -> str:
    """One hop: a line for the answer, then a paragraph for each claimant, then what the answer brings with it."""
    transfer = decision.transfer
    head = f"{transfer.exporter} to {transfer.destination}: {OUTCOMES[decision.outcome]}"
    lines = [head, *(line for trace in decision.traces for line in _trace_lines(trace))]
    lines += [line for one in decision.asked for line in block(_asked(one))]
    if decision.obligations:
        lines += block(f"Brings with it: {'; '.join(_step(step) for _, step in decision.obligations)}.")
    if decision.travels:
        lines += block(f"Stays with the goods: {'; '.join(decision.travels)}.")
    return "\n".join(lines)


def sources_in_words(sources: Sequence[Source]) -> list[str]:
    """A line for each source, the address last."""
    return [f"  {one.id} ({one.grade}): {one.title}{f', {one.url}' if one.url else ''}" for one in sources]


def listed_and(words: Sequence[str]) -> str:
    """Words joined as in a sentence.

    >>> listed_and(["JPN", "USA", "GBR"])
    'JPN, USA and GBR'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _trace_lines(trace: Trace) -> list[str]:
    said = [f"{trace.state} {_ROLES[trace.role]}: {OUTCOMES[trace.outcome]}, {_reason(trace)}"]
    if trace.outweighed:
        said.append(f"Outweighed: {_many(f'{rule.id} ({OUTCOMES[rule.effect]})' for rule in trace.outweighed)}.")
    if trace.defeated:
        said.append(f"Defeated: {_many(f'{rule.id} by {by.id}' for rule, by in trace.defeated)}.")
    would, near = _near(trace)
    if near:
        said.append(f"Would {would}: {'; '.join(f'{miss.rule.id}, only if {miss.failing}' for miss in near)}.")
    if trace.resting:
        said.append(f"Not in force on that day: {_many(_when(rule, trace) for rule in trace.resting)}.")
    said += [_doubts(rule) for rule in trace.deciding if rule.note or rule.confidence != "high"]
    first, *rest = said
    return [*block(first), *(line for text in rest for line in block(text, indent=6))]


def _reason(trace: Trace) -> str:
    """Why a claimant answers as it does."""
    if trace.because == "no policy":
        return "for its law is not on file."
    if trace.because == "unknown fact":
        asking = listed_and([rule.id for rule in trace.deciding])
        return f"for want of {listed_and(trace.unknown)}, without which nobody can judge {asking}."
    if trace.because == "default":
        return "for no rule forbids it." if trace.outcome == "permit" else "for no heading of its list covers it."
    return "; ".join(f"{rule.id}{_since(rule)}: {_lower(rule.title)}" for rule in trace.deciding) + "."


def _near(trace: Trace) -> tuple[str, list[Missed]]:
    """Rules that did not hold and would have mattered, each with what it lacks; what they would have done."""
    misses = [miss for miss in trace.missed if not miss.other_role]
    if trace.outcome != "deny":
        return "restrict it", [miss for miss in misses if miss.rule.effect in _STRICT]
    if trace.because == "default":
        return "allow it", [miss for miss in misses if miss.rule.effect == "permit"]
    decided = {rule.id for rule in trace.deciding}
    return "lift the bar", [miss for miss in misses if decided & set(miss.rule.defeats)]


def _when(rule: Rule, trace: Trace) -> str:
    """Why a rule is not in force: not yet, no longer, never, or not law."""
    if rule.status != "in_force":
        return f"{rule.id} ({rule.status})"
    window = rule.window
    if window.never:
        return f"{rule.id} (never)"
    ahead = window.since is not None and trace.on is not None and trace.on < window.since
    return f"{rule.id} ({f'from {window.since}' if ahead else f'until {window.until}'})"


def _asked(one: Asked) -> str:
    """What a state that must consent answers."""
    answer = one.answer
    if answer is None:
        return f"{one.giver} must consent; what it answers is not on file."
    word = {"grant": "grants it", "refuse": "refuses"}[answer.fixed]
    odds = f", as likely as {answer.chance:.0%}" if answer.chance < 1 else ""
    after = f", after {_without_sources(answer.after)}" if answer.after else ""
    case = f" ({_lower(answer.title)})" if answer.title else ""
    return f"{one.giver} must consent. The answer on file: it {word}{odds}{after}{case}."


def _step(step: Obligation) -> str:
    """An obligation as a clause."""
    parts = [_KINDS[step.kind], f"by {step.by}" if step.by else "", f"to {step.to}" if step.to else ""]
    text = f": {step.text}" if step.text else ""
    delay = f" [{_without_sources(step.delay)}]" if step.delay else ""
    return f"{' '.join(filter(None, parts))}{text}{delay}"


def _doubts(rule: Rule) -> str:
    """What a reader should know before leaning on a rule."""
    grade = "" if rule.confidence == "high" else f" ({rule.confidence} confidence)"
    return f"On {rule.id}{grade}: {rule.note or 'see its sources'}."


def block(text: str, indent: int = 2) -> list[str]:
    """A paragraph, set in."""
    hanging = " " * (indent + 2)
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=hanging, break_on_hyphens=False)


def _many(words: Iterable[str]) -> str:
    return ", ".join(words)


def _since(rule: Rule) -> str:
    return f" (since {rule.window.since})" if rule.window.since else ""


def _lower(text: str) -> str:
    """A title inside a sentence: its first letter small, unless a name begins with it."""
    names = ("American", "Congress", "Japan", "Israel", "Turkish", "Non-")
    return text if text.startswith(names) or text[1:2].isupper() else text[:1].lower() + text[1:]


def _without_sources(text: str) -> str:
    return text.partition(" @")[0]
