"""Errors of a run by group: counted by hand, with small groups kept back, and where each error arose."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.errors import LimitError, SourceError, UsageError
from joinedup.linkage import link_files
from joinedup.linkage.evaluate import evaluate
from joinedup.linkage.fairness import fairness
from joinedup.linkage.fairness_result import SMALL, GroupError, Measure, Verdict, fairness_from_dict
from joinedup.linkage.fairness_words import findings, verdict_words
from joinedup.people.county import linkage_table, population
from joinedup.people.county.traits import traits
from support.run_directory import write_run

ON = date(2026, 3, 31)


def a_run(tmp_path: Path, *, women: int = 20, men: int = 20, kind: str = "dedupe") -> tuple[Path, Path, Path]:
    """Each person has records a and b. Five women are missed: one never kept, two below the threshold, two parted
    from strong links. Two men are taken for one, by a link of their own and one more by way of it."""
    people, pairs, truth, who = [], [], ["source,record_id,cluster"], ["cluster,sex,date_of_birth,area"]
    for at in range(women + men):
        woman = at < women
        mine = (2 * at, 2 * at + 1)
        own = [at, at]
        if woman and at < 5:
            own = [at, 1000 + at]
            if at:
                pairs.append(("a", f"{mine[0]}", "b", f"{mine[1]}", 2.0 if at < 3 else 9.0))
        else:
            pairs.append(("a", f"{mine[0]}", "b", f"{mine[1]}", 9.0))
        if at == women + 1:
            own = [women, women]
            pairs.append(("a", f"{2 * women}", "b", f"{mine[1]}", 7.0))
        people += [("a", f"{mine[0]}", own[0]), ("b", f"{mine[1]}", own[1])]
        truth += [f"a,{mine[0]},x{at}", f"b,{mine[1]},x{at}"]
        who.append(f"x{at},{'F' if woman else 'M'},{1950 + at}-04-01,{'north' if at % 8 else 'isle'}")
    run = write_run(tmp_path / "run", people, pairs, threshold=5.0, kind=kind)
    (tmp_path / "truth.csv").write_text("\n".join(truth) + "\n")
    (tmp_path / "people.csv").write_text("\n".join(who) + "\n")
    return run, tmp_path / "truth.csv", tmp_path / "people.csv"


def by_name(found, key: str) -> dict[str, GroupError]:
    return {
        group.name: group for grouping in found.groupings if grouping.key == key for group in grouping.groups
    }


def test_errors_are_counted_by_person(tmp_path):
    run, truth, people = a_run(tmp_path)

    found = fairness(run, truth, on=ON, people=people)

    women, men = (by_name(found, "sex")[name] for name in ("Women and girls", "Men and boys"))
    assert (women.people, women.records) == (20, 40)
    assert (women.rates[Measure.MISSED].errors, women.rates[Measure.MISSED].chances) == (5, 20)
    assert women.rates[Measure.TORN].errors == 5
    assert women.rates[Measure.WRONG].errors == women.rates[Measure.MIXED].errors == 0
    # Two men of two records each in one person: each has 2 records x 2 of the other's, so 8 ends, of 40 + 8 in all.
    assert (men.rates[Measure.WRONG].errors, men.rates[Measure.WRONG].chances) == (8, 48)
    assert (men.rates[Measure.MIXED].errors, men.rates[Measure.MIXED].chances) == (2, 20)
    assert men.rates[Measure.MISSED].errors == 0


def test_totals_agree_with_the_evaluation(tmp_path):
    run, truth, people = a_run(tmp_path)

    found, whole = fairness(run, truth, on=ON, people=people).everybody, evaluate(run, truth).cluster

    assert 1 - found.rates[Measure.MISSED].value == pytest.approx(whole.recall)
    assert 1 - found.rates[Measure.WRONG].value == pytest.approx(whole.precision)


def test_where_an_error_arose_tells_what_to_mend(tmp_path):
    run, truth, people = a_run(tmp_path)

    sex = by_name(fairness(run, truth, on=ON, people=people), "sex")
    women, men = sex["Women and girls"], sex["Men and boys"]

    causes = women.causes
    assert (causes.not_kept, causes.below, causes.parted) == (1, 2, 2)
    assert causes.not_compared is None  # without the sources this cannot be told
    assert (men.causes.direct, men.causes.chained) == (2, 6)


def test_a_link_job_counts_pairs_across_sources_only(tmp_path):
    run, truth, people = a_run(tmp_path, kind="link")

    men = by_name(fairness(run, truth, on=ON, people=people), "sex")["Men and boys"]

    assert (men.rates[Measure.WRONG].errors, men.rates[Measure.WRONG].chances) == (4, 44)


def test_small_groups_are_kept_back_and_cannot_be_worked_out(tmp_path):
    run, truth, people = a_run(tmp_path, women=30, men=4)

    found = fairness(run, truth, on=ON, people=people, groups=("area",))

    sex = found.groupings[0]
    assert sex.groups == ()  # the women and everybody together would tell of the 4 men
    assert sex.kept_back == 2
    area = by_name(found, "area")
    assert area == {}  # 5 of the 34 live on the isle
    assert "Men" not in json.dumps(found.as_dict())


def test_small_groups_are_shown_together_where_they_are_many_enough(tmp_path):
    run, truth, people = a_run(tmp_path)
    areas = ["east"] * 14 + ["west"] * 12 + ["isle"] * 8 + ["rock"] * 6
    people.write_text("cluster,area\n" + "".join(f"x{at},{area}\n" for at, area in enumerate(areas)))

    area = by_name(fairness(run, truth, on=ON, people=people, groups=("area",)), "area")

    assert {name: group.people for name, group in area.items()} == {"east": 14, "west": 12, SMALL: 14}
    assert not area[SMALL].gaps


def test_a_column_with_a_value_for_each_person_shows_none_of_them(tmp_path):
    run, truth, people = a_run(tmp_path)

    found = fairness(run, truth, on=ON, people=people, groups=("date_of_birth",))

    told = found.groupings[-1]
    assert [group.name for group in told.groups] == []
    assert "1950-04-01" not in json.dumps(found.as_dict())


def test_age_bands_count_back_from_the_day(tmp_path):
    run, truth, people = a_run(tmp_path)

    def bands(on: date) -> dict[str, int]:
        grouping = next(g for g in fairness(run, truth, on=on, people=people).groupings if g.key == "age")
        return {group.name: group.people for group in grouping.groups}

    # Born on 1 April of 1950 to 1989: on 31 March 2026 those of 1950 to 1955 are 70 and over, six and so kept back.
    assert bands(date(2026, 3, 31))["40 to 54"] == 15
    assert bands(date(2030, 4, 1))["70 and over"] == 11


def test_the_words_say_how_much_and_how_sure(tmp_path):
    run, truth, people = a_run(tmp_path, women=200, men=200)
    table = pq.read_table(run / "people.parquet").to_pydict()
    # Thirty more women are torn apart.
    for at in range(40):
        if at >= 10 and at % 2:
            table["person_id"][at * 2] = 5000 + at
    pq.write_table(pa.table(table), run / "people.parquet")

    found = fairness(run, truth, on=ON, people=people)

    gap = by_name(found, "sex")["Women and girls"].gaps[Measure.MISSED]
    assert gap.verdict is Verdict.CLEAR
    said = verdict_words(gap, Measure.MISSED, comparisons=found.comparisons)
    assert said.startswith("links are more often missed: 10.0% against 0%")
    assert said.endswith("a difference that chance hardly explains")
    assert next(findings(found)).startswith("Sex, Women and girls: links are more often missed")


def test_no_difference_is_no_proof_of_equality(tmp_path):
    run, truth, people = a_run(tmp_path, women=5, men=200)
    (tmp_path / "people.csv").write_text("cluster,side\n" + "".join(f"x{at},{at % 2}\n" for at in range(205)))

    found = fairness(run, truth, on=ON, people=people, groups=("side",))

    said = list(findings(found))
    assert not found.clear
    assert "not proof of equal treatment" in said[0]
    group = found.groupings[-1].groups[0]
    assert "could be hidden by chance" in verdict_words(
        group.gaps[Measure.MISSED], Measure.MISSED, comparisons=2
    )


def test_a_record_is_read_back_the_same(tmp_path):
    run, truth, people = a_run(tmp_path)
    found = fairness(run, truth, on=ON, people=people, groups=("area",))

    assert fairness_from_dict(json.loads(json.dumps(found.as_dict()))) == found
    with pytest.raises(SourceError, match="not a fairness record"):
        fairness_from_dict({"format": "other"})


def test_what_cannot_be_done_is_refused(tmp_path):
    run, truth, people = a_run(tmp_path, women=600, men=600)
    with pytest.raises(UsageError, match="no column 'shoe_size'"):
        fairness(run, truth, on=ON, people=people, groups=("shoe_size",))
    rows = "".join(f"x{at},ward {at % 60}\n" for at in range(1200))
    (tmp_path / "people.csv").write_text("cluster,ward\n" + rows)
    with pytest.raises(LimitError, match="60 groups, over 40"):
        fairness(run, truth, on=ON, people=people, groups=("ward",))


@pytest.fixture(scope="module")
def county_run(tmp_path_factory) -> Path:
    """A linked county in which every second record of one naming tradition lost its date of birth and e-mail."""
    folder = tmp_path_factory.mktemp("county")
    made = linkage_table(records=12_000, seed=5)
    everybody = traits(population(people=int(12_000 / 1.785 / 0.87 * 1.01) + 100, seed=5))
    tradition = dict(zip(*(everybody[n].to_pylist() for n in ("cluster", "naming_tradition")), strict=True))
    rng = np.random.default_rng(1)
    hurt = np.array([tradition[str(c)] == "Scottish or Irish" for c in made.clusters]) & (
        rng.random(12_000) < 0.6
    )
    records = made.records
    for name in ("date_of_birth", "email"):
        column = pa.array([None if h else v for h, v in zip(hurt, records[name].to_pylist(), strict=True)])
        records = records.set_column(records.schema.get_field_index(name), name, column)
    pq.write_table(records, folder / "records.parquet")
    pq.write_table(made.truth(), folder / "truth.parquet")
    pq.write_table(everybody, folder / "people.parquet")
    link_files([folder / "records.parquet"], folder / "run", id_column="record_id")
    return folder


def test_a_planted_inequality_in_the_county_is_found_with_its_cause(county_run):
    found = fairness(
        county_run / "run",
        county_run / "truth.parquet",
        on=ON,
        people=county_run / "people.parquet",
        spec=county_run / "run" / "spec.toml",
    )

    grouping = next(g for g in found.groupings if g.key == "naming_tradition")
    clear = {
        g.name
        for g in grouping.groups
        if (gap := g.gaps.get(Measure.MISSED)) and gap.verdict is Verdict.CLEAR
    }
    assert "Scottish or Irish" in clear
    group = next(g for g in grouping.groups if g.name == "Scottish or Irish")
    assert group.gaps[Measure.MISSED].gap.value > 0.03
    causes = group.causes
    assert causes.not_compared + causes.too_low == causes.not_kept
    assert causes.not_kept + causes.below + causes.parted == group.rates[Measure.MISSED].errors


def test_without_words_from_the_truth_groups_come_from_the_joined_table(county_run):
    found = fairness(county_run / "run", county_run / "truth.parquet", on=ON)

    told = {g.key: g for g in found.groupings}
    assert set(told) == {"sex", "age", "naming_tradition", "address"}
    assert all(g.basis.startswith("worked out from the joined table") for g in told.values())
    assert "wrong about many people" in told["naming_tradition"].note
    assert "Women and girls" in {g.name for g in told["sex"].groups}
    assert {"An address on all records", "No address on any record"} <= {
        g.name for g in told["address"].groups
    }


def test_nothing_that_leaves_names_a_person(county_run):
    found = fairness(county_run / "run", county_run / "truth.parquet", on=ON)
    text = json.dumps(found.as_dict())
    joined = pq.read_table(county_run / "run" / "joined.parquet").slice(0, 400).to_pydict()

    for name in ("surname", "date_of_birth", "email", "postcode", "person_id"):
        assert not any(value and f'"{value}"' in text for value in joined[name])
    assert all(group.people >= 10 for grouping in found.groupings for group in grouping.groups)
