"""Reading a linkage agreement, and saying clearly what in it cannot be."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from joinedup.errors import ModelError
from joinedup.linkage.entries import Entries
from joinedup.linkage.expression import Key, parse_key
from joinedup.linkage.private.agreement import FORMAT, Cut, Filter, Hardening, LinkageAgreement, Part, Token
from joinedup.linkage.spec import FieldSpec, JobKind
from joinedup.people.kinds import FieldKind

_LENGTHS = tuple(2**power for power in range(6, 14))


def load_agreement(path: str | Path) -> LinkageAgreement:
    """Read an agreement from a .toml or .json file; raises ModelError saying which entry is wrong."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ModelError(
            what=f"not valid TOML or JSON: {problem}", where=str(path), mend="mend the syntax"
        ) from None
    return agreement_from_dict(data, where=str(path))


def agreement_from_dict(data: object, *, where: str = "agreement") -> LinkageAgreement:
    """Build an agreement from plain values; raises ModelError, naming the entry that is wrong."""
    top = Entries(data, where)
    form = top.text("format", FORMAT)
    if form != FORMAT:
        raise ModelError(what=f"format is '{form}'", where=where, mend=f"this version reads '{FORMAT}'")
    fields = _fields(top.table("fields"))
    known = tuple(fields)
    filters = tuple(
        _filter(Entries(item, f"{where}, filter {n + 1}"), known)
        for n, item in enumerate(top.items("filters"))
    )
    tokens = tuple(
        _token(Entries(item, f"{where}, token {n + 1}"), known) for n, item in enumerate(top.items("tokens"))
    )
    agreement = LinkageAgreement(
        name=top.text("name") or "",
        version=top.count("version", 1) or 1,
        fields=fields,
        filters=filters,
        tokens=tokens,
        hardening=_hardening(top.table("hardening")),
        kind=JobKind(top.one_of("kind", [k.value for k in JobKind], JobKind.LINK.value) or JobKind.LINK),
        description=top.text("description", "") or "",
    )
    top.finish()
    _check(agreement, where)
    return agreement


def _check(agreement: LinkageAgreement, where: str) -> None:
    if not agreement.name:
        raise ModelError(what="the agreement has no name", where=where, mend='name = "…"')
    if len(agreement.filters) < 2 or not agreement.tokens:
        raise ModelError(
            what="fewer than two filters, or no token",
            where=where,
            mend="the weights are learnt from what tokens leave open: give two filters and a token at least",
        )
    names = [f.name for f in agreement.filters] + [t.name for t in agreement.tokens]
    for name in names:
        if names.count(name) > 1 or not name.isidentifier() or name.startswith("_"):
            raise ModelError(
                what=f"'{name}' is no name of its own",
                where=where,
                mend="letters, digits and _, each name once",
            )
    for f in agreement.filters:
        if f.length >> agreement.hardening.fold < 64:
            raise ModelError(
                what=f"filter '{f.name}' is folded to fewer than 64 bits",
                where=where,
                mend="fold it less often",
            )


def _fields(entries: Entries) -> dict[str, FieldSpec]:
    found = {}
    for name in entries.names():
        inner = entries.table(name)
        kind = inner.one_of("kind", [k.value for k in FieldKind])
        options = {option: inner.raw(option) for option in inner.names() if option != "kind"}
        if kind is None:
            raise ModelError(what=f"field '{name}' has no kind", where=inner.where, mend='kind = "surname"')
        found[name] = FieldSpec(FieldKind(kind), True, options)
        found[name].field_options()
    return found


def _filter(entries: Entries, known: tuple[str, ...]) -> Filter:
    salt = entries.text("salt")
    length = entries.count("length", 1024) or 1024
    if length not in _LENGTHS:
        raise entries.wrong("length", f"one of {', '.join(map(str, _LENGTHS))}", "length = 1024")
    levels = entries.items("levels") or list(Filter.levels)
    if not all(isinstance(x, (int, float)) and 0 < x <= 1 for x in levels) or levels != sorted(levels)[::-1]:
        raise entries.wrong("levels", "falling numbers above 0 and at most 1", "levels = [0.9, 0.6]")
    parts = tuple(
        _part(Entries(item, f"{entries.where}, part {n + 1}"), known)
        for n, item in enumerate(entries.items("parts"))
    )
    name = entries.text("name") or ""
    mixed = entries.flag("mixed", False)
    entries.finish()
    if not parts:
        raise ModelError(
            what="a filter has no parts", where=entries.where, mend='parts = [{key = "surname"}]'
        )
    key = _key(salt, entries.where, known) if salt else None
    return Filter(name, parts, length, mixed, key, tuple(float(x) for x in levels))


def _part(entries: Entries, known: tuple[str, ...]) -> Part:
    key = entries.text("key") or ""
    cut = Cut(entries.one_of("cut", [c.value for c in Cut], Cut.GRAMS.value) or Cut.GRAMS)
    q, bits = entries.count("q", 2) or 2, entries.count("bits", 16) or 16
    entries.finish()
    if q > 3 or bits > 64:
        raise ModelError(what="q is over 3, or bits over 64", where=entries.where, mend="q = 2, bits = 16")
    return Part(_key(key, entries.where, known), cut, q, bits)


def _token(entries: Entries, known: tuple[str, ...]) -> Token:
    on = entries.texts("on")
    token = Token(
        name=entries.text("name") or "",
        on=tuple(_key(text, entries.where, known) for text in on),
        least=entries.count("least", 1) or 1,
        most=entries.count("most", 200) or 200,
    )
    entries.finish()
    if not on or token.most < token.least:
        raise ModelError(what="a token has no keys, or no room", where=entries.where, mend='on = ["surname"]')
    return token


def _key(text: str, where: str, known: tuple[str, ...]) -> Key:
    key = parse_key(text, where=where)
    for name in key.columns():
        if name not in known:
            raise ModelError(
                what=f"'{name}' is no field of the agreement", where=where, mend=f"use: {', '.join(known)}"
            )
    return key


def _hardening(entries: Entries) -> Hardening:
    found = Hardening(
        fold=entries.count("fold", 0, least=0) or 0,
        balance=entries.flag("balance", False),
        epsilon=entries.number("epsilon", None, above=0),
    )
    entries.finish()
    return found
