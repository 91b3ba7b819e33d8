"""Rules: each metric measured on a table small enough to count by hand; what cannot be is refused."""

import itertools
from datetime import date

import pyarrow as pa
import pytest

from joinedup.errors import ModelError, SourceError
from joinedup.quality import Standing, action_plan_markdown, load_rules, profile, uniqueness, wilson
from joinedup.quality.rules import rules_from
from joinedup.quality.suggest import rules_toml

ON = date(2026, 5, 1)
CSV = """id,status,opened,closed,score,code,email
a1,open,2026-04-30,,5,AB1,x@example.org
a2,open,2026-03-01,,50,AB2,
a3,closed,2026-01-10,2026-01-20,500,zz,y@example.org
a4,closed,2026-02-10,2026-02-01,,AB4,
a5,closed,2025-01-01,,7,AB1,z@example.org
"""


def measured(tmp_path, text):
    data, rules = tmp_path / "d.csv", tmp_path / "rules.toml"
    data.write_text(CSV)
    rules.write_text(text)
    return profile(data, on=ON, rules=rules).results


def rule(metric, *, field="", more=""):
    named = f'field = "{field}"\n' if field else ""
    return f'[[rule]]\nid = "r"\n{named}metric = "{metric}"\ntarget = 0.9\n{more}\n'


@pytest.mark.parametrize(
    ("text", "passed", "total", "failing"),
    [
        (rule("present", field="email"), 3, 5, (2, 4)),
        (rule("present", field="closed", more='where = [{ field = "status", is = "closed" }]'), 2, 3, (5,)),
        (rule("pattern", field="code", more="with = { pattern = 'AB[0-9]' }"), 4, 5, (3,)),
        (rule("one_of", field="status", more='with = { values = ["open"] }'), 2, 5, (3, 4, 5)),
        (rule("range", field="score", more="with = { min = 6, max = 100 }"), 2, 4, (1, 3)),
        (rule("range", field="opened", more="with = { min = 2026-01-01 }"), 4, 5, (5,)),
        (rule("length", field="code", more="with = { min = 3 }"), 4, 5, (3,)),
        (rule("compare", field="closed", more='with = { relation = ">=", other = "opened" }'), 1, 2, (4,)),
        (
            rule(
                "implies",
                more='where = [{ field = "status", is = "open" }]\n'
                'with = { then = { field = "closed", present = false } }',
            ),
            2,
            2,
            (),
        ),
        (rule("within_days", field="opened", more="with = { days = 61 }"), 2, 5, (3, 4, 5)),
        (rule("valid", field="email", more='with = { kind = "email" }'), 3, 3, ()),
        (rule("unique", field="code"), 4, 5, ()),
        (rule("rows", more="with = { min = 6 }"), 0, 1, ()),
        (rule("newest", field="opened", more="with = { days = 1 }"), 1, 1, ()),
        (rule("present", field="id", more='where = [{ field = "score", above = 6 }]'), 3, 3, ()),
    ],
)
def test_each_metric_counts_what_it_says(tmp_path, text, passed, total, failing):
    (result,) = measured(tmp_path, text)
    assert (result.passed, result.total, result.failing_rows) == (passed, total, failing)
    assert result.measured == pytest.approx(passed / total)


def test_values_listed_in_another_dataset_are_found(tmp_path):
    (tmp_path / "codes.csv").write_text("code\nAB1\nAB2\n")
    more = 'with = { file = "codes.csv", column = "code" }'
    (result,) = measured(tmp_path, rule("listed", field="code", more=more))
    assert (result.passed, result.total, result.failing_rows) == (3, 5, (3, 4))


def test_accuracy_without_a_sample_is_not_measured_and_not_good(tmp_path):
    (result,) = measured(tmp_path, rule("matches_reference", field="email"))
    assert result.measured is None
    assert result.standing is Standing.NOT_MEASURED
    assert not result.is_issue


def test_compound_keys_are_unique_together(tmp_path):
    text = '[[rule]]\nid = "r"\nfields = ["status", "code"]\nmetric = "unique"\ntarget = 1.0\n'
    (result,) = measured(tmp_path, text)
    assert (result.passed, result.total, result.measured) == (5, 5, 1.0)  # AB1 twice, but open and closed


def test_standing_and_band_follow_target_and_tolerance(tmp_path):
    base = '[[rule]]\nid = "r{0}"\nfield = "email"\nmetric = "present"\ntarget = {1}\ntolerance = {2}\n{3}\n'
    text = base.format(1, 0.6, 0.0, "") + base.format(2, 0.61, 0.05, "") + base.format(3, 0.9, 0.05, "")
    text += base.format(4, 0.9, 0.0, "bands = { good = 0.9, fair = 0.5 }")
    results = measured(tmp_path, text)
    assert [r.standing for r in results] == [Standing.MET, Standing.NEAR, Standing.BELOW, Standing.BELOW]
    assert results[3].band == "fair"


