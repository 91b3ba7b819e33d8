"""Addresses of the net: e-mail (also as people disguise it), user names, IP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_{|}~À-ɏ-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_{|}~À-ɏ-]{1,64}){0,8}"
_DOMAIN = r"(?:[A-Za-z0-9À-ɏ](?:[A-Za-z0-9À-ɏ-]{0,62})\.){1,6}[A-Za-zÀ-ɏ]{2,24}"
_EMAIL = re.compile(rf"(?<![A-Za-z0-9.+_-]){_LOCAL} ?@ ?{_DOMAIN}(?![A-Za-z0-9])")
_AT_SIGN = r" ?[\[({<] ?at ?[\])}>] ?"
_DOT_SIGN = r" ?[\[({<] ?dot ?[\])}>] ?"
_DOT = rf"(?:{_DOT_SIGN}| dot |\.)"
_ANY = r"[A-Za-z][A-Za-z0-9-]{1,39}(?![A-Za-z0-9])"
_SPOKEN = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z0-9_+-]{{2,40}}(?:{_DOT}[A-Za-z0-9_+-]{{1,40}}){{0,4}}"
    # A word in brackets is a sign, whatever ending follows; a bare "at" or "dot" is mostly a word ("at polka dot").
    rf"(?:{_AT_SIGN}[A-Za-z0-9-]{{2,40}}(?:{_DOT}{_ANY}){{1,4}}|"
    rf" at [A-Za-z0-9-]{{2,40}}(?:{_DOT_SIGN}{_ANY}(?:(?:{_DOT_SIGN}|\.){_ANY}){{0,3}}|"
    rf"(?:{_DOT}(?:co|com|org|net|uk|gov|ac|nhs|cymru|wales|info|me|ie|eu)(?![A-Za-z0-9])){{1,3}}))",
    re.I,
)
_USER = re.compile(r"(?<![\w@./])@[A-Za-z][A-Za-z0-9_.]{2,29}(?<!\.)(?![\w@])")
_IP4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IP6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{3,39}(?![\w:])")
_VERSION = re.compile(
    r"(?:version|release|firmware|build|update|section|paragraph|clause|\bv|\bios|android) ?$", re.I
)


def candidates(page: Page) -> Iterator[Candidate]:
    """E-mail addresses, user names and IP addresses in a plain reading."""
    text, lower = page.text, page.lower
    if "@" in text:
        for found in _EMAIL.finditer(text):
            yield Candidate(*found.span(), Identifier.EMAIL, 9, "an email address")
        for found in _USER.finditer(text):
            yield Candidate(*found.span(), Identifier.USER_NAME, 4, "an @ and a name")
    if " at " in lower or ("at" in lower and any(sign in text for sign in "[({<")):
        for found in _SPOKEN.finditer(text):
            yield Candidate(*found.span(), Identifier.EMAIL, 8, "an email address spelled out")
    if "." in text:
        for found in _IP4.finditer(text):
            if _is_ip(found.group()) and not _VERSION.search(text, max(0, found.start() - 12), found.start()):
                yield Candidate(*found.span(), Identifier.IP_ADDRESS, 8, "four numbers up to 255")
    if text.count(":") > 1:
        for found in _IP6.finditer(text):
            if found.group().count(":") > 2 and _is_ip(found.group()):
                yield Candidate(*found.span(), Identifier.IP_ADDRESS, 9, "an IP version 6 address")


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
