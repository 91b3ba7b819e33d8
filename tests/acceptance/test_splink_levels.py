"""Splink's levels of places, times of day, amounts, vectors and lists: imported, the same weights to 1e-6."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on

from support.splink_beside import TO_1E6, score_with_both


def places_and_lists(rows: int = 400, *, seed: int = 9) -> pa.Table:
    """Places, times of day, amounts, vectors and lists, with missing, empty, repeated and opposite values."""
    chance = random.Random(seed)
    start = dt.datetime(1990, 1, 5, 8, 30)
    minutes = [0, 1, 3, 45, 60, 180, 181, 1440, 1500, 44_000, 600_000]
    words = ["night", "nacht", "right", "eight", "yacht"]
    names = ["anna smith", "ana smith", "rob jones", "robert jones", "li wu", "wu li", "hannah smyth"]
    towns = [(53.80, -1.55), (53.81, -1.54), (53.96, -1.08), (51.5, -0.12), (-33.9, 151.2), (0.0, 0.0)]

    def some(made: Callable[[], Any], missing: float = 0.1) -> Any:
        return None if chance.random() < missing else made()

    def near() -> tuple[float, float]:
        lat, long = chance.choice(towns)
        return lat + chance.choice([0, 0, 0.01, 0.2]), long + chance.choice([0, 0.02])

    people = []
    for number in range(rows):
        lat, long = near()
        moment = start + dt.timedelta(minutes=chance.choice(minutes), seconds=chance.choice([0, 0, 2, 3]))
        people.append(
            {
                "unique_id": f"r{number:04}",
                "lat": some(lambda lat=lat: lat),
                "long": some(lambda long=long: long),
                "moment": some(lambda at=moment: at),
                "written": some(lambda at=moment: at.strftime("%Y-%m-%dT%H:%M:%SZ")),
                "amount": some(
                    lambda: chance.choice([0.0, 0.0, 99.5, 100.0, 100.5, 110.0, 150.0, -20.0, -30.0])
                ),
                "word": some(lambda: chance.choice(words)),
                "kind": some(lambda: chance.choice(["new", "old", "closed"])),
                "vector": some(lambda: [chance.choice([-1.0, 0.5, 1.0, 2.0]) for _ in range(3)]),
                "tags": some(lambda: chance.choices("abcd", k=chance.randint(0, 3))),
                "names": some(lambda: chance.choices(names, k=chance.randint(0, 2))),
                "post": some(lambda: chance.choice(["LS1 4DY", "LS1 4DX", "LS2 9JT", "YO1 7HH", "SW1A 1AA"])),
                "block": str(number % 3),
            }
        )
    table = pa.Table.from_pylist(people)
    place = table.column_names.index("vector")
    return table.set_column(place, "vector", table["vector"].cast(pa.list_(pa.float64(), 3)))


FURTHER_LEVELS = [
    [cll.NullLevel("lat"), *(cll.DistanceInKMLevel("lat", "long", km) for km in (0.5, 5, 40))],
    [cll.DistanceInKMLevel("lat", "long", 5, not_null=True)],
    [
        cll.NullLevel("moment"),
        *(
            cll.AbsoluteTimeDifferenceLevel("moment", input_is_string=False, threshold=n, metric=unit)
            for n, unit in ((2, "second"), (3, "minute"), (3, "hour"), (1, "day"), (1, "month"))
        ),
    ],
    [
        cll.NullLevel("written"),
        *(
            cll.AbsoluteTimeDifferenceLevel("written", input_is_string=True, threshold=n, metric=unit)
            for n, unit in ((3, "second"), (45, "minute"), (3, "hour"), (1, "year"))
        ),
    ],
    [cll.NullLevel("moment"), cll.ExactMatchLevel("moment")],
    [
        cll.NullLevel("amount"),
        *(cll.PercentageDifferenceLevel("amount", share) for share in (0.005, 0.1, 0.4)),
    ],
    [cll.Not(cll.PercentageDifferenceLevel("amount", 0.1))],
    [
        cll.NullLevel("word"),
        *(
            cll.DistanceFunctionLevel("word", "hamming", places, higher_is_more_similar=False)
            for places in (1, 2)
        ),
    ],
    [
        cll.LiteralMatchLevel("kind", "new", "string", side_of_comparison="left"),
        cll.LiteralMatchLevel("kind", "closed", "string", side_of_comparison="right"),
        cll.Not(cll.LiteralMatchLevel("kind", "old", "string", side_of_comparison="left")),
    ],
    [
        cll.And(
            cll.LiteralMatchLevel("kind", "new", "string", side_of_comparison="left"),
            cll.LiteralMatchLevel("kind", "old", "string", side_of_comparison="right"),
        )
    ],
    [cll.NullLevel("vector"), *(cll.CosineSimilarityLevel("vector", limit) for limit in (0.999, 0.8, 0.3))],
    [cll.NullLevel("tags"), cll.ArraySubsetLevel("tags"), cll.ArrayIntersectLevel("tags", 1)],
    [cll.NullLevel("tags"), cll.ArraySubsetLevel("tags", empty_is_subset=True)],
    # Of a list and none DuckDB knows an answer where the one on the right is missing and not the other way round;
    # ours is unknown both ways, so that missing lists have their level first, as in Splink's own comparisons.
    [cll.NullLevel("tags"), cll.Not(cll.ArraySubsetLevel("tags"))],
    [cll.NullLevel("tags"), cll.Not(cll.ArraySubsetLevel("tags", empty_is_subset=True))],
    [cll.NullLevel("tags"), cll.ExactMatchLevel("tags")],
    *(
        [
            cll.NullLevel("names"),
            *(cll.PairwiseStringDistanceFunctionLevel("names", measure, limit) for limit in limits),
        ]
        for measure, limits in (
            ("jaro_winkler", (0.99, 0.95, 0.8)),
            ("jaro", (0.99, 0.9, 0.7)),
            ("levenshtein", (0, 1, 4)),
            ("damerau_levenshtein", (0, 1, 4)),
        )
    ),
    [cll.Not(cll.PairwiseStringDistanceFunctionLevel("names", "jaro", 0.7))],
]


def test_places_times_amounts_and_lists_give_splinks_weight(tmp_path):
    chance = random.Random(11)
    comparisons = [
        cl.CustomComparison(output_column_name=f"c{number}", comparison_levels=[*levels, cll.ElseLevel()])
        for number, levels in enumerate(FURTHER_LEVELS)
    ]
    comparisons.append(cl.PostcodeComparison("post", lat_col="lat", long_col="long", km_thresholds=[1, 50]))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on("block")],
        probability_two_random_records_match=0.01,
    ).create_settings_dict("duckdb")
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"] = chance.uniform(0.01, 0.99)
                level["u_probability"] = chance.uniform(0.01, 0.99)

    both = score_with_both(places_and_lists(), settings, lambda linker: None, tmp_path)

    assert len(both.splink) == both.our_candidates > 20_000
    assert both.largest_difference < TO_1E6
    assert both.unseen == []
