"""A service held against the standard, which is data with a date."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from joinedup.errors import ModelError
from joinedup.feedback.figures import MonthFigures
from joinedup.feedback.measures import Measure, Scores, share
from joinedup.feedback.scorecard import scorecard
from joinedup.feedback.standard import Judgement, judge, read_standard

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 31)
GOOD = MonthFigures(JANUARY, started=1000, completed=801, digital=640, cost_pence=200_000)


EIGHTY = Scores((0, 0, 0, 80, 20))  # 80 x 75 + 20 x 100


def card(*figures: MonthFigures, scores: Scores = EIGHTY, **told):
    return scorecard(
        service_id="s-1",
        service="Blue Badge",
        first=JANUARY,
        last=MARCH,
        scores=scores,
        responses=scores.total,
        figures=figures,
        standard=read_standard(),
        **told,
    )


def test_the_shipped_standard_says_when_it_was_stated_and_that_nobody_verified_it():
    standard = read_standard()

    assert standard.stated_on == date(2023, 10, 1)
    assert not standard.is_verified
    assert {each.code: each.above for each in standard.criteria} == {
        "satisfaction": Fraction(78, 100),
        "completion": Fraction(80, 100),
        "take_up": Fraction(79, 100),
        "cost": None,
        "accessibility": None,
    }


def test_a_service_that_meets_all_of_it_is_great():
    found = card(GOOD, cost_at_most_pence=300, is_accessible=True)

    assert found.measured[Measure.SATISFACTION].shown == "80.0%"
    assert found.measured[Measure.COMPLETION].shown == "80.1%"
    assert found.measured[Measure.TAKE_UP].shown == "79.9%"
    assert found.measured[Measure.COST].shown == "£2.50"
    assert {judgement for _, judgement in found.judged.criteria} == {Judgement.MET}
    assert found.judged.overall is Judgement.MET


def test_what_is_not_known_keeps_a_service_from_being_great_and_does_not_fail_it():
    found = card(GOOD, cost_at_most_pence=300)

    assert found.judged.of("accessibility") is Judgement.NOT_KNOWN
    assert found.judged.overall is Judgement.NOT_KNOWN


def test_one_criterion_that_is_not_met_is_enough():
    assert card(GOOD, cost_at_most_pence=249, is_accessible=True).judged.overall is Judgement.NOT_MET


def test_the_threshold_must_be_passed_by_exact_value():
    standard = read_standard()
    exactly = {Measure.COMPLETION: _completed(80, 100)}
    barely = {Measure.COMPLETION: _completed(8001, 10000)}  # shows 80.0%

    assert judge(standard, exactly).of("completion") is Judgement.NOT_MET
    assert judge(standard, barely).of("completion") is Judgement.MET


def test_months_without_figures_are_named_as_missing():
    found = card(GOOD)

    assert found.measured[Measure.COMPLETION].missing == (date(2026, 2, 1), date(2026, 3, 1))


def test_figures_of_other_months_are_passed_over():
    found = card(GOOD, MonthFigures(date(2025, 12, 1), started=10_000, completed=0))

    assert found.measured[Measure.COMPLETION].below == 1000


def test_for_machines_unknown_is_null():
    told = card(scores=Scores((0, 0, 0, 0, 0))).as_dict()

    assert told["measures"]["satisfaction"]["value"] is None
    assert told["measures"]["completion"]["months_missing"] == ["2026-01", "2026-02", "2026-03"]
    assert told["standard"]["overall"] == "not_known"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "it is not TOML"),
        ('name = "x"\nsource = "y"\nis_verified = true\n[cost]\n', "stated_on is missing"),
        ('name = "x"\nstated_on = 2026-01-01\nsource = "y"\nis_verified = true\n', "it has no criterion"),
        (
            'name = "x"\nstated_on = 2026-01-01\nsource = "y"\nis_verified = true\n[completion]\nabove = 120\n',
            "not a percentage",
        ),
    ],
    ids=["no toml", "no date", "nothing in it", "no percentage"],
)
def test_a_standard_that_cannot_be_is_refused(tmp_path, text, words):
    (tmp_path / "own.toml").write_text(text)

    with pytest.raises(ModelError, match=words):
        read_standard(tmp_path / "own.toml")


def test_an_organisation_may_bring_its_own_standard(tmp_path):
    (tmp_path / "own.toml").write_text(
        'name = "Ours"\nstated_on = 2026-01-01\nsource = "the board"\nis_verified = true\n[completion]\nabove = 90.5\n'
    )

    standard = read_standard(tmp_path / "own.toml")

    assert standard.criteria[0].above == Fraction(905, 1000)
    assert judge(standard, {Measure.SHARE: share(1, 1)}).overall is Judgement.NOT_KNOWN


def _completed(number: int, of: int):
    from joinedup.feedback.measures import completion

    return completion([MonthFigures(JANUARY, started=of, completed=number)])
