"""Linking without names, from end to end: who sees what, what is refused, and that it links."""

from __future__ import annotations

import stat
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.errors import ModelError, SourceError, UsageError
from joinedup.linkage.bit_text import bits_of_text
from joinedup.linkage.kernels import filters
from joinedup.linkage.private import (
    Hardening,
    agreement_from_dict,
    check_together,
    encode_file,
    link_encoded,
    load_agreement,
    new_secret,
    open_links,
    read_head,
    read_secret,
    starting_agreement,
    write_secret,
)
from joinedup.ports import KeyLockError, KeyStoreError, Passphrase
from support.private_people import FIRST, LAST, agreement, people_files, seeded

SECRET = new_secret(seeded(1))


def _encode(folder, path, *, held=None, secret=SECRET, seed=5, tag="", **more):
    return encode_file(
        path,
        held or agreement(fold=1, epsilon=40.0),
        secret,
        out=folder / f"{path.stem}{tag}.encoded",
        pseudonyms=folder / f"{path.stem}{tag}.own",
        randomness=seeded(seed + sum(path.stem.encode())),
        id_column="record_id",
        **more,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Both files encoded, linked and opened under one agreement."""
    folder = tmp_path_factory.mktemp("private")
    north, south = people_files(folder)
    coded = [_encode(folder, path) for path in (north, south)]
    result = link_encoded([one.encoded for one in coded], folder / "result")
    opened = {
        one.source: open_links(result.parts[one.source], one.pseudonyms, out=folder / f"{one.source}.opened")
        for one in coded
    }
    return folder, coded, result, opened


def test_the_same_people_are_linked_through_encodings_alone(done):
    _folder, _, _, opened = done
    sides = {name: pq.read_table(one.path).to_pydict() for name, one in opened.items()}
    of_person = dict(zip(sides["south"]["person_id"], sides["south"]["record_id"], strict=True))
    linked = {
        (record.rsplit("-", 1)[1], of_person[person].rsplit("-", 1)[1])
        for record, person in zip(sides["north"]["record_id"], sides["north"]["person_id"], strict=True)
        if person in of_person
    }
    right = sum(one == other for one, other in linked)

    assert right >= 0.97 * 133  # two thirds of 400 each: 133 or 134 are in both
    assert right >= 0.97 * len(linked)
    assert all(("south" in also) == (person in of_person) for person, also in zip(
        sides["north"]["person_id"], sides["north"]["also_in"], strict=True))  # fmt: skip
    assert opened["north"].linked == len(linked)


def test_the_third_party_writes_what_any_linkage_writes(done):
    folder, _, result, _ = done

    names = {file.name for file in (folder / "result").iterdir()}
    assert {"pairs.parquet", "people.parquet", "model.json", "run.json", "report.html", "review.csv"} <= names
    assert {"north.links.parquet", "south.links.parquet"} <= names
    assert "joined.parquet" not in names
    assert result.learnt.sessions
    pairs = pq.read_table(folder / "result" / "pairs.parquet")
    assert pairs["match_weight"].type == pa.float64()


def test_what_the_third_party_sees_holds_no_clear_value_no_id_and_no_key(done):
    folder, coded, _result, _ = done
    seen = [one.encoded for one in coded] + sorted((folder / "result").iterdir())
    keys = [SECRET.material, SECRET.key(digest=coded[0].digest, purpose="token surname_born")]
    hidden = [word.encode() for name in (*FIRST, *LAST) for word in (name, name.title(), name.upper())]
    hidden += [b"secret-id", *keys, *(key.hex().encode() for key in keys)]

    for file in seen:
        whole = file.read_bytes()
        if file.suffix in (".parquet", ".encoded"):  # and what is compressed in it
            table = pq.read_table(file)
            whole += repr(table.to_pydict()).encode() + repr(table.schema.metadata).encode()
        assert [word for word in hidden if word in whole] == [], file.name


def test_pseudonyms_are_fresh_and_rows_do_not_stand_in_the_files_order(done, tmp_path):
    folder, coded, _, _ = done
    again = _encode(tmp_path, folder / "north.parquet", seed=99)
    one, other = (pq.read_table(path)["pseudonym"].to_pylist() for path in (coded[0].encoded, again.encoded))

    assert one == sorted(one)
    assert not set(one) & set(other)


def test_the_same_seed_gives_the_same_file(done, tmp_path):
    folder, coded, _, _ = done
    again = _encode(tmp_path, folder / "north.parquet")

    assert pq.read_table(again.encoded).equals(pq.read_table(coded[0].encoded))


def test_the_table_of_pseudonyms_and_what_is_opened_are_their_owners_alone(done):
    _, coded, _, opened = done
    for file in (coded[0].pseudonyms, opened["north"].path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_secret_is_refused_and_would_match_nothing(done, tmp_path):
    folder, coded, _, _ = done
    other = _encode(tmp_path, folder / "south.parquet", secret=new_secret(seeded(2)))

    with pytest.raises(UsageError, match="another secret"):
        link_encoded([coded[0].encoded, other.encoded], tmp_path / "result")
    assert not (tmp_path / "result").exists()
    one, two = (pq.read_table(path) for path in (coded[1].encoded, other.encoded))
    for token in (t.name for t in agreement().tokens):
        assert not set(one[token].drop_null().to_pylist()) & set(two[token].drop_null().to_pylist())
    texts = pa.concat_arrays([t["names"].combine_chunks().drop_null() for t in (one, two)])
    words = bits_of_text(texts)
    counts = np.empty(len(words), np.int64)
    filters.bit_counts(words, counts)
    size = len(words) // 2
    left, right = (side.ravel().astype(np.int32) for side in np.indices((size, size)))
    out = np.empty(size * size, np.float64)
    filters.dice_values(left, right + np.int32(size), words, counts, out)
    assert out.max() < 0.75  # no two filters are as alike as one person's, whoever they are of


def test_another_agreement_is_refused(done, tmp_path):
    folder, coded, _, _ = done
    other = _encode(tmp_path, folder / "south.parquet", held=agreement(fold=1, epsilon=41.0))

    with pytest.raises(UsageError, match="another agreement"):
        check_together([coded[0].encoded, other.encoded])


def test_a_file_that_says_other_than_it_holds_is_refused(done, tmp_path):
    folder, coded, _, _ = done
    table = pq.read_table(coded[0].encoded)
    pq.write_table(table.slice(1), tmp_path / "fewer.encoded")
    pq.write_table(table.drop_columns("home"), tmp_path / "without.encoded")
    forged = table.schema.metadata[b"joinedup.private"].replace(b'"epsilon": 40.0', b'"epsilon": 90.0')
    pq.write_table(table.replace_schema_metadata({b"joinedup.private": forged}), tmp_path / "forged.encoded")
    away = table.schema.metadata[b"joinedup.private"].replace(b'"source": "north"', b'"source": "../north"')
    pq.write_table(table.replace_schema_metadata({b"joinedup.private": away}), tmp_path / "away.encoded")
    (tmp_path / "text.encoded").write_text("no Parquet")

    for name in ("fewer", "without", "forged", "text"):
        with pytest.raises(SourceError):
            read_head(tmp_path / f"{name}.encoded")
    with pytest.raises(UsageError, match="name"):
        read_head(tmp_path / "away.encoded")
    with pytest.raises(SourceError, match="not an encoded file"):
        read_head(folder / "north.parquet")


def test_one_name_twice_is_refused(done):
    _, coded, _, _ = done
    with pytest.raises(UsageError, match="go by the name 'north'"):
        check_together([coded[0].encoded, coded[0].encoded])


def test_links_are_opened_by_their_own_pseudonyms_alone(done, tmp_path):
    folder, coded, result, _ = done
    with pytest.raises(UsageError, match="are of 'north'"):
        open_links(result.parts["north"], coded[1].pseudonyms, out=tmp_path / "x")
    again = _encode(tmp_path, folder / "north.parquet", seed=99)
    with pytest.raises(UsageError, match="not among the links"):
        open_links(result.parts["north"], again.pseudonyms, out=tmp_path / "x")
    with pytest.raises(SourceError, match="not a file of links"):
        open_links(coded[0].pseudonyms, coded[0].pseudonyms, out=tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_nothing_is_written_over(done):
    folder, coded, result, _ = done
    with pytest.raises(UsageError, match="there is a file already"):
        _encode(folder, folder / "north.parquet")
    with pytest.raises(UsageError, match="there is a file already"):
        open_links(result.parts["north"], coded[0].pseudonyms, out=folder / "north.opened")


def test_a_frequent_or_rare_token_is_left_out(tmp_path):
    north, _ = people_files(tmp_path)
    said = agreement().as_dict()
    said["tokens"] = [
        {"name": "common", "on": ["prefix(surname, 1)"], "most": 20},
        {"name": "rare", "on": ["date_of_birth"], "least": 2},
        {"name": "usual", "on": ["surname", "postcode"]},
    ]
    found = _encode(tmp_path, north, held=agreement_from_dict(said))
    counts = {count.name: count for count in found.tokens}

    assert counts["common"].given == 0
    assert counts["common"].too_frequent == found.records
    assert counts["rare"].too_rare > 0.9 * found.records
    assert counts["usual"].given == found.records


@pytest.mark.parametrize(("without", "is_told"), [(13, False), (14, True)])
def test_names_that_are_lost_for_want_of_a_salt_are_told_where_they_are_many(tmp_path, without, is_told):
    """1 in 20 of 266 records is 13.3."""
    north, _ = people_files(tmp_path)
    table = pq.read_table(north)
    at = table.column_names.index("date_of_birth")
    dates = [None if row < without else date for row, date in enumerate(table["date_of_birth"].to_pylist())]
    pq.write_table(table.set_column(at, "date_of_birth", pa.array(dates, table["date_of_birth"].type)), north)

    salted = _encode(tmp_path, north, held=starting_agreement("with salt", email=False))
    plain = _encode(
        tmp_path, north, held=starting_agreement("without", email=False, salted=False), tag=" plain"
    )

    assert salted.without_salt == without
    assert (salted.lost_names is not None) == is_told
    if is_told:
        assert salted.lost_names.startswith("14 of 266 records are encoded without their names")
        assert "--not-salted" in salted.lost_names
    assert (plain.without_salt, plain.lost_names) == (0, None)


def test_links_and_pseudonyms_that_are_not_there_are_told(done, tmp_path):
    _, coded, result, _ = done
    with pytest.raises(SourceError, match="there is no such file") as told:
        open_links(tmp_path / "nowhere.parquet", coded[0].pseudonyms, out=tmp_path / "x")
    assert told.value.where == str(tmp_path / "nowhere.parquet")
    assert "links.parquet" in told.value.mend
    with pytest.raises(SourceError, match="stays at home"):
        open_links(result.parts["north"], tmp_path / "nowhere.own", out=tmp_path / "x")


def test_columns_can_be_named_and_a_stranger_is_refused(tmp_path):
    north, _ = people_files(tmp_path)
    table = pq.read_table(north).rename_columns(["record_id", "a", "b", "c", "d"])
    pq.write_table(table, tmp_path / "odd.parquet")
    columns = {"first_name": ("a",), "surname": ("b",), "date_of_birth": ("c",), "postcode": ("d",)}

    found = _encode(tmp_path, tmp_path / "odd.parquet", columns=columns)

    assert found.filled == {"names": 266, "born": 266, "home": 266}
    with pytest.raises(UsageError, match="no field of the agreement"):
        _encode(tmp_path, tmp_path / "odd.parquet", columns={"nino": ("a",)}, tag="2")
    pq.write_table(table.select(["record_id"]), tmp_path / "empty.parquet")
    with pytest.raises((UsageError, SourceError)):
        _encode(tmp_path, tmp_path / "empty.parquet")


def test_a_field_that_nobody_has_does_no_harm(tmp_path):
    held = starting_agreement("with e-mail", salted=False)
    coded = [_encode(tmp_path, path, held=held) for path in people_files(tmp_path)]

    result = link_encoded([one.encoded for one in coded], tmp_path / "result")

    assert coded[0].filled["mail"] == 0
    assert (
        120 <= sum(bool(also) for also in pq.read_table(result.parts["north"])["also_in"].to_pylist()) <= 140
    )


def test_the_secret_is_its_owners_alone_and_comes_back(tmp_path):
    write_secret(tmp_path / "plain", SECRET)
    lock = Passphrase("a long enough passphrase", n=2**10)
    write_secret(tmp_path / "sealed", SECRET, lock=lock)

    assert read_secret(tmp_path / "plain") == SECRET
    assert read_secret(tmp_path / "sealed", lock=Passphrase("a long enough passphrase", n=2**10)) == SECRET
    assert stat.S_IMODE((tmp_path / "plain").stat().st_mode) == 0o600
    assert "material" not in repr(SECRET)
    with pytest.raises(KeyStoreError, match="never written over"):
        write_secret(tmp_path / "plain", SECRET)
    with pytest.raises(KeyLockError):
        read_secret(tmp_path / "sealed", lock=Passphrase("quite another passphrase", n=2**10))
    (tmp_path / "plain").chmod(0o640)
    with pytest.raises(KeyStoreError, match="others may read"):
        read_secret(tmp_path / "plain")


def test_an_agreement_is_read_back_the_same_and_its_digest_holds_what_bears_on_encodings(tmp_path):
    made = starting_agreement("county", epsilon=15.0)
    (tmp_path / "a.toml").write_text(made.as_toml())
    read = load_agreement(tmp_path / "a.toml")

    assert read == made
    assert read.digest == made.digest
    assert replace(made, description="other words").digest == made.digest
    for other in (
        replace(made, version=2),
        replace(made, hardening=Hardening(fold=1, epsilon=16.0)),
        replace(made, tokens=made.tokens[1:]),
    ):
        assert other.digest != made.digest


def test_noise_is_as_strong_as_epsilon_says():
    names = starting_agreement("county").filters[0]

    # 10 bits a piece: 1 / (1 + exp(20 / 10)) = 0.1192
    assert Hardening(epsilon=20.0).flip(names) == pytest.approx(0.1192, abs=1e-4)
    assert Hardening(epsilon=1e9).flip(names) == 0
    assert Hardening().flip(names) == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"filters": []}, "fewer than two filters"),
        ({"tokens": []}, "no token"),
        ({"hardening": {"epsilon": -1}}, "epsilon"),
        ({"hardening": {"fold": 9}}, "folded to fewer than 64 bits"),
        ({"name": None}, "no name"),
        ({"format": "joinedup-private-linkage/2"}, "format"),
        ({"secret": "x"}, "unknown entry 'secret'"),
        ({"tokens": [{"name": "t", "on": ["nino"]}]}, "no field of the agreement"),
        ({"tokens": [{"name": "names", "on": ["surname"]}]}, "no name of its own"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(change, told):
    said = {**starting_agreement("county").as_dict(), **change}

    with pytest.raises(ModelError, match=told):
        agreement_from_dict({name: value for name, value in said.items() if value is not None})
