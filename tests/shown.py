"""Pages that show commands with what they print: read, and held against what is printed."""

from __future__ import annotations

import re


def blocks_of(text: str, *languages: str) -> list[tuple[str, str]]:
    """The fenced blocks in some languages, each with its language, in the order of the text."""
    return re.findall(rf"^```({'|'.join(languages)})\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands_of(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines that are shown below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def agrees(shown: list[str], printed: list[str]) -> bool:
    """Whether lines are those shown. `...` stands for any number of lines; widths of columns are not compared, for
    the list of worlds is as wide as its longest name.
    """
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(f"{' '.join(line.split())}\n") for line in shown)
    return re.fullmatch(pattern, "".join(f"{' '.join(line.split())}\n" for line in printed)) is not None
