"""The same answers as Splink 5: its trained model imported, the same pairs, the same weights to 1e-6.

Splink trains and scores; its model is saved, read by ours, and every candidate pair is compared with our own
kernels. What is demanded: the same candidate pairs, and for each the same match weight, with the adjustment
for term frequencies in it. Columns are ASCII: DuckDB's Jaro–Winkler counts bytes, ours characters.
"""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import ColumnExpression, SettingsCreator, block_on

from support.splink_beside import TO_1E6, score_with_both, text_table, trained_by


@pytest.mark.needs_shared
def test_fake_1000_by_splinks_tutorial(shared, tmp_path):
    table = text_table(shared / "data/linkage/fake_1000.csv")
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.LevenshteinAtThresholds("dob", 1),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "city"),
            block_on("surname"),
            block_on("dob"),
        ],
    )
    prior = (
        [
            block_on("first_name", "dob"),
            "l.first_name = r.first_name and levenshtein(l.surname, r.surname) <= 2",
        ],
        0.7,
    )
    train = trained_by(block_on("first_name", "surname"), block_on("dob"), prior=prior)

    both = score_with_both(table, settings, train, tmp_path)

    # 2,406 is the published count of this tutorial's candidate pairs.
    assert (len(both.splink), both.our_candidates) == (2406, 2406)
    assert both.largest_difference < TO_1E6


@pytest.mark.needs_shared
def test_febrl_dataset3_with_dates_postcodes_and_swapped_names(shared, tmp_path):
    table = text_table(shared / "data/linkage/dataset3.csv")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.ForenameSurnameComparison("given_name", "surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.JaroAtThresholds("address_1", [0.9, 0.7]),
            cl.LevenshteinAtThresholds("postcode", 1).configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"),
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("substr(surname, 1, 3)", "postcode"),
        ],
    )
    prior = ([block_on("soc_sec_id")], 0.8)
    train = trained_by(block_on("date_of_birth"), block_on("surname", "postcode"), prior=prior)

    both = score_with_both(table, settings, train, tmp_path, identifier="rec_id")

    assert len(both.splink) == both.our_candidates
    assert both.largest_difference < TO_1E6


@pytest.mark.needs_shared
@pytest.mark.slow
def test_historical_50k_by_splinks_recipe(shared, tmp_path):
    table = text_table(shared / "data/linkage/historical_figures_with_errors_50k.parquet")
    whole = pc.binary_join_element_wise(table["first_name"], table["surname"], " ")
    table = table.drop_columns("first_and_surname").append_column("first_and_surname", whole)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_and_surname"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake, 1, 3)", "dob"),
            block_on("substr(postcode_fake, 1, 3)", "first_name"),
            block_on("substr(postcode_fake, 1, 3)", "surname"),
            block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
        ],
    )
    prior = ([block_on("first_name", "surname", "dob"), block_on("postcode_fake", "dob")], 0.6)
    train = trained_by(block_on("first_name", "surname"), block_on("dob"), prior=prior)

    both = score_with_both(table, settings, train, tmp_path)

    assert len(both.splink) == both.our_candidates
    assert len(both.splink) > 400_000
    assert both.largest_difference < TO_1E6


def made_table(rows: int = 600, *, seed: int = 3) -> pa.Table:
    """People with every kind of trouble that the levels are about, and values missing everywhere."""
    chance = random.Random(seed)
    firsts = ["anna", "rob", "hannah", "anne", "ana", "rob", "robert", "mohammed", "muhammad", "o'neil"]
    lasts = [
        "smith",
        "smyth",
        "smithe",
        "jones",
        "johns",
        "anna",
        "anna",
        "rob",
        "mc donald",
        "mcdonald",
        "li",
    ]
    posts = ["LS1 4DY", "LS1 9XX", "LS1 4DX", "LS2 9JT", "ls1 4dy", "M1 1AE", "nonsense", "SW1A 1AA", "S1"]
    dates = [
        "1990-01-05",
        "1990-05-01",
        "1990-01-04",
        "1991-01-05",
        "1980-01-05",
        "1990-02-30",
        "1990-1-5",
        "5/1/90",
    ]
    tags = ["a", "b", "c", "d"]

    def one(values: list[str], missing: float = 0.12) -> str | None:
        return None if chance.random() < missing else chance.choice(values)

    people = []
    for number in range(rows):
        email = one(
            [f"{a}@{b}" for a in ("jo.smith", "jo.smyth", "info") for b in ("x.org", "another.place.gov.uk")]
        )
        people.append(
            {
                "unique_id": f"r{number:04}",
                "first": one(firsts),
                "last": one(lasts),
                "post code": one(posts),
                "dob": one(dates),
                "born": one(
                    ["1990-01-05", "1990-01-20", "1990-11-05", "1991-01-05", "1994-03-17", "1931-12-30"]
                ),
                "uk_date": one(
                    ["05/01/1990", "6/1/1990", "05/02/1990", "7/3/95", "05/02/1995", "31/02/1990", "n/a"]
                ),
                "email": email,
                "sex": one(["male", "female", "unknown"]),
                "age": None if chance.random() < 0.1 else chance.randint(20, 40),
                "tags": one(["|".join(chance.sample(tags, n)) for n in (1, 2, 3)]),
                "word": one(["night", "nacht", "thing", "ca", "abc", "ac", "abcd", "bcda"]),
                "block": str(number % 4),
            }
        )
    table = pa.Table.from_pylist(people)
    return table.set_column(table.column_names.index("born"), "born", table["born"].cast(pa.date32()))


