"""What it takes to stop a target: rounds fired in salvos, with or without a look between them.

Rounds hit or miss independently of each other (Wilkening 2000, "A simple model for calculating ballistic missile
defense effectiveness", Science and Global Security 8).
"""

from __future__ import annotations

import numpy as np

from backfill.arrays import Floats, PerRun


def missed_by_salvo(kill: PerRun, shots: PerRun) -> PerRun:
    """The chance that a target outlives a salvo: (1 - p)^s, each round by itself; after n salvos its n-th power.

    kill:  p, the chance that one round destroys the target   [runs]
    shots: s, rounds of a salvo                                [runs]

    >>> round(float(missed_by_salvo(0.7, 2.0)), 6)
    0.09
    """
    missed: PerRun = np.power(1.0 - np.asarray(kill), shots)
    return missed


def rounds_for_a_target(kill: PerRun, shots: PerRun, looks: int) -> PerRun:
    """Rounds that an engaged target takes on average: s (1 + q + ... + q^(n - 1)) with q = (1 - p)^s.

    One look is a salvo of s rounds whatever comes of it; every further look is needed with the chance that the
    salvos before it have missed.

    >>> [round(float(rounds_for_a_target(0.7, *plan)), 6) for plan in ((2.0, 1), (1.0, 2), (2.0, 2))]
    [2.0, 1.3, 2.18]
    """
    missed = missed_by_salvo(kill, shots)
    needed: PerRun = 0.0
    for look in range(looks):
        needed = needed + np.power(missed, look)
    return shots * needed


def got_through(targets: Floats, outlived: Floats, share: Floats) -> Floats:
    """Targets that nobody engaged, and those that were engaged and missed.

    Where only a share of the rounds is there, that share of the targets is engaged as planned.

    targets:  within reach                                         [runs]
    outlived: of these, what would get through all salvos           [runs]
    share:    rounds fired, of those that the plan asked for         [runs]

    >>> float(got_through(np.array([60.0]), np.array([6.0]), np.array([0.5]))[0])
    33.0
    """
    return targets - (targets - outlived) * share
