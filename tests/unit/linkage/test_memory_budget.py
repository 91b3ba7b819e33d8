"""A job with hardly any memory to spare: the same files as any other, and a disk that fills up."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from joinedup.errors import LimitError
from joinedup.linkage import account, budget, descending, kept, outputs
from joinedup.linkage.decisions import COLUMNS
from joinedup.linkage.pipeline import link
from joinedup.linkage.publish import published
from joinedup.linkage.spec import JobKind, Limits, Source, Spec, spec_from_dict
from joinedup.linkage.spill import Spill
from support.small_people import MODEL, people_rows, write_rows

TINY = Limits(memory_gb=1e-6)
UNLIKE = ("stages", "memory_budget_mb", "pairs_on_disk_mb")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_rows(folder / "council.csv", people_rows(250, seed=2))
    write_rows(folder / "clinic.csv", people_rows(250, seed=2, prefix="c"))
    lines = [",".join(COLUMNS)]
    for one, other, verdict in (("r0", "c0", "different"), ("r5", "c9", "same"), ("r7", "c30", "same")):
        lines.append(f"council,{one},clinic,{other},{verdict},clerk,2026-01-02,")
    (folder / "decisions.csv").write_text("\n".join(lines) + "\n")
    return folder


def _sources(folder, **more):
    return tuple(
        Source(path=str(folder / f"{n}.csv"), name=n, id="id", **more) for n in ("council", "clinic")
    )


def _free(folder):
    return Spec(kind=JobKind.LINK_AND_DEDUPE, sources=_sources(folder))


def _given(folder, **more):
    sources = [{"path": f"{n}.csv", "id": "id"} for n in ("council", "clinic")]
    data = {"kind": "link_and_dedupe", "sources": sources, "model": MODEL, "keep_probability": 1e-6, **more}
    return spec_from_dict(data, folder=folder)


JOBS = {
    "no configuration": (_free, None),
    "a link of lists without repeats": (
        lambda folder: Spec(kind=JobKind.LINK, sources=_sources(folder, one_record_per_person=True)),
        None,
    ),
    "a given model": (_given, None),
    "every candidate": (lambda folder: _given(folder, keep_probability=0), None),
    "decisions": (_given, "decisions.csv"),
    "an identifier": (lambda folder: _given(folder, clusters={"identifiers": ["postcode"]}), None),
    "thin evidence": (
        lambda folder: _given(
            folder, clusters={"least_mean_weight": 1.0}, decision={"threshold_weight": -2.0}
        ),
        "decisions.csv",
    ),
}


def _told(out):
    """All that a run says, but how long it took and where its pairs lay."""
    told = {}
    for name in ("pairs", "people", "joined"):
        told[name] = pq.read_table(out / f"{name}.parquet")
    told["review"] = (out / "review.csv").read_text()
    told["model"] = (out / "model.json").read_text()
    told["run"] = {k: v for k, v in json.loads((out / "run.json").read_text()).items() if k not in UNLIKE}
    report = (out / "report.html").read_text()
    told["report"] = report[: report.index("Time, memory and versions</h")]
    return told


@pytest.mark.parametrize("job", JOBS)
def test_the_answers_do_not_depend_on_where_pairs_lie(files, tmp_path, monkeypatch, job):
    make, decisions = JOBS[job]
    spec, decided = make(files), files / decisions if decisions else None
    with monkeypatch.context() as small:
        small.setattr(kept, "ROWS", 97)
        small.setattr(outputs, "_PEOPLE", 61)
        small.setattr(outputs, "_ROWS", 61)
        link(spec, tmp_path / "memory", decisions=decided)
        small.setattr(descending, "MOST", 50)
        small.setattr(budget, "_FEWEST", 3_000)
        # The highest memory is the whole process's, other tests' with it; whether it is told is tried below.
        small.setattr(account, "LEAST", 1 << 50)
        disk = link(replace(spec, limits=TINY), tmp_path / "disk", decisions=decided)
    link(spec, tmp_path / "usual", decisions=decided)

    memory, told = _told(tmp_path / "memory"), _told(tmp_path / "disk")
    assert disk.run.pairs_on_disk_mb > 0 or disk.run.counts["scored_pairs"] < 3_000
    assert disk.run.memory_budget_mb == 0
    for name, value in memory.items():
        assert told[name] == value, name
    usual = _told(tmp_path / "usual")
    for name in ("pairs", "people", "joined", "review", "model"):
        assert usual[name] == memory[name], name


def test_pairs_that_fit_stay_in_memory(files, tmp_path):
    run = link(_given(files), tmp_path / "out").run

    assert run.pairs_on_disk_mb == 0
    assert run.memory_budget_mb == pytest.approx(4e9 / 2**20, abs=0.1)
    assert not any(advice.place == "memory" for advice in run.warnings)


def test_records_that_alone_take_more_than_the_budget_are_refused(files, tmp_path, monkeypatch):
    held = chain([100 << 20], repeat(3_000_000_000))  # at the beginning of the job, and from then on
    monkeypatch.setattr(budget, "resident_bytes", lambda: next(held))

    with pytest.raises(LimitError, match=r"the records take 3\.0 GB, over the limit of 1 GB") as caught:
        link(replace(_given(files), limits=Limits(memory_gb=1.0)), tmp_path / "out")

    assert "memory_gb" in caught.value.mend
    assert not (tmp_path / "out").exists()


def test_what_the_process_held_before_is_not_the_jobs(files, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "resident_bytes", lambda: 9_000_000_000)  # a notebook's data

    assert link(replace(_given(files), limits=Limits(memory_gb=1.0)), tmp_path / "out").run.counts["people"]


def test_a_job_over_its_budget_says_so(files, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "resident_bytes", lambda: 0)
    monkeypatch.setattr("joinedup.linkage.account.LEAST", 1)

    run = link(replace(_given(files), limits=TINY), tmp_path / "out").run

    assert any("over its budget" in advice.what for advice in run.warnings)


FULL_DISK = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from joinedup.errors import LimitError
from joinedup.linkage.pipeline import link
from joinedup.linkage.spec import Limits, load_spec

spec, out, most, memory = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
job = replace(load_spec(spec), limits=Limits(memory_gb=memory))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    link(job, out)
except LimitError as refused:
    print(refused.what, "|", refused.mend)
else:
    print("done")
"""


