"""The linkage report says what was done and how sure we are, and keeps people's values to itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from joinedup.linkage.explain import Example, explain_pair
from joinedup.linkage.model import Model, model_from_dict
from joinedup.linkage.report import linkage_report_html
from joinedup.linkage.run import (
    AccuracyPoint,
    Advice,
    ClusterSummary,
    DoubtfulCluster,
    Estimate,
    FieldCount,
    Iteration,
    RuleCount,
    Run,
    Session,
    SourceCount,
    Stage,
    WeightHistogram,
)

MODEL = model_from_dict(
    {
        "prior": 0.01,
        "comparisons": [
            {
                "name": "surname",
                "levels": [
                    {"when": "missing(surname)", "label": "surname is missing"},
                    {"when": "equal(surname)", "label": "same <surname>", "m": 0.8, "u": 0.1},
                    {"when": "otherwise", "label": "another surname", "m": 0.2, "u": 0.9},
                ],
            }
        ],
        "blocking_rules": [["dob"]],
    }
)
STEPS = tuple(Iteration(0.2 + i / 100, 0.5**i, {"surname": (0.9, 0.1)}) for i in range(1, 6))
RUN = Run(
    kind="link",
    seed=42,
    versions={"joinedup": "9.8.7"},
    sources=(
        SourceCount(
            "council", 1200, aside=3, fields=(FieldCount("surname", "SNAME", "surname", 1100, 50, 20, 30),)
        ),
        SourceCount("clinic", 800, one_record_per_person=True),
    ),
    stages=(Stage("read", 1.5, 100.0), Stage("score", 2.5, 321.0)),
    rules=(RuleCount("surname + dob", 40, 40), RuleCount("postcode", 70, 55)),
    sessions=(Session("dob", 400, 5, False, STEPS, ("surname",), ("the sample is small: add records",)),),
    counts={"candidate_pairs": 95, "links": 30, "people": 1970},
    prior=0.01,
    threshold_weight=4.25,
    threshold_probability=0.95,
    precision=Estimate(0.97, 0.94, 0.99, "the model's own probabilities"),
    confidence=("Most links are sure.",),
    warnings=(Advice("few pairs agree on postcode", "add a rule on email", "blocking"),),
    weights=WeightHistogram(-10.0, 1.0, (5, 3, 0, 9)),
    clusters=ClusterSummary(
        people=1970,
        sizes={1: 1950, 2: 19, 12: 1},
        doubtful=(DoubtfulCluster("p17", 12, 4.3, 0.2, 3, "one thread"),),
    ),
    accuracy=(AccuracyPoint(0.0, 0.5, 0.9, 0.643), AccuracyPoint(5.0, 0.9, 0.8, 0.847)),
)
EXAMPLE = Example(
    "near the threshold",
    explain_pair(MODEL, [1]),
    sources=("council", "clinic"),
    ids=("REC-77", "REC-88"),
    values={"surname": ("Zebediah", "Zebedia")},
)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S))


def report(run: Run = RUN, model: Model = MODEL, **more) -> str:
    return linkage_report_html(run, model, examples=[EXAMPLE], generated_on=date(2026, 5, 1), **more)


def test_the_page_tells_every_part_of_the_run():
    page = words(report())

    for told in (
        "2,000 records from council and clinic are 1,970 people.",
        "Pairs of +4.25 bits or more were linked.",
        "94% to 99%, the model&#x27;s own probabilities",
        "3 rows kept aside",
        "blocking: few pairs agree on postcode. What to do: add a rule on email.",
        "Most links are sure.",
        "surname + dob",
        "linked from here",
        "the sample is small: add records",
        "Accuracy against labels",
        "over 10",
        "one thread",
        "A record of council and one of clinic.",
        "at most 321 MiB of memory",
        "9.8.7",
        "1 May 2026",
    ):
        assert told.replace("&#x27;", "'") in page.replace("&#x27;", "'").replace("&#39;", "'"), told


def test_no_identifier_and_no_value_is_shown_unless_asked():
    masked, shown = report(), report(show_values=True)

    for personal in ("Zebediah", "Zebedia", "REC-77", "REC-88"):
        assert personal not in masked
        assert personal in shown
    assert "Values are left out" in masked


def test_labels_are_shown_as_text_and_the_page_loads_nothing():
    page = report()

    assert "<surname>" not in page
    assert "same &lt;surname&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def test_many_remarks_are_folded_into_a_table():
    session = replace(RUN.sessions[0], warnings=tuple(f"remark {n}" for n in range(9)))

    page = report(replace(RUN, sessions=(session,)))

    assert "9 remarks on the sessions" in page
    assert "remark 8" in page
    assert page.count('<p class="warning">') == 1  # the run's own


def test_the_same_run_gives_the_same_page():
    assert report() == report()


def test_a_run_that_knows_little_still_makes_a_page():
    bare = words(linkage_report_html(Run(kind="dedupe", seed=1), MODEL))

    assert "What was done" in bare
    assert "Accuracy" not in bare
    assert "Training" not in bare
    assert "Pairs explained" not in bare


@pytest.mark.parametrize("trained", [True, False])
def test_a_model_without_probabilities_is_shown_without_weights(trained):
    untrained = model_from_dict(
        {
            "comparisons": [{"name": "s", "levels": [{"when": "equal(s)"}, {"when": "otherwise"}]}],
            "blocking_rules": [["s"]],
        }
    )

    page = linkage_report_html(RUN, MODEL if trained else untrained)

    assert ("What each level weighs" in page) is trained
