"""A rehearsal asks all that a model can ask, and leaves nothing behind."""

from __future__ import annotations

import pytest

from joinedup.linkage import pipeline
from joinedup.linkage.model import model_from_dict
from joinedup.linkage.pipeline import link
from joinedup.linkage.rehearse import rehearse
from joinedup.linkage.spec import spec_from_dict
from joinedup.linkage.warm import _QUESTIONS
from support.small_people import MODEL, people_rows, write_rows


@pytest.mark.parametrize("across_only", [False, True])
def test_every_question_and_rule_of_a_model_can_be_rehearsed(across_only):
    rehearse(
        model_from_dict(
            {
                "comparisons": [
                    {"name": f"question {n}", "levels": [{"when": question}, {"when": "otherwise"}]}
                    for n, question in enumerate(_QUESTIONS)
                ],
                "blocking_rules": [
                    ["surname", "first_name"],
                    {"on": ["date_of_birth"], "where": "levenshtein(surname) <= 3"},
                ],
            }
        ),
        across_only=across_only,
    )


def test_a_job_that_is_rehearsed_gives_the_same_answers(tmp_path, monkeypatch):
    write_rows(tmp_path / "people.csv", people_rows(80, seed=2))
    spec = spec_from_dict({"sources": [{"path": "people.csv", "id": "id"}], "model": MODEL}, folder=tmp_path)
    link(spec, tmp_path / "plain", report=False)
    monkeypatch.setattr(pipeline, "_WORTH_REHEARSING", 0)

    link(spec, tmp_path / "rehearsed", report=False)

    for name in ("pairs.parquet", "people.parquet", "model.json"):
        assert (tmp_path / "rehearsed" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
