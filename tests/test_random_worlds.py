"""What holds in any world, whatever happens in it: worlds drawn at random with every mechanism switched on."""

from __future__ import annotations

import copy
import hashlib
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from backfill.records.causes import CAUSES
from backfill.records.outline import CHANNELS
from backfill.scenario import load, numbers_of
from backfill.world import World

draw = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("random_mechanisms.py"))))

RUNS, SEED = 7, 3
AGENTS = ("states", "manufacturers", "conflicts", "transfers")


def given_worlds(examples, *more):
    """The same worlds every time the tests are run; with Phase.shrink what breaks a law is made smaller, in minutes."""
    fixed = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
    fixed["phases"] = [Phase.generate]
    drawn = draw.worlds((*draw.EVERYTHING, *more))
    return lambda test: settings(max_examples=examples, **fixed)(given(drawn=drawn)(test))


@pytest.fixture(scope="module")
def setting_of(tmp_path_factory):
    """A drawn world, written down and read again."""
    folder = tmp_path_factory.mktemp("drawn")
    return lambda drawn: load(draw.written(drawn, folder)).setting


def raised(setting, replications):
    return World(setting, replications, SEED, numbers_of(setting))


def rows_of(setting, replications):
    """Every recorded row by its name.  [months, runs]"""
    recorder = raised(setting, replications).run()
    return {
        (outcome.name, *labels): recorder.tables[outcome.name][:, row]
        for outcome in recorder.outcomes
        for row, labels in enumerate(outcome.rows)
    }


def differing(mine, theirs, names=None):
    """The rows in which two lives are not the same to the last bit."""
    return [row for row in names or mine if not np.array_equal(mine[row], theirs[row])]


def digest(setting):
    """Everything that is recorded of a world, as one word."""
    word = hashlib.sha256()
    for row, values in sorted(rows_of(setting, range(3)).items()):
        word.update(repr(row).encode() + values.tobytes())
    return word.hexdigest()


# --- the laws ---------------------------------------------------------------------------------------------------------


def obeys_the_laws(setting):
    """Month by month: units are whole, none is negative, none is promised that is not there, none is lost."""
    world = raised(setting, range(RUNS))
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        for table in (world.ledger.stock, world.ledger.committed, world.shipments.under_way, world.shipments.coming):
            assert (table >= 0).all()
            assert (table == np.floor(table)).all()


def accounts_for_what_is_missing(setting):
    """Causes add up to what an asking state lacks; what a queue event gives to some it takes from others."""
    rows = rows_of(setting, range(RUNS))
    for row, missing in rows.items():
        if row[0] == "short":
            charged = sum(values for other, values in rows.items() if (other[0], *other[1:-1]) == ("why_not", *row[1:]))
            assert np.array_equal(charged, missing), row
    for line in {row[1] for row in rows if row[0] == "displaced"}:
        assert not sum(values for row, values in rows.items() if row[:2] == ("displaced", line)).any(), line


def owes_nothing_that_is_not_there(setting):
    """What is under contract is in stock, where nobody fires what was sold."""
    world = raised(setting, range(RUNS))
    for month in range(world.first, world.last + 1):
        world.month = month
        world.step()
        assert (world.ledger.committed <= world.ledger.stock).all()


