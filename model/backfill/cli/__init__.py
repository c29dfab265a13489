"""What a person types: one command for each question that is put to a world."""

from __future__ import annotations

from backfill.cli import (
    comparing,
    dashboarding,
    explaining,
    plotting,
    reporting,
    ruling,
    simulating,
    stored,
    sweeping,
    validating,
    worlds,
)
from backfill.cli.entry import app, main, put_in_order

put_in_order(
    "scenarios", "new", "check", "schema", "run", "sweep", "show", "compare", "query", "export", "verify",
    "plot", "report", "dashboard", "validate", "explain",
)  # fmt: skip

__all__ = [
    "app", "comparing", "dashboarding", "explaining", "main", "plotting", "reporting", "ruling", "simulating", "stored",
    "sweeping", "validating", "worlds",
]  # fmt: skip
