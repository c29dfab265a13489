"""A parliament that now and then bars its government's gifts."""

import numpy as np

from backfill.agents.actor import Actor
from backfill.registry import ACTORS


@ACTORS.register("parliament")
class Parliament(Actor):
    """Votes each month; with a chance it forbids new gifts, and allows them again some months later.

    barred_until: the month from which its government may give again  [runs]
    """

    fields = {"chance": "chance", "lasts": "duration"}

    def __init__(self, world, name, entry):
        super().__init__(world, name, entry)
        self.barred_until = np.zeros(world.runs)

    def authorise(self):
        month = self.model.month
        voted_down = self.luck("vote") < self.number("chance", otherwise=0.0)
        until = np.where(voted_down, month + self.number("lasts", otherwise=1.0), 0.0)
        self.barred_until = np.maximum(self.barred_until, until)
        for position in self.positions:
            position.giving["gift"].bar(month < self.barred_until)