@pytest.mark.parametrize(("most", "memory"), [(20_000, 1e-6), (20_000, 4.0), (3_000, 4.0), (100, 4.0)])
def test_a_full_disk_is_told_and_leaves_nothing_that_looks_finished(files, tmp_path, most, memory):
    """A limit on the size of any file stands in for a disk that fills up; by it, each of the files fails in turn."""
    spec = tmp_path / "spec.toml"
    sources = "".join(
        f'[[sources]]\npath = "{files}/{n}.csv"\nid = "id"\nname = "{n}"\n' for n in ("council", "clinic")
    )
    (tmp_path / "model.json").write_text(json.dumps(MODEL))
    spec.write_text(f'kind = "link_and_dedupe"\nkeep_probability = 0\nmodel = "model.json"\n{sources}')
    before = {"run.json": "{}", "mine.txt": "kept"}
    (tmp_path / "again").mkdir()
    for name, text in before.items():
        (tmp_path / "again" / name).write_text(text)

    for out in ("new", "again"):
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, str(spec), str(tmp_path / out), str(most), str(memory)],
            capture_output=True,
            text=True,
        )
        assert done.stdout.startswith("the disk is full"), done.stderr
        assert "free some space" in done.stdout

    assert not (tmp_path / "new").exists()
    assert {file.name: file.read_text() for file in (tmp_path / "again").iterdir()} == before


def test_an_earlier_run_stays_until_the_new_one_is_whole(tmp_path):
    out = tmp_path / "deep" / "out"
    with published(out) as folder:
        (folder / "run.json").write_text("first")
        (folder / "people.parquet").write_text("first")
        assert not (out / "run.json").exists()

    def interrupted():
        with published(out) as folder:
            (folder / "people.parquet").write_text("second")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert {file.name: file.read_text() for file in out.iterdir()} == {
        "run.json": "first",
        "people.parquet": "first",
    }
    (out / ".unfinished").mkdir()
    (out / ".unfinished" / "pairs.parquet").write_text("of a run that was killed")
    with published(out) as folder:
        (folder / "run.json").write_text("third")
    assert {file.name for file in out.iterdir()} == {"run.json", "people.parquet"}
    assert (out / "run.json").read_text() == "third"


def test_rows_on_disk_come_back_as_they_were(tmp_path):
    spill = Spill(tmp_path, {"a": np.int32, "b": np.float64})
    for begin in (0, 3, 3):
        spill.append({"a": np.arange(begin, begin + 3), "b": np.arange(3) / 7})

    assert len(spill) == 9
    assert spill.read(2, 5)["a"].tolist() == [2, 3, 4]
    assert spill.read(8, 20)["b"].tolist() == [2 / 7]
    assert [len(chunk["a"]) for chunk in spill.chunks(4)] == [4, 4, 1]
    assert spill.read(9, 9)["a"].dtype == np.int32
    assert spill.bytes == 9 * 12
    assert list(Path(tmp_path).iterdir()) == []
