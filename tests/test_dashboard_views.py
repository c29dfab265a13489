"""What the page is told about the law, one run and stored studies, and what it may not see."""

import asyncio
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import backfill as bf

httpx = pytest.importorskip("httpx", reason="these tests ask the server through httpx")
pages = pytest.importorskip("backfill.dashboard.app", reason="the dashboard is an extra")

ARMS = ("baseline", "no_backfill")
RUNS = 3


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder of results: two runs of one world with other seeds, a damaged one, and something beside the folder."""
    place = tmp_path_factory.mktemp("views")
    home = place / "results"
    home.mkdir()
    world = bf.load("fictional")
    for name, seed in (("fictional-1", 5), ("fictional-2", 6)):
        bf.simulate(world, arms=ARMS, runs=RUNS, seed=seed, under=False).save(home / name)
    shutil.copytree(home / "fictional-1", place / "elsewhere")
    (home / "damaged-1").mkdir()
    (home / "damaged-1" / "manifest.json").write_text('{"program": "back', encoding="utf-8")
    (home / "away-1").symlink_to(place / "elsewhere", target_is_directory=True)
    return home


@pytest.fixture(scope="module")
def page(results):
    """A page's questions to the server."""
    way = httpx.ASGITransport(pages.create_app(results))

    async def reply(path, query):
        async with httpx.AsyncClient(transport=way, base_url="http://127.0.0.1") as client:
            return await client.get(f"/api/{path}", params=query)

    return lambda path, **query: asyncio.run(reply(path, query))


def test_the_page_is_told_what_explain_says(page):
    question = {"from": "JPN", "to": "UKR", "item": "pac3_mse", "on": "2024-01-15"}
    told = page("rules/ask", **question).json()
    known = bf.explain("JPN", "UKR", item="pac3_mse", on="2024-01-15")
    assert told["sentence"] == known.as_json()["sentence"]
    assert told["words"] == known.in_words(sources=True)
    assert [one["sentence"] for one in told["unlocks"]] == [one.sentence for one in known.unlocks]
    assert told["outcome"] == "deny"


def test_a_way_through_another_state_is_asked_leg_by_leg(page):
    told = page("rules/ask", **{"from": "JPN", "to": "UKR", "via": "USA", "item": "pac3", "on": "2024-08-01"}).json()
    assert [(leg["from"], leg["to"]) for leg in told["hops"]] == [("JPN", "USA"), ("USA", "UKR")]


def test_a_wrong_state_and_a_wrong_day_are_told_beside_their_fields(page):
    said = page("rules/ask", **{"from": "JPX", "to": "UKR", "item": "pac3_mse", "on": "2024-21-15"})
    assert said.status_code == 422
    assert set(said.json()["fields"]) == {"from", "on"}
    assert "JPN" in said.json()["fields"]["from"]


def test_the_matrix_answers_as_single_questions_do(page):
    found = page("rules/matrix", item="pac3_mse", on="2024-01-15").json()
    answers = {(one["from"], one["to"]): one["outcome"] for one in found["answers"]}
    for giver, taker in (("JPN", "UKR"), ("DEU", "UKR"), ("USA", "JPN")):
        assert answers[giver, taker] == bf.explain(giver, taker, item="pac3_mse", on="2024-01-15").outcome
    assert page("rules/matrix", item="pac3_mse", on="2024-02-30").status_code == 422


def test_a_run_lived_again_holds_the_stock_that_was_stored(page, results):
    run = 2
    lived = page("step", study="fictional-1", arm="baseline", run=run).json()["lived"]
    held = {(row["state"], row["item"], row["origin"]): row["units"] for row in lived["stock"]}
    table = pq.read_table(results / "fictional-1" / "tables" / "stock.parquet").to_pandas()
    stored = table[(table["arm"] == "baseline") & (table["run"] == run)]
    assert len(stored) > 10
    assert all(
        held[row.state, row.item, row.origin][lived["months"].index(row.month)] == row.units
        for row in stored.itertuples()
    )


def test_what_arrives_in_a_run_is_what_its_table_of_aid_says(page, results):
    lived = page("step", study="fictional-1", arm="baseline", run=0).json()["lived"]
    table = pq.read_table(results / "fictional-1" / "tables" / "aid.parquet").to_pandas()
    stored = table[(table["arm"] == "baseline") & (table["run"] == 0)]
    aided = set(stored["state"])
    sent = sum(sum(row["arrived"]) for row in lived["lots"] if row["to"] in aided)
    assert 0 < sent <= stored["units"].sum()


