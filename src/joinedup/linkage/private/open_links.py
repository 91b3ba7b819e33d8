"""Back at home: put one's own record ids in the place of the pseudonyms that the linking party knows."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.private.encoded_file import PSEUDONYM

PART_FORMAT = "joinedup-private-links/1"


@dataclass(frozen=True)
class Opened:
    """What was written: a row a record (record_id, person_id, also_in). linked: those that others have too."""

    path: Path
    source: str
    records: int
    linked: int


def open_links(part: str | Path, pseudonyms: str | Path, *, out: str | Path) -> Opened:
    """Join an organisation's part of a result to its own table of pseudonyms, and write it for its owner alone (0600).

    Raises SourceError for files that are none of these, UsageError where they do not belong together.
    """
    part, pseudonyms, out = Path(part), Path(pseudonyms), Path(out)
    found, said = _read(part, "check the path: the party that links sends NAME.links.parquet")
    try:
        told = json.loads(said[b"joinedup.private"])
        source, digest = str(told["source"]), str(told["agreement"])
        if told["format"] != PART_FORMAT or found.column_names != [PSEUDONYM, "person_id", "also_in"]:
            raise ValueError
    except (KeyError, ValueError, TypeError):
        raise SourceError(
            what="not a file of links", where=str(part), mend="ask the linking party for NAME.links.parquet"
        ) from None
    own, said = _read(pseudonyms, "check the path: it is the table that encode wrote, and stays at home")
    if own.column_names != ["record_id", PSEUDONYM]:
        raise SourceError(
            what="not a table of pseudonyms", where=str(pseudonyms), mend="name the one that encode wrote"
        )
    if (said.get(b"joinedup.source"), said.get(b"joinedup.agreement")) != (source.encode(), digest.encode()):
        raise UsageError(
            what=f"the links are of '{source}' and another agreement or organisation than the pseudonyms",
            where=str(pseudonyms),
            mend="name the table that was written with the encoded file that was linked",
        )
    place = pc.index_in(own[PSEUDONYM], value_set=found[PSEUDONYM])
    if place.null_count or len(own) != len(found):
        raise UsageError(
            what=f"{place.null_count:,} of the {len(own):,} pseudonyms are not among the links",
            where=str(part),
            mend="the file was encoded again since: link the new encoding, or name the table that was written then",
        )
    table = pa.table(
        {
            "record_id": own["record_id"],
            "person_id": found["person_id"].take(place),
            "also_in": found["also_in"].take(place),
        }
    ).sort_by("record_id")
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise UsageError(what="there is a file already", where=str(out), mend="choose another name") from None
    with open(handle, "wb") as opened:
        pq.write_table(table, opened, compression="zstd")
    linked = pc.sum(pc.greater(pc.list_value_length(table["also_in"]), 0)).as_py() or 0
    return Opened(out, source, len(table), int(linked))


def _read(path: Path, where_to_look: str) -> tuple[pa.Table, dict[bytes, bytes]]:
    if not path.is_file():
        raise SourceError(what="there is no such file", where=str(path), mend=where_to_look)
    try:
        table = pq.read_table(path)
    except pa.ArrowException:
        raise SourceError(what="not a readable Parquet file", where=str(path), mend="copy it again") from None
    return table, dict(table.schema.metadata or {})
