"""What a slip of the pen in a YAML file usually was, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError

from backfill.errors import Place, Problem


@dataclass(frozen=True)
class Slip:
    """A fault as the parser saw it: what it said and while doing what, where, and the rest of that line.

    began: where the entry began that could not be read, if the parser said so
    """

    said: str
    doing: str
    rest: str
    at: Place
    began: Place


Usual = tuple[Callable[[Slip], bool], str, str, bool]
"""When it is this; what was found; what was expected; whether it is told where the entry began."""

_USUAL: tuple[Usual, ...] = (
    (
        lambda slip: "<stream end>" in slip.said or "end of stream" in slip.said,
        "an open bracket or quote", "its end before the end of the file", True,
    ),
    (lambda slip: slip.rest.startswith("\t"), "a tab at the start of a line", "blanks", False),
    (
        lambda slip: slip.rest[:1] in ("@", "%", "`"),
        "a value that begins with {first!r}", "the number first: 7 (4 to 10) % @source", False,
    ),
    (
        lambda slip: slip.rest.startswith("[") and "flow mapping" in slip.doing,
        "'[' inside {{ }}", "ranges in round brackets: 7 (4 to 10)", False,
    ),
    (
        lambda slip: "mapping values are not allowed" in slip.said,
        "a second ': ' in one entry, or an indent that fits nothing",
        "quotes round a text that holds a colon and a blank, or one entry to a line", False,
    ),
    (
        lambda slip: "could not find expected ':'" in slip.said,
        "a line without a colon", "name, colon, blank, value", True,
    ),
    (
        lambda slip: "flow" in slip.doing,
        "{first!r} before the end of the bracket of line {line}", "a comma or the closing bracket", False,
    ),
    (
        lambda slip: "block" in slip.doing and slip.at.line == slip.began.line,
        "{first!r} after the end of a bracket or quote", "quotes round the whole text", False,
    ),
    (
        lambda slip: "block" in slip.doing,
        "an indent that fits nothing above it", "entries of one map in one column", False,
    ),
    (lambda _: True, "something that is not YAML", "YAML 1.2: name, colon, blank, value", False),
)  # fmt: skip


def syntax_fault(fault: MarkedYAMLError, file: str, text: str) -> Problem:
    """The first fault of a file, at its line and column, with the cure."""
    slip = _slip(fault, file, text)
    found, expected, began = next(usual[1:] for usual in _USUAL if usual[0](slip))
    said = found.format(first=slip.rest[:1], line=slip.began.line)
    return Problem("(top)", said, expected, "", slip.began if began else slip.at)


def _slip(fault: MarkedYAMLError, file: str, text: str) -> Slip:
    at = _place(fault.problem_mark or fault.context_mark, file)
    began = _place(fault.context_mark or fault.problem_mark, file)
    return Slip(str(fault.problem or ""), str(fault.context or ""), _rest(text, at), at, began)


def _place(mark: object, file: str) -> Place:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return Place(file, 0, 0) if line is None or column is None else Place(file, line + 1, column + 1)


def _rest(text: str, place: Place) -> str:
    """What stands from a place to the end of its line."""
    lines = text.splitlines()
    return lines[place.line - 1][place.column - 1 :] if 0 < place.line <= len(lines) else ""
