"""The plain twin itself, by hand."""

from __future__ import annotations

import math

import pytest

from joinedup.linkage.expression import parse_condition, parse_key
from joinedup.linkage.model import BlockingRule, model_from_dict
from support import plain_strings, twin

MODEL = model_from_dict(
    {
        "prior": 0.2,
        "comparisons": [
            {
                "name": "surname",
                "levels": [
                    {"when": "missing(surname)"},
                    {"when": "equal(surname)", "m": 0.8, "u": 0.1, "term_frequency": "surname"},
                    {"when": "levenshtein(surname) <= 1", "m": 0.1, "u": 0.1},
                    {"when": "otherwise", "m": 0.1, "u": 0.8},
                ],
            },
            {
                "name": "dob",
                "levels": [
                    {"when": "missing(dob)"},
                    {"when": "equal(dob)", "m": 0.9, "u": 0.3},
                    {"when": "otherwise", "m": 0.1, "u": 0.7},
                ],
            },
        ],
        "blocking_rules": [["dob"], ["surname"]],
    }
)
RECORDS = [
    {"surname": "Smith", "dob": "1990-01-02"},
    {"surname": "Smith", "dob": "1990-01-02"},
    {"surname": "Smyth", "dob": "1990-01-02"},
    {"surname": "Smith", "dob": None},
]


def test_published_values_of_the_string_measures():
    # Winkler (1990), table of examples.
    assert plain_strings.jaro("MARTHA", "MARHTA") == pytest.approx(0.9444, abs=1e-4)
    assert plain_strings.jaro_winkler("DIXON", "DICKSONX") == pytest.approx(0.8133, abs=1e-4)
    assert plain_strings.levenshtein("kitten", "sitting") == 3
    # One swap, and one insertion inside it: 2, where the restricted measure says 3.
    assert plain_strings.damerau_levenshtein("ca", "abc") == 2


def test_candidates_come_under_the_first_rule_that_lets_them_through():
    found = twin.twin_candidates(RECORDS, MODEL.blocking_rules)

    assert found == {(0, 1): 0, (0, 2): 0, (1, 2): 0, (0, 3): 1, (1, 3): 1}
    assert set(twin.twin_candidates(RECORDS, MODEL.blocking_rules, sources="aabb")) == {
        (0, 2),
        (1, 2),
        (0, 3),
        (1, 3),
    }


def test_levels_and_weights():
    found = twin.twin_pairs(RECORDS, MODEL)
    prior = math.log2(0.2 / 0.8)

    # Three of four surnames are Smith: log2(0.1 / 0.75) on top of log2(0.8 / 0.1).
    assert found[0, 1][0] == (1, 1)
    assert found[0, 1][1] == pytest.approx(prior + 3 + math.log2(0.1 / 0.75) + math.log2(3))
    assert found[0, 2] == ((2, 1), pytest.approx(prior + 0 + math.log2(3)))
    assert found[0, 3] == ((1, 0), pytest.approx(prior + 3 + math.log2(0.1 / 0.75)))


def test_u_is_counted_over_all_pairs():
    # Surnames: 3 of 6 pairs equal, 3 one edit apart. Dates: 3 pairs have both, all equal.
    assert twin.twin_u(RECORDS, MODEL) == [[0, 0.5, 0.5, 0.0], [0, 1.0, 0.0]]


def test_one_step_of_em_by_hand():
    # Rule dob: only surname is learnt. Two pairs, levels 1 and 3, prior 1/2.
    # Odds 0.8/0.1 = 8 and 0.1/0.8 = 1/8: chances 8/9 and 1/9.
    rule = BlockingRule(on=(parse_key("dob"),))
    start = [[1.0, 0.8, 0.1, 0.1], [1.0, 0.9, 0.1]]

    m, prior = twin.twin_em([(1, 1), (3, 1)], MODEL, rule=rule, start_m=start, start_prior=0.5, iterations=1)

    assert prior == pytest.approx(0.5)
    assert m[0][1:] == pytest.approx([8 / 9, 1e-9, 1 / 9])
    assert m[1] == [1.0, 0.9, 0.1]


def test_clusters_are_joined_by_pairs_of_the_threshold():
    assert twin.twin_clusters(5, {(1, 3): 2.0, (3, 4): 1.0, (0, 2): 0.9}, threshold=1.0) == [0, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("equal(a)", True),
        ("equal(b)", None),
        ("missing(b)", True),
        ("not equal(b)", None),
        ("equal(a) or equal(b)", True),
        ("equal(a) and equal(b)", None),
        ("equal(c) and equal(b)", False),
        ("swapped(a, c)", False),
        ("crossed(c, d)", True),
        ("days_apart(e) <= 31", True),
        ("days_apart(e) <= 30", False),
        ("day_month_swapped(f)", True),
        ("overlap(g) >= 2", False),
        ("overlap(g) >= 1", True),
        ('both(a, "x")', True),
        ('both(c, "p")', False),
        ("difference(h) <= 1", False),
        ("jaccard(c) >= 0.1", False),
    ],
)
def test_conditions_in_sqls_logic(condition, expected):
    one = {
        "a": "x",
        "b": None,
        "c": "p",
        "d": "z",
        "e": "1990-01-01",
        "f": "1990-02-03",
        "g": "a|b",
        "h": "1",
    }
    other = {
        "a": "x",
        "b": "y",
        "c": "q",
        "d": "p",
        "e": "1990-02-01",
        "f": "1990-03-02",
        "g": "b|c",
        "h": "3",
    }

    assert twin.holds(parse_condition(condition), one, other) is expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("prefix(x, 3)", "surname", "sur"),
        ("suffix(x, 3)", "surname", "ame"),
        ("suffix(x, 3)", "am", "am"),
        ("substring(x, 2, 3)", "surname", "urn"),
        ("squashed(x)", "O'Néil-1", "onéil1"),
        ("year(x)", "1990-02-03", "1990"),
        ("year(x)", "3/2/1990", None),
        ("month_day(x)", "1990-02-03", "02-03"),
        ("postcode_area(x)", "ls1 4dy", "LS"),
        ("postcode_district(x)", "SW1A2AA", "SW1A"),
        ("postcode_sector(x)", "LS1 4DY", "LS1 4"),
        ("postcode_sector(x)", "LS1", None),
        ("email_user(x)", "a.b@c.uk", "a.b"),
        ("email_domain(x)", "a.b@c.uk", "c.uk"),
        ("email_user(x)", "a@b@c", None),
        ("sorted_words(x)", "mary  ann", "ann mary"),
        ("first_word(x)", " mary ann", "mary"),
        ("last_word(x)", "mary ann", "ann"),
        ('pattern(x, "[0-9]+")', "ab12c3", "12"),
        ('without(x, "n/a")', "n/a", None),
        ('iso_date(x, "%d/%m/%Y")', "03/02/1990", "1990-02-03"),
        ("concat(x, prefix(x, 1))", "ab", "ab a"),
        ("joined(x, x)", "ab", "abab"),
        ("upper(lower(x))", "Ab", "AB"),
        ("lower(x)", "", None),
    ],
)
def test_keys(key, value, expected):
    assert twin.value_of(parse_key(key), {"x": value}) == expected
