"""A clerical sample: what is drawn, written and refused, and what its labels give."""

from __future__ import annotations

import csv

import numpy as np
import pyarrow as pa
import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.sample import draw_pairs, sample
from joinedup.linkage.sample_estimate import evaluate_labels, evaluate_sample
from support.run_directory import write_run


def county(directory, *, couples=300, seed=5):
    """A run of couples: linked pairs are mostly true, those below mostly not. Returns it with the truth."""
    generator = np.random.default_rng(seed)
    people, pairs, true = [], [], {}
    for n in range(couples):
        weight = float(generator.normal(3, 6))
        linked = weight >= 4.0
        people += [("a", f"{n}", 2 * n), ("b", f"{n}", 2 * n if linked else 2 * n + 1)]
        pairs.append(("a", f"{n}", "b", f"{n}", weight))
        true[f"{n}"] = generator.random() < 1 / (1 + 2.0 ** -(weight - 4))
    return write_run(directory, people, pairs, threshold=4.0, row_group_size=64), true


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def labelled(path, label):
    rows = rows_of(path)
    for row in rows:
        row["label"] = label(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.DictWriter(file, rows[0])
        write.writeheader()
        write.writerows(rows)
    return path


def test_pairs_are_drawn_from_every_stratum_with_their_chances(tmp_path):
    run, _ = county(tmp_path / "run")

    drawn = sample(run, size=60, seed=3)
    rows = rows_of(drawn.path)

    assert len(rows) == drawn.pairs == 60
    assert sum(s.pairs for s in drawn.strata) == 300
    assert len({(row["left_id"], row["right_id"]) for row in rows}) == 60
    for stratum in drawn.strata:
        own = [row for row in rows if row["stratum"] == stratum.name]
        assert len(own) == stratum.drawn >= min(2, stratum.pairs)
        for row in own:
            assert float(row["inclusion_probability"]) == pytest.approx(stratum.drawn / stratum.pairs)
    # Weighted by its chance, each drawn pair stands for others: together for all of them.
    assert sum(1 / float(row["inclusion_probability"]) for row in rows) == pytest.approx(300)


def test_the_same_seed_draws_the_same_pairs_and_another_seed_others(tmp_path):
    run, _ = county(tmp_path / "run")

    texts = [sample(run, size=60, seed=seed).path.read_text() for seed in (3, 3, 4)]

    assert texts[0] == texts[1] != texts[2]


def test_strata_part_linked_from_not_and_joined_from_apart(tmp_path):
    # a-b linked and together; c-d linked, and kept apart by a constraint; e-f below and together by a detour.
    people = [(*"xa", 1), (*"xb", 1), (*"xc", 2), (*"xd", 3), (*"xe", 4), (*"xf", 4), (*"xg", 4)]
    pairs = [(*"xaxb", 9.0), (*"xcxd", 9.0), (*"xexf", 3.0), (*"xexg", 5.0)]

    drawn = sample(write_run(tmp_path / "run", people, pairs, threshold=4.0), size=50)
    facts = {row["left_id"] + row["right_id"]: (row["linked"], row["joined"]) for row in rows_of(drawn.path)}

    assert facts == {"ab": ("yes", "yes"), "cd": ("yes", "no"), "ef": ("no", "yes"), "eg": ("yes", "yes")}
    assert [s.name for s in drawn.strata][:1] == ["up to 2 bits below, a person of 3 to 5"]


def test_without_the_sources_no_names_are_written(tmp_path):
    run, _ = county(tmp_path / "run")

    header = next(csv.reader(sample(run, size=60).path.open()))

    assert header == [
        "pair", "left_source", "left_id", "right_source", "right_id",
        "label", "stratum", "stratum_pairs", "inclusion_probability", "linked", "joined", "near",
    ]  # fmt: skip


def test_fields_stand_side_by_side_and_formulas_are_harmless(tmp_path):
    run = write_run(
        tmp_path / "run", [("a", "1", 1), ("b", "=2", 1)], [("a", "1", "b", "=2", 9.0)], threshold=4.0
    )
    tables = {
        "a": pa.table({"id": [1], "surname": ["=HYPERLINK(1)"]}),
        "b": pa.table({"ref": ["=2"], "surname": ["O'Neil"], "town": [None]}),
    }

    (row,) = rows_of(sample(run, tables=tables, id_columns={"a": "id", "b": "ref"}).path)

    assert (row["left_surname"], row["right_surname"]) == ("'=HYPERLINK(1)", "O'Neil")
    assert (row["left_town"], row["right_town"]) == ("", "")
    assert row["right_id"] == "'=2"


def test_too_small_a_sample_is_refused(tmp_path):
    run, _ = county(tmp_path / "run")

    with pytest.raises(UsageError, match=r"3 pairs are too few .* draw at least \d+"):
        sample(run, size=3)


def test_a_run_without_pairs_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no scored pairs"):
        sample(write_run(tmp_path / "run", [("a", "1", 1)], [], threshold=4.0))


def test_a_sample_of_everything_gives_the_exact_figures(tmp_path):
    run, true = county(tmp_path / "run")
    drawn = sample(run, size=300)

    found = evaluate_sample(labelled(drawn.path, lambda row: "same" if true[row["left_id"]] else "different"))

    rows = rows_of(drawn.path)
    linked = [true[row["left_id"]] for row in rows if row["linked"] == "yes"]
    assert found.pairwise.precision.value == pytest.approx(sum(linked) / len(linked))
    assert found.pairwise.recall.value == pytest.approx(sum(linked) / sum(true.values()))
    assert found.pairwise.recall.low == pytest.approx(found.pairwise.recall.high)
    assert found.pairwise.f1.value == pytest.approx(2 * sum(linked) / (len(linked) + sum(true.values())))
    assert found.people.precision.value == found.pairwise.precision.value


def test_a_part_gives_intervals_that_mostly_hold_the_truth(tmp_path):
    run, true = county(tmp_path / "run", couples=2000)

    def estimated(size, seed):
        path = sample(run, size=size, seed=seed).path
        return evaluate_sample(labelled(path, lambda row: "same" if true[row["left_id"]] else "different"))

    exact = estimated(2000, 1).pairwise
    held = 0
    for seed in range(12):
        found = estimated(300, seed).pairwise
        for name in ("precision", "recall", "f1"):
            interval, value = getattr(found, name), getattr(exact, name).value
            held += interval.low <= value <= interval.high
            assert interval.high - interval.low < 0.25
        assert found.near_recall.value >= found.recall.value
    # 36 intervals of 95%; 5 or more misses would be a one-in-fifty event.
    assert held >= 32


def test_blocking_recall_lowers_recall(tmp_path):
    run, true = county(tmp_path / "run")
    path = labelled(sample(run, size=300).path, lambda row: "same" if true[row["left_id"]] else "different")

    plain, known = evaluate_sample(path), evaluate_sample(path, blocking_recall=0.8)

    assert known.pairwise.recall.value == pytest.approx(0.8 * plain.pairwise.recall.value)
    p, r = known.pairwise.precision.value, known.pairwise.recall.value
    assert known.pairwise.f1.value == pytest.approx(2 * p * r / (p + r))
    assert "0.800" in known.basis


def test_unsure_and_empty_labels_are_counted_and_left_out(tmp_path):
    run, _ = county(tmp_path / "run")
    labels = iter(["unsure", ""] + ["same"] * 400)

    found = evaluate_sample(labelled(sample(run, size=100).path, lambda row: next(labels)))

    assert (found.labelled, found.unlabelled) == (98, 2)
    assert found.pairwise.precision.value == 1.0


def test_a_stratum_without_labels_is_named(tmp_path):
    run, _ = county(tmp_path / "run")
    path = labelled(sample(run, size=100).path, lambda row: "" if row["linked"] == "yes" else "different")

    with pytest.raises(SourceError, match=r"no pair of the stratum '.*above.*' is labelled"):
        evaluate_sample(path)


def test_another_label_is_refused_by_row(tmp_path):
    run, _ = county(tmp_path / "run")
    path = labelled(sample(run, size=100).path, lambda row: "yes" if row["pair"] == "3" else "same")

    with pytest.raises(SourceError, match="row 4, column 'label'"):
        evaluate_sample(path)


def test_nothing_true_anywhere_gives_zero(tmp_path):
    run, _ = county(tmp_path / "run")

    found = evaluate_sample(labelled(sample(run, size=100).path, lambda row: "different")).pairwise

    assert (found.precision.value, found.recall.value, found.f1.value) == (0.0, 0.0, 0.0)
    assert found.precision.low == 0.0 < found.precision.high < 0.2


def test_pairs_drawn_without_a_file_are_those_of_the_file_and_give_the_same_estimate(tmp_path):
    people = [("s", str(n), n // 2) for n in range(40)]
    pairs = [("s", str(n), "s", str(n + 1), 6.0 if n % 2 == 0 else -1.0) for n in range(39)]
    run = write_run(tmp_path / "run", people, pairs, threshold=0.0)

    rows = draw_pairs(run, size=20, seed=3)
    with sample(run, size=20, seed=3).path.open() as file:
        written = list(csv.DictReader(file))

    assert [(a, b) for a, b in rows.pairs] == [
        ((row["left_source"], row["left_id"]), (row["right_source"], row["right_id"])) for row in written
    ]
    assert [rows.strata[s].name for s in rows.stratum] == [row["stratum"] for row in written]
    labels = ["same" if int(left[1]) % 2 == 0 else "different" for left, _ in rows.pairs]
    labelled = tmp_path / "labelled.csv"
    with labelled.open("w", newline="") as file:
        out = csv.DictWriter(file, list(written[0]))
        out.writeheader()
        out.writerows(row | {"label": label} for row, label in zip(written, labels, strict=True))
    assert evaluate_labels(rows.strata, zip(rows.stratum, labels, strict=True)) == evaluate_sample(labelled)
    with pytest.raises(SourceError, match="no pair of the stratum"):
        evaluate_labels(rows.strata, [(number, "") for number in rows.stratum])
