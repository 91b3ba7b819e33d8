"""The joined table shows names and places as people write them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.linkage.pipeline import link
from joinedup.linkage.shown import usual_forms, written_forms
from joinedup.linkage.spec import spec_from_dict
from joinedup.people import FieldKind, standardise


def _forms(*columns, kind=FieldKind.SURNAME):
    columns = [pa.array(column) for column in columns]
    return usual_forms([written_forms(raw, standardise(raw, kind).values, kind) for raw in columns])


def test_a_value_is_shown_as_most_records_write_it():
    forms = _forms(
        ["OBRIEN", "O'Brien", "García", None, "Smith-Jones"], ["O'BRIEN", "garcia", "Garcia", "123"]
    )

    # Two write O'Brien and one Obrien; García, and twice Garcia.
    assert forms.of(pa.array(["obrien", "garcia", "smith jones"])).to_pylist() == (
        ["O'Brien", "Garcia", "Smith-Jones"]
    )


def test_of_equally_many_ways_the_first_in_the_alphabet_is_shown_whatever_the_order():
    for rows in (["O'Brien", "Obrien"], ["Obrien", "O'Brien"]):
        assert _forms(rows).of(pa.array(["obrien"])).to_pylist() == ["O'Brien"]


def test_what_has_no_form_of_its_own_stays_as_it_is():
    assert _forms(["Wu"]).of(pa.array(["li", None, "wu"])).to_pylist() == ["li", None, "Wu"]
    assert _forms([None, "123"]).of(pa.array(["li"])).to_pylist() == ["li"]
    assert _forms([]).of(pa.array([], pa.string())).to_pylist() == []


def test_the_joined_table_has_proper_names_and_places(tmp_path):
    (tmp_path / "a.csv").write_text(
        "id,first_name,surname,date_of_birth,town,postcode\n"
        "1,MARY JANE,O'BRIEN,1990-02-03,KING'S LYNN,pe301aa\n2,Mary Jane,O’Brien,03/02/1990,King's Lynn,PE30 1AA\n"
        "3,zoë,mcdonald,1960-05-06,,\n"
    )
    names = ("first_name", "surname", "date_of_birth", "town", "postcode")
    kinds = {name: {"kind": name} for name in names}
    levels = [{"when": "equal(surname)", "m": 0.9, "u": 0.1}, {"when": "otherwise", "m": 0.1, "u": 0.9}]
    spec = spec_from_dict(
        {
            "sources": [{"path": "a.csv", "id": "id", "fields": {name: name for name in names}}],
            "fields": kinds,
            "model": {
                "prior": 0.5,
                "comparisons": [{"name": "surname", "levels": levels}],
                "blocking_rules": [["surname"]],
            },
        },
        folder=tmp_path,
    )

    link(spec, tmp_path / "out", report=False)

    shown = {
        row["surname"]: [row[name] for name in names]
        for row in pq.read_table(tmp_path / "out" / "joined.parquet").to_pylist()
    }
    assert shown == {
        "O'Brien": ["Mary Jane", "O'Brien", "1990-02-03", "King's Lynn", "PE30 1AA"],
        "McDonald": ["Zoë", "McDonald", "1960-05-06", None, None],
    }
