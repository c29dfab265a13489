"""Every accident of the world has an address: the same seed, place, month and replication meet the same fate.

A uniform is a pure function of (seed, stream, entity, month, replication), drawn from the counter-based generator
Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), never from a shared sequence. So a run
alone is the run in any block, and one more bystander changes nobody else's luck. Distributions are applied by
their inverse: a small change of a parameter makes a small change of the outcome.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from backfill.arrays import Floats, PerRun, Whole

PER_COUNTER = 4
"""Philox gives four numbers for each value of its counter."""

SMALLEST = 2.0**-54
"""Half the distance between two uniforms; keeps the normal of a uniform of zero finite."""

MANY = 500.0
"""A mean from which a count is drawn from the gamma that matches it: within one unit in 99.8 % of draws."""


class Chance:
    """The luck of some replications: uniforms between 0 and 1 (0 counts), by address.

    seed:         any whole number from 0 on; all of its digits count
    replications: which random futures, in the order of the runs; they need not be neighbours   [runs]

    >>> four, last = Chance(7, range(4)), Chance(7, [3])
    >>> bool(four.uniform("onset", "gulf", 24264)[3] == last.uniform("onset", "gulf", 24264)[0])
    True
    """

    def __init__(self, seed: int, replications: Sequence[int] | range | Whole) -> None:
        chosen = np.asarray(replications, dtype=np.int64)
        least, most = (int(chosen.min()), int(chosen.max())) if len(chosen) else (0, -1)
        if min(seed, least) < 0:
            raise ValueError(f"a seed and replications are whole numbers from 0 on, not {min(seed, least)}")
        self.seed, self.runs = int(seed), len(chosen)
        first = least // PER_COUNTER
        self._places = _slice_or_places(chosen - first * PER_COUNTER)
        self._drawn = most + 1 - first * PER_COUNTER
        self._bits = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._bits)
        self._state = self._bits.state
        self._state["state"]["counter"] = np.array([first, 0, 0, 0], dtype=np.uint64)
        self._keys: dict[tuple[str, str], NDArray[np.uint64]] = {}

    def uniform(self, stream: str, entity: str, month: int = 0) -> Floats:
        """The uniforms of a stream ("demand") for an entity ("border_war") in a month.  [runs]"""
        self._state["state"]["key"] = self._key(stream, entity)
        self._state["state"]["counter"][1] = month
        self._bits.state = self._state
        return self._generator.random(self._drawn)[self._places]

    def _key(self, stream: str, entity: str) -> NDArray[np.uint64]:
        """A key of 128 bits that is the same on every machine, in every process."""
        known = self._keys.get((stream, entity))
        if known is None:
            address = "\0".join((str(self.seed), stream, entity))
            digest = hashlib.blake2b(address.encode(), digest_size=16).digest()
            known = self._keys[stream, entity] = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
        return known


def _slice_or_places(places: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Where the replications stand among the numbers drawn: neighbours are cut out, others are picked."""
    if len(places) and (np.diff(places) == 1).all():
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def uniform_between(uniform: Floats, low: PerRun, high: PerRun) -> Floats:
    """Any value of a range, equally likely.

    >>> float(uniform_between(np.array([0.25]), 2.0, 10.0)[0])
    4.0
    """
    return low + uniform * (high - low)


def triangular(uniform: Floats, low: PerRun, mode: PerRun, high: PerRun) -> Floats:
    """A value of a range, most likely near its central value; a range of no width is its value.

    >>> triangular(np.array([0.0, 0.25, 0.5, 0.875]), 0.0, 2.0, 4.0)
    array([0.        , 1.41421356, 2.        , 3.        ])
    """
    width = high - low
    rising = low + np.sqrt(uniform * width * (mode - low))
    falling = high - np.sqrt((1.0 - uniform) * width * (high - mode))
    return np.where(uniform * width < mode - low, rising, falling)


def normal(uniform: Floats) -> Floats:
    """A standard normal, finite for every uniform.

    >>> normal(np.array([0.5, 0.975])).round(3)
    array([0.  , 1.96])
    """
    quantile: Floats = special.ndtri(np.maximum(uniform, SMALLEST))
    return quantile


def negative_binomial(uniform: Floats, mean: PerRun, dispersion: PerRun) -> Floats:
    """A count of whole units with variance mean + mean^2 / dispersion; an infinite dispersion makes it Poisson.

    Exact below a mean of 500, the matched gamma rounded to units above; a mean of zero gives zero.

    uniform, mean (units), dispersion   [runs] or plain numbers

    >>> negative_binomial(np.array([0.1, 0.5, 0.9]), 20.0, 6.0)
    array([ 9., 19., 32.])
    """
    uniform, mean, clumping = _same_shape(uniform, mean, 1.0 / np.asarray(dispersion, dtype=float))
    count = np.zeros_like(uniform)
    for chosen, quantile in (((mean > 0) & (mean < MANY), _exact_count), (mean >= MANY, _gamma_count)):
        if chosen.all():
            return quantile(uniform, mean, clumping)
        if chosen.any():
            count[chosen] = quantile(uniform[chosen], mean[chosen], clumping[chosen])
    return count


def binomial(uniform: Floats, trials: Floats, chance: PerRun) -> Floats:
    """How many of some whole trials succeed, each with the same chance.

    It is a count with mean n p and variance n p - (n p)^2 / n: that of the negative binomial with dispersion -n.

    uniform, trials (n), chance (p)   [runs]; the chance may be a plain number

    >>> binomial(np.array([0.1, 0.5, 0.9]), np.array([60.0, 60.0, 0.0]), 0.3)
    array([14., 18.,  0.])
    """
    uniform, chance, trials = _same_shape(uniform, chance, trials)
    count = np.where(chance >= 1.0, trials, 0.0)
    open_ended = (trials > 0) & (chance > 0) & (chance < 1)
    if open_ended.any():
        count[open_ended] = _successes(uniform[open_ended], trials[open_ended], chance[open_ended])
    return count


