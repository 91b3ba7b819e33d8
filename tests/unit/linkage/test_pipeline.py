"""The whole job: what it writes, what it obeys, and what it refuses before anything is written."""

from __future__ import annotations

import json
import logging
import random
from collections import defaultdict

import pyarrow.parquet as pq
import pytest

from joinedup.errors import JoinedupError, LimitError, ModelError, SourceError, UsageError
from joinedup.linkage.decisions import COLUMNS
from joinedup.linkage.model import model_from_dict
from joinedup.linkage.pipeline import link, link_files
from joinedup.linkage.run import load_run
from joinedup.linkage.spec import load_spec, spec_from_dict
from support import twin
from support.small_people import FIELDS, MODEL, people_rows, write_rows

ROWS = people_rows(150, seed=1)


def _spec(folder, *files, **more):
    data = {"sources": [{"path": name, "id": "id"} for name in files], "model": MODEL, **more}
    return spec_from_dict(data, folder=folder)


def _pairs(out):
    return pq.read_table(out / "pairs.parquet").to_pylist()


def _people(out):
    """The records of each person."""
    people = defaultdict(set)
    for row in pq.read_table(out / "people.parquet").to_pylist():
        people[row["person_id"]].add((row["source"], row["record_id"]))
    return dict(people)


def _partition(out):
    return {frozenset(records) for records in _people(out).values()}


def _weights(out):
    return {
        (r["left_source"], r["left_id"], r["right_source"], r["right_id"]): (
            r["match_weight"],
            *(value for name, value in r.items() if name.startswith("level_")),
        )
        for r in _pairs(out)
    }