EVERY_LEVEL = [
    cl.ForenameSurnameComparison("first", "last"),
    cl.NameComparison("last", jaro_winkler_thresholds=[0.95, 0.8, 0.5]),
    cl.DateOfBirthComparison("dob", input_is_string=True),
    cl.DateOfBirthComparison("born", input_is_string=False),
    cl.AbsoluteDateDifferenceAtThresholds(
        "uk_date",
        input_is_string=True,
        metrics=["day", "month"],
        thresholds=[1, 1.5],
        datetime_format="%d/%m/%Y",
    ),
    cl.PostcodeComparison("post code", invalid_postcodes_as_null=True),
    cl.EmailComparison("email"),
    cl.DamerauLevenshteinAtThresholds("word", [1, 2, 3]),
    cl.JaccardAtThresholds("word", [0.9, 0.6, 0.4]),
    cl.JaroAtThresholds("word", [0.9, 0.75]),
    cl.CustomComparison(
        output_column_name="mixed",
        comparison_levels=[
            cll.NullLevel("sex"),
            cll.LiteralMatchLevel("sex", "male", "string").configure(label_for_charts="both male"),
            cll.And(cll.ExactMatchLevel("sex"), cll.Not(cll.ExactMatchLevel("email"))),
            cll.Or(
                cll.ExactMatchLevel(ColumnExpression("first").substr(2, 2)), cll.LevenshteinLevel("word", 1)
            ),
            cll.ExactMatchLevel(ColumnExpression("uk_date").nullif("n/a").lower()),
            cll.ExactMatchLevel(ColumnExpression("email").regex_extract("@([^@]+)$", 1)),
            cll.ElseLevel(),
        ],
    ),
    cl.CustomComparison(
        output_column_name="age",
        comparison_levels=[
            cll.NullLevel("age"),
            cll.AbsoluteDifferenceLevel("age", 2),
            {"sql_condition": "abs(age_l - age_r) > 10", "label_for_charts": "far"},
            cll.ElseLevel(),
        ],
    ),
]


def test_every_level_that_is_imported_gives_splinks_weight(tmp_path):
    table = made_table()
    chance = random.Random(5)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=EVERY_LEVEL,
        blocking_rules_to_generate_predictions=[
            block_on("block"),
            block_on("substr(last, 1, 2)", ColumnExpression("email").lower()),
            "l.sex = r.sex and levenshtein(l.first, r.first) < 2 and not (l.last = r.last)",
        ],
        probability_two_random_records_match=0.01,
    ).create_settings_dict("duckdb")
    # Every comparison has its own name and every level its own weight, so that none is taken for another.
    for number, comparison in enumerate(settings["comparisons"]):
        comparison["output_column_name"] = f"comparison_{number}"
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"] = chance.uniform(0.01, 0.99)
                level["u_probability"] = chance.uniform(0.01, 0.99)

    both = score_with_both(table, settings, lambda linker: None, tmp_path)

    assert len(both.splink) == both.our_candidates
    assert both.largest_difference < TO_1E6
    assert both.unseen == []


def test_arrays_are_texts_divided_by_a_stroke(tmp_path):
    ours = made_table().select(["unique_id", "tags", "block"])
    theirs = ours.set_column(1, "tags", pc.split_pattern(ours["tags"], "|"))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.CustomComparison(
                output_column_name="tags",
                comparison_levels=[
                    cll.NullLevel("tags"),
                    cll.ArrayIntersectLevel("tags", 3),
                    cll.ArrayIntersectLevel("tags", 2),
                    cll.ExactMatchLevel(ColumnExpression("tags").access_extreme_array_element("last")),
                    cll.ExactMatchLevel(ColumnExpression("tags").access_extreme_array_element("first")),
                    cll.ArrayIntersectLevel("tags", 1),
                    cll.ElseLevel(),
                ],
            ).configure(
                m_probabilities=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1],
                u_probabilities=[0.01, 0.04, 0.1, 0.15, 0.2, 0.5],
            )
        ],
        blocking_rules_to_generate_predictions=[block_on("block")],
    )

    both = score_with_both(theirs, settings, lambda linker: None, tmp_path, ours=ours)

    assert len(both.splink) == both.our_candidates
    assert both.largest_difference < TO_1E6
    assert both.unseen == []


def test_term_frequency_adjustments_with_weights_and_floors(tmp_path):
    table = made_table()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[cl.NameComparison("first"), cl.ForenameSurnameComparison("first", "last")],
        blocking_rules_to_generate_predictions=[block_on("block")],
        probability_two_random_records_match=0.01,
    ).create_settings_dict("duckdb")
    first, both_names = (comparison["comparison_levels"] for comparison in settings["comparisons"])
    first[1] |= {"tf_adjustment_weight": 0.7, "tf_minimum_u_value": 0.08}
    first[2] |= {"tf_adjustment_column": "first", "tf_adjustment_weight": 0.3}
    for place, level in enumerate([*first[1:], *both_names[1:]]):
        level |= {"m_probability": 0.9 / (place + 1), "u_probability": 0.02 * (place + 1)}

    both = score_with_both(table, settings, lambda linker: None, tmp_path)

    assert len(both.splink) == both.our_candidates
    assert both.largest_difference < TO_1E6
