"""At home: read an organisation's own file, standardise it, and write its encodings and its table of pseudonyms."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.errors import UsageError
from joinedup.linkage.bit_text import text_of_bits
from joinedup.linkage.encode import Records, encode
from joinedup.linkage.prepare import ID, prepare
from joinedup.linkage.private.agreement import LinkageAgreement
from joinedup.linkage.private.encoded_file import PSEUDONYM, EncodedHead, check_name, write_encoded
from joinedup.linkage.private.filters import encode_filter, without_salt
from joinedup.linkage.private.harden import harden, noise_nonces
from joinedup.linkage.private.secret import Randomness, Secret
from joinedup.linkage.private.tokens import TokenCount, tokens_of
from joinedup.linkage.spec import FieldSpec, JobKind, Output, Source, Spec

log = logging.getLogger(__name__)

PSEUDONYM_BYTES = 16
_MOST_WITHOUT_SALT = 0.05  # of the records; with 26% of one file, recall fell from .95 to .76


@dataclass(frozen=True)
class Encoded:
    """What was written. filled: for each filter, the records that have it. aside: rows that could not be read.

    without_salt: records of which a filter is left out because its salt is missing (names that are salted by the
    year of birth, where there is no date of birth).
    """

    encoded: Path
    pseudonyms: Path
    source: str
    digest: str
    check: str
    records: int
    aside: int
    filled: Mapping[str, int]
    tokens: tuple[TokenCount, ...]
    without_salt: int = 0

    @property
    def lost_names(self) -> str | None:
        """What to do where more than 1 in 20 records are left without names for want of their salt; else None."""
        if self.without_salt <= _MOST_WITHOUT_SALT * self.records:
            return None
        return (
            f"{self.without_salt:,} of {self.records:,} records are encoded without their names, which this agreement "
            "salts with what these records lack (the year of birth): many of them will not be linked. Complete the "
            "dates of birth and encode again, or agree anew with --not-salted."
        )


def encode_file(
    path: str | Path,
    agreement: LinkageAgreement,
    secret: Secret,
    *,
    out: str | Path,
    pseudonyms: str | Path,
    randomness: Randomness,
    name: str | None = None,
    id_column: str | None = None,
    columns: Mapping[str, tuple[str, ...]] | None = None,
    one_record_per_person: bool = False,
    threads: int = 2,
) -> Encoded:
    """Encode a file's records under an agreement: ``out`` may go to the linking party, ``pseudonyms`` stays home.

    name: what the organisation goes by in the results; None: the file's stem. id_column: the record's own id;
    None: found out, or rows are numbered. columns: the agreement's field -> the file's columns; None: found out
    from names and contents. randomness: draws the pseudonyms, fresh for each encoding.

    Raises SourceError for what cannot be read, UsageError where a file is there already or no field was found.
    """
    out, pseudonyms = Path(out), Path(pseudonyms)
    for file in (out, pseudonyms):
        if file.exists():
            raise UsageError(what="there is a file already", where=str(file), mend="choose another name")
    source = Source(
        str(Path(path)), name or Path(path).stem, id=id_column, one_record_per_person=one_record_per_person
    )
    check_name(source.name)
    records, aside = standardised(source, agreement, columns=columns, threads=threads)
    table, counts = encoded_table(records, agreement, secret, source=source.name)
    drawn = _pseudonyms(len(records), randomness)
    order = np.argsort(drawn.to_numpy(zero_copy_only=False).astype("U32"), kind="stable")
    table = table.add_column(0, PSEUDONYM, drawn).take(pa.array(order))
    check = secret.check(digest=agreement.digest)
    head = EncodedHead(agreement, source.name, check, len(records), one_record_per_person)
    write_encoded(out, table, head)
    _write_pseudonyms(pseudonyms, records.ids, drawn, head)
    filled = {f.name: len(table) - table[f.name].null_count for f in agreement.filters}
    log.info("%d records encoded under agreement %s", len(records), agreement.digest[:12])
    lacking = without_salt(records, agreement.filters)
    return Encoded(
        out, pseudonyms, source.name, agreement.digest, check, len(records), aside, filled, counts, lacking
    )


def standardised(
    source: Source,
    agreement: LinkageAgreement,
    *,
    columns: Mapping[str, tuple[str, ...]] | None = None,
    threads: int = 2,
) -> tuple[Records, int]:
    """An organisation's records with the agreement's fields, standardised; and how many rows were kept aside."""
    fields = agreement.columns()
    if columns is not None:
        for wanted in columns:
            if wanted not in fields:
                raise UsageError(
                    what=f"'{wanted}' is no field of the agreement",
                    where="columns",
                    mend=f"use: {', '.join(fields)}",
                )
        source = replace(source, fields=dict(columns))
    kinds = {name: FieldSpec(spec.kind, True, spec.options) for name, spec in agreement.fields.items()}
    spec = Spec(JobKind.DEDUPE, (source,), fields=kinds, output=Output(joined=False))
    prepared = prepare(spec, None)
    table = prepared.tables[source.name]
    found = [name for name in fields if name in table.column_names]
    if not found:
        raise UsageError(
            what="no column of the file is a field of the agreement",
            where=source.name,
            mend=f"say which column is which: --column surname=COLUMN (the fields: {', '.join(fields)})",
        )
    records = encode(
        {source.name: table}, id_columns={source.name: ID}, columns=list(fields), threads=threads
    )
    return records, prepared.sources[0].aside


def encoded_table(
    records: Records, agreement: LinkageAgreement, secret: Secret, *, source: str
) -> tuple[pa.Table, tuple[TokenCount, ...]]:
    """The filters and tokens of all records as text, in the records' order, and what became of the tokens."""
    digest = agreement.digest
    columns: dict[str, pa.Array] = {}
    nonces = noise_nonces(records.ids, key=secret.key(digest=digest, purpose=f"noise of {source}"))
    for filter_ in agreement.filters:
        rows, words = encode_filter(records, filter_, secret=secret, digest=digest)
        rows, words = harden(
            rows,
            words,
            nonces,
            filter_=filter_,
            hardening=agreement.hardening,
            secret=secret,
            digest=digest,
        )
        texts = pa.concat_arrays([text_of_bits(words), pa.nulls(1, pa.string())])
        columns[filter_.name] = texts.take(pa.array(np.where(rows < 0, len(words), rows)))
    counts = []
    for token in agreement.tokens:
        columns[token.name], count = tokens_of(records, token, secret=secret, digest=digest)
        counts.append(count)
    return pa.table(columns), tuple(counts)


def _pseudonyms(count: int, randomness: Randomness) -> pa.Array:
    data = randomness(count * PSEUDONYM_BYTES).hex()
    width = 2 * PSEUDONYM_BYTES
    return pa.array([data[at : at + width] for at in range(0, len(data), width)], pa.string())


def _write_pseudonyms(path: Path, ids: pa.Array, drawn: pa.Array, head: EncodedHead) -> None:
    table = pa.table({"record_id": ids, PSEUDONYM: drawn}).replace_schema_metadata(
        {b"joinedup.source": head.source.encode(), b"joinedup.agreement": head.agreement.digest.encode()}
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as opened:
        pq.write_table(table, opened, compression="zstd")
