"""What a person types: one command for each question that is put to a world."""

from __future__ import annotations

from backfill.cli import dashboarding, explaining, ruling, simulating, sweeping, validating, worlds
from backfill.cli.entry import app, main, put_in_order

put_in_order("scenarios", "new", "check", "schema", "run", "sweep", "validate", "explain", "dashboard")

__all__ = ["app", "dashboarding", "explaining", "main", "ruling", "simulating", "sweeping", "validating", "worlds"]
