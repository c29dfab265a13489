"""How many runs a study works out at once: enough to be quick, few enough for memory, and not much to lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfill import blueprint
from backfill.errors import BackfillError
from backfill.studies.run import BLOCK

if TYPE_CHECKING:
    from backfill.scenario.schema import Setting
    from backfill.studies.design import Design

LARGEST, SMALLEST = 2000, 20
"""Runs of each arm. From the largest on a block gets hardly quicker; in the smallest Python takes most of the time."""
AT_ONCE = 4000
"""Runs over all arms of a block that is larger than usual: some ten seconds of work, which an accident may cost."""
SHARES = 8
"""Blocks into which a study falls at least before they get larger than usual, so that every worker has its part."""
ROOM = 250_000_000
"""Bytes that the order books and courses of all lines may take in one world."""
LONGEST_LEAD = 48
"""Months behind the horizon for which a book is counted to have room."""
TABLES_BY_LINE, TABLES_BY_ACCOUNT = 4, 3
"""Numbers that each month of a run has for a line (what it can build) and for an account (what is due, and planned)."""


def block_of(design: Design) -> int:
    """Runs of each arm that a new study of a design works out at once; what comes of a run does not depend on it."""
    arms = max(len(design.arms), 1)
    runs = len(design.points) * design.replications.most
    wanted = max(BLOCK, min(LARGEST, AT_ONCE // arms, runs // SHARES))
    return max(SMALLEST, min(wanted, ROOM // _bytes_of_a_run(design)))


def _bytes_of_a_run(design: Design) -> int:
    """What lines and their books take of a run in the first arm that makes sense; one byte where none does."""
    for arm in design.arms:
        try:
            return _bytes_of(design.scenario.arm(arm))
        except BackfillError:
            continue  # whoever lives through it will say what is wrong with it
    return 1


def _bytes_of(setting: Setting) -> int:
    first, last = setting.horizon
    lines = [(name, entry) for name, _state, entry in blueprint.lines_of(setting)]
    accounts = sum(len(blueprint.accounts_of(setting, name, entry)) for name, entry in lines)
    numbers = TABLES_BY_LINE * len(lines) + TABLES_BY_ACCOUNT * accounts
    return 8 * (last - first + 1 + LONGEST_LEAD) * max(numbers, 1)
