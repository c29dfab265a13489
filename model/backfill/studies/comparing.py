"""Two arms of stored results held against each other, replication by replication; also between two folders."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backfill.errors import BackfillError, UnknownName
from backfill.months import label
from backfill.results.gaps import Gap, as_frame, gap_between
from backfill.results.outcomes import counted
from backfill.studies.rows import Conditions, chosen
from backfill.studies.store import differences
from backfill.studies.streams import Shared, shared
from backfill.studies.study import Study, design_of_run, open_study
from backfill.words import count, listed

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from backfill.arrays import Floats
    from backfill.scenario import Scenario
    from backfill.studies.block import Block
    from backfill.studies.design import Design

HEARD = 20
"""Runs that are lived through again to hear what each arm asks of chance."""
MOST_CHANGES = 5
"""Differences between two scenarios that are told one by one."""
UNITS = "units_to_aided"
KEPT = "`keep: {series: {aid: each run}}`"
"""What a design has to say so that courses can be paired."""


class NotComparable(BackfillError):
    """Results whose runs do not belong together; the message says why."""


class Fresh(Study):
    """Results that were never stored: two arms of a scenario, simulated to be compared."""

    def __init__(self, design: Design, tables: Mapping[str, pa.Table]) -> None:
        self._tables, self.is_run = tables, False
        self.design, self.folder, self.plugins = design, Path(design.name), ()
        self.manifest = {
            "title": design.title,
            "arms": list(design.arms),
            "seed": design.seed,
            "central": design.central,
            "scenario": {"name": design.scenario.name, "resolved": design.scenario.raw},
        }

    @property
    def points(self) -> pd.DataFrame:
        """One point without factors."""
        import pandas as pd

        return pd.DataFrame(index=pd.Index([0], name="point"))

    @property
    def tables(self) -> list[str]:
        """What was worked out."""
        return list(self._tables)

    def batches(
        self, name: str = "outcomes", *, columns: Sequence[str] | None = None, where: Conditions | None = None
    ) -> Iterator[pa.Table]:
        """A table in one part."""
        found = chosen(self._tables[name], where or {})
        yield found if columns is None else found.select(columns)


@dataclass(frozen=True)
class StoredComparison:
    """Two arms, paired by replication, up to the end of a month.

    first, second: where each arm stands; the same where they are of one folder
    outcomes: those wanted; empty: all that both have     point: that of a design; None: the mean over all points
    """

    first: Study
    second: Study
    arm: str
    against: str
    by: str
    outcomes: tuple[str, ...] = ()
    point: int | None = None

    @cached_property
    def gaps(self) -> dict[str, Gap]:
        """The paired difference of every outcome by its name."""
        mine, theirs = self._values(self.first, self.arm), self._values(self.second, self.against)
        names = [name for name in mine if name in theirs]
        both = self._paired(mine[names].dropna(how="all"), theirs[names].dropna(how="all"))
        return {str(name): gap_between(*(_by_point(frame[name]) for frame in both)) for name in names}

    @cached_property
    def runs(self) -> int:
        """Replications that were paired."""
        return max((gap.runs + gap.left_out for gap in self.gaps.values()), default=0)

    @property
    def difference(self) -> pd.DataFrame:
        """One row for each outcome: both means, their paired difference with its 90 % interval, shares of runs."""
        return as_frame(self.gaps, *self.names)

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called: by their arms, by the folders where there are two, by both where both differ."""
        if self.first is self.second:
            return self.arm, self.against if self.arm != self.against else f"{self.against} (again)"
        mine, theirs = _told_apart(self.first.folder, self.second.folder)
        return (mine, theirs) if self.arm == self.against else (f"{self.arm}, {mine}", f"{self.against}, {theirs}")

    @cached_property
    def by_month(self) -> dict[str, Gap]:
        """The paired difference in units to the aided state by the end of each month; empty if it is not stored."""
        mine, theirs = course(self.first, self.arm, self.point), course(self.second, self.against, self.point)
        if mine is None or theirs is None:
            return {}
        months = [str(month) for month in mine if month in theirs and str(month) <= self.by]
        both = self._paired(mine[months], theirs[months])
        return {month: gap_between(*(_by_point(frame[month]) for frame in both)) for month in months}

    @cached_property
    def chance(self) -> Shared:
        """Which draws both arms use alike."""
        runs = min(self.runs, HEARD) or 1
        mine = _short_block(self.first, self.arm, self.point or 0, runs)
        theirs = _short_block(self.second, self.against, self.point or 0, runs)
        return shared(mine, theirs, *self.names)

    def notes(self) -> Iterator[str]:
        """What a reader has to know about the two."""
        if self.second is not self.first:
            yield from _told_differences(self.first, self.second)
        if self._worlds[0] == self._worlds[1]:
            yield "both are the same world: every difference is zero by construction"
        many = max(self._stored(self.first, self.arm), self._stored(self.second, self.against))
        if many > self.runs:
            yield f"paired are the {count(self.runs, 'run')} that both have, of {many:,}"
        silent = [str(study.folder) for study in dict.fromkeys((self.first, self.second))
                  if course(study, self.arm if study is self.first else self.against, self.point) is None]  # fmt: skip
        if silent:
            yield f"nothing by month: {listed(silent)} {_has(silent)} no courses; a design keeps them by {KEPT}"

    def _stored(self, study: Study, arm: str) -> int:
        """The runs of an arm at the point that has most of them, told from an outcome that both have."""
        rows = study.values(self.by, outcomes=list(self.gaps)[:1], arms=[arm])
        return int(max(rows.groupby("point").size(), default=0))

    @property
    def _worlds(self) -> tuple[Any, Any]:
        point = self.point or 0
        return self.first.design.at(point).arm(self.arm), self.second.design.at(point).arm(self.against)

    def in_words(self) -> str:
        """Which outcomes differ beyond noise, which do not at all, and what would settle the others."""
        if all(gap.is_nothing for gap in self.gaps.values()):
            return f"No difference between {self.names[0]} and {self.names[1]} by {self.by}: the same in every run."
        lines = []
        sure = [name for name, gap in self.gaps.items() if not gap.is_nothing and not gap.could_be_noise]
        open_still = [name for name, gap in self.gaps.items() if not gap.is_nothing and gap.could_be_noise]
        nothing = [name for name, gap in self.gaps.items() if gap.is_nothing]
        if sure:
            told = [f"{name} ({self.gaps[name].enough:,} would do)" for name in sure]
            lines.append(f"Noise? Not for {listed(told)}: {count(self.runs, 'run')} are enough.")
        lines += [f"Open: {name} {self.gaps[name].in_doubt()}." for name in open_still]
        if nothing:
            lines.append(f"The same in every run: {listed(nothing)}.")
        return "\n".join(lines)

    def __str__(self) -> str:
        """The comparison in words."""
        return self.in_words()

    def _values(self, study: Study, arm: str) -> pd.DataFrame:
        points = None if self.point is None else [self.point]
        return study.values(self.by, outcomes=self.outcomes or None, arms=[arm], points=points).droplevel("arm")

    def _paired(self, mine: pd.DataFrame, theirs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows of replications that both have at every point, point by point.

        Points share their futures, so that replications, and not rows, are what is independent.
        """
        same = mine.index.intersection(theirs.index)
        points = same.get_level_values("point").nunique()
        whole = same.to_frame(index=False).groupby("run")["point"].nunique()
        runs = list(whole.index[whole == points])
        if not runs:
            raise NotComparable("no replication is there in both arms at every point; --point N takes one alone")
        wanted = same[same.get_level_values("run").isin(runs)].sort_values()
        return mine.loc[wanted], theirs.loc[wanted]


def _by_point(column: pd.Series) -> Floats:
    """An outcome of every point in the same replications, whose rows stand point by point  [points, runs]."""
    return column.to_numpy(dtype=float).reshape(column.index.get_level_values("point").nunique(), -1)


def compare_stored(
    first: Study | Path | str,
    second: Study | Path | str | None = None,
    *,
    arms: Sequence[str] | None = None,
    by: str | None = None,
    outcomes: Collection[str] = (),
    point: int | None = None,
) -> StoredComparison:
    """Hold one arm of stored results against another, in one folder or between two.

    arms: the first and the second; None: baseline and no_backfill, the baselines of two folders
    Raises UnknownName, NotComparable.
    """
    one = first if isinstance(first, Study) else open_study(first)
    two = one if second is None else second if isinstance(second, Study) else _second(second, one)
    if second is not None and one.folder.resolve() == two.folder.resolve():
        two = _itself(one, arms)
    if two is not one:
        _refuse_strangers(one, two)
    arm, against = _two_arms(one, two, arms)
    for study, name in ((one, arm), (two, against)):
        _require(name, study.arms, f"an arm of {study.folder}")
    if point is not None and point not in one.points.index:
        raise UnknownName(f"found no point {point}; {one.folder} has 0 to {len(one.points) - 1}")
    month = one.month(by)
    two.month(month)
    known = [name for name in one.outcomes_by(month) if name in two.outcomes_by(month)]
    return StoredComparison(one, two, arm, against, month, _wanted(outcomes, known), point)


def compare_fresh(
    scenario: Scenario, arms: Sequence[str], *, runs: int, seed: int, by: str | None = None,
    outcomes: Collection[str] = (), plugins: Sequence[str] = (),
) -> StoredComparison:  # fmt: skip
    """Simulate two arms of a scenario and hold them against each other."""
    from dataclasses import replace

    import pyarrow as pa

    from backfill.studies.design import Keep
    from backfill.studies.task import split, work_out

    for arm in arms:
        scenario.arm(arm)
    design = design_of_run(scenario, list(dict.fromkeys(arms)), runs=runs, seed=seed)
    design = replace(design, keep=Keep(series={"aid": ()}))
    found = [work_out(design, task, plugins) for task in split(design, [0], 0, runs)]
    tables = {name: pa.concat_tables([part[name] for part in found]).unify_dictionaries() for name in found[0]}
    if tables["failures"].num_rows:
        row = tables["failures"].to_pylist()[0]
        raise BackfillError(f"{row['stage']}: {row['reason']}")
    return compare_stored(Fresh(design, tables), arms=arms, by=by, outcomes=outcomes)


def course(study: Study, arm: str, point: int | None = None) -> pd.DataFrame | None:
    """Units that have reached the aided state by the end of each month, by point and run; None if not stored."""
    where: dict[str, Collection[Any]] = {"arm": [arm]} | ({} if point is None else {"point": [point]})
    setting = study.design.scenario.setting
    if study.is_run:
        if "aid" not in study.tables:
            return None
        where |= {"state": [setting.roles.aided], "item": list(counted(setting))}
        rows = study.table("aid", columns=["point", "run", "month", "units"], where=where)
        return _totals(rows, range(int(study.manifest["runs"])), setting.horizon)
    where |= {"outcome": [UNITS]}
    rows = study.table("series", columns=["point", "run", "month", "value"], where=where)
    if rows.empty:
        return None
    return rows.astype({"month": str}).pivot_table("value", ["point", "run"], "month", observed=True)


def _totals(rows: pd.DataFrame, runs: range, horizon: tuple[int, int]) -> pd.DataFrame:
    """Arrivals as running totals of every run and month, zero where nothing arrived."""
    import pandas as pd

    months = [label(month) for month in range(horizon[0], horizon[1] + 1)]
    index = pd.MultiIndex.from_product([[0], list(runs)], names=["point", "run"])
    arrived = rows.astype({"month": str}).pivot_table("units", ["point", "run"], "month", "sum")
    return arrived.reindex(index=index, columns=months).fillna(0.0).cumsum(axis=1)


def _short_block(study: Study, arm: str, point: int, runs: int) -> Block:
    """A few runs of an arm, to listen to."""
    from backfill.studies.block import Block

    design = study.design
    setting = design.at(point).arm(arm)
    return Block(arm, None, setting, design.seed, design.central, 0, runs, ("aid",), study.plugins)


def _itself(study: Study, arms: Sequence[str] | None) -> Study:
    """A folder that was named twice, which holds two arms at most. Raises NotComparable if they are one."""
    if arms is None or len(set(arms)) < 2:
        which = study.arms[:2] if len(study.arms) > 1 else ["A", "B"]
        raise NotComparable(
            f"{study.folder} is named twice, and nothing differs from itself\n"
            f"  two of its arms: backfill compare {study.folder} --arms {','.join(which)}"
        )
    return study


def _second(folder: Path | str, one: Study) -> Study:
    """The second folder. Raises UnknownName, with the option that is meant where it is the name of an arm."""
    if str(folder) in one.arms and not Path(folder).is_dir():
        other = next((arm for arm in one.arms if arm != str(folder)), one.arms[0])
        raise UnknownName(
            f"found no folder {str(folder)!r}, but an arm of that name in {one.folder}\n"
            f"  two of its arms: --arms {other},{folder}; in Python arms=({other!r}, {str(folder)!r})"
        )
    return open_study(folder)


def _told_apart(one: Path, two: Path) -> tuple[str, str]:
    """The names of two folders, with as much of what is above them as tells them apart.

    >>> _told_apart(Path("a/new/run-1"), Path("a/old/run-1")), _told_apart(Path("a/run-1"), Path("a/run-2"))
    (('new/run-1', 'old/run-1'), ('run-1', 'run-2'))
    """
    mine, theirs = one.resolve().parts, two.resolve().parts
    for steps in range(1, max(len(mine), len(theirs)) + 1):
        if mine[-steps:] != theirs[-steps:]:
            return Path(*mine[-steps:]).as_posix(), Path(*theirs[-steps:]).as_posix()
    return str(one), str(two)


def _has(folders: Sequence[str]) -> str:
    return "has" if len(folders) == 1 else "have"


def _two_arms(one: Study, two: Study, arms: Sequence[str] | None) -> tuple[str, str]:
    if arms is None and two is not one:
        return "baseline", "baseline"
    chosen_arms = [arms] if isinstance(arms, str) else list(arms or ["baseline", "no_backfill"])
    if arms is None and "no_backfill" not in one.arms:
        chosen_arms = one.arms[:2]
    if len(chosen_arms) == 1 and two is not one:
        chosen_arms *= 2
    if len(chosen_arms) != 2:
        raise NotComparable(f"found {count(len(chosen_arms), 'arm')}; expected two: --arms baseline,no_backfill")
    return chosen_arms[0], chosen_arms[1]


def _require(name: str, known: Sequence[str], what: str) -> None:
    from backfill.reading.words import hint

    if name not in known:
        raise UnknownName(
            f"found {name!r}, which is not {what}{hint(name, known)}\n  expected one of {', '.join(known)}"
        )


def _wanted(words: Collection[str], known: Sequence[str]) -> tuple[str, ...]:
    """The outcomes that are named, by the words of a design or by their own names; all if none is."""
    from backfill.studies.design import Keep
    from backfill.studies.designs.keeping import OUTCOMES, is_kept

    found: dict[str, None] = {}
    for word in words:
        mine = [name for name in known if name == word or (word in OUTCOMES and is_kept(name, Keep(outcomes=(word,))))]
        if not mine:
            _require(word, list(known), "an outcome that is stored for this month")
        found |= dict.fromkeys(mine)
    return tuple(found) or tuple(known)


def _refuse_strangers(one: Study, two: Study) -> None:
    """Results of other futures or other worlds are not paired."""
    pairs = {
        "seed": (one.seed, two.seed),
        "scenario": (one.manifest["scenario"]["name"], two.manifest["scenario"]["name"]),
        "horizon": tuple(" to ".join(map(label, study.design.scenario.setting.horizon)) for study in (one, two)),
        "numbers": tuple("at their central values" if study.manifest["central"] else "drawn" for study in (one, two)),
        "roles": tuple(_roles(study) for study in (one, two)),
    }
    for what, (mine, theirs) in pairs.items():
        if mine != theirs:
            why = "their runs are different futures" if what == "seed" else "their runs do not belong together"
            raise NotComparable(f"{one.folder} has {what} {mine}, {two.folder} {what} {theirs}: {why}")
    if not one.points.equals(two.points):
        raise NotComparable(f"{one.folder} and {two.folder} have other points: only the same ones can be paired")


def _roles(study: Study) -> str:
    roles = study.design.scenario.setting.roles
    return f"{roles.donor} gives to {roles.aided}"


def _told_differences(one: Study, two: Study) -> Iterator[str]:
    """What differs between the worlds, and between the programs, of two folders."""
    found = list(differences(one.design.scenario.written, two.design.scenario.written))
    if found:
        more = f"; and {len(found) - MOST_CHANGES} more" if len(found) > MOST_CHANGES else ""
        yield f"the scenarios differ: {'; '.join(found[:MOST_CHANGES])}{more}"
    versions = list(differences(*(study.manifest.get("versions", {}) for study in (one, two))))
    if versions:
        yield f"worked out with other versions: {'; '.join(versions)}"
