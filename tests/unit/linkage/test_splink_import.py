"""Splink's SQL as our conditions: every form of its comparison library, and refusals by name.

That the weights come out the same is shown in tests/acceptance/test_splink_parity.py
and test_splink_levels.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import ColumnExpression, SettingsCreator, block_on

from joinedup.errors import ModelError
from joinedup.linkage.expression import parse_condition
from joinedup.linkage.model import model_from_dict
from joinedup.linkage.splink_import import model_from_splink
from joinedup.linkage.splink_levels import condition_from_sql, rule_from_sql
from joinedup.linkage.sql_condition import SqlError

POSTCODE = "^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?"


def settings(*comparisons, rules=(), **more) -> dict:
    creator = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(comparisons),
        blocking_rules_to_generate_predictions=list(rules),
        **more,
    )
    return creator.create_settings_dict("duckdb")


def whens(comparison) -> list[str]:
    (imported,) = model_from_splink(settings(comparison)).comparisons
    return [str(level.when) for level in imported.levels]


LIBRARY = {
    "exact": (cl.ExactMatch("city"), ["missing(city)", "equal(city)", "otherwise"]),
    "levenshtein": (
        cl.LevenshteinAtThresholds("x", [1, 2]),
        ["missing(x)", "equal(x)", "levenshtein(x) <= 1", "levenshtein(x) <= 2", "otherwise"],
    ),
    "damerau": (
        cl.DamerauLevenshteinAtThresholds("x", 1),
        ["missing(x)", "equal(x)", "damerau_levenshtein(x) <= 1", "otherwise"],
    ),
    "jaro": (cl.JaroAtThresholds("x", 0.9), ["missing(x)", "equal(x)", "jaro(x) >= 0.9", "otherwise"]),
    "jaro_winkler": (
        cl.JaroWinklerAtThresholds("first name", 0.9),
        [
            'missing(column("first name"))',
            'equal(column("first name"))',
            'jaro_winkler(column("first name")) >= 0.9',
            "otherwise",
        ],
    ),
    "jaccard": (
        cl.JaccardAtThresholds("x", 0.7),
        ["missing(x)", "equal(x)", "jaccard(x) >= 0.7", "otherwise"],
    ),
    "arrays": (
        cl.ArrayIntersectAtSizes("x", [2, 1]),
        ["missing(x)", "overlap(x) >= 2", "overlap(x) >= 1", "otherwise"],
    ),
    "date column": (
        cl.AbsoluteDateDifferenceAtThresholds(
            "dob", input_is_string=False, metrics=["day", "month"], thresholds=[3, 11]
        ),
        # eleven twelfths of 365.25 days
        ["missing(dob)", "equal(dob)", "days_apart(dob) <= 3", "days_apart(dob) <= 334.8125", "otherwise"],
    ),
    "date of birth as text": (
        cl.DateOfBirthComparison("dob", input_is_string=True),
        [
            'missing(iso_date(dob, "%Y-%m-%d"))',
            "equal(dob)",
            "levenshtein(dob) <= 1",
            'days_apart(iso_date(dob, "%Y-%m-%d")) <= 30.4375',
            'days_apart(iso_date(dob, "%Y-%m-%d")) <= 365.25',
            'days_apart(iso_date(dob, "%Y-%m-%d")) <= 3652.5',
            "otherwise",
        ],
    ),
    "date of birth as date": (
        cl.DateOfBirthComparison(
            "dob", input_is_string=False, datetime_thresholds=1, datetime_metrics="year"
        ),
        ["missing(dob)", "equal(dob)", "levenshtein(dob) <= 1", "days_apart(dob) <= 365.25", "otherwise"],
    ),
    "postcode": (
        cl.PostcodeComparison("pc", invalid_postcodes_as_null=True),
        [
            f'missing(pattern(pc, "{POSTCODE} [0-9][A-Za-z]{{2}}$"))',
            "equal(pc)",
            f'equal(pattern(pc, "{POSTCODE} [0-9]"))',
            f'equal(pattern(pc, "{POSTCODE}"))',
            'equal(pattern(pc, "^[A-Za-z]{1,2}"))',
            "otherwise",
        ],
    ),
    "email": (
        cl.EmailComparison("email"),
        [
            "missing(email)",
            "equal(email)",
            'equal(pattern(email, "^[^@]+"))',
            "jaro_winkler(email) >= 0.88",
            'jaro_winkler(pattern(email, "^[^@]+")) >= 0.88',
            "otherwise",
        ],
    ),
    "name with phonetic arrays": (
        cl.NameComparison("name", dmeta_col_name="dm"),
        [
            "missing(name)",
            "equal(name)",
            "jaro_winkler(name) >= 0.92",
            "jaro_winkler(name) >= 0.88",
            "overlap(dm) >= 1",
            "jaro_winkler(name) >= 0.7",
            "otherwise",
        ],
    ),
    "forename and surname": (
        cl.ForenameSurnameComparison("f", "s", jaro_winkler_thresholds=[0.9]),
        [
            "missing(f) and missing(s)",
            "equal(f) and equal(s)",
            "swapped(f, s)",
            "jaro_winkler(f) >= 0.9 and jaro_winkler(s) >= 0.9",
            "equal(s)",
            "equal(f)",
            "otherwise",
        ],
    ),
}


@pytest.mark.parametrize("name", LIBRARY)
def test_each_comparison_of_the_library_says_the_same_in_our_language(name):
    comparison, expected = LIBRARY[name]

    assert whens(comparison) == expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (cll.LiteralMatchLevel("x", "male", "string"), 'both(x, "male")'),
        (cll.LiteralMatchLevel("n", "1", "int"), 'both(n, "1")'),
        (cll.LiteralMatchLevel("d", "1990-01-01", "date"), 'both(d, "1990-01-01")'),
        (cll.ColumnsReversedLevel("x", "y"), "crossed(x, y)"),
        (cll.ColumnsReversedLevel("x", "y", symmetrical=True), "swapped(x, y)"),
        (cll.Not(cll.ExactMatchLevel("x")), "not equal(x)"),
        (cll.Not(cll.NullLevel("x")), "not missing(x)"),
        (cll.Or(cll.ExactMatchLevel("x"), cll.NullLevel("y")), "equal(x) or missing(y)"),
        (
            cll.And(cll.Or(cll.ExactMatchLevel("x"), cll.ExactMatchLevel("y")), cll.LevenshteinLevel("z", 1)),
            "(equal(x) or equal(y)) and levenshtein(z) <= 1",
        ),
        (cll.AbsoluteDifferenceLevel("age", 2.5), "difference(age) <= 2.5"),
        (cll.ExactMatchLevel(ColumnExpression("x").lower().substr(2, 3)), "equal(substring(lower(x), 2, 3))"),
        (cll.ExactMatchLevel(ColumnExpression("x").nullif("n/a")), 'equal(without(x, "n/a"))'),
        (
            cll.ExactMatchLevel(ColumnExpression("x").regex_extract("@(.+)$", 1)),
            'equal(pattern(x, "@(.+)$", 1))',
        ),
        (cll.ExactMatchLevel(ColumnExpression("x").cast_to_string()), "equal(x)"),
        (cll.ExactMatchLevel(ColumnExpression("a || ' ' || b")), "equal(concat(a, b))"),
        (cll.ExactMatchLevel(ColumnExpression("a || b")), "equal(joined(a, b))"),
        (
            cll.ExactMatchLevel(ColumnExpression("x").access_extreme_array_element("first")),
            'equal(pattern(x, "^[^|]+"))',
        ),
        (
            cll.AbsoluteDateDifferenceLevel(
                "d", input_is_string=True, threshold=1, metric="day", datetime_format="%d/%m/%Y"
            ),
            'days_apart(iso_date(d, "%d/%m/%Y")) <= 1',
        ),
        (
            cll.AbsoluteTimeDifferenceLevel("t", input_is_string=True, threshold=3, metric="hour"),
            'days_apart(iso_date(t, "%Y-%m-%dT%H:%M:%SZ")) <= 0.125',
        ),
        (
            cll.DistanceInKMLevel("lat", "long", 5, not_null=True),
            "not missing(lat) and not missing(long) and kilometres_apart(concat(lat, long)) <= 5",
        ),
        (cll.CosineSimilarityLevel("v", 0.8), "cosine(v) >= 0.8"),
        (cll.ArraySubsetLevel("a"), "subset(a)"),
        (cll.ArraySubsetLevel("a", empty_is_subset=True), "subset_or_empty(a)"),
        (cll.PairwiseStringDistanceFunctionLevel("a", "jaro_winkler", 0.9), "any_jaro_winkler(a) >= 0.9"),
        (cll.LiteralMatchLevel("x", "3", "int", side_of_comparison="right"), 'right(x, "3")'),
    ],
)
def test_single_levels_and_column_expressions_say_the_same(level, expected):
    sql = level.get_comparison_level("duckdb").sql_condition

    assert str(condition_from_sql(sql)) == expected
    assert parse_condition(expected) == condition_from_sql(sql)


_BELOW_A_TENTH = "proportion_apart(x) <= 0.09999999999999999"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("levenshtein(x_l, x_r) < 3", "levenshtein(x) <= 2"),
        ("levenshtein(x_l, x_r) > 2", "not levenshtein(x) <= 2"),
        ("0.9 <= jaro_similarity(x_l, x_r)", "jaro(x) >= 0.9"),
        ("not (x_l is null or x_r is null)", "not missing(x)"),
        ("x_l is not null and x_r is not null and a_l = a_r", "not missing(x) and equal(a)"),
        ("a_l = b_r and c_l = c_r and b_l = a_r", "swapped(a, b) and equal(c)"),
        ("b_r = a_l", "crossed(a, b)"),
        ("x_l <> x_r", "not equal(x)"),
        ('"odd "" name_l" = "odd "" name_r"', 'equal(column("odd \\" name"))'),
        ("`a_l` = `a_r`", "equal(a)"),
        ("x_l::varchar = x_r::varchar", "equal(x)"),
        ("abs(date_diff('day', d_l, d_r)) <= 5", "days_apart(d) <= 5"),
        ("split_part(e_l, '@', 1) = split_part(e_r, '@', 1)", 'equal(pattern(e, "^[^@]+"))'),
        ("right(x_l, 4) = right(x_r, 4)", "equal(suffix(x, 4))"),
        ("x_l = 'O''Neil' and x_r = 'O''Neil'", 'both(x, "O\'Neil")'),
        ("x_l = 'male'", 'left(x, "male")'),
        ("x_l = 'new' or 'old' = x_r", 'left(x, "new") or right(x, "old")'),
        ("len(list_intersect(a_l, a_r)) = least(len(a_l), len(a_r))", "subset_or_empty(a)"),
        ("0.1 > abs(x_l - x_r) / (case when x_r > x_l then x_r else x_l end)", _BELOW_A_TENTH),
        ("mismatches(x_l, x_r) < 3", "hamming(x) <= 2"),
        (
            "list_min(list_transform(flatten(list_transform(a_l, lambda i: list_transform(a_r, lambda k: [i, k]))),"
            " lambda p: levenshtein(p[1], p[2]))) < 2",
            "any_levenshtein(a) <= 1",
        ),
    ],
)
def test_sql_written_by_hand_from_the_same_pieces_is_read(sql, expected):
    assert str(condition_from_sql(sql)) == expected


def test_above_a_similarity_is_at_least_the_next_number():
    (level,) = [condition_from_sql("jaro_similarity(x_l, x_r) > 0.5")]

    assert level.threshold > 0.5
    assert level.threshold - 0.5 < 1e-15


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("x_l is null", "one record alone"),
        ("x_l is null and x_r is null", "one record alone"),
        ("length(x_l) > 2", "measure"),
        ("a_l = b_l", "same record"),
        ("levenshtein(a_l, b_r) <= 1", "two different columns"),
        ("x_l in ('a')", "not expected"),
        ("case when x_l = x_r then 1 end", "case"),
        ("regexp_extract(x_l, 'a') = regexp_extract(x_r, 'a')", "nullif"),
        ("soundex(x_l) = soundex(x_r)", "soundex"),
        ("x = x", "which record"),
        ("x_l = ", "ends too early"),
        ("(" * 5000, "deeply"),
        ("not " * 5000 + "x_l = x_r", "deeply"),
        ("x_l = x_r; drop table y", "cannot be read"),
        ("try_strptime(x_l, '%H:%M') = try_strptime(x_r, '%H:%M')", "no year"),
        ("try_strptime(x_l, '%Y %j') = try_strptime(x_r, '%Y %j')", "not read"),
        ("least(array_length(a_l), array_length(a_r)) <> 0", "whether lists of 'a' have members"),
        ("case when y_r > y_l then y_r else y_l end <= 1", "case"),
        ("abs(x_l - x_r) / (case when y_r > y_l then y_r else y_l end) < 0.1", "'/'"),
        ("list_max(list_transform(a_l, x -> length(x))) >= 0.9", "list_max"),
        ("'a' = 'a'", "not among"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_piece(sql, part):
    with pytest.raises(SqlError, match=part):
        condition_from_sql(sql)


@pytest.mark.parametrize(
    ("rule", "keys", "where"),
    [
        (block_on("surname"), ["surname"], None),
        (block_on("substr(first_name,1,2)", "dob"), ["prefix(first_name, 2)", "dob"], None),
        (block_on(ColumnExpression("a").lower()), ["lower(a)"], None),
        ("l.a = r.a and levenshtein(l.b, r.b) < 3", ["a"], "levenshtein(b) <= 2"),
        ("l.a = r.a and not (l.b = r.b)", ["a"], "not equal(b)"),
    ],
)
def test_blocking_rules_become_keys_and_conditions(rule, keys, where):
    (imported,) = model_from_splink(settings(cl.ExactMatch("x"), rules=[rule])).blocking_rules

    assert [str(key) for key in imported.on] == keys
    assert (str(imported.where) if imported.where else None) == where


@pytest.mark.parametrize("sql", ["levenshtein(l.a, r.a) < 2", "l.a = r.a or l.b = r.b", "1 = 1", "l.a = l.b"])
def test_a_rule_without_an_equality_is_refused(sql):
    with pytest.raises(SqlError):
        rule_from_sql(sql)


def test_a_rule_that_explodes_arrays_is_refused_by_its_number():
    data = settings(cl.ExactMatch("x"), rules=[block_on("x"), block_on("a", arrays_to_explode=["a"])])

    with pytest.raises(ModelError, match="arrays to explode") as refusal:
        model_from_splink(data)

    assert "blocking rule 2" in refusal.value.where


def test_an_untrained_model_stays_untrained_and_keeps_its_adjustments():
    comparison = cl.NameComparison("name")
    data = settings(comparison)
    data["comparisons"][0]["comparison_levels"][1] |= {
        "tf_adjustment_weight": 0.5,
        "tf_minimum_u_value": 0.001,
    }

    model = model_from_splink(data)
    exact = model.comparisons[0].levels[1]

    assert not model.is_trained
    assert (str(exact.term_frequency), exact.term_frequency_weight, exact.term_frequency_minimum) == (
        "name",
        0.5,
        0.001,
    )
    assert [level.missing for level in model.comparisons[0].levels] == [True] + [False] * 5


def test_a_trained_model_keeps_probabilities_prior_and_what_is_fixed():
    data = settings(cl.ExactMatch("x"), probability_two_random_records_match=0.001)
    levels = data["comparisons"][0]["comparison_levels"]
    levels[1] |= {"m_probability": 0.9, "u_probability": 0.1, "fix_u_probability": True}
    levels[2] |= {"m_probability": 0.1, "u_probability": 0.9}

    model = model_from_splink(data)
    _, exact, rest = model.comparisons[0].levels

    assert model.is_trained
    assert (exact.m, exact.u, exact.fixed_m, exact.fixed_u) == (0.9, 0.1, False, True)
    assert (rest.m, rest.u, model.prior) == (0.1, 0.9, 0.001)


def test_a_level_not_observed_in_training_gets_what_splink_falls_back_to():
    data = settings(cl.JaroAtThresholds("x", [0.9, 0.8]))
    levels = data["comparisons"][0]["comparison_levels"]
    levels[1] |= {"m_probability": 0.9, "u_probability": 0.1}
    levels[2] |= {"m_probability": "level not observed in training dataset"}

    imported = model_from_splink(data).comparisons[0].levels

    # Four levels: m .95 then a third of .05 each; weights 10, 3, -1, -5 bits.
    assert imported[2].m == pytest.approx(0.05 / 3)
    assert imported[2].weight == pytest.approx(3)
    assert imported[4].weight == pytest.approx(-5)


def test_the_imported_model_is_written_and_read_as_ours():
    every = [comparison for comparison, _ in LIBRARY.values()]
    model = model_from_splink(
        settings(*every, rules=[block_on("x"), "l.a = r.a and levenshtein(l.b, r.b) < 3"])
    )

    again = model_from_dict(json.loads(json.dumps(model.as_dict())))

    assert again == model


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (cll.DistanceFunctionLevel("x", "my_own_function", 2), "my_own_function"),
        (cll.CustomLevel("list_max(list_transform(x_l, a -> length(a))) >= 2"), "another measure"),
        (cll.CustomLevel("acos(sin(radians(x_l)) * sin(radians(x_r))) <= 2"), "not as Splink writes it"),
        (
            cll.AbsoluteTimeDifferenceLevel(
                "x", input_is_string=True, threshold=1, metric="hour", datetime_format="%Y-%m-%d %I:%M %p"
            ),
            "a time in a form",
        ),
        (cll.CustomLevel("x_l is null and y_r = 'a'"), "one record alone"),
    ],
)
def test_any_other_level_is_refused_by_comparison_label_and_sql(level, name):
    comparison = cl.CustomComparison(
        output_column_name="thing",
        comparison_levels=[cll.NullLevel("x"), level.configure(label_for_charts="near"), cll.ElseLevel()],
    )

    with pytest.raises(ModelError, match=name) as refusal:
        model_from_splink(settings(comparison))

    assert "'thing'" in refusal.value.where
    assert "'near'" in refusal.value.where
    assert "Its SQL: " in refusal.value.what
    assert refusal.value.mend


def custom(*levels) -> dict:
    return {"comparisons": [{"output_column_name": "x", "comparison_levels": list(levels)}]}


EXACT = {"sql_condition": "x_l = x_r", "label_for_charts": "exact"}
ELSE = {"sql_condition": "ELSE", "label_for_charts": "else"}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({}, "no 'comparisons'"),
        ({"comparisons": [1]}, "no 'comparison_levels'"),
        (custom(), "levels are not tables"),
        (custom(ELSE), "fewer than two levels"),
        (custom(EXACT, EXACT), "last level is not ELSE"),
        (custom(ELSE, EXACT, ELSE), "last level is not ELSE"),
        (custom({"label_for_charts": "q"}, ELSE), "no 'sql_condition'"),
        (custom(EXACT | {"m_probability": 1.4}, ELSE), "m probability is 1.4"),
        (custom(EXACT | {"tf_adjustment_column": "y"}, ELSE), "without an exact-match level"),
        (
            custom(
                EXACT,
                {
                    "sql_condition": "levenshtein(x_l, x_r) <= 1",
                    "tf_adjustment_column": "x",
                    "disable_tf_exact_match_detection": True,
                },
                ELSE,
            ),
            "its own u",
        ),
        (custom(EXACT, ELSE) | {"probability_two_random_records_match": 2}, "the prior is 2"),
        (custom(EXACT, ELSE) | {"blocking_rules_to_generate_predictions": [None]}, "without SQL"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(data, what):
    with pytest.raises(ModelError, match=what) as refusal:
        model_from_splink(data)

    assert refusal.value.mend


def test_a_model_saved_by_splink_4_is_read_as_trained():
    """splink_4_model.json was saved by Splink 4.0.17 after training on fake_1000; its numbers are on file."""
    file = Path(__file__).with_name("splink_4_model.json")
    saved = json.loads(file.read_text())

    model = model_from_splink(file)

    assert model.is_trained
    assert model.prior == saved["probability_two_random_records_match"]
    assert [comparison.name for comparison in model.comparisons] == [
        "first_name",
        "surname",
        "dob",
        "city",
        "email",
    ]
    exact, exact_saved = model.comparisons[0].levels[1], saved["comparisons"][0]["comparison_levels"][1]
    assert (exact.m, exact.u) == (exact_saved["m_probability"], exact_saved["u_probability"])
    assert str(model.comparisons[2].levels[2].when) == "damerau_levenshtein(dob) <= 1"
    assert [str(rule) for rule in model.blocking_rules] == ["first_name + city", "surname", "dob"]


@pytest.mark.parametrize("text", ["[]", "{", "null"])
def test_a_file_that_is_no_model_is_refused(tmp_path, text):
    (tmp_path / "model.json").write_text(text)

    with pytest.raises(ModelError):
        model_from_splink(tmp_path / "model.json")
