"""What is said to whom: the answer to stdout, everything else to stderr, never an escape code into a file."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, TextIO

from backfill.strictly import strict

# Everything that could steer a terminal, line feed and tab excepted: titles and names are data.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def prepare() -> None:
    """Let both streams replace what they cannot encode instead of failing at it; a closed one leads nowhere."""
    sys.stdout, sys.stderr = (stream or _nowhere() for stream in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def answer(text: str = "") -> None:
    """Say what was asked for; a reader who has left is not an error."""
    _write(sys.stdout, harmless(text))


def answer_styled(text: str) -> None:
    """Say a text with escape codes of our own, in which every word of the user is harmless already."""
    _write(sys.stdout, text)


def remark(text: str, *, quiet: bool = False) -> None:
    """Say something beside the answer: what is going on, what was noticed. Where it cannot be said, nothing changes."""
    if not quiet:
        try:
            _write(sys.stderr, harmless(text))
        except OSError:
            _silence(sys.stderr)


def document(content: Any) -> None:
    """Answer with one strict JSON document: what is undefined is null, and any stream can carry it."""
    _write(sys.stdout, json.dumps(strict(content), allow_nan=False, indent=2))


def harmless(text: str) -> str:
    """The text with what could steer a terminal made visible as a question mark."""
    return _CONTROL.sub("?", text)


def at_terminal(stream: TextIO | None) -> bool:
    """Whether a person watches this stream, whatever a build server claims; nobody watches a closed one."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def columns_of_terminal(most: int = 100, least: int = 50) -> int:
    """How wide a table may be: as wide as the terminal, `most` where nobody watches, so that files are the same."""
    if not at_terminal(sys.stdout):
        return most
    return min(max(shutil.get_terminal_size((most, 24)).columns, least), most)


def bold_allowed() -> bool:
    """Whether stdout may carry escape codes: a terminal, and nobody asked for none."""
    return at_terminal(sys.stdout) and not os.environ.get("NO_COLOR")


def finish() -> None:
    """Hand over what is still buffered; called once, before the program ends. What nobody takes is dropped."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _silence(stream)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text + "\n")
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Nobody reads this stream any more: what is still written to it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
