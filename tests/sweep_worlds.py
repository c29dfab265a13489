"""A small world and a design of four points, and a way to stop its sweep half-way."""

from __future__ import annotations

from pathlib import Path

import pytest

import backfill as bf

WORLDS = Path(__file__).parent / "worlds"
DESIGN = """\
design: 1
title: Floor against gift
scenario: three_states.yaml
arms: [baseline, no_backfill]
seed: 7
factors:
  floor: {path: states.XDA.floor, values: [60 %, 75 %]}
  gift: {path: events.gift.units, values: [20, 40]}
replications: 6
"""
LAST = "2031-09"
BLOCK = 6
"""Runs of a block in these tests: one point each."""


def furnish(place: Path) -> None:
    """Three states over three years, and the design."""
    world = (WORLDS / "three_states.yaml").read_text(encoding="utf-8")
    (place / "three_states.yaml").write_text(world.replace("2034-12", LAST), encoding="utf-8")
    (place / "floors.yaml").write_text(DESIGN, encoding="utf-8")


class Stopped(Exception):
    """Somebody pulled the plug."""


def stop_after(blocks: int, design: Path | str, out: Path | str, block: int = BLOCK) -> None:
    """Begin the study and stop it when so many blocks are done."""
    done: list[int] = []

    def progress(runs: int, _total: int) -> None:
        done.append(runs)
        if len(done) > blocks - 1:
            raise Stopped

    with pytest.raises(Stopped):
        bf.sweep(design, out=out, block=block, progress=progress)
