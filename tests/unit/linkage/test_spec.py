"""The job spec: what may be left out, what comes back, and what is refused with the entry's name."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from joinedup.errors import ModelError
from joinedup.linkage.spec import Decision, JobKind, Spec, load_spec, spec_from_dict
from joinedup.linkage.spec_text import spec_toml
from joinedup.linkage.toml_text import toml_text
from joinedup.people.kinds import FieldKind

FULL = r"""
kind = "link_and_dedupe"
seed = 7
keep_probability = 0.05

[[sources]]
path = "in/council tax.csv"
id = "REF"
one_record_per_person = true
read = { encoding = "cp1252", columns = ["REF", "NAME"] }
fields = { full_name = ["FORENAME", "SURNAME"], dob = "D.O.B." }

[[sources]]
path = "postgresql://host/db"
name = "clinic"
read = { table = "patients" }

[fields.dob]
kind = "date_of_birth"
date_order = "dmy"
on = 2026-05-01

[fields.full_name]
standardise = false

[model]
prior = 0.0001
[[model.comparisons]]
name = "name"
levels = [
    { when = "missing(full_name)", label = "missing" },
    { when = "equal(full_name)", label = "same", m = 0.9, u = 0.001, term_frequency = "full_name" },
    { when = 'equal(pattern(full_name, "^\\w+\\b"))', label = "same first word" },
    { when = "otherwise", label = "else", fixed_m = true, m = 0.05 },
]
[[model.blocking_rules]]
on = ["dob", "prefix(full_name, 1)"]
where = "not equal(full_name)"

[training]
u_pairs = 1000
em_pairs = 500
prior_rules = [["full_name", "dob"], { on = "dob", where = "levenshtein(full_name) <= 2" }]
recall = 0.7
sessions = ["dob"]
labels = "labels.csv"
free_u = false
exact_u = false

[decision]
threshold_probability = 0.95

[limits]
memory_gb = 2
max_pairs = 1000000

[clusters]
identifiers = ["nhs_number"]

