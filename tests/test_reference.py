"""The printed reference is that of the program."""

from pathlib import Path

from backfill.cli.entry import EXIT_CODES
from backfill.cli.reference import reference

WRITTEN = Path(__file__).resolve().parents[1] / "docs" / "reference.md"


def test_the_reference_is_up_to_date():
    hint = "python -m backfill.cli.reference > docs/reference.md"
    assert WRITTEN.read_text(encoding="utf-8") == reference(), f"out of date; write it again: {hint}"


def test_the_reference_lists_every_exit_code():
    assert all(f"| {code} |" in reference() for code in EXIT_CODES)
