"""What a slip of the pen in a YAML file usually was, in words."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

from backfill.errors import Place, Problem

_QUOTE_IT = "quotes round a text that holds a colon and a blank, or one entry to a line"


def syntax_fault(fault: MarkedYAMLError, file: str, text: str) -> Problem:
    """The first fault of a file, at its line and column, with the cure."""
    said = str(fault.problem or "")
    mark, context = fault.problem_mark, fault.context_mark
    place = _place(mark or context, file)
    rest = _rest(text, place)
    if "<stream end>" in said or "end of stream" in said:
        return Problem(
            "(top)", "an open bracket or quote", "its end before the end of the file", "", _place(context or mark, file)
        )
    if rest.startswith("\t"):
        return Problem("(top)", "a tab at the start of a line", "blanks", "", place)
    if rest[:1] in ("@", "%", "`"):
        return Problem(
            "(top)", f"a value that begins with {rest[0]!r}", "the number first: 7 (4 to 10) % @source", "", place
        )
    if "[" in rest[:1] and "flow mapping" in str(fault.context):
        return Problem("(top)", "'[' inside { }", "ranges in round brackets: 7 (4 to 10)", "", place)
    if "mapping values are not allowed" in said:
        return Problem("(top)", "a second ': ' in one entry, or an indent that fits nothing", _QUOTE_IT, "", place)
    if "could not find expected ':'" in said:
        return Problem(
            "(top)", "a line without a colon", "name, colon, blank, value", "", _place(context or mark, file)
        )
    if "flow" in str(fault.context):
        opened = f"the bracket of line {context.line + 1}" if context is not None else "a bracket"
        return Problem("(top)", f"{rest[:1]!r} before the end of {opened}", "a comma or the closing bracket", "", place)
    if "block" in str(fault.context):
        return Problem("(top)", "an indent that fits nothing above it", "entries of one map in one column", "", place)
    return Problem("(top)", said or "something that is not YAML", "YAML 1.2: name, colon, blank, value", "", place)


def _place(mark: object, file: str) -> Place:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return Place(file, 0, 0) if line is None or column is None else Place(file, line + 1, column + 1)


def _rest(text: str, place: Place) -> str:
    """What stands from a place to the end of its line."""
    lines = text.splitlines()
    return lines[place.line - 1][place.column - 1 :] if 0 < place.line <= len(lines) else ""