def _bytes(out):
    names = ("pairs.parquet", "people.parquet", "joined.parquet", "model.json", "review.csv")
    return {name: (out / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A run of a given model over one CSV file."""
    folder = tmp_path_factory.mktemp("given")
    write_rows(folder / "people.csv", ROWS)
    link(_spec(folder, "people.csv", keep_probability=0.001), folder / "out")
    return folder


@pytest.fixture(scope="module")
def found_out(tmp_path_factory):
    """A run without configuration over two files."""
    folder = tmp_path_factory.mktemp("zero")
    write_rows(folder / "council.csv", people_rows(300, seed=2))
    write_rows(folder / "clinic.parquet", people_rows(300, seed=2, prefix="c"))
    link_files([folder / "council.csv", folder / "clinic.parquet"], folder / "out", id_column="id")
    return folder


def test_pairs_weights_and_people_are_the_plain_twins(given):
    wanted = twin.twin_pairs(ROWS, model_from_dict(MODEL))
    least = -9.965  # log2(0.001 / 0.999)
    kept = {pair: value for pair, value in wanted.items() if value[1] >= least - 0.0005}
    number = {row["id"]: n for n, row in enumerate(ROWS)}

    found = {}
    for row in _pairs(given / "out"):
        assert row["left_id"] < row["right_id"]
        pair = tuple(sorted((number[row["left_id"]], number[row["right_id"]])))
        levels = tuple(value for name, value in row.items() if name.startswith("level_"))
        found[pair] = levels, pytest.approx(row["match_weight"], abs=1e-9)
        odds = 2 ** row["match_weight"]
        assert row["match_probability"] == pytest.approx(odds / (1 + odds), abs=1e-12)
    assert found == kept

    run = json.loads((given / "out" / "run.json").read_text())
    threshold = run["threshold_weight"]
    weights = {pair: weight for pair, (_, weight) in wanted.items()}
    clusters = twin.twin_clusters(len(ROWS), weights, threshold=threshold)
    groups = defaultdict(set)
    for row, cluster in zip(ROWS, clusters, strict=True):
        groups[cluster].add(("people", row["id"]))
    assert _partition(given / "out") == {frozenset(group) for group in groups.values()}


def test_the_counts_of_the_run_add_up(given):
    run = json.loads((given / "out" / "run.json").read_text())
    counts, wanted = run["counts"], twin.twin_candidates(ROWS, model_from_dict(MODEL).blocking_rules)

    assert counts["records"] == len(ROWS)
    assert counts["candidate_pairs"] == len(wanted)
    assert counts["candidate_pairs"] == sum(run["weights"]["counts"])
    assert counts["scored_pairs"] == len(_pairs(given / "out"))
    assert counts["links"] == sum(r["match_weight"] >= run["threshold_weight"] for r in _pairs(given / "out"))
    assert counts["people"] == len(_people(given / "out"))
    assert sum(len(records) for records in _people(given / "out").values()) == len(ROWS)
    by_rule = [list(wanted.values()).count(n) for n in range(3)]
    assert [rule["new"] for rule in run["rules"]] == by_rule


def test_row_order_does_not_show(given, tmp_path):
    shuffled = random.Random(3).sample(ROWS, len(ROWS))
    write_rows(tmp_path / "people.csv", shuffled)

    link(_spec(tmp_path, "people.csv", keep_probability=0.001), tmp_path / "out")

    assert _bytes(tmp_path / "out") == _bytes(given / "out")


def test_row_order_does_not_show_without_configuration(found_out, tmp_path):
    for name, prefix in (("council.csv", "r"), ("clinic.parquet", "c")):
        rows = people_rows(300, seed=2, prefix=prefix)
        write_rows(tmp_path / name, random.Random(5).sample(rows, len(rows)))

    link_files([tmp_path / "council.csv", tmp_path / "clinic.parquet"], tmp_path / "out", id_column="id")

    assert _weights(tmp_path / "out") == _weights(found_out / "out")
    assert _partition(tmp_path / "out") == _partition(found_out / "out")


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_does_not_show(given, found_out, tmp_path, monkeypatch, threads):
    monkeypatch.setattr("joinedup.linkage.block.CHUNK", 64)
    link(_spec(given, "people.csv", keep_probability=0.001), tmp_path / "given", threads=threads)
    files = [found_out / "council.csv", found_out / "clinic.parquet"]
    link_files(files, tmp_path / "zero", id_column="id", threads=threads)

    assert _bytes(tmp_path / "given") == _bytes(given / "out")
    assert _bytes(tmp_path / "zero") == _bytes(found_out / "out")


def test_csv_and_parquet_give_the_same(given, tmp_path):
    write_rows(tmp_path / "people.parquet", ROWS)

    link(_spec(tmp_path, "people.parquet", keep_probability=0.001), tmp_path / "out")

    assert _bytes(tmp_path / "out") == _bytes(given / "out")


def test_a_link_pairs_records_of_different_sources_alone(found_out):
    pairs = _pairs(found_out / "out")

    assert pairs
    assert {(r["left_source"], r["right_source"]) for r in pairs} == {("council", "clinic")}
    together = [records for records in _people(found_out / "out").values() if len(records) > 1]
    assert len(together) > 250


def test_the_spec_that_was_chosen_gives_the_same_pairs_and_people(found_out, tmp_path):
    again = link(load_spec(found_out / "out" / "spec.toml"), tmp_path / "again")

    assert _weights(again.directory) == _weights(found_out / "out")
    assert _people(again.directory) == _people(found_out / "out")
    first = json.loads((found_out / "out" / "run.json").read_text())
    assert again.run.threshold_weight == first["threshold_weight"]
    assert again.run.counts == first["counts"]


def test_every_promised_file_is_written(given, found_out):
    always = {"pairs.parquet", "people.parquet", "joined.parquet", "model.json", "run.json", "report.html"}

    assert always <= {path.name for path in (given / "out").iterdir()}
    assert always | {"spec.toml"} <= {path.name for path in (found_out / "out").iterdir()}
    run = json.loads((found_out / "out" / "run.json").read_text())
    assert {"seed", "versions", "stages", "counts"} <= set(run)
    assert all(stage["seconds"] >= 0 and stage["peak_memory_mb"] > 0 for stage in run["stages"])


def _decide(path, *decisions):
    lines = [",".join(COLUMNS)]
    lines += [f"people,{a},people,{b},{verdict},clerk,2026-01-02," for a, b, verdict in decisions]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_decisions_are_obeyed(given, tmp_path):
    people = sorted(sorted(records) for records in _people(given / "out").values())
    (_, apart), (_, other) = next(records for records in people if len(records) == 2)
    alone = [records[0][1] for records in people if len(records) == 1][:2]
    file = _decide(tmp_path / "decisions.csv", (apart, other, "different"), (*alone, "same"))

    link(_spec(given, "people.csv"), tmp_path / "out", decisions=file)

    after = {record: person for person, records in _people(tmp_path / "out").items() for record in records}
    assert after["people", apart] != after["people", other]
    assert after["people", alone[0]] == after["people", alone[1]]


def test_contradicting_decisions_are_refused_before_anything_is_written(given, tmp_path):
    ids = [row["id"] for row in ROWS[:2]]
    file = _decide(tmp_path / "decisions.csv", (*ids, "same"), (*ids, "different"))

    with pytest.raises(SourceError, match="contradict"):
        link(_spec(given, "people.csv"), tmp_path / "out", decisions=file)

    assert not (tmp_path / "out").exists()


def test_one_record_per_person_is_obeyed(tmp_path):
    rows = people_rows(60, seed=4)
    write_rows(tmp_path / "a.csv", rows)
    write_rows(tmp_path / "b.csv", people_rows(60, seed=4, prefix="b"))
    sources = [{"path": f"{n}.csv", "id": "id", "one_record_per_person": n == "a"} for n in "ab"]
    free = spec_from_dict(
        {"kind": "link_and_dedupe", "sources": [{**s, "one_record_per_person": False} for s in sources]}
        | {"model": MODEL},
        folder=tmp_path,
    )
    held = spec_from_dict({"kind": "link_and_dedupe", "sources": sources, "model": MODEL}, folder=tmp_path)

    link(free, tmp_path / "free")
    result = link(held, tmp_path / "held")

    def most_of(source, out):
        return max(sum(s == source for s, _ in records) for records in _people(out).values())

    assert most_of("a", tmp_path / "free") > 1
    assert most_of("a", tmp_path / "held") == 1
    assert most_of("b", tmp_path / "held") > 1
    assert result.run.clusters.refused["one to one"] > 0


def test_an_identifier_outside_the_model_keeps_people_apart(tmp_path):
    same = {"first_name": "zofia", "surname": "nowak", "date_of_birth": "1990-02-03"}
    path = tmp_path / "people.csv"
    lines = [",".join(["id", *same, "nino"])]
    lines += [",".join([f"r{n}", *same.values(), nino]) for n, nino in enumerate(("A", "B", "A", ""))]
    path.write_text("\n".join(lines) + "\n")

    link(_spec(tmp_path, "people.csv", clusters={"identifiers": ["nino"]}), tmp_path / "out")

    people = {frozenset(r for _, r in records) for records in _people(tmp_path / "out").values()}
    assert not any({"r0", "r1"} <= records or {"r1", "r2"} <= records for records in people)
    with pytest.raises(SourceError, match="no column 'passport'"):
        link(_spec(tmp_path, "people.csv", clusters={"identifiers": ["passport"]}), tmp_path / "none")


def test_the_joined_row_holds_the_preferred_value_and_why(tmp_path):
    columns = "id,first_name,surname,date_of_birth"
    (tmp_path / "a.csv").write_text(
        f"{columns}\na1,zofia,nowak,1990-02-03\na2,zofia,nowakk,1990-02-03\na3,ann,,1950-01-01\n"
    )
    (tmp_path / "b.csv").write_text(f"{columns}\nb1,sofia,nowakk,1990-02-03\nb2,zofja,nowak,1990-02-03\n")
    spec = _spec(
        tmp_path, "a.csv", "b.csv", kind="link_and_dedupe", output={"prefer": ["b"]},
        decision={"threshold_weight": 0.0},
    )  # fmt: skip

    link(spec, tmp_path / "out")

    rows = pq.read_table(tmp_path / "out" / "joined.parquet").to_pylist()
    (zofia,) = [row for row in rows if row["records"] == 4]
    (ann,) = [row for row in rows if row["records"] == 1]
    assert zofia["sources"] == "a,b"
    # zofia twice, sofia and zofja once each.
    assert (zofia["first_name"], zofia["first_name__rule"]) == ("zofia", "most frequent")
    # nowak and nowakk twice each, both in the preferred source; so the longer.
    assert (zofia["surname"], zofia["surname__source"], zofia["surname__rule"]) == ("nowakk", "b", "longest")
    assert zofia["date_of_birth__rule"] == "only value"
    assert (ann["first_name"], ann["first_name__source"]) == ("ann", "a")
    assert (ann["surname"], ann["surname__source"], ann["surname__rule"]) == (None, None, None)


def test_the_preferred_source_settles_a_draw_and_then_the_alphabet(tmp_path):
    columns = "id,first_name,surname,date_of_birth"
    (tmp_path / "a.csv").write_text(f"{columns}\na1,ann,wu,1990-02-03\na2,amy,wu,1990-02-03\n")
    (tmp_path / "b.csv").write_text(f"{columns}\nb1,anna,wu,1990-02-03\n")
    settings = {"kind": "link_and_dedupe", "decision": {"threshold_weight": -5.0}}

    for prefer, wanted in (
        ([], ("amy", "a", "first in the alphabet")),
        (["b"], ("anna", "b", "preferred source")),
    ):
        spec = _spec(tmp_path, "a.csv", "b.csv", output={"prefer": prefer}, **settings)
        link(spec, tmp_path / "out")
        (row,) = pq.read_table(tmp_path / "out" / "joined.parquet").to_pylist()
        assert (row["first_name"], row["first_name__source"], row["first_name__rule"]) == wanted


def test_a_field_may_be_named_like_a_column_of_the_joined_table(tmp_path):
    (tmp_path / "p.csv").write_text("id,records,surname\n1,x,wu\n2,x,wu\n")
    levels = [{"when": "equal(records)", "m": 0.9, "u": 0.1}, {"when": "otherwise", "m": 0.1, "u": 0.9}]
    model = {
        "prior": 0.5,
        "comparisons": [{"name": "records", "levels": levels}],
        "blocking_rules": [["surname"]],
    }
    spec = spec_from_dict({"sources": [{"path": "p.csv", "id": "id"}], "model": model}, folder=tmp_path)

    link(spec, tmp_path / "out")

    rows = pq.read_table(tmp_path / "out" / "joined.parquet").to_pylist()
    assert [row["records"] for row in rows] == [1, 1]
    assert [row["field_records"] for row in rows] == ["x", "x"]


def test_a_pair_that_is_linked_is_kept_however_unlikely(tmp_path):
    write_rows(tmp_path / "people.csv", ROWS)
    decision = {"threshold_probability": 0.001}

    result = link(_spec(tmp_path, "people.csv", keep_probability=0.5, decision=decision), tmp_path / "out")

    wanted = twin.twin_pairs(ROWS, model_from_dict(MODEL)).values()
    linked = sum(1 for _, weight in wanted if weight >= result.run.threshold_weight)
    assert result.run.counts["links"] == result.run.counts["scored_pairs"] == linked


def test_a_threshold_of_probability_0_links_every_candidate_and_stands_as_a_number(given, tmp_path):
    spec = _spec(given, "people.csv", decision={"threshold_probability": 0.0})

    result = link(spec, tmp_path / "out")

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    told = json.loads((tmp_path / "out" / "run.json").read_text(), parse_constant=refuse)
    assert told["threshold_weight"] == -1_000_000
    assert told["threshold_probability"] == 0
    assert told["counts"]["links"] == told["counts"]["candidate_pairs"] == len(_pairs(tmp_path / "out")) > 0
    assert load_run(tmp_path / "out" / "run.json") == result.run


@pytest.mark.parametrize(
    ("rules", "training", "message"),
    [
        ([["first_name"]], {}, "first_name"),
        ([["surname"]], {"sessions": [["first_name"]]}, "first_name"),
        ([["surname"]], {"prior_rules": [["first_name"]]}, "first_name"),
        ([["date_of_birth"], ["surname"], ["surname", "prefix(surname, 1)"]], {}, "together"),
    ],
)
def test_rules_that_explode_are_refused_before_anything_is_written(given, tmp_path, rules, training, message):
    untrained = {
        "comparisons": [
            {"name": c["name"], "levels": [{"when": level["when"]} for level in c["levels"]]}
            for c in MODEL["comparisons"]
        ],
        "blocking_rules": rules,
    }
    counts = [len(twin.twin_candidates(ROWS, [r])) for r in model_from_dict(untrained).blocking_rules]
    most = max(counts) - (message == "first_name" and not training)
    data = {"model": untrained, "training": training, "limits": {"max_pairs": most}}

    with pytest.raises(LimitError, match=message) as caught:
        link(_spec(given, "people.csv", **data), tmp_path / "out")

    assert not (tmp_path / "out").exists()
    assert any(character.isdigit() for character in caught.value.what)


HEAD = "id,surname,first_name,date_of_birth\n"


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (f"{HEAD}MARKED1,wu,li,\nMARKED1,wu,li,\n", SourceError, "given more than once"),
        (f"{HEAD},wu,li,\nMARKED1,wu,li,\n", SourceError, "no identifier"),
        ("key,surname\n1,wu\n", SourceError, "no column 'id'"),
        (HEAD, SourceError, "no record"),
        ("id,surname\nMARKED1,wu\n", SourceError, "no column 'date_of_birth' in any source"),
    ],
)
def test_what_cannot_be_linked_is_said_plainly(tmp_path, content, error, message):
    (tmp_path / "people.csv").write_text(content)

    with pytest.raises(error, match=message) as caught:
        link(_spec(tmp_path, "people.csv"), tmp_path / "out")

    assert "MARKED" not in str(caught.value)
    assert caught.value.mend
    assert not (tmp_path / "out").exists()


def test_no_file_and_no_telling_field_are_refused(tmp_path):
    with pytest.raises(UsageError):
        link_files([], tmp_path / "out")
    (tmp_path / "people.csv").write_text("surname\nwu\nwu\n")
    with pytest.raises(JoinedupError):
        link_files([tmp_path / "people.csv"], tmp_path / "out")
    with pytest.raises((SourceError, ModelError)):
        link_files([tmp_path / "absent.csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_value_of_a_person_reaches_a_log_an_error_or_the_run_record(tmp_path, caplog):
    rows = people_rows(300, seed=6)
    for row in rows:
        row["surname"] = f"zq{row['surname']}"
        row["postcode"] = None
        row["id"] = f"zq{row['id']}"
    rows.append({**rows[0], "id": "zqlast", "date_of_birth": "zqdate"})
    write_rows(tmp_path / "people.csv", rows)
    with caplog.at_level(logging.DEBUG):
        link_files([tmp_path / "people.csv"], tmp_path / "out", id_column="id")
        spec = _spec(tmp_path, "people.csv", limits={"max_pairs": 1})
        with pytest.raises(LimitError) as caught:
            link(spec, tmp_path / "refused")
        write_rows(tmp_path / "people.csv", [*rows, rows[0]])
        with pytest.raises(SourceError) as twice:
            link_files([tmp_path / "people.csv"], tmp_path / "refused", id_column="id")

    assert caplog.records
    for text in (caplog.text, str(caught.value), str(twice.value)):
        assert "zq" not in text
    for name in ("run.json", "report.html", "model.json", "spec.toml"):
        assert "zq" not in (tmp_path / "out" / name).read_text().lower(), name


def test_the_fields_are_those_of_the_files(found_out):
    joined = pq.read_table(found_out / "out" / "joined.parquet")

    assert set(FIELDS) <= set(joined.column_names)


def test_columns_named_as_nothing_should_be_are_linked_and_joined_again_the_same(tmp_path):
    rows = people_rows(300, seed=3)
    lines = ["First Name,Sur-name!,D.O.B.,from,class,records,größe,otherwise"]
    for n, row in enumerate(rows):
        values = (row["first_name"], row["surname"], row["date_of_birth"], f"x{n % 37}", f"y{n % 3}")
        lines.append(",".join([*map(str, values), str(n % 5), f"z{n % 50}", f"w{n % 60}"]))
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    first = link_files([tmp_path / "people.csv"], tmp_path / "out")
    link(load_spec(tmp_path / "out" / "spec.toml"), tmp_path / "again")

    assert first.run.counts["links"] > 100
    for name in ("pairs.parquet", "people.parquet", "joined.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name
    assert {"from", "class", "field_records", "größe", "otherwise"} <= set(
        pq.read_table(tmp_path / "out" / "joined.parquet").column_names
    )