def test_issues_come_by_importance_then_shortfall(tmp_path):
    entry = '[[rule]]\nid = "{0}"\nfield = "{1}"\nmetric = "present"\ntarget = 1.0\nimportance = "{2}"\n'
    text = entry.format("low", "email", "low") + entry.format("small", "score", "high")
    text += entry.format("large", "closed", "high") + entry.format("fine", "id", "critical")
    data, rules = tmp_path / "d.csv", tmp_path / "rules.toml"
    data.write_text(CSV)
    rules.write_text(text)
    result = profile(data, on=ON, rules=rules)
    assert [i.rule.id for i in result.issues] == ["large", "small", "low"]
    # (2/5 × 3 + 4/5 × 3 + 3/5 × 1 + 1 × 4) ÷ 11, by importance 3, 3, 1 and 4
    complete = next(d for d in result.dimensions if d.dimension == "completeness")
    assert complete.measured == pytest.approx((0.4 * 3 + 0.8 * 3 + 0.6 + 4) / 11)
    assert (complete.standing, complete.worst) == (Standing.BELOW, "large")
    plan = action_plan_markdown(result)
    assert [line for line in plan.splitlines() if line.startswith("## ")] == [
        "## 1. Identify critical data",
        "## 2. Set data quality standards and rules",
        "## 3. Assess current data quality",
        "## 4. Prioritise improvements and set goals",
        "## 5. Identify root causes and take action",
        "## 6. Communicate and report results",
        "## 7. Monitor",
    ]
    assert "from 40% to 100%: put right 3 of 5" in plan


def test_wilson_agrees_with_the_published_example():
    # Newcombe (1998), table 1: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611.
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = wilson(0, 20)
    assert (round(low, 4), round(high, 4)) == (0.0, 0.1611)
    assert wilson(0, 0) == (0.0, 1.0)


def test_uniqueness_is_one_less_the_surplus():
    assert uniqueness(10, 10) == 1
    assert uniqueness(4, 2) == 0.5
    assert uniqueness(0, 0) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[rule]]\nmetric = 'present'\ntarget = 1.0", "no field"),
        ("[[rule]]\nfield='a'\nmetric = 'nice'\ntarget = 1.0", "unknown metric"),
        ("[[rule]]\nfield='a'\nmetric = 'present'\ntarget = 98", "between 0 and 1"),
        ("[[rule]]\nfield='a'\nmetric = 'present'", "target"),
        ("[[rule]]\nfield='a'\nmetric = 'pattern'\ntarget=1.0", "needs 'pattern'"),
        ("[[rule]]\nfield='a'\nmetric = 'pattern'\ntarget=1.0\nwith={pattern='('}", "regular expression"),
        ("[[rule]]\nfield='a'\nmetric = 'present'\ntarget=1.0\ncolour='red'", "unknown setting 'colour'"),
        ("[[rule]]\nfield='a'\nmetric = 'present'\ntarget=1.0\nimportance='huge'", "unknown importance"),
        ("[[rule]]\nfield='a'\nmetric='present'\ntarget=1.0\nwhere=[{field='b'}]", "one test"),
        ("[[rule]]\nfield='a'\nmetric='present'\ntarget=1.0\n" * 2, "two rules"),
        ("[[rules]]\n", "unknown part"),
        ("not toml", "not a TOML file"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_its_place(tmp_path, text, what):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match=what) as caught:
        load_rules(path)
    assert "rules.toml" in caught.value.where


def test_a_missing_rules_file_is_a_source_error(tmp_path):
    with pytest.raises(SourceError):
        load_rules(tmp_path / "none.toml")


def test_a_rules_file_written_by_us_reads_back_the_same(tmp_path):
    content = {
        "rule": [
            {
                "id": 'a"b\\',
                "field": "x y",
                "metric": "one_of",
                "target": 0.5,
                "with": {"values": ["é", 'q"']},
            },
            {"id": "c", "field": "z", "metric": "valid", "target": 0.9, "with": {"kind": "nino"}},
        ]
    }
    rules = rules_from(content).rules
    path = tmp_path / "r.toml"
    path.write_text(rules_toml(rules, dataset='odd "name"'), "utf-8")
    assert load_rules(path).rules == rules


def test_measures_do_not_depend_on_batches(tmp_path):
    from joinedup.people import Meaning
    from joinedup.quality.rows import RuleMeter

    (one,) = rules_from({"rule": [{"id": "r", "field": "a", "metric": "present", "target": 1.0}]}).rules
    whole = pa.record_batch({"a": ["x", None, "", "y", None]})
    meanings: dict[str, Meaning] = {}
    results = []
    for cuts in ((0, 5), (0, 2, 5), (0, 1, 2, 3, 4, 5)):
        meter = RuleMeter(one, columns=["a"], meanings=meanings, on=ON)
        for start, end in itertools.pairwise(cuts):
            meter.update(whole.slice(start, end - start), {})
        results.append(meter.result())
    assert results[0] == results[1] == results[2]
    assert results[0].failing_rows == (2, 3, 5)
