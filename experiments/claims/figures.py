"""One figure for each of the eight claims, into docs/figures/claims.

    python experiments/claims/figures.py [RUNS] [CLAIM ...]

Every number in docs/claims.md is printed here, from the same runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from drawings import Course, Size, courses, mark, share, sizes
from evidence import CLAIMS, Floats, aid, exposed, freed, level, lived, moved, part_from_stock, received, spread, until
from matplotlib.figure import Figure

import backfill as bf
from backfill.plots.files import write_png
from backfill.plots.house import house_style
from backfill.words import DASH, interval, number

OUT = Path(__file__).resolve().parents[2] / "docs" / "figures" / "claims"
BARS = f"median of runs; bars at the end: 5{DASH}95 % of runs"
RINGS = f"Ring: median; thick: 25{DASH}75 %; thin: 5{DASH}95 % of runs"


def middle(runs: Floats) -> str:
    """A median in whole units."""
    return number(spread(runs)[0])


def floors(results: bf.Results) -> Figure:
    """What a hundred rounds free, below and above the floor."""
    lines = [
        Course("below floor", freed(results, "baseline")),
        Course("above floor", freed(results, "above"), 1),
        Course("above, trusting", freed(results, "counts_on_it"), 2),
        Course("no floor", freed(results, "no_floor"), 3),
    ]
    return courses(
        results,
        f"Below its floor Donora passes on none of {middle(received(results, 'baseline')[:, -1])} rounds, "
        "above it one for one",
        [f"Rounds that Warland has more because of the backfill; {BARS}", "Gifts by headroom"],
        lines,
        [mark("2031-01", "promised"), mark("2032-07", "handed over")],
    )


def strings(results: bf.Results) -> Figure:
    """Five gifts of a hundred, with and without a condition."""
    lines = [
        Course("with strings", freed(results, "baseline")),
        Course("no strings", freed(results, "no_strings"), 1),
        Course("more lots", freed(results, "more_of_its_own"), 2),
    ]
    return courses(
        results,
        f"Rounds that may not go on free others until Donora has none left: "
        f"{middle(freed(results, 'baseline')[:, -1])} of 500",
        [f"Rounds that Warland has more because of the backfill; {BARS}", "Gifts by headroom"],
        lines,
        [mark(f"203{year}-07", f"gift {year + 1}", year) for year in range(5)],
    )


def seekers(results: bf.Results) -> Figure:
    """A licensed line, a stock, and a line that has seekers."""
    lines = [
        Course("licensed line", freed(results, "baseline")),
        Course("from stock", freed(results, "from_stock"), 1),
        Course("slack seekers", freed(results, "slack_seekers"), 2),
    ]
    return courses(
        results,
        f"{middle(received(results, 'baseline')[:, -1])} rounds built under licence add nothing "
        "while seekers bind; rounds from stock do",
        [f"Rounds that Warland has more because Allia sends its own; {BARS}", "Gifts by headroom"],
        lines,
    )


GATES = (
    ("baseline", "every gate open", ""),
    ("no_rule", "rule", "Allia's law bars it"),
    ("no_will", "will", "Donora does not want to"),
    ("no_stock", "stock", "Allia can spare none"),
    ("no_worth", "worth", "Warland cannot fire it"),
    ("no_money", "money", "nobody pays"),
    ("no_procedure", "procedure", "decided too late"),
)


def permission(results: bf.Results) -> Figure:
    """One gate shut at a time."""
    rows = [Size(name, said, freed(results, arm)[:, -1], claimed=arm == "baseline") for arm, name, said in GATES]
    return sizes(
        results,
        f"With every gate open {middle(rows[0].runs)} rounds pass; each of six gates alone stops them all",
        [
            "Rounds that Warland has more because of the backfill, one gate shut at a time",
            f"{RINGS}. Sales by headroom",
        ],
        rows,
    )


def queues(results: bf.Results) -> Figure:
    """A place in the queue, a gift, and a place in an empty queue."""
    soon, last = until(results, "2032-10") - 1, -1
    place, empty = moved(results, "baseline", "own_turn"), moved(results, "empty_queue", "empty_own_turn")
    gift = freed(results, "baseline")
    rows = [
        Size("place in the queue", "October 2032, when it ends", place[:, soon], claimed=True),
        Size("place in the queue", "December 2037", place[:, last], claimed=True),
        Size("gift", "December 2037", gift[:, last]),
        Size("place in an empty queue", "October 2032", empty[:, soon]),
    ]
    return sizes(
        results,
        f"A place in the queue moves {middle(rows[0].runs)} rounds, the gift {middle(rows[2].runs)}; "
        "the first is a loan of time",
        ["Rounds that Warland has more by a month than without it", f"{RINGS}. Gifts by headroom"],
        rows,
    )


def shocks(results: bf.Results) -> Figure:
    """A war elsewhere, a winter here, a gift."""
    month = until(results, "2033-03") - 1
    lost = level(results, "position", "no_gulf_war", "XDA") - level(results, "position", "baseline", "XDA")
    demand = np.asarray(results.demand.sel(arm="baseline", state="XWA").values, dtype=float)
    missing = moved(results, "no_gulf_war", "baseline")
    rows = [
        Size("war in the gulf", "from Donora's stock, at once", lost[:, month], claimed=True),
        Size("winter in Warland", "wanted, December to February", demand[:, month - 3 : month].sum(axis=1)),
        Size("backfill", "all that Allia hands over", received(results, "baseline")[:, -1]),
        Size("missing in Warland", "before the war, February 2033", missing[:, month - 1]),
        Size("missing in Warland", "December 2036", missing[:, -1], claimed=True),
    ]
    return sizes(
        results,
        f"A war elsewhere takes {middle(rows[0].runs)} rounds at once; a winter here {middle(rows[1].runs)}, "
        f"the backfill brings {middle(rows[2].runs)}",
        ["Rounds, in the same random future with and without the war", f"{RINGS}. Gifts by headroom"],
        rows,
    )


def promises(results: bf.Results) -> Figure:
    """A promise that is broken, one that is kept, and a donor that counts on nothing."""
    lines = [
        Course("broken", freed(results, "baseline")),
        Course("kept", freed(results, "kept"), 1),
        Course("broken, forgotten", freed(results, "no_memory"), 2),
        Course("counts on none", freed(results, "counts_on_nothing"), 3),
    ]
    soon, again = until(results, "2031-11") - 1, until(results, "2034-11") - 1
    second = moved(results, "baseline", "no_second")
    return courses(
        results,
        f"A promise of 24 to 60 rounds brings {middle(lines[0].runs[:, soon])} forward; "
        f"{middle(received(results, 'no_second')[:, -1])} come, and the next one brings {middle(second[:, again])}",
        [f"Rounds that Warland has more because of two promises; {BARS}", "Gifts by headroom"],
        lines,
        [mark("2030-12", "promised"), mark("2031-12", "due"), mark("2034-01", "promised again")],
    )


def stock_to_flow(results: bf.Results) -> Figure:
    """The part of aid that leaves stock, year by year."""
    months = results.months[::12]
    lines = [
        Course("as written", part_from_stock(results, "baseline")),
        Course("no floor", part_from_stock(results, "no_floor"), 1),
        Course("no limit", part_from_stock(results, "no_limit"), 2),
    ]
    first, last = (share(spread(lines[0].runs[:, year])[0]) for year in (1, -1))
    return courses(
        results,
        f"From stock to flow: {first} of aid leaves stock in the second year, {last} in the sixth",
        [
            f"Part of the year's aid that came out of stock; {BARS}",
            "Gifts by headroom, orders from a line by others' money",
        ],
        lines,
        written=share,
        months=months,
    )


DRAW = {name: globals()[name] for name in CLAIMS}


def told(claim: str, results: bf.Results) -> list[str]:
    """What the page on the claims says of a world: aid and what the backfill freed in each arm, 5 to 95 % of runs."""
    rows = []
    for arm in results.arms:
        found = (
            np.cumsum(aid(results, arm), axis=1),
            freed(results, arm),
            received(results, arm),
            exposed(results, arm),
        )
        ends = [spread(course[:, -1]) for course in found[:3]] + [spread(found[3].sum(axis=1))]
        said = "".join(f"{number(m):>9} ({interval(low, high)})".ljust(26) for m, low, high in ends)
        rows.append(f"{claim:<14}{arm:<18}{said}")
    return rows


def main() -> None:
    """Draw the figures that are asked for, and print what they stand on."""
    words = sys.argv[1:]
    runs = int(words.pop(0)) if words and words[0].isdigit() else 500
    OUT.mkdir(parents=True, exist_ok=True)
    print(f"{'world':<14}{'arm':<18}{'aid':>9}{'':17}{'freed':>9}{'':17}{'received':>9}{'':17}{'exposure':>9}")
    for claim in words or CLAIMS:
        results = lived(claim, runs)
        print("\n".join(told(claim, results)))
        with house_style():
            write_png(DRAW[claim](results), OUT / f"{claim}.png")


if __name__ == "__main__":
    main()
