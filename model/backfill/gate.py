"""What may leave for whom, month by month: the export rules as the simulation meets them."""

from __future__ import annotations

import numpy as np

from backfill.arrays import Masks
from backfill.months import last_day, month_of
from backfill.rules import Rulebook, Transfer
from backfill.rules.register import goods_of
from backfill.scenario.schema import Setting


class Gate:
    """The rules of a scenario, asked once for each route and origin, and again only when the law changes."""

    def __init__(self, setting: Setting) -> None:
        since, until = setting.horizon
        self._setting = setting
        self._months = range(since, until + 1)
        self._book = Rulebook.from_raw(setting.policies, setting.rules, setting.consent)
        self._changes = sorted({month_of(day) for day in self._book.change_days()})
        self._masks: dict[tuple[str, ...], Masks] = {}

    def mask(self, exporter: str, destination: str, item: str, origin: str, via: str | None = None) -> Masks:
        """In which months units of an origin may go from one state to another, perhaps by way of a third.  [months]

        The law of a month is that of its last day. An open case, a promise or a pledge is the official request.
        """
        key = (exporter, destination, item, origin, via or "")
        if key not in self._masks:
            hops = [(exporter, destination)] if via is None else [(exporter, via), (via, destination)]
            masks = [self._by_epoch(hop, item, origin if number == 0 else exporter) for number, hop in enumerate(hops)]
            self._masks[key] = np.logical_and.reduce(masks)
        return self._masks[key]

    def _by_epoch(self, hop: tuple[str, str], item: str, origin: str) -> Masks:
        """One answer for each span in which the law stands still."""
        answers = np.empty(len(self._months), dtype=bool)
        for index, month in enumerate(self._months):
            if index == 0 or month in self._changes:
                answers[index:] = self._ask(hop, item, origin, month)
        return answers

    def _ask(self, hop: tuple[str, str], item: str, origin: str, month: int) -> bool:
        goods = goods_of(item, self._setting.items[item])
        transfer = Transfer(*hop, last_day(month), **goods.traits(), origin=origin, request_official=True)
        return bool(self._book.allowed(transfer, self._setting.export_rules.undetermined))