def _successes(uniform: Floats, trials: Floats, chance: Floats) -> Floats:
    """The smallest number of successes whose cumulative probability reaches the uniform."""
    mean, clumping = trials * chance, -1.0 / trials
    score = normal(uniform)
    near = mean + score * np.sqrt(mean * (1.0 - chance)) + (1.0 - 2.0 * chance) * (score * score - 1.0) / 6.0
    count = np.minimum(np.maximum(np.rint(near), 0.0), trials)
    rest = trials - count
    reached = np.where(rest > 0, special.betainc(np.maximum(rest, 1.0), count + 1.0, 1.0 - chance), 1.0)
    log_likely = special.xlogy(count, chance) + special.xlog1py(rest, -chance)
    likely = np.exp(log_likely - special.betaln(count + 1.0, rest + 1.0)) / (trials + 1.0)
    guess = _Guess(count, reached, likely)
    _walk_up(guess, uniform, mean, clumping)
    _walk_down(guess, uniform, mean, clumping)
    return np.minimum(guess.count, trials)


def _same_shape(uniform: Floats, mean: PerRun, clumping: PerRun) -> tuple[Floats, Floats, Floats]:
    shape = np.shape(uniform)
    return (
        np.asarray(uniform, dtype=float),
        np.array(np.broadcast_to(mean, shape), dtype=float),
        np.array(np.broadcast_to(clumping, shape), dtype=float),
    )


def _gamma_count(uniform: Floats, mean: Floats, clumping: Floats) -> Floats:
    """The gamma with the same mean and variance, to the nearest unit."""
    scale = 1.0 + mean * clumping
    return np.rint(special.gammaincinv(mean / scale, uniform) * scale)


@dataclass
class _Guess:
    """A count for each run, the probability of at most so many, and of exactly so many.  [runs]"""

    count: Floats
    reached: Floats
    likely: Floats


def _exact_count(uniform: Floats, mean: Floats, clumping: Floats) -> Floats:
    """The smallest count whose cumulative probability reaches the uniform: a near guess, then steps of one."""
    count = _near_count(uniform, mean, clumping)
    guess = _Guess(count, _at_most(count, mean, clumping), _exactly(count, mean, clumping))
    _walk_up(guess, uniform, mean, clumping)
    _walk_down(guess, uniform, mean, clumping)
    return guess.count


def _near_count(uniform: Floats, mean: Floats, clumping: Floats) -> Floats:
    """The cube-root approximation of the gamma quantile (Wilson and Hilferty 1931)."""
    shape = mean / (1.0 + mean * clumping)
    root = 1.0 - 1.0 / (9.0 * shape) + normal(uniform) / (3.0 * np.sqrt(shape))
    root = np.maximum(root, 0.0)
    near: Floats = np.rint(mean * root * root * root)
    return near


def _at_most(count: Floats, mean: Floats, clumping: Floats) -> Floats:
    """The probability of at most this count."""
    poisson = clumping == 0
    if poisson.all():
        return np.asarray(special.gammaincc(count + 1.0, mean), dtype=float)
    size = 1.0 / np.where(poisson, 1.0, clumping)
    total = np.asarray(special.betainc(size, count + 1.0, size / (size + mean)), dtype=float)
    return np.where(poisson, special.gammaincc(count + 1.0, mean), total) if poisson.any() else total


def _exactly(count: Floats, mean: Floats, clumping: Floats) -> Floats:
    """The probability of exactly this count.

    (1 + mean / size)^-size (mean / (size + mean))^count / ((size + count) B(size, count + 1)), with size = 1 / clumping
    """
    poisson = clumping == 0
    if poisson.all():
        return _exactly_poisson(count, mean)
    size = 1.0 / np.where(poisson, 1.0, clumping)
    log_none = -size * special.log1p(mean / size)
    log_more = -count * special.log1p(size / mean)
    likely = np.exp(log_none + log_more - special.betaln(size, count + 1.0)) / (size + count)
    if not poisson.any():
        return likely
    return np.where(poisson, _exactly_poisson(count, mean), likely)


def _exactly_poisson(count: Floats, mean: Floats) -> Floats:
    return np.asarray(np.exp(special.xlogy(count, mean) - mean - special.gammaln(count + 1.0)), dtype=float)


def _next_ratio(count: Floats, mean: Floats, clumping: Floats) -> Floats:
    """How much likelier one unit more is than this count."""
    return mean * (1.0 + count * clumping) / ((count + 1.0) * (1.0 + mean * clumping))


def _walk_up(guess: _Guess, uniform: Floats, mean: Floats, clumping: Floats) -> None:
    """Add units where the guess has not reached the uniform."""
    low = np.flatnonzero(guess.reached < uniform)
    while low.size:
        guess.likely[low] *= _next_ratio(guess.count[low], mean[low], clumping[low])
        guess.count[low] += 1.0
        guess.reached[low] += guess.likely[low]
        low = low[(guess.reached[low] < uniform[low]) & (guess.likely[low] > 0)]


def _walk_down(guess: _Guess, uniform: Floats, mean: Floats, clumping: Floats) -> None:
    """Take units away where one less would reach the uniform too."""
    high = np.flatnonzero((guess.reached - guess.likely >= uniform) & (guess.count > 0))
    while high.size:
        guess.reached[high] -= guess.likely[high]
        guess.count[high] -= 1.0
        guess.likely[high] /= _next_ratio(guess.count[high], mean[high], clumping[high])
        high = high[(guess.reached[high] - guess.likely[high] >= uniform[high]) & (guess.count[high] > 0)]
