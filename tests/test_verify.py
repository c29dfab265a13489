"""A study of which any byte is altered, cut off or added is not called whole."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import backfill as bf
from backfill.errors import BackfillError
from backfill.studies.verifying import verify

make = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sweep_worlds.py"))))
KEEP = "keep: {outcomes: [aid], series: {aid: [50 %], stock: each run}}\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study with every kind of file; tests alter one at a time and put it back."""
    place = tmp_path_factory.mktemp("altered")
    make.furnish(place)
    (place / "floors.yaml").write_text(make.DESIGN + KEEP, encoding="utf-8")
    return bf.sweep(place / "floors.yaml", out=place / "study", block=12).folder


def altered(whole, *, ends, inner):
    """A file with one byte altered, by where that is; with one byte less, one more, and without any."""
    size = len(whole)
    outer = {*range(min(ends, size)), *range(max(size - ends, 0), size)}
    for place in sorted(outer | set(np.random.default_rng(5).integers(0, size, inner).tolist())):
        content = bytearray(whole)
        content[place] ^= 1
        yield f"byte {place} of {size}", bytes(content)
    yield from (("cut off by one", whole[:-1]), ("longer by one", whole + b"\n"), ("empty", b""))


def is_called_whole(folder):
    try:
        return verify(folder, sample=0).is_whole
    except BackfillError:
        return False


def check_every_file(folder, *, blocks="*", ends, inner):
    """Alter every file that holds anything, and find each alteration told.

    blocks: the names of the shards
    ends, inner: how many bytes at both ends of a file are altered, and how many between them
    """
    assert verify(folder, sample=0).is_whole
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    assert {"manifest.json", "design.json", "journal.jsonl", "points.parquet", "summary.csv"} < {
        path.name for path in files
    }
    for path in (path for path in files if "shards" not in path.parts or path.match(blocks)):
        whole = path.read_bytes()
        for what, content in altered(whole, ends=ends, inner=inner):
            path.write_bytes(content)
            assert not is_called_whole(folder), f"{path.relative_to(folder)}: {what} goes unnoticed"
        path.write_bytes(whole)
    assert verify(folder, sample=0).is_whole


def test_no_altered_byte_goes_unnoticed_in_any_file(study):
    check_every_file(study, blocks="b000000.parquet", ends=2, inner=1)


@pytest.mark.slow
def test_no_altered_byte_goes_unnoticed_anywhere(study):
    check_every_file(study, ends=24, inner=400)


def test_a_shard_that_the_journal_does_not_name_is_told_with_what_puts_it_right(study):
    path = study / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.splitlines(keepends=True)[0])
    (told,) = [wrong for wrong in verify(study, sample=0).wrong if "journal" in wrong]
    assert "does not name" in told
    assert f"backfill sweep {study} --resume puts that right" in told
    path.write_bytes(whole)


def test_a_summary_is_written_again_by_going_on_with_a_study(study):
    path = study / "summary.csv"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"baseline", b"baselime"))
    (told,) = verify(study, sample=0).wrong
    assert "summary.csv is not what its shards say" in told
    bf.sweep(study, resume=True)
    assert path.read_bytes() == whole
    assert verify(study, sample=0).is_whole
