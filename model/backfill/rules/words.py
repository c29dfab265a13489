"""Decisions in the words of a careful lawyer: who answers what, by which rule, and why nobody else's rule decided."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from backfill.rules.conditions import All
from backfill.rules.decision import Asked, Decision, Missed, Trace
from backfill.rules.law import SEVERITY, Obligation, Rule, Source
from backfill.rules.names import Names, written
from backfill.words import listed

WIDTH = 100
MOST_NEAR = 3
EASY = ("request.official", "end_user", "item.licensed_from", "dest.status", "destination", "item.lethal", "item.class")
"""What a transfer may lack, from the easiest to mend."""

OUTCOMES = {
    "permit": "permit",
    "undetermined": "undetermined",
    "consent_required": "consent required",
    "deny": "deny",
    "none": "defeats only",
}
_ROLES = {
    "exporter": "as exporter",
    "origin": "as the origin of the goods",
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
_SAYS = {"permit": "permits it", "deny": "denies it", "consent_required": "must consent"}
_WOULD = {"permit": "would permit it", "consent_required": "would ask for consent", "deny": "would deny it"}


def hop_in_words(decision: Decision, names: Names) -> str:
    """One hop as a paragraph: the most severe claimant first, then the others, then what the answer brings with it."""
    traces = sorted(decision.traces, key=lambda trace: -SEVERITY[trace.outcome])
    heard = [trace for trace in traces if not (trace.for_group and trace.because == "default")]
    said = [sentence for trace in heard for sentence in _claim(trace, names)]
    said += [_answered(one, names) for one in decision.asked]
    if decision.outcome == "deny" and any(trace.outcome == "consent_required" for trace in traces):
        said.append("Where one state denies, nobody is asked.")
    if decision.obligations:
        said.append(f"It brings with it {listed(_steps(decision))}.")
    if decision.travels:
        said.append(f"With the goods travel these conditions: {'; '.join(decision.travels)}.")
    leaning = [trace for trace in traces if trace.outcome == decision.outcome]
    said += [_doubts(rule) for trace in leaning for rule in trace.deciding if rule.note or rule.confidence != "high"]
    return " ".join(dict.fromkeys(said))


def sources_in_words(sources: Sequence[Source]) -> list[str]:
    """A line for each source, the address last."""
    return [f"  {one.id} ({one.grade}): {one.title}{f', {one.url}' if one.url else ''}" for one in sources]


def block(text: str, indent: int = 2, width: int = WIDTH) -> list[str]:
    """A paragraph, set in; its lines after the first as far as the first."""
    margin = " " * indent
    return textwrap.wrap(text, width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


def _claim(trace: Trace, names: Names) -> Iterator[str]:
    """What one claimant answers and why, sentence by sentence."""
    yield _answer(trace, names)
    for rule, by in trace.defeated:
        yield f"{by.id if by in trace.deciding else _cited(by)} lifts {_cited(rule)}."
    if trace.outweighed:
        milder = [f"{_cited(rule)}, which alone {_WOULD[rule.effect]}" for rule in trace.outweighed]
        yield f"That outweighs {listed(milder)}."
    yield from _near(trace)
    yield from _resting(trace)


def _answer(trace: Trace, names: Names) -> str:
    if trace.because == "no policy":
        return f"For {names(trace.state)}, {_role(trace, names)}, no law of its own is on file."
    who = f"{names.first(trace.state)}, {_role(trace, names)},"
    if trace.because == "unknown fact":
        asking = listed([rule.id for rule in trace.deciding])
        missing = listed(trace.unknown)
        return f"What {names(trace.state)} answers {_role(trace, names)} hangs on {asking}, unknown without {missing}."
    if trace.because == "default":
        why = {"permit": "no rule of its law forbids it", "deny": "its list is closed and no heading fits the case"}
        return f"{who} {_SAYS[trace.outcome]}, for {why.get(trace.outcome, 'no rule of its law speaks of it')}."
    standing = f", {trace.force} in force" if trace.force else ", in force"
    under = listed([_cited(rule, standing) for rule in trace.deciding])
    if trace.member and trace.outcome == "consent_required":
        return f"{names.first(trace.member)}, {_ROLES[trace.role]}, must consent under {under} of {names(trace.state)}."
    return f"{who} {_SAYS[trace.outcome]} under {under}."


def _role(trace: Trace, names: Names) -> str:
    """The role of a claimant; a group speaks for the member that it binds, or to everybody."""
    if not trace.for_group:
        return _ROLES[trace.role]
    return f"which binds {names(trace.member)} {_ROLES[trace.role]}" if trace.member else "which binds every state"


def _cited(rule: Rule, standing: str = "") -> str:
    """A rule by id and title; standing: what it is, before the day since when."""
    since = f" since {written(rule.window.since)}" if standing and rule.window.since else ""
    return f'{rule.id} ("{rule.title}"{standing}{since})'


def mentioned(trace: Trace) -> tuple[Rule, ...]:
    """The rules on which a paragraph about a claimant rests."""
    beaten = [rule for pair in trace.defeated for rule in pair]
    bringing = [rule for rule in trace.standing if rule.obligations or rule.travels]
    near = [miss.rule for miss in (*_lifting(trace), *_headings(trace)[:MOST_NEAR])]
    return tuple(dict.fromkeys([*trace.deciding, *beaten, *bringing, *near]))


def _near(trace: Trace) -> Iterator[str]:
    """Rules that did not hold and would have eased the answer, the nearest first, each with what it lacks."""
    lifting, headings = _lifting(trace), _headings(trace)
    if lifting:
        ways = [f"{_cited(miss.rule)}, but only if {miss.failing}" for miss in lifting]
        yield f"The bar could be lifted by {'; or by '.join(ways)}."
    if headings:
        near = [f"{_cited(miss.rule)} holds only if {miss.failing}" for miss in headings[:MOST_NEAR]]
        left = len(headings) - len(near)
        more = f"; {left} further heading{'s are' if left > 1 else ' is'} further off" if left > 0 else ""
        yield f"Of its headings, {'; '.join(near)}{more}."


def _lifting(trace: Trace) -> list[Missed]:
    """Rules that would have lifted the bar that decided."""
    barring = {rule.id for rule in trace.deciding} if trace.outcome == "deny" else set()
    return [miss for miss in trace.missed if barring & set(miss.rule.defeats) and not miss.other_role]


def _headings(trace: Trace) -> list[Missed]:
    """The headings of a closed list that do not fit, the nearest first."""
    if trace.outcome != "deny" or trace.because != "default":
        return []
    headings = [miss for miss in trace.missed if miss.rule.effect == "permit" and not miss.other_role]
    return sorted(headings, key=lambda miss: _lacking(miss, trace))


def _lacking(miss: Missed, trace: Trace) -> tuple[int, int, int, str]:
    """How far a rule is from holding: how many conditions fail, how hard they are to meet, how old it is."""
    when = miss.rule.when
    parts = when.parts if isinstance(when, All) else (when,)
    failing = [part for part in parts if not part.holds(trace.facts)]
    facts = [leaf.fact for part in failing for leaf in part.leaves()]
    hardest = max((EASY.index(fact) if fact in EASY else len(EASY) for fact in facts), default=0)
    since = miss.rule.window.since
    return len(failing), hardest, -(since.toordinal() if since else 0), miss.rule.id


def _resting(trace: Trace) -> Iterator[str]:
    """Rules that would ease the answer and are not in force on the day."""
    if trace.outcome == "permit":
        return
    easing = [rule for rule in trace.resting if rule.effect in ("permit", "none")]
    if easing:
        yield f"Not law on that day: {'; '.join(f'{_cited(rule)}, {_when(rule, trace)}' for rule in easing)}."


def _when(rule: Rule, trace: Trace) -> str:
    """Why a rule is not in force: not yet, no longer, never, or not law."""
    if rule.status != "in_force":
        return f"only {rule.status}"
    window = rule.window
    if window.never or trace.on is None:
        return "never in force"
    if window.since is not None and trace.on < window.since:
        return f"in force from {written(window.since)}"
    return f"in force until {written(window.until)}" if window.until else "not in force"


def _answered(one: Asked, names: Names) -> str:
    """What a state that must consent answers."""
    answer, who = one.answer, names(one.giver)
    if answer is None:
        return f"What {who} answers when asked is not on file."
    word = {"grant": "grants it", "refuse": "refuses"}[answer.fixed]
    odds = f" with a chance of {max(answer.chance, 1 - answer.chance):.0%}" if answer.chance < 1 else ""
    after = f" after {without_sources(answer.after)}" if answer.after else ""
    case = f' ("{answer.title}")' if answer.title else ""
    return f"Asked for consent, {who} {word}{odds}{after}, by the answer on file{case}."


def _steps(decision: Decision) -> list[str]:
    """What an answer brings with it, each with its rule where that is not one that decided."""
    steps: dict[str, str] = {}
    for trace in decision.traces:
        for rule in trace.standing:
            under = "" if rule in trace.deciding else f" under {rule.id}"
            steps |= {step_in_words(step): under for step in rule.obligations}
    return [text + under for text, under in steps.items()]


def step_in_words(step: Obligation) -> str:
    """An obligation as a clause."""
    parts = [_KINDS[step.kind], f"by {step.by}" if step.by else "", f"to {step.to}" if step.to else ""]
    text = f" ({step.text})" if step.text else ""
    delay = f" of {without_sources(step.delay)}" if step.delay and step.kind == "delivery_lag" else ""
    delay = delay or (f", {without_sources(step.delay)}" if step.delay else "")
    return f"{' '.join(filter(None, parts))}{delay}{text}"


def _doubts(rule: Rule) -> str:
    """What a reader should know before leaning on a rule."""
    grade = "" if rule.confidence == "high" else f", held with {rule.confidence} confidence"
    return f"On {rule.id}{grade}: {rule.note.rstrip('.') or 'see its sources'}."


def without_sources(text: str) -> str:
    return text.partition(" @")[0]
