"""The first file of one's own: a known world with one change, short enough to be understood whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfill.words import one_line

if TYPE_CHECKING:
    from backfill.scenario import Scenario

_TEXT = """\
# {parent} with changes of your own. Every path that can be changed: backfill scenarios {parent}
scenario: 1
extends: {parent}
title: {parent}, changed                # then: backfill check FILE, backfill run FILE

arms:                                   # each is run beside the world as it is, with the same chances
  high_floor:
    title: {donor} keeps more for itself
    set: {{states.{donor}.floor: 80 %}}      # below this share of its requirement {donor} gives nothing
"""


def starter(world: Scenario, parent: str) -> str:
    """The text of a file that extends `parent`: one arm, which raises the floor of the donor."""
    return _TEXT.format(parent=one_line(parent), donor=world.setting.roles.donor)
