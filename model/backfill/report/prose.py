"""The summary of a run, read back into sections: the few marks of Markdown that its writer uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backfill.report.html import Html, element, grid, joined, text

_MARK = re.compile(r"\\(?P<plain>.)|`(?P<code>[^`]*)`|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|\*(?P<soft>(?:\\.|[^*\\])+)\*")
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Section:
    """A heading and the blocks of text below it, as they are written."""

    heading: str
    blocks: tuple[str, ...]

    def as_html(self, blocks: Sequence[str] | None = None) -> Html:
        """The blocks as markup; a block of preformatted text is left out, since tables tell the same."""
        kept = [block for block in (self.blocks if blocks is None else blocks) if not block.startswith("```")]
        named = [*zip(kept, ["", *kept], strict=False)]
        return joined(_block(block, before or self.heading) for block, before in named)


def sections(page: str) -> list[Section]:
    """The parts of a page; the first has the page's title."""
    found: list[tuple[str, list[str]]] = []
    for block in _blocks(page):
        head, _, rest = block.partition("\n")
        if head.startswith(("# ", "## ")):
            found.append((plain(head.lstrip("#").strip()), [rest.strip()] if rest.strip() else []))
        elif found:
            found[-1][1].append(block)
    return [Section(heading, tuple(blocks)) for heading, blocks in found]


def _blocks(page: str) -> Iterator[str]:
    """What stands between blank lines; a fenced block is one, with its blank lines."""
    lines: list[str] = []
    fenced = False
    for line in [*page.splitlines(), ""]:
        fenced ^= line.startswith("```")
        if line.strip() or fenced:
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def inline(words: str) -> Html:
    r"""A line with its marks.

    >>> inline(r"**a** \*b\* `c`")
    '<strong>a</strong> *b* <code>c</code>'
    """
    words = words.replace(" %", "\N{NO-BREAK SPACE}%")
    parts, at = [], 0
    for found in _MARK.finditer(words):
        parts += [text(words[at : found.start()]), _marked(found)]
        at = found.end()
    return joined([*parts, text(words[at:])])


def _marked(found: re.Match[str]) -> Html:
    if found["plain"] is not None:
        return text(found["plain"])
    if found["code"] is not None:
        return element("code", found["code"])
    return element("strong", inline(found["bold"])) if found["bold"] else element("em", inline(found["soft"]))


def plain(words: str) -> str:
    r"""A line without its marks.

    >>> plain(r"a\_b")
    'a_b'
    """
    return re.sub(r"\\(.)", r"\1", words)


def _block(block: str, before: str) -> Html:
    if block.startswith("| "):
        return _table(block.splitlines(), plain(before.replace("`", "")).rstrip(":."))
    if block.startswith("- "):
        return element("ul", *(element("li", inline(line[2:])) for line in block.splitlines()))
    return element("p", inline(" ".join(block.splitlines())))


MOST_CAPTION = 160


def _table(lines: Sequence[str], before: str) -> Html:
    head, _, *rows = ([cell.strip() for cell in _CELLS.split(line.strip())[1:-1]] for line in lines)
    said = before if len(before) <= MOST_CAPTION else plain(head[0])
    return grid(said, [inline(cell) for cell in head], [[inline(cell) for cell in row] for row in rows], told=True)
