"""The law itself: which rules there are, what they answer, what changed, whether they hold against decided cases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backfill.cli.entry import DONE, FAILED, app
from backfill.cli.options import AS_JSON, QUIET, examples
from backfill.cli.streams import answer, document, remark
from backfill.errors import BackfillError, Problem, ScenarioProblems
from backfill.words import count

if TYPE_CHECKING:
    from backfill.rules import Rulebook
    from backfill.rules.casebook import Verdict
    from backfill.rules.matrix import Matrix

rules = typer.Typer(
    rich_markup_mode=None,
    epilog=examples("backfill rules list", "backfill rules matrix --item pac3 --on 2024-01-15"),
)
app.add_typer(rules, name="rules")

LAW = Annotated[
    Path | None,
    typer.Option("--law", metavar="DIR", help="A folder with policies/ and consent/ in place of the packaged law."),
]
DAY = Annotated[str, typer.Option("--on", metavar="DAY", help="The day that the law is asked about: 2024-01-15.")]


@rules.callback(invoke_without_command=True)
def about(context: typer.Context) -> None:
    """Read export law, ask it about everything at once, test it."""
    if context.invoked_subcommand is None:
        answer(context.get_help())


@rules.command("list", epilog=examples("backfill rules list", "backfill rules list --of JPN --on 2024-01-15"))
def list_rules(
    *,
    state: Annotated[str | None, typer.Option("--of", metavar="STATE", help="Whose rules; all, as without it.")] = None,
    day: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Only those in force on a day.")] = None,
    law: LAW = None,
    json: AS_JSON = False,
) -> None:
    """List the rules on file, by whose they are and since when."""
    from backfill.rules.names import Names
    from backfill.rules.telling import list_in_words, rule_as_json, rules_of

    pairs = rules_of(_book(law), state, _day("on", day) if day else None)
    if json:
        document({"rules": [rule_as_json(policy, rule) for policy, rule in pairs]})
    else:
        answer(list_in_words(pairs, Names()))


@rules.command(epilog=examples("backfill rules show JP23-LICENSOR"))
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of a rule.")],
    *,
    law: LAW = None,
    json: AS_JSON = False,
) -> None:
    """Show one rule: what it says, when it holds, what it defeats, where it was read."""
    from backfill.rules.names import Names
    from backfill.rules.telling import find, rule_as_json, rule_in_words

    policy, rule = find(_book(law), name)
    if json:
        document(rule_as_json(policy, rule))
    else:
        answer(rule_in_words(policy, rule, Names()))


@rules.command(
    epilog=examples(
        "backfill rules matrix --item pac3 --on 2024-01-15",
        "backfill rules matrix --item pac3 --on 2024-01-15 --to UKR,POL,TWN --out figures",
    )
)
def matrix(
    *,
    item: Annotated[str, typer.Option(metavar="ITEM", help="An item of the register.")],
    day: DAY,
    givers: Annotated[
        str | None, typer.Option("--from", metavar="A,B", help="Suppliers; every state with law on file, if not said.")
    ] = None,
    takers: Annotated[
        str | None,
        typer.Option("--to", metavar="A,B", help="Recipients, or `all` that law names; suppliers and who is at war."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also draw it as PNG and SVG, in this folder.")
    ] = None,
    law: LAW = None,
    json: AS_JSON = False,
) -> None:
    """Ask who may supply an item to whom on a day.

    Every supplier against every recipient: permit, consent required, deny or undetermined.
    """
    from backfill.rules.matrix import matrix as ask
    from backfill.rules.matrix import states_named
    from backfill.rules.names import Names
    from backfill.rules.register import Register

    book = _book(law)
    named = states_named(book) if takers == "all" else _states("to", takers)
    found = ask(book, Register.packaged().find(item), _day("on", day), _states("from", givers), named)
    if json:
        document(found.as_json())
    else:
        answer(found.in_words(Names()))
    for path in _drawn(found, out):
        remark(f"wrote {path}")
    if not found.goods.registered:
        remark(f"note: {item} is in no catalogue: taken as a finished product of each supplier's own, lethal or not")


@rules.command(
    epilog=examples(
        "backfill rules diff 2023-12-21 2023-12-22", "backfill rules diff 2014-01-01 2026-05-01 --item pac3"
    )
)
def diff(
    first: Annotated[str, typer.Argument(metavar="DAY1", help="The first day.")],
    second: Annotated[str, typer.Argument(metavar="DAY2", help="The second day.")],
    *,
    items: Annotated[
        list[str] | None,
        typer.Option(
            "--item", metavar="ITEM", help="Only this item; may be repeated. The whole register, if not said."
        ),
    ] = None,
    law: LAW = None,
    json: AS_JSON = False,
) -> None:
    """Ask which answers changed between two days, and because of which rule.

    Over all items of the register, all suppliers with law on file and all recipients that it names.
    """
    from backfill.rules.changes import compare
    from backfill.rules.names import Names
    from backfill.rules.register import Register

    days = [_day("day", one) for one in (first, second)]
    register = Register.packaged()
    goods = [register.find(item) for item in items] if items else list(register.items.values())
    found = compare(_book(law), goods, min(days), max(days))
    if json:
        document(found.as_json())
    else:
        answer(found.in_words(Names()))


@rules.command("test", epilog=examples("backfill rules test cases.csv", "backfill rules test cases.csv --law mine"))
def try_cases(
    cases: Annotated[Path, typer.Argument(metavar="CASES.csv", help="A table of decided cases, one a row.")],
    *,
    law: LAW = None,
    json: AS_JSON = False,
    quiet: QUIET = False,
) -> None:
    """Hold the law against decided cases.

    Prints each case that is answered otherwise than it was decided, with the reasons; exit code 1 if there is one.
    """
    from backfill.rules import casebook

    verdicts = casebook.judge(_book(law), casebook.read(cases))
    missed = [verdict for verdict in verdicts if not verdict.right]
    if json:
        document({"cases": len(verdicts), "right": len(verdicts) - len(missed), "missed": list(map(_as_row, missed))})
    else:
        for verdict in missed:
            answer(_told(verdict))
        answer(f"{len(verdicts) - len(missed)} of {len(verdicts)}")
    if missed and not quiet:
        remark(f"{count(len(missed), 'case')} of {len(verdicts)} answered otherwise")
    raise typer.Exit(FAILED if missed else DONE)


@rules.command(epilog=examples("backfill rules lint", "backfill rules lint cases.csv"))
def lint(
    cases: Annotated[
        Path | None, typer.Argument(metavar="CASES.csv", help="Also list the rules that decide none of these cases.")
    ] = None,
    *,
    law: LAW = None,
    json: AS_JSON = False,
) -> None:
    """Look for faults in the law.

    Unknown facts, defeats of what is not there, gaps in dates, missing sources; exit code 1 if there is one.
    """
    found, idle = _inspected(law, cases)
    if json:
        document({"faults": [_as_fault(one) for one in found], "not_exercised": idle})
    else:
        for problem in found:
            answer(str(problem))
        answer(f"{count(len(found), 'fault')}")
        if cases is not None:
            answer(f"{count(len(idle), 'rule')} decide none of the cases" + (f": {', '.join(idle)}" if idle else ""))
    raise typer.Exit(FAILED if found else DONE)


def _inspected(law: Path | None, cases: Path | None) -> tuple[list[Problem], list[str]]:
    """The faults of a body of law, and the rules that no case exercises; law that cannot be read is a fault."""
    from backfill.rules import casebook
    from backfill.rules import lint as inspection

    known = casebook.read(cases) if cases is not None else None
    try:
        book = _book(law)
    except ScenarioProblems as fault:
        return list(fault.problems), []
    return inspection.findings(book, known), inspection.unexercised(book, known) if known is not None else []


def _book(law: Path | None) -> Rulebook:
    """The law of a folder, else that which comes with the package."""
    from backfill.rules import Rulebook
    from backfill.rules.explaining import packaged_book

    if law is None:
        return packaged_book()
    if not (law / "policies").is_dir():
        raise BackfillError(f"--law {law} has no folder policies/ in it")
    return Rulebook.read(law)


def _day(name: str, text: str) -> dt.date:
    from backfill.reading.dates import NotADate, day

    try:
        return day(text)
    except NotADate as fault:
        raise ScenarioProblems([Problem(name, repr(text), str(fault), origin="rules")]) from fault


def _states(name: str, text: str | None) -> tuple[str, ...]:
    """States with commas between them, each known to exist."""
    from backfill.reading.countries import CODES
    from backfill.reading.words import nearest
    from backfill.rules.clerk import is_party

    states = tuple(dict.fromkeys(part.strip() for part in text.split(","))) if text is not None else ()
    wrong = [
        Problem(name, repr(state), "a state by its ISO 3166 alpha-3 code", nearest(state, CODES), origin="rules")
        for state in states
        if not is_party(state)
    ]
    if wrong:
        raise ScenarioProblems(wrong)
    return states


def _drawn(found: Matrix, out: Path | None) -> list[Path]:
    """The figure in a folder; files that are there are never written over."""
    if out is None:
        return []
    from backfill.plots.files import save
    from backfill.plots.rules_matrix import rules_matrix

    path = out / f"rules_matrix_{_file_name(found.goods.id)}_{found.on}"
    taken = [path.with_name(path.name + ending) for ending in (".png", ".svg")]
    if any(one.exists() for one in taken):
        raise BackfillError(f"{taken[0]} exists; nothing of yours is overwritten")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as taken:
        raise BackfillError(f"--out {out} is no folder") from taken
    return save(rules_matrix(found), path)


def _file_name(item: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in item)[:40]


def _told(verdict: Verdict) -> str:
    """A missed case: what was expected, what is answered, and why."""
    from backfill.rules.names import Names
    from backfill.rules.words import OUTCOMES, block, hop_in_words

    case, outcome = verdict.case, verdict.decision.outcome
    head = f"{case.id}: expected {OUTCOMES[case.expected]}, answered {OUTCOMES[outcome]}"
    place = f"{case.place.file}:{case.place.line}: " if case.place else ""
    reason = block(f"The case: {case.reason}") if case.reason else []
    return "\n".join([place + head, *block(hop_in_words(verdict.decision, Names())), *reason, ""])


def _as_row(verdict: Verdict) -> dict[str, Any]:
    case = verdict.case
    said = {"id": case.id, "expected": case.expected, "answered": verdict.decision.outcome, "reason": case.reason}
    return {**said, "decision": verdict.decision.as_json()}


def _as_fault(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "path": problem.path,
        "found": problem.found,
        "expected": problem.expected,
    }
