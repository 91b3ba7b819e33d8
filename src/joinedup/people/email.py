"""E-mail addresses: trimmed, lower case, well formed; slips in common domains are told."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from rapidfuzz.distance import OSA

from joinedup.people.data_file import rows_of
from joinedup.people.distinct import Distinct, Verdict, verdict_of, with_rest
from joinedup.people.kinds import FieldOptions
from joinedup.values.byte_column import LOWER, ByteColumn, Mask, byte_set
from joinedup.values.judged import FieldStatus, Judged, invalid, mended, missing, valid

# RFC 5322's dot-atom and RFC 1123's host names; quoted local parts and bare addresses are refused.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
_LOCAL_FORM = re.compile(_LOCAL, re.ASCII)
_DOMAIN_FORM = re.compile(_DOMAIN, re.ASCII)
_WRAPPED = re.compile(r"^.*<([^<>]*@[^<>]*)>\s*$", re.S)
_AT = byte_set("@")
_BOTH_BYTES = byte_set("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+/=?^_`{|}~-.@")
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
    """Well-formed addresses all at once, each distinct domain looked at once; the rest one by one."""
    lowered = ByteColumn.of(found.texts).translated(LOWER)
    sound = (lowered.counts(_AT) == 1) & lowered.only(_BOTH_BYTES)
    sound &= (lowered.lengths <= _MOST) & ~_has_pair(lowered, ord("."), ord("."))
    rows = np.flatnonzero(sound)
    column = lowered.take(rows)
    starts, ends = column.starts[:-1], column.starts[1:]
    at = np.flatnonzero(column.data == ord("@"))
    in_order = (at > starts) & (at - starts <= 64)  # and no dot at either end of the local part
    in_order &= (column.data[starts] != ord(".")) & (column.data[np.maximum(at - 1, 0)] != ord("."))
    domains = column.between(at + 1, ends).dictionary_encode()
    plain = np.array([_is_plain(domain) for domain in domains.dictionary.to_pylist()], np.bool_)
    if len(plain):
        in_order &= plain[np.asarray(domains.indices)]
    rows = rows[in_order]
    parts = [(rows, verdict_of(column.take(np.flatnonzero(in_order)).to_arrow(), FieldStatus.VALID, None))]
    return with_rest(found.texts, parts, judge_email)


def _is_plain(domain: str) -> bool:
    """Whether a domain is well formed and needs no remark."""
    if _DOMAIN_FORM.fullmatch(domain) is None or domain in certain_mistakes():
        return False
    return likely_domain(domain) is None


def _has_pair(column: ByteColumn, first: int, second: int) -> Mask:
    """Which rows hold the two bytes side by side."""
    places = np.flatnonzero((column.data[:-1] == first) & (column.data[1:] == second))
    owners = np.searchsorted(column.starts, places, side="right") - 1
    inside = places + 1 < column.starts[owners + 1]
    result = np.zeros(len(column), np.bool_)
    result[owners[inside]] = True
    return result


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
