"""What a person types: one command for each question that is put to a world."""

from __future__ import annotations

from backfill.cli import explaining, simulating, worlds
from backfill.cli.entry import app, main

__all__ = ["app", "explaining", "main", "simulating", "worlds"]
