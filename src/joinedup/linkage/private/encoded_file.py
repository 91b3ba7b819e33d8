"""The file that leaves home: one row a record, a pseudonym, filters and tokens as text, and what was agreed.

It is Parquet. Its metadata hold the agreement (public), its digest, the check of the secret, and counts; never a
key, a clear value or a record's own id. Rows stand in the order of their pseudonyms, which are drawn at random.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.errors import JoinedupError, SourceError, UsageError
from joinedup.linkage.private.agreement import LinkageAgreement
from joinedup.linkage.private.read_agreement import agreement_from_dict

FORMAT = "joinedup-encoded/1"
PSEUDONYM = "pseudonym"
_META = b"joinedup.private"


@dataclass(frozen=True)
class EncodedHead:
    """What an encoded file says of itself. source: the name its organisation goes by. check: of the secret."""

    agreement: LinkageAgreement
    source: str
    check: str
    records: int
    one_record_per_person: bool


def check_name(name: str) -> None:
    """Raise UsageError for a name that could not name a file: it is given by others, and files are named by it."""
    if not re.fullmatch(r"\w[\w.-]{0,63}", name):
        raise UsageError(
            what="an organisation's name has other than letters, digits, '_', '-' and '.', or over 64 of them",
            mend="encode with a shorter --name",
        )


def write_encoded(path: Path, table: pa.Table, head: EncodedHead) -> None:
    """Write the file; columns as ``read_head`` checks them."""
    said = {
        "format": FORMAT,
        "agreement": head.agreement.as_dict(),
        "digest": head.agreement.digest,
        "source": head.source,
        "check": head.check,
        "records": head.records,
        "one_record_per_person": head.one_record_per_person,
    }
    meta = {_META: json.dumps(said, sort_keys=True).encode()}
    pq.write_table(table.replace_schema_metadata(meta), path, compression="zstd", compression_level=3)


def read_head(path: str | Path) -> EncodedHead:
    """What an encoded file says of itself.

    Raises SourceError for a file that is none, was altered, or lacks a column that its agreement names.
    """
    path = Path(path)
    try:
        schema = pq.read_schema(path)
        rows = pq.read_metadata(path).num_rows
    except pa.ArrowException:
        raise _refuse(path, "not an encoded file") from None
    said = _said(schema, path)
    try:
        agreement = agreement_from_dict(said["agreement"], where=str(path))
        head = EncodedHead(
            agreement,
            str(said["source"]),
            str(said["check"]),
            int(said["records"]),
            bool(said["one_record_per_person"]),
        )
    except (KeyError, TypeError, ValueError, JoinedupError):
        raise _refuse(path, "its account of itself cannot be read") from None
    check_name(head.source)
    if agreement.digest != said.get("digest") or head.records != rows:
        raise _refuse(path, "the file was altered after it was encoded")
    wanted = [PSEUDONYM, *(f.name for f in agreement.filters), *(t.name for t in agreement.tokens)]
    if schema.names != wanted or any(not pa.types.is_string(f.type) for f in schema):
        raise _refuse(path, "its columns are not those of its agreement")
    return head


def _said(schema: pa.Schema, path: Path) -> dict[str, Any]:
    try:
        said = json.loads((schema.metadata or {})[_META])
    except (KeyError, ValueError):
        raise _refuse(path, "not an encoded file") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _refuse(path, f"not an encoded file of the format '{FORMAT}'")
    return said


def check_together(paths: Sequence[str | Path]) -> tuple[EncodedHead, ...]:
    """The heads of files that may be linked with one another.

    Raises UsageError where they are of different agreements or secrets, or two go by one name.
    """
    heads = tuple(read_head(path) for path in paths)
    for path, head in zip(paths[1:], heads[1:], strict=True):
        if head.agreement.digest != heads[0].agreement.digest:
            raise UsageError(
                what=f"encoded under another agreement ('{head.agreement.name}' version {head.agreement.version}) "
                f"than the first file ('{heads[0].agreement.name}' version {heads[0].agreement.version})",
                where=str(path),
                mend="have all organisations encode with one and the same agreement file",
            )
        if head.check != heads[0].check:
            raise UsageError(
                what="encoded with another secret than the first file, so nothing would match",
                where=str(path),
                mend="have the organisations compare their secrets' checks, and encode again",
            )
    names = [head.source for head in heads]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                what=f"two files go by the name '{name}'", where=name, mend="encode one again with --name"
            )
    return heads


def _refuse(path: Path, what: str) -> SourceError:
    return SourceError(what=what, where=str(path), mend="make it anew with: joinedup private encode")