def is_the_same_alone_and_in_any_block(setting):
    together = rows_of(setting, range(RUNS))
    blocks = [range(first, min(first + 3, RUNS)) for first in range(0, RUNS, 3)]
    for block in (*blocks, *(range(run, run + 1) for run in (0, RUNS // 2, RUNS - 1))):
        apart = rows_of(setting, block)
        assert not differing({row: values[:, block] for row, values in together.items()}, apart), block


def changes_for_nobody_with_a_bystander(drawn, setting_of):
    more = copy.deepcopy(drawn)
    first = draw.items_of(drawn)[0]
    more["states"] = {"XYY": {"will": "50 (20 to 80) %", "spread": "0.5", "items": {first: {"stock": "70 (10 to 90)"}}}}
    more["states"] |= copy.deepcopy(drawn["states"])
    alone, beside = rows_of(setting_of(drawn), range(RUNS)), rows_of(setting_of(more), range(RUNS))
    whose = [row for row in alone if row[0] != "balance"]  # the balance is everybody's, the bystander's stock with it
    assert not differing(alone, beside, whose)


def turned(drawn):
    """The same world with its agents written down the other way round."""
    other = copy.deepcopy(drawn)
    for part in AGENTS:
        other[part] = dict(reversed(drawn.get(part, {}).items()))
    for maker in other["manufacturers"].values():
        maker["lines"] = dict(reversed(maker["lines"].items()))
    return other


def does_not_depend_on_who_is_named_first(drawn, setting_of):
    mine, theirs = (rows_of(setting_of(world), range(RUNS)) for world in (drawn, turned(drawn)))
    assert not differing(mine, theirs)


@given_worlds(8)
def test_no_unit_is_lost_halved_or_owed_twice(setting_of, drawn):
    obeys_the_laws(setting_of(drawn))


@given_worlds(6)
def test_whatever_is_missing_has_a_cause_and_whoever_waits_waits_for_somebody(setting_of, drawn):
    accounts_for_what_is_missing(setting_of(drawn))


@given_worlds(5, draw.peace)
def test_what_is_under_contract_is_there(setting_of, drawn):
    owes_nothing_that_is_not_there(setting_of(drawn))


@given_worlds(4)
def test_a_run_is_the_same_alone_and_in_any_block(setting_of, drawn):
    is_the_same_alone_and_in_any_block(setting_of(drawn))


@given_worlds(5)
def test_one_more_bystander_changes_nobody_else(setting_of, drawn):
    changes_for_nobody_with_a_bystander(drawn, setting_of)


@given_worlds(5)
def test_who_is_named_first_in_the_file_changes_nothing(setting_of, drawn):
    does_not_depend_on_who_is_named_first(drawn, setting_of)


@pytest.mark.slow
@given_worlds(60)
def test_every_law_holds_in_many_worlds(setting_of, drawn):
    setting = setting_of(drawn)
    obeys_the_laws(setting)
    accounts_for_what_is_missing(setting)
    is_the_same_alone_and_in_any_block(setting)
    changes_for_nobody_with_a_bystander(drawn, setting_of)
    does_not_depend_on_who_is_named_first(drawn, setting_of)


# --- controls ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_world(setting_of):
    """Some world with everything in it."""
    found = []

    @given_worlds(5)
    def look(drawn):
        found.append(drawn)

    look()
    return max(found, key=lambda drawn: len(str(drawn)))


def test_another_seed_would_be_noticed(setting_of, one_world):
    setting = setting_of(one_world)
    other = World(setting, range(RUNS), SEED + 1, numbers_of(setting)).run()
    mine = raised(setting, range(RUNS)).run()
    assert any(not np.array_equal(table, other.tables[name]) for name, table in mine.tables.items())


def test_a_state_that_takes_part_is_no_bystander(setting_of, one_world):
    more = copy.deepcopy(one_world)
    more["states"]["XDA"]["items"][draw.items_of(more)[0]]["stock"] = "300"
    alone, richer = rows_of(setting_of(one_world), range(RUNS)), rows_of(setting_of(more), range(RUNS))
    assert differing(alone, richer)


def what_happens(setting_of, examples):
    """Whatever is more than nothing in some month of some world, by the words of its row; the limits of lines."""
    seen = set()

    @given_worlds(examples)
    def look(drawn):
        for row, values in rows_of(setting_of(drawn), range(2)).items():
            if values.any():
                seen.update({f"through {row[2]}"} if row[0] == "aid_by_channel" else row)
            if row[0] == "bound":
                seen.update(np.unique(values))

    look()
    return seen


def test_worlds_drawn_at_random_are_not_still(setting_of):
    seen = what_happens(setting_of, 8)
    assert {"backfill", "unmet", "tension", "delivered", "displaced", "leaked", "spent", "unit_cost", "kept"} <= seen
    assert {"expired", "lost", "refurbished", "trained", "built_in"} <= seen
    assert {0.0, 1.0, 2.0, 3.0} <= seen


@pytest.mark.slow
def test_over_many_worlds_aid_comes_through_every_channel_and_every_cause_is_charged(setting_of):
    seen = what_happens(setting_of, 80)
    assert {f"through {channel}" for channel in CHANNELS} <= seen
    assert set(CAUSES) <= seen


# --- determinism ------------------------------------------------------------------------------------------------------

ASIDE = """
import runpy, sys
tests = runpy.run_path(sys.argv[1])
print(*(tests["digest"](tests["load"](path).setting) for path in sys.argv[2:]))
"""


def test_the_order_of_sets_of_words_changes_nothing(tmp_path, one_world):
    """Python orders sets of words by a secret of each process; three secrets, one life."""
    path = draw.written(one_world, tmp_path)
    said = set()
    for secret in ("0", "1", "4711"):
        command = [sys.executable, "-c", ASIDE, __file__, str(path)]
        surroundings = {**os.environ, "PYTHONHASHSEED": secret, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1
