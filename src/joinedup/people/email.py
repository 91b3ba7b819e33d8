"""E-mail addresses: trimmed, lower case, well formed; slips in common domains are told."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA

from joinedup.people.data_file import rows_of
from joinedup.people.distinct import Distinct, Verdict, verdict_of, with_rest
from joinedup.people.kinds import FieldOptions
from joinedup.values.byte_column import LOWER, ByteColumn, byte_set
from joinedup.values.judged import FieldStatus, Judged, invalid, mended, missing, valid

# RFC 5322's dot-atom and RFC 1123's host names; quoted local parts and bare addresses are refused.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
_LOCAL_FORM = re.compile(_LOCAL, re.ASCII)
_DOMAIN_FORM = re.compile(_DOMAIN, re.ASCII)
_ADDRESS = rf"^{_LOCAL}@{_DOMAIN}$"
_WRAPPED = re.compile(r"^.*<([^<>]*@[^<>]*)>\s*$", re.S)
_AT = byte_set("@")
_MOST = 254  # RFC 5321


@cache
def common_domains() -> frozenset[str]:
    """Domains that very many people use."""
    return frozenset(row["domain"] for row in rows_of("email_domains") if not row["corrects_to"])


@cache
def certain_mistakes() -> dict[str, str]:
    """Misspelt domains that are corrected, each with the right one."""
    return {row["domain"]: row["corrects_to"] for row in rows_of("email_domains") if row["corrects_to"]}


@cache
def likely_domain(domain: str) -> str | None:
    """The common domain that this one is a single slip away from, if there is just one; None if it is right.

    >>> likely_domain("gmial.com"), likely_domain("gmail.com"), likely_domain("example.org")
    ('gmail.com', None, None)
    """
    if domain in common_domains() or len(domain) < 7:
        return None
    near = [right for right in sorted(common_domains()) if OSA.distance(domain, right, score_cutoff=1) == 1]
    return near[0] if len(near) == 1 else None


def judge_emails(found: Distinct, options: FieldOptions) -> Verdict:
    """Well-formed addresses all at once, with their domains looked at once each; the rest one by one."""
    lowered = ByteColumn.of(found.texts).translated(LOWER)
    at_count = lowered.counts(_AT)
    texts = lowered.to_arrow()
    good = (at_count == 1) & (lowered.lengths <= _MOST) & lowered.is_ascii()
    good &= np.asarray(pc.match_substring_regex(texts, _ADDRESS))
    rows = np.flatnonzero(good)
    column = lowered.take(rows)
    at = np.flatnonzero(column.data == ord("@"))
    good_local = at - column.starts[:-1] <= 64
    encoded = _domains(column, at).dictionary_encode()
    plain = [
        likely_domain(domain) is None and domain not in certain_mistakes()
        for domain in encoded.dictionary.to_pylist()
    ]
    keep = np.array(plain, np.bool_)[np.asarray(encoded.indices)] & good_local
    rows = rows[keep]
    parts = [(rows, verdict_of(texts.take(pa.array(rows)), FieldStatus.VALID, None))]
    return with_rest(found.texts, parts, judge_email)


def _domains(column: ByteColumn, at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    """What follows the one @ of each row."""
    sizes = column.starts[1:] - at - 1
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shift = np.repeat(at + 1 - starts[:-1], sizes)
    return ByteColumn(column.data[np.arange(int(starts[-1])) + shift], starts).to_arrow()


def judge_email(text: str) -> Judged:
    """Judge one e-mail address as somebody wrote it; the value is in lower case.

    >>> judge_email(" Ann@Example.ORG "), judge_email("ann@gmial.com").reason
    (Judged(value='ann@example.org', status=<FieldStatus.VALID: 0>, reason=None), 'likely_typo')
    >>> judge_email("ann@gmail.con")
    Judged(value='ann@gmail.com', status=<FieldStatus.MENDED: 1>, reason='typo_listed')
    >>> judge_email("ann.example.org").reason
    'no_at_sign'
    """
    bare = text.strip().lower()
    remark = None
    wrapped = _WRAPPED.match(bare)
    if wrapped:
        bare, remark = wrapped.group(1).strip(), "note_removed"
    if bare.startswith("mailto:"):
        bare, remark = bare.removeprefix("mailto:"), "scheme_removed"
    spaceless = "".join(bare.split())
    if spaceless != bare:
        bare, remark = spaceless, "spacing"
    trimmed = bare.strip(".,;:<>'\"()[]")
    if trimmed != bare:
        bare, remark = trimmed, "punctuation"
    if not bare:
        return missing()
    if bare.count("@") != 1:
        return invalid("no_at_sign")
    local, _, domain = bare.partition("@")
    if not (len(local) <= 64 and len(bare) <= _MOST and _LOCAL_FORM.fullmatch(local)):
        return invalid("bad_local_part")
    if not _DOMAIN_FORM.fullmatch(domain):
        return invalid("bad_domain")
    if domain in certain_mistakes():
        return mended(f"{local}@{certain_mistakes()[domain]}", "typo_listed")
    if remark:
        return mended(bare, remark)
    return valid(bare, "likely_typo" if likely_domain(domain) else None)
