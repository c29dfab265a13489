"""What came of a run: every arm in every random future, month by month, as labelled arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from backfill.errors import UnknownName

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from backfill.reading.number import Number
    from backfill.results.closing import ClosingTable
    from backfill.scenario import Scenario, Setting

Known = TypeVar("Known")


@dataclass(frozen=True, repr=False, eq=False)
class Results:
    """Every arm of a scenario in the same random futures.

    dataset: (arm, run, month, ...) for every outcome; each is also an attribute, such as `results.aid`
    under: the same arms where the donor decides in another way, by the name of that way; fewer outcomes
    without: each arm again, in a world without the backfill: aid and backfill only; None if the scenario has none
    under_without: the same for every other way of deciding
    past: the baseline alone under every other way of deciding, with the outcomes that history is held against
    command: what repeats the run
    plugins: modules of users on which the outcome depends, each with the hash of its file
    without, under_without: each arm in the same world without the backfill, few outcomes
    """

    dataset: xr.Dataset
    under: Mapping[str, xr.Dataset]
    scenario: Scenario
    arms: Sequence[str]
    runs: int
    seed: int
    central: bool = False
    command: str = ""
    without: xr.Dataset | None = None
    under_without: Mapping[str, xr.Dataset] = field(default_factory=dict)
    past: Mapping[str, xr.Dataset] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict, init=False)

    def __getattr__(self, name: str) -> xr.DataArray:
        """An outcome by its name."""
        if name.startswith("_") or name == "dataset" or name not in self.dataset:
            raise AttributeError(f"results have no {name!r}; outcomes: {self._outcomes()}")
        return self.dataset[name]

    def _outcomes(self) -> str:
        return ", ".join(str(name) for name in self.__dict__.get("dataset", ()))

    def __repr__(self) -> str:
        """Which world, arms, runs and months these are."""
        span = f"{self.months[0]} to {self.months[-1]}"
        return f"Results({self.scenario.name}: {', '.join(self.arms)}; {self.runs:,} runs, {span}, seed {self.seed})"

    def remembered(self, name: str, work_out: Callable[[], Known]) -> Known:
        """What many outcomes or a figure need, worked out once, or read from a stored table."""
        if name not in self._known:
            self._known[name] = work_out()
        found: Known = self._known[name]
        return found

    def knows(self, name: str) -> bool:
        """Whether an array has been worked out, or read from a stored table."""
        return name in self._known

    @property
    def is_central_run(self) -> bool:
        """Whether this is one run with every number at its central value."""
        return self.central and self.runs == 1

    @property
    def months(self) -> list[str]:
        """The months of the horizon: 2022-01, 2022-02, ..."""
        return [str(month) for month in self.dataset["month"].values]

    @property
    def setting(self) -> Setting:
        """The baseline as it was simulated."""
        return self.scenario.setting

    @property
    def repeat(self) -> str:
        """The command that repeats the run; without one, that which repeats it inside its folder."""
        return self.command or "backfill run ."

    def where_donor_decides(self, way: str) -> Results:
        """The same arms under another doctrine of the scenario. Raises UnknownName."""
        if way not in self.under:
            raise UnknownName(f"found no way of deciding {way!r}; expected one of {', '.join(self.under) or 'none'}")
        without = self.under_without.get(way)
        return replace(self, dataset=self.under[way], without=without, under={}, under_without={}, past={})

    def past_where_donor_decides(self, way: str) -> Results | None:
        """The baseline under another doctrine with what history is held against; None if that was not kept."""
        kept = self.past.get(way)
        if kept is None:
            return None
        return replace(self, dataset=kept, without=None, under={}, under_without={}, past={}, arms=["baseline"])

    def of(self, arms: Sequence[str]) -> Results:
        """The same results with some of the arms only. Raises UnknownName."""
        for arm in arms:
            self.require(arm)
        some = list(arms)
        under = {way: found.sel(arm=some) for way, found in self.under.items()}
        under_without = {way: found.sel(arm=some) for way, found in self.under_without.items()}
        without = None if self.without is None else self.without.sel(arm=some)
        dataset = self.dataset.sel(arm=some)
        return replace(self, dataset=dataset, without=without, under=under, under_without=under_without, arms=some)

    @cached_property
    def bare(self) -> Results | None:
        """The same arms in the same world without backfill: what pass-through is measured against; None if unknown."""
        return None if self.without is None else replace(self, dataset=self.without, without=None, under={})

    def require(self, arm: str) -> None:
        """Raise UnknownName, with the nearest arm, unless an arm was run."""
        from backfill.reading.words import nearest

        if arm not in self.arms:
            near = nearest(arm, self.arms)
            raise UnknownName(
                f"found no arm {arm!r} among those that were run" + (f"; nearest: {near}" if near else "")
            )

    def drawn(self, number: Number) -> NDArray[np.float64]:
        """What a number was in each run of the baseline: its draw, or its value if nothing was drawn  [runs]."""
        import numpy as np

        draws = self.dataset.get("draws")
        path = number.same_as or number.path
        if draws is not None and path in draws["number"].values:
            return np.asarray(draws.sel(number=path).values, dtype=float)
        return np.full(self.runs, number.value)

    @cached_property
    def table(self) -> ClosingTable:
        """The closing table: one row for each arm, and what it means in words. Printing it shows it."""
        from backfill.results.closing import ClosingTable

        return ClosingTable(self)

    def save(self, folder: Path | str | None = None) -> Path:
        """Write tables, summary and manifest into a folder of their own and return it.

        folder: a new or an empty folder; None: the next free `results/NAME-N`
        Raises FolderTaken: nothing that exists is overwritten.
        """
        from backfill.results.store import save

        return save(self, folder)
