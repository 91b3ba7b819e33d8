"""Which person each group of records is: what the ledger knows of names in use, given back and retired."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from joinedup.engines.sqlite import listed, whole_numbers
from joinedup.linkage.index.membership import Claim, Evidence, Named, name_groups
from joinedup.linkage.index.told import Int64
from joinedup.linkage.index.undoing import Claims, claims_of, merges_by


def named_groups(
    db: sqlite3.Connection, evidence: Evidence, group: Int64, *, claims: Claims, reopened: Sequence[int]
) -> Named:
    """Return the groups with their people.

    claims: what undoings give back. reopened: decisions that were withdrawn, whose merges are undone by that.
    """
    for decision in reopened:
        for event in merges_by(db, decision):
            claims.add(claims_of(db, event))
    lookup = np.argsort(evidence.number)
    # A name in use stays with records that bear it.
    first = [
        replace(claim, members=claim.members[evidence.person[claim.members] == claim.person])
        for claim in (_claim(evidence, lookup, *names) for names in claims.first)
    ]
    start = int(db.execute("SELECT coalesce(max(number), 0) + 1 FROM person").fetchone()[0])
    named = name_groups(group, evidence.person, first=first, next_person=start)
    if not named.new.any() or not db.execute("SELECT 1 FROM past_member LIMIT 1").fetchone():
        return named
    back = [_claim(evidence, lookup, *names) for names in claims.back]
    last = _retired_claims(db, evidence, np.flatnonzero(named.new[group]), lookup)
    return name_groups(group, evidence.person, first=first, back=back, last=last, next_person=start)


def _claim(evidence: Evidence, lookup: Int64, person: int, records: Int64) -> Claim:
    if not len(evidence):
        return Claim(person, np.empty(0, np.int64), len(records))
    k = np.minimum(np.searchsorted(evidence.number, records, sorter=lookup), len(evidence) - 1)
    at = lookup[k]
    return Claim(person, at[evidence.number[at] == records], len(records))


def _retired_claims(db: sqlite3.Connection, evidence: Evidence, wanting: Int64, lookup: Int64) -> list[Claim]:
    """Retired persons who once had any of these records; what they last had, as far as it is live now.

    wanting: places of records in groups that would need a new name.
    """
    rows = db.execute(
        "SELECT DISTINCT q.person FROM json_each(?) j CROSS JOIN record r ON r.number = j.value "
        "CROSS JOIN record o ON o.source = r.source AND o.place = r.place "
        "CROSS JOIN past_member q ON q.record = o.number CROSS JOIN person p ON p.number = q.person "
        "WHERE p.retired IS NOT NULL",
        (listed(evidence.number[wanting]),),
    ).fetchall()
    claims = []
    for (person,) in sorted(rows):
        records = whole_numbers(
            db.execute(
                "SELECT DISTINCT n.number FROM past_member q CROSS JOIN person p ON p.number = q.person "
                "CROSS JOIN record o ON o.number = q.record "
                "CROSS JOIN record n ON n.source = o.source AND n.place = o.place "
                "WHERE q.person = ? AND q.until = p.retired AND n.removed IS NULL ORDER BY n.number",
                (person,),
            ),
            1,
        )[0]
        claims.append(_claim(evidence, lookup, person, records))
    return claims