[output]
show_values = true
example_pairs = 0
prefer = ["clinic"]
"""


def full(folder: Path = Path()) -> Spec:
    return spec_from_dict(tomllib.loads(FULL), folder=folder)


def test_two_files_are_linked_and_one_is_deduplicated_unless_said():
    one = spec_from_dict({"sources": [{"path": "a.csv"}]})
    two = spec_from_dict({"sources": [{"path": "x/a.csv"}, {"path": "b.parquet"}]})

    assert (one.kind, two.kind) == (JobKind.DEDUPE, JobKind.LINK)
    assert [source.name for source in two.sources] == ["a", "b"]
    assert (two.model, two.decision.is_automatic, two.keep_probability) == (None, True, 0.01)


def test_every_entry_arrives_where_it_belongs():
    spec = full()
    council, clinic = spec.sources

    assert (council.name, council.id, council.one_record_per_person) == ("council tax", "REF", True)
    assert council.fields == {"full_name": ("FORENAME", "SURNAME"), "dob": ("D.O.B.",)}
    assert council.read_options().columns == ("REF", "NAME")
    assert clinic.read_options().table == "patients"
    assert spec.fields["dob"].kind is FieldKind.DATE_OF_BIRTH
    assert spec.fields["dob"].field_options().on == dt.date(2026, 5, 1)
    assert not spec.fields["full_name"].standardise
    assert [str(rule) for rule in spec.training.prior_rules] == [
        "full_name + dob",
        "dob where levenshtein(full_name) <= 2",
    ]
    assert spec.decision == Decision(threshold_probability=0.95)
    assert spec.load_model() is spec.model


def test_a_spec_written_out_reads_back_the_same(tmp_path):
    spec = full(tmp_path)
    (tmp_path / "again.toml").write_text(spec_toml(spec))

    assert load_spec(tmp_path / "again.toml") == spec


def test_the_smallest_spec_written_out_reads_back_the_same(tmp_path):
    spec = spec_from_dict({"sources": [{"path": "a.csv"}]})
    (tmp_path / "again.toml").write_text(spec_toml(spec))

    assert load_spec(tmp_path / "again.toml") == spec


def test_a_spec_kept_elsewhere_still_finds_its_files(tmp_path):
    spec = full(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "spec.toml").write_text(spec_toml(spec, folder=tmp_path / "out"))

    moved = load_spec(tmp_path / "out" / "spec.toml")

    file, database = moved.sources
    assert Path(moved.locate(file.path)).resolve() == (tmp_path / "in" / "council tax.csv").resolve()
    assert moved.locate(database.path) == "postgresql://host/db"


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ({"sources": []}, "no sources"),
        ({"sources": [{"path": "a.csv"}, {"path": "b/a.csv"}]}, "two sources are named 'a'"),
        ({"sources": [{"name": "a"}]}, "a source has no path"),
        ({"sources": [{"path": "a.csv"}], "kind": "link"}, "one source to link"),
        (
            {"sources": [{"path": "a.csv"}, {"path": "b.csv"}], "kind": "dedupe"},
            "several sources to deduplicate",
        ),
        ({"sources": [{"path": "a.csv"}], "kind": "merge"}, "'kind' is 'merge'"),
        ({"sources": [{"path": "a.csv"}], "sed": 1}, "unknown entry 'sed'"),
        ({"sources": [{"path": "a.csv"}], "seed": -1}, "'seed' is not a whole number"),
        ({"sources": [{"path": "a.csv"}], "seed": True}, "'seed' is not a whole number"),
        ({"sources": [{"path": "a.csv"}], "keep_probability": 1.5}, "'keep_probability' is not"),
        ({"sources": [{"path": "a.csv", "read": {"encodin": "utf-8"}}]}, "unknown entry 'encodin'"),
        (
            {"sources": [{"path": "a.csv", "read": {"delimiter": ";;"}}]},
            "delimiter is not one ASCII character",
        ),
        ({"sources": [{"path": "a.csv", "read": {"batch_rows": "many"}}]}, "an option has the wrong type"),
        ({"sources": [{"path": "a.csv", "fields": {"dob": []}}]}, "field 'dob' has no column"),
        ({"sources": [{"path": "a.csv"}], "fields": {"dob": {"kind": "birthday"}}}, "'kind' is 'birthday'"),
        ({"sources": [{"path": "a.csv"}], "training": {"recall": 0.5}}, "'recall' without 'prior_rules'"),
        ({"sources": [{"path": "a.csv"}], "training": {"sessions": [{"where": "x"}]}}, "needs 'on'"),
        ({"sources": [{"path": "a.csv"}], "decision": {"threshold": "high"}}, "'threshold' is not \"auto\""),
        (
            {"sources": [{"path": "a.csv"}], "decision": {"threshold": "auto", "threshold_weight": 3}},
            "several thresholds",
        ),
        ({"sources": [{"path": "a.csv"}], "limits": {"memory_gb": 0}}, "'memory_gb' is not a number above 0"),
        ({"sources": [{"path": "a.csv"}], "output": {"prefer": ["b"]}}, "'prefer' names 'b'"),
        (
            {"sources": [{"path": "a.csv"}], "model": "m.json", "splink": "s.json"},
            "both 'model' and 'splink'",
        ),
        ({"sources": [{"path": "a.csv"}], "model": {"comparisons": []}}, "'comparisons' is empty"),
    ],
)
def test_a_wrong_entry_is_refused_by_name_with_what_to_do(entries, what):
    with pytest.raises(ModelError) as refusal:
        spec_from_dict(entries, where="job.toml")

    assert what in refusal.value.what
    assert refusal.value.where
    assert refusal.value.mend


@pytest.mark.parametrize("text", ["kind = ", "\x00", "a = 1\na = 2"])
def test_text_that_is_not_toml_is_refused(tmp_path, text):
    (tmp_path / "spec.toml").write_text(text)

    with pytest.raises(ModelError, match="not valid TOML"):
        load_spec(tmp_path / "spec.toml")


def test_a_spec_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        load_spec(tmp_path / "spec.toml")


def test_toml_holds_quotes_control_characters_and_odd_names():
    data = {
        "a b": 'he said "\\"\x7f\t\n',
        "é": [1, 2.5, True],
        "t": [{"x": [{"y": 1}]}, {"x": []}],
        "u": {"v": {}},
    }

    assert tomllib.loads(toml_text(data)) == data
