"""The page that one sends: whole, alone, true to what is stored, and safe with anybody's words."""

from __future__ import annotations

import csv
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from backfill.cli.entry import exit_code
from backfill.errors import BackfillError
from backfill.plots.files import write_figures
from backfill.report import pictures, prose, report, score
from backfill.report.html import link
from backfill.results.store import save
from backfill.scenario import load
from backfill.studies.run import simulate
from backfill.studies.sweep import sweep

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A small run on disk, figures included."""
    results = simulate(load("fictional"), ["no_backfill"], runs=6, seed=1)
    folder = save(results, tmp_path_factory.mktemp("report") / "run")
    write_figures(results, folder / "figures")
    return folder


@pytest.fixture
def copy(stored, tmp_path):
    return Path(shutil.copytree(stored, tmp_path / "a copy"))


class Elements(HTMLParser):
    """Every element of a page with its attributes, and every word that one reads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def with_words(folder: Path, **words: str) -> None:
    """The same stored run with other words in its scenario."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["scenario"]["resolved"] |= words
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_the_page_needs_nothing_from_outside(stored):
    for tag, attributes in Elements(report(stored)).found:
        assert tag not in {"script", "link", "iframe", "object", "embed", "base", "img"}
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset"}]
        assert (
            tag != "use" or (attributes["xlink:href"] if "xlink:href" in attributes else attributes["href"])[0] == "#"
        )


def test_every_id_is_there_once_and_every_reference_finds_its_own(stored):
    page = report(stored)
    ids = [attributes["id"] for _tag, attributes in Elements(page).found if "id" in attributes]
    assert len(ids) == len(set(ids)) > 100
    referred = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert referred <= set(ids)


def test_the_page_says_what_summary_csv_says(stored):
    text = Elements(report(stored)).text
    with (stored / "summary.csv").open(encoding="utf-8") as file:
        rows = {(row["arm"], row["outcome"], row["unit"]): row for row in csv.DictReader(file)}
    passed, units = rows["baseline", "pass_through", "units"], rows["baseline", "units_to_aided", "units"]
    assert f"{float(passed['value']):.2f}" in text
    assert f"{float(units['low']):,.0f}–{float(units['high']):,.0f}" in text


def test_it_has_every_part_that_a_reader_asks_for(stored):
    manifest = json.loads((stored / "manifest.json").read_text(encoding="utf-8"))
    text = Elements(report(stored)).text
    heads = ("Arms compared", "What drove it", "Rules that decided", "Held against the past", "What it rests on")
    for words in (*heads, "What this cannot tell you", "Do it again", "The register"):
        assert words in text
    assert manifest["identity"] in text
    assert all(digest in text for digest in manifest["tables"].values())
    assert manifest["command"] in text


def test_bytes_repeat(stored):
    assert report(stored) == report(stored)


def test_words_of_a_user_stay_words(copy):
    nasty = "<script>alert(1)</script> & \"quoted\" 'single' $x$ [a](javascript:alert(2))"
    with_words(copy, title=nasty, question=nasty)
    page = report(copy)
    assert "<script" not in page
    assert nasty in Elements(page).text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.org", "ftp://x.org", "http://a b"])
def test_only_addresses_of_the_web_become_links(address):
    assert link(address, "words") == "words"
    assert link("https://x.org/?a=1&b=2", "words") == '<a href="https://x.org/?a=1&amp;b=2">words</a>'


def test_a_doctored_figure_brings_nothing_but_shapes(tmp_path):
    path = tmp_path / "f.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()">'
        '<script>x()</script><foreignObject><p/></foreignObject><path id="a" d="M 0 0.12345" onclick="x()"/>'
        '<use xlink:href="https://x.org/#a"/><use xlink:href="#a"/><g style="fill: url(https://x.org)"/></svg>',
        encoding="utf-8",
    )
    drawn = pictures.figure(path, "one")
    assert not re.search(r"script|foreignObject|onload|onclick|x\.org", drawn)
    assert 'id="one-a" d="M 0 0.1"' in drawn
    assert 'href="#one-a"' in drawn


def test_a_figure_that_expands_or_is_cut_off_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "f.svg"
    for raw in ('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "<svg"):
        path.write_text(raw, encoding="utf-8")
        with pytest.raises(pictures.UnreadableFigure):
            pictures.figure(path, "one")


def test_figures_have_their_title_as_text(stored):
    figures = [attributes for tag, attributes in Elements(report(stored)).found if tag == "svg"]
    assert len(figures) == len(list((stored / "figures").glob("*.svg"))) >= 2
    assert all(attributes["role"] == "img" and len(attributes["aria-label"]) > 60 for attributes in figures)


def test_marks_that_are_escaped_are_read_as_letters():
    assert prose.inline(r"keep\_all \*x\* \<b\> **so** `a*b*`") == (
        "keep_all *x* &lt;b&gt; <strong>so</strong> <code>a*b*</code>"
    )


def test_the_scores_are_those_of_the_documents():
    documented = (DOCS / "validation.md").read_text(encoding="utf-8")
    for row in score.rows():
        line = next(line for line in documented.splitlines() if line.startswith(f"{row['title']}, {row['unit']}"[:36]))
        assert line.endswith(f"{row['inside_50']}/{row['points']}{row['inside_90'] + '/' + row['points']:>7}")
        if row["skill_last"]:
            assert score._skill(row["skill_last"]) in line


def test_an_invented_world_has_no_score_of_its_own_and_the_page_says_so(stored):
    assert "This world is invented, so that no score of its own exists" in Elements(report(stored)).text


def test_law_of_a_world_is_told_with_its_sources():
    from backfill.report import grounds

    told = "".join(grounds.decided(load("japan_patriot")))
    assert "Japan to United States" in told
    assert "permitted" in told
    assert 'href="https://' in told


def test_the_command_writes_one_file_and_overwrites_none(copy, capsys):
    assert exit_code(["report", str(copy), "--quiet"]) == 0
    assert capsys.readouterr().out.strip() == str(copy / "report.html")
    before = (copy / "report.html").read_bytes()
    assert exit_code(["report", str(copy)]) == 2
    assert "nothing of yours is overwritten" in capsys.readouterr().err
    assert (copy / "report.html").read_bytes() == before


def test_a_folder_that_is_no_result_is_refused(tmp_path, capsys):
    assert exit_code(["report", str(tmp_path), "--out", str(tmp_path / "x.html")]) == 2
    assert "it is no finished run" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


def test_a_run_without_its_summary_is_refused(copy):
    (copy / "summary.csv").unlink()
    with pytest.raises(BackfillError, match="run it again"):
        report(copy)


DESIGN = """\
design: 1
title: Floors <b>of Arvenia</b>
scenario: fictional
arms: [baseline, no_backfill]
seed: 1
factors:
  floor: {path: states.XAA.floor, values: [40 %, 60 %]}
replications: 3
"""


def test_a_study_is_told_by_its_points(tmp_path):
    (tmp_path / "floors.yaml").write_text(DESIGN, encoding="utf-8")
    sweep(tmp_path / "floors.yaml", out=tmp_path / "study")
    page = report(tmp_path / "study")
    text = Elements(page).text
    for words in (
        "Floors <b>of Arvenia</b>",
        "states.XAA.floor",
        "40 %, 60 %",
        "All 2 points are done",
    ):
        assert words in text
    assert "<b>" not in page
    with (tmp_path / "study" / "summary.csv").open(encoding="utf-8") as file:
        passed = [float(row["pass_through"]) for row in csv.DictReader(file) if row["pass_through"]]
    assert f"between {min(passed):.2f} and {max(passed):.2f} over 2 points" in text