def test_a_run_that_is_not_stored_is_refused_in_a_sentence(page):
    assert page("step", study="fictional-1", run=RUNS).json()["error"] == "Found run '3'; this has runs 0 to 2."
    assert page("step", study="fictional-1", run="1e9").status_code == 422
    assert "Nearest: no_backfill" in page("step", study="fictional-1", arm="no_backfil").json()["error"]


def test_a_study_tells_its_answer_its_table_and_its_courses(page, results):
    told = page("study", study="fictional-1").json()
    summary = (results / "fictional-1" / "summary.md").read_text(encoding="utf-8")
    assert told["answer"][:40] in summary.replace("\\", "").replace("**", "")
    assert [arm["name"] for arm in told["arms"]] == list(ARMS)
    assert (
        len(told["rows"]) == len((results / "fictional-1" / "summary.csv").read_text(encoding="utf-8").splitlines()) - 1
    )
    course = page("study/course", study="fictional-1", **told["courses"][0]).json()
    assert [fan["arm"] for fan in course["arms"]] == list(ARMS)
    assert len(course["arms"][0]["p50"]) == len(course["months"])


def test_an_arm_against_itself_differs_in_nothing_and_two_seeds_are_not_paired(page):
    same = page("compare", study="fictional-1", arm="baseline", against="baseline").json()
    assert same["runs"] == RUNS
    assert all(row["mean"] == 0 and row["is_nothing"] for row in same["rows"])
    other = page("compare", study="fictional-1", arm="baseline", **{"with": "fictional-2"})
    assert other.status_code == 422
    assert "different futures" in other.json()["error"]


def test_the_difference_of_two_arms_is_that_of_the_stored_runs(page, results):
    told = page("compare", study="fictional-1", arm="baseline", against="no_backfill").json()
    frame = pq.read_table(results / "fictional-1" / "tables" / "outcomes.parquet").to_pandas()
    own = frame[(frame["decides"] == "") & (frame["outcome"] == "units_to_aided") & (frame["by"] == told["by"])]
    means = own.groupby("arm", observed=True)["value"].mean()
    row = next(row for row in told["rows"] if row["outcome"] == "units_to_aided")
    assert row["mean"] == pytest.approx(means["baseline"] - means["no_backfill"])


@pytest.mark.parametrize("name", ["../elsewhere", "away-1", "/etc", ".", "fictional-1/../../elsewhere", "a\0b"])
@pytest.mark.parametrize("path", ["study", "step", "compare", "study/figure"])
def test_nothing_outside_the_folder_is_opened(page, name, path):
    said = page(path, study=name, figure="manifest")
    assert said.status_code in (403, 422)
    assert "question" not in said.json()


def test_a_figure_is_no_way_to_other_files(page):
    assert page("study/figure", study="fictional-1", figure="../manifest").status_code == 404


def test_a_damaged_folder_is_listed_with_what_is_wrong(page):
    listed = {one["name"]: one for one in page("studies").json()["studies"]}
    assert set(listed) == {"fictional-1", "fictional-2", "damaged-1"}
    assert "damaged" in listed["damaged-1"]["problem"]
    assert page("study", study="damaged-1").status_code == 422


def test_a_manifest_that_names_modules_imports_none(page, results):
    stored = results / "fictional-1"
    copy = results / "modular-1"
    shutil.copytree(stored, copy)
    try:
        manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
        manifest["plugins"] = {"antigravity": "0" * 64}
        manifest["identity"] = "other"
        (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        said = page("step", study="modular-1", run=0)
        assert said.status_code == 422
        assert "antigravity" in said.json()["error"]
    finally:
        shutil.rmtree(copy)


def test_a_file_of_results_that_leads_elsewhere_is_not_read(page, results, tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text("**A secret.**\n", encoding="utf-8")
    copy = Path(shutil.copytree(results / "fictional-2", results / "linked-1"))
    try:
        (copy / "summary.md").unlink()
        (copy / "summary.md").symlink_to(secret)
        assert page("study", study="linked-1").json()["answer"] == ""
    finally:
        shutil.rmtree(copy)
