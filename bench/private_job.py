"""A private linkage of two generated tables from end to end, scored against the truth as a clear-text one is."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.linkage import Evaluation, evaluate
from joinedup.linkage.private import (
    LinkageAgreement,
    agreement_from_dict,
    encode_file,
    link_encoded,
    new_secret,
)


@dataclass(frozen=True)
class Scored:
    """How a private linkage did, and the seconds and bytes that it took."""

    evaluation: Evaluation
    encode_seconds: float
    link_seconds: float
    encoded_bytes: int


def private_job(inputs: Sequence[Path], truth: Path, agreement: LinkageAgreement, *, seed: int) -> Scored:
    """Encode, link, put the record ids back and evaluate."""
    draw = random.Random(seed).randbytes
    secret = new_secret(draw)
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        start = time.perf_counter()
        coded = [
            encode_file(
                path,
                agreement,
                secret,
                out=folder / f"{path.stem}.encoded",
                pseudonyms=folder / f"{path.stem}.own",
                randomness=draw,
                id_column="record_id",
            )
            for path in inputs
        ]
        encoded = time.perf_counter()
        link_encoded([one.encoded for one in coded], folder / "result", seed=seed)
        linked = time.perf_counter()
        with _with_record_ids(folder, [one.pseudonyms for one in coded]) as named:
            found = evaluate(named, truth)
        size = sum(one.encoded.stat().st_size for one in coded)
        return Scored(found, encoded - start, linked - encoded, size)


@contextmanager
def _with_record_ids(folder: Path, tables: Sequence[Path]) -> Iterator[Path]:
    """The result with everybody's record ids in it: only a benchmark, which holds all sides, can do that."""
    own = pa.concat_tables([pq.read_table(path).replace_schema_metadata(None) for path in tables])
    named = folder / "named"
    named.mkdir()
    for file in ("people", "pairs"):
        table = pq.read_table(folder / "result" / f"{file}.parquet")
        for column in [c for c in ("record_id", "left_id", "right_id") if c in table.column_names]:
            ids = own["record_id"].take(pc.index_in(table[column], value_set=own["pseudonym"]))
            table = table.set_column(table.column_names.index(column), column, ids)
        pq.write_table(table, named / f"{file}.parquet")
    for file in ("run.json", "model.json"):
        shutil.copy(folder / "result" / file, named / file)
    yield named


def varied(agreement: LinkageAgreement, *, apart: bool) -> LinkageAgreement:
    """The same agreement, with first name and surname in filters of their own if ``apart``."""
    said = agreement.as_dict()
    names = next(one for one in said["filters"] if one["name"] == "names")
    if apart:
        said["filters"].remove(names)
        said["filters"] = [
            {**names, "name": f"own_{part['key']}", "mixed": False, "parts": [part]}
            for part in names["parts"]
        ] + said["filters"]
    return agreement_from_dict(said)


def salted_throughout(agreement: LinkageAgreement) -> LinkageAgreement:
    """The same agreement with every filter salted: by year of birth, that of the date itself by the first initial."""
    said = agreement.as_dict()
    for one in said["filters"]:
        one["salt"] = "prefix(first_name, 1)" if one["name"] == "born" else "year(date_of_birth)"
    return agreement_from_dict(said)
