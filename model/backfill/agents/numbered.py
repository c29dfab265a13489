"""What every agent of the model is to Mesa."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from weakref import WeakKeyDictionary

import mesa

_counters: WeakKeyDictionary[mesa.Model, Iterator[int]] = WeakKeyDictionary()


class Numbered(mesa.Agent):
    """An agent that does not keep its world alive: Mesa's own counters hold on to every model there ever was.

    >>> import gc, weakref
    >>> world = mesa.Model()
    >>> [Numbered(world).unique_id for _agent in range(3)]
    [1, 2, 3]
    >>> kept = weakref.ref(world)
    >>> del world
    >>> _ = gc.collect()
    >>> kept() is None
    True
    """

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self._ids.pop(model, None)
        self.unique_id = next(_counters.setdefault(model, itertools.count(1)))
