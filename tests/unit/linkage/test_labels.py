"""m learnt from labelled pairs: the shares of the levels, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.errors import SourceError
from joinedup.linkage import JobKind, Source, Spec, evaluate, link, load_model, load_run
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records, encode
from joinedup.linkage.labels import labelled_pairs, with_labels
from joinedup.linkage.model import Model, model_from_dict
from joinedup.linkage.spec import Training
from support.small_people import people_rows, write_rows

MODEL = {
    "comparisons": [
        {
            "name": "surname",
            "levels": [
                {"when": "missing(surname)"},
                {"when": "equal(surname)"},
                {"when": "otherwise"},
            ],
        }
    ],
    "blocking_rules": [["surname"]],
}


@pytest.fixture
def records() -> Records:
    # Two people: a, b, c are one (surnames agree, agree, differ), d and e another (one surname missing).
    table = pa.table({"id": list("abcde"), "surname": ["Li", "Li", "Wu", "Ng", None]})
    return encode({"people": table}, id_columns={"people": "id"}, columns=["surname"])


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def learnt(
    records: Records, path: Path, *, model: Model | None = None, behind: float = 0.0
) -> list[float | None]:
    model = model or model_from_dict(MODEL)
    left, right = labelled_pairs(path, records, across_only=False)
    plan = ComparePlan(records, model.comparisons)
    trained = with_labels(model, plan, left, right, matches_behind=behind)
    return [level.m for level in trained.comparisons[0].levels]


def test_m_is_the_share_of_each_level_among_the_pairs_of_true_clusters(
    records: Records, tmp_path: Path
) -> None:
    truth = write(tmp_path / "truth.csv", "record_id,cluster\na,1\nb,1\nc,1\nd,2\ne,2\n")

    m = learnt(records, truth)

    # Pairs ab agree, ac and bc differ, de is missing; one more match is spread over the two levels.
    assert m[0] is None
    assert m[1:] == pytest.approx([(1 + 0.5) / 4, (2 + 0.5) / 4])


def test_only_what_a_clerk_called_the_same_counts(records: Records, tmp_path: Path) -> None:
    decisions = write(
        tmp_path / "decisions.csv",
        "left_source,left_id,right_source,right_id,decision,decided_by,decided_on,reason\n"
        "people,a,people,b,same,clerk,2026-03-02,\n"
        "people,a,people,d,different,clerk,2026-03-02,\n",
    )

    assert learnt(records, decisions)[1:] == pytest.approx([1.5 / 2, 0.5 / 2])


def test_labels_and_em_are_averaged_by_the_matches_behind_each(records: Records, tmp_path: Path) -> None:
    truth = write(tmp_path / "truth.csv", "record_id,cluster\na,1\nb,1\nc,1\n")
    plain = model_from_dict(MODEL)
    levels = [
        replace(level, m=m) for level, m in zip(plain.comparisons[0].levels, (None, 0.9, 0.1), strict=True)
    ]

    m = learnt(records, truth, model=plain.with_levels(0, levels), behind=10.0)

    # 3 labelled pairs (1 agrees, 2 differ), 1 spread, and 10 matches of EM at 0.9 and 0.1.
    assert m[1:] == pytest.approx([(1.5 + 9) / 14, (2.5 + 1) / 14])


def labelled_run(tmp_path: Path) -> tuple[Spec, list[dict[str, str]]]:
    """A job of 400 people, some of them twice, whose labels tell the person of every record; and its rows."""
    rows = people_rows(400, seed=11)
    file = write_rows(tmp_path / "residents.csv", rows)
    truth = tmp_path / "truth.csv"
    truth.write_text("record_id,cluster\n" + "".join(f"{row['id']},{row['person']}\n" for row in rows))
    source = Source(path=str(file), name="residents", id="id")
    return Spec(kind=JobKind.DEDUPE, sources=(source,), training=Training(labels=str(truth))), rows


def test_the_report_holds_the_pairs_against_the_labels_by_threshold(tmp_path: Path) -> None:
    spec, _ = labelled_run(tmp_path)

    run = link(spec, tmp_path / "out").run

    held = evaluate(tmp_path / "out", tmp_path / "truth.csv")
    (chosen,) = [p for p in run.accuracy if p.threshold_weight == run.threshold_weight]
    assert (chosen.precision, chosen.recall) == (held.pairwise.precision, held.pairwise.recall)
    assert [p.recall for p in run.accuracy] == sorted(p.recall for p in run.accuracy)
    assert load_run(tmp_path / "out" / "run.json").accuracy == run.accuracy
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Accuracy against labels" in page
    assert "The model learnt from these pairs, so the figures are optimistic." in page
    assert "The run learnt from labelled pairs" in held.notes()[0]


def test_a_clerks_decisions_measure_only_where_some_are_different(tmp_path: Path) -> None:
    spec, rows = labelled_run(tmp_path)
    plain = link(replace(spec, training=Training()), tmp_path / "plain")
    person = {row["id"]: row["person"] for row in rows}
    header = "left_source,left_id,right_source,right_id,decision,decided_by,decided_on,reason\n"
    pairs = pq.read_table(plain.directory / "pairs.parquet").sort_by("match_weight").to_pylist()
    true = [person[p["left_id"]] == person[p["right_id"]] for p in pairs]
    lines = [
        f"residents,{p['left_id']},residents,{p['right_id']},{'same' if t else 'different'},c,2026-03-01,\n"
        for p, t in zip(pairs, true, strict=True)
    ]
    both, same = tmp_path / "both.csv", tmp_path / "same.csv"
    both.write_text(header + "".join(lines))
    same.write_text(header + "".join(line for line in lines if ",same," in line))

    measured = link(replace(spec, training=Training(labels=str(both))), tmp_path / "both").run
    unmeasured = link(replace(spec, training=Training(labels=str(same))), tmp_path / "same").run

    assert measured.accuracy[-1].recall == 1.0  # of the decided pairs, all are kept
    assert f"{sum(true):,} the same, {len(true) - sum(true):,} different" in measured.accuracy_basis
    assert (unmeasured.accuracy, unmeasured.learnt_from_labels) == ((), True)


def test_labels_about_nobody_in_the_job_are_refused(records: Records, tmp_path: Path) -> None:
    truth = write(tmp_path / "truth.csv", "record_id,cluster\nx,1\ny,1\n")

    with pytest.raises(SourceError, match="no labelled pair is in this job"):
        labelled_pairs(truth, records, across_only=False)


def test_a_few_labels_of_doubtful_pairs_do_not_unteach_a_model_chosen_without_configuration(tmp_path):
    rows = people_rows(400, seed=11)
    file = write_rows(tmp_path / "residents.csv", rows)
    person = {row["id"]: row["person"] for row in rows}
    truth = tmp_path / "truth.csv"
    truth.write_text("record_id,cluster\n" + "".join(f"{k},{v}\n" for k, v in person.items()))
    spec = Spec(kind=JobKind.DEDUPE, sources=(Source(path=str(file), name="residents", id="id"),))
    plain = link(spec, tmp_path / "plain")
    pairs = pq.read_table(plain.directory / "pairs.parquet").sort_by("match_weight").to_pylist()
    doubtful = [p for p in pairs if person[p["left_id"]] == person[p["right_id"]]][:10]
    labels = tmp_path / "decisions.csv"
    header = "left_source,left_id,right_source,right_id,decision,decided_by,decided_on,reason\n"
    labels.write_text(
        header
        + "".join(
            f"residents,{p['left_id']},residents,{p['right_id']},same,c,2026-03-01,\n" for p in doubtful
        )
    )

    learnt = link(replace(spec, training=Training(labels=str(labels))), tmp_path / "learnt")

    before, after = evaluate(plain.directory, truth), evaluate(learnt.directory, truth)
    assert after.pairwise.f1 >= before.pairwise.f1 - 0.02
    assert learnt.run.prior == pytest.approx(plain.run.prior)
    models = [load_model(run.directory / "model.json") for run in (plain, learnt)]
    assert models[0] != models[1]  # they were learnt from, all the same
    shares = [[level.m or 0.0 for c in model.comparisons for level in c.levels] for model in models]
    moved = max(abs(one - other) for one, other in zip(*shares, strict=True))
    assert moved < 0.1, "ten labels beside some two hundred expected matches"
