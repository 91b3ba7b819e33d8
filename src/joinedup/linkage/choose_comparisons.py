"""Without configuration: which comparisons suit which fields, and which keys a rule could block on.

Each kind of field has its own levels, from general knowledge of how such values go wrong (typing, moving house,
day and month changed over), never from the data at hand. How much each level says is then estimated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.exchanged_names import ExchangedNames
from joinedup.linkage.expression import Key, parse_key
from joinedup.linkage.model import Comparison, model_from_dict
from joinedup.people import FieldKind

_CODES = (FieldKind.NINO, FieldKind.NHS_NUMBER, FieldKind.UPN, FieldKind.UTR, FieldKind.UPRN, FieldKind.PHONE)
_FEW = 40  # a field of at most this many distinct values has plain equality only


@dataclass(frozen=True)
class Field:
    """One field of the people in a job: its column name after preparation, and its kind.

    compared: False for an identifier that one of several sources alone has: it keeps people apart and is not compared.
    """

    name: str
    kind: FieldKind
    compared: bool = True


def _field_levels(field: Field, distinct: int) -> list[dict[str, object]]:
    x = _quoted(field.name)
    equal: dict[str, object] = {"when": f"equal({x})", "label": "the same", "term_frequency": x}
    plain: dict[str, object] = {"when": f"equal({x})", "label": "the same"}

    def like(threshold: float) -> dict[str, object]:
        return {"when": f"jaro_winkler({x}) >= {threshold}", "label": f"alike ({threshold:g} and over)"}

    def edits(most: int) -> dict[str, object]:
        return {
            "when": f"damerau_levenshtein({x}) <= {most}",
            "label": f"{most} slip{'s' * (most > 1)} of the pen",
        }

    kind = field.kind
    if kind is FieldKind.DATE_OF_BIRTH:
        return [
            plain,
            {"when": f"day_month_swapped({x})", "label": "day and month changed over"},
            edits(1),
            {"when": f"equal(month_day({x}))", "label": "same day and month"},
            {"when": f"equal(prefix({x}, 7))", "label": "same month"},
            {"when": f"equal(year({x}))", "label": "same year"},
            {"when": f"days_apart({x}) <= 3653", "label": "within ten years"},
        ]
    if kind is FieldKind.POSTCODE:
        return [
            equal,
            {
                "when": f"equal(postcode_sector({x})) or damerau_levenshtein({x}) <= 1",
                "label": "one slip, or same sector",
            },
            {"when": f"equal(postcode_district({x}))", "label": "same district"},
            {"when": f"equal(postcode_area({x}))", "label": "same area"},
        ]
    if kind is FieldKind.EMAIL:
        user = f"email_user({x})"
        return [
            plain,
            {"when": f"equal({user})", "label": "same name before the @"},
            # Most addresses are made of names, so two that are merely alike say no more than the names do.
            edits(2),
        ]
    if kind in _CODES:
        return [plain, edits(1)]
    if kind is FieldKind.FIRST_NAME or kind is FieldKind.MIDDLE_NAME:
        return [
            equal,
            {"when": f"nickname({x})", "label": "known forms of one name"},
            like(0.92),
            like(0.85),
            {"when": f"equal(prefix({x}, 1))", "label": "same initial"},
        ]
    if kind is FieldKind.SURNAME:
        return [equal, like(0.92), like(0.85)]
    if kind is FieldKind.FULL_NAME:
        return [equal, {"when": f"equal(sorted_words({x}))", "label": "same words"}, like(0.92), like(0.85)]
    if distinct <= _FEW:
        return [plain]
    if kind in (FieldKind.NUMBER, FieldKind.DATE):
        return [plain, edits(1)]
    return [equal, like(0.9), like(0.8)]


def _quoted(name: str) -> str:
    return str(Key(column=name))


def choose_comparisons(
    fields: Sequence[Field],
    records: Records,
    *,
    follows: Mapping[str, str] | None = None,
    exchanged: ExchangedNames | None = None,
) -> tuple[Comparison, ...]:
    """One comparison a field that can tell people apart; a field with one value or none has none.

    follows: fields that another one all but settles even among different people (a town follows its postcode,
    a sex its first name). Such a field is judged within the other's comparison, and only where that one
    leaves it open: counted by itself, the same fact would be counted twice.
    exchanged: the first name and surname that records give the wrong way round; such pairs are then judged by the
    first name's comparison, and the surname's says nothing of them.
    """
    follows = follows or {}
    usable = [
        f for f in fields if f.kind is not FieldKind.IDENTIFIER and len(records.columns[f.name].values) >= 2
    ]
    names = {f.name for f in usable}
    found = []
    for field in usable:
        if follows.get(field.name) in names:
            continue
        own = _field_levels(field, len(records.columns[field.name].values))
        x = _quoted(field.name)
        levels: list[dict[str, object]] = [{"when": f"missing({x})", "label": "missing", "missing": True}]
        levels += own
        if exchanged is not None and field.name in (exchanged.first_name, exchanged.surname):
            levels.insert(2, exchanged.level(judged=field.name == exchanged.first_name))
        levels.append({"when": "otherwise", "label": "different"})
        for number, follower in enumerate(f for f in usable if follows.get(f.name) == field.name):
            levels = _with_follower(levels, follower, only_where_different=number > 0)
        found.append({"name": field.name, "levels": levels})
    rules = [{"on": [_quoted(usable[0].name)]}] if usable else []
    return model_from_dict({"comparisons": found, "blocking_rules": rules}).comparisons if found else ()


# What a person keeps for life: records of one person seldom differ in it, those of one family mostly do.
_FOR_LIFE = (
    FieldKind.FIRST_NAME, FieldKind.DATE_OF_BIRTH, FieldKind.SEX, FieldKind.NINO, FieldKind.NHS_NUMBER,
    FieldKind.UPN, FieldKind.UTR,
)  # fmt: skip
_QUITE_OTHER = ("different", "within ten years")


def is_for_life(kind: FieldKind) -> bool:
    """Whether a field is one person's own for life, so that no other field can settle it for different people."""
    return kind in _FOR_LIFE and kind is not FieldKind.SEX


_TELLS_NAMESAKES = (
    FieldKind.DATE_OF_BIRTH, FieldKind.NINO, FieldKind.NHS_NUMBER, FieldKind.UPN, FieldKind.UTR, FieldKind.PHONE,
    FieldKind.EMAIL,
)  # fmt: skip


def tells_namesakes(fields: Sequence[Field]) -> bool:
    """Whether anything but name and address is there to tell people by."""
    return any(field.kind in _TELLS_NAMESAKES for field in fields)


def seldom_levels(fields: Sequence[Field], comparisons: Sequence[Comparison]) -> dict[str, tuple[int, ...]]:
    """For each comparison of what a person keeps for life, the numbers of the levels that say it is another's."""
    kinds = {field.name: field.kind for field in fields}
    return {
        comparison.name: tuple(
            number
            for number, level in enumerate(comparison.levels)
            if level.label.split(",")[0] in _QUITE_OTHER
        )
        for comparison in comparisons
        if kinds.get(comparison.name) in _FOR_LIFE
    }


_PLAIN = (FieldKind.TEXT, FieldKind.CATEGORY, FieldKind.NUMBER, FieldKind.DATE, FieldKind.UNKNOWN)
_MOST_FIELDS = 20


def most_telling(fields: Sequence[Field], records: Records) -> tuple[Field, ...]:
    """At most twenty fields, in their order: what is a person's by its kind first, then what varies most.

    Plain texts and categories are then at most as many as the others (or five): answers to a survey must not
    shout down a name. A field tells as many bits as a chance agreement on it is rare, in so far as it is filled in.
    """
    if len(fields) <= _MOST_FIELDS:
        return tuple(fields)
    personal = sum(field.kind not in _PLAIN for field in fields)
    most = min(_MOST_FIELDS, personal + max(5, personal))
    ranked = sorted(
        range(len(fields)),
        key=lambda i: (fields[i].kind in _PLAIN, -_bits_told(records.columns[fields[i].name].codes), i),
    )
    kept = set(ranked[:most])
    return tuple(field for i, field in enumerate(fields) if i in kept)


def _bits_told(codes: Int32) -> float:
    counts = np.bincount(codes[codes >= 0]).astype(np.float64)
    total = counts.sum()
    if total < 2:
        return 0.0
    agree = float((counts * (counts - 1)).sum() / (total * (total - 1)))
    return float(-np.log2(max(agree, 1 / total**2)) * (total / len(codes)) ** 2)


# Levels that all but settle what follows: the same first name has the same sex, the same postcode the same town.
_SETTLING = (
    "the same", "known forms of one name", "day and month changed over", "same words", "exchanged with the surname",
)  # fmt: skip


def _with_follower(
    levels: list[dict[str, object]], follower: Field, *, only_where_different: bool
) -> list[dict[str, object]]:
    """Split the levels that leave the follower open by whether it agrees; use it alone where the other is missing."""
    y = _quoted(follower.name)
    out: list[dict[str, object]] = []
    for level in levels:
        label = str(level["label"])
        if label == "missing":
            head = str(level["when"])
            out.append({"when": f"{head} and missing({y})", "label": "missing", "missing": True})
            out.append(
                {
                    "when": f"{head} and equal({y})",
                    "label": f"missing, {follower.name} the same",
                    "term_frequency": y,
                    "missing": False,
                }
            )
            out.append({"when": head, "label": f"missing, {follower.name} different", "missing": False})
        elif label.startswith("different") or not (only_where_different or label in _SETTLING):
            when = str(level["when"])
            both = f"equal({y})" if when == "otherwise" else f"({when}) and equal({y})"
            out.append({**level, "when": both, "label": f"{label}, {follower.name} the same"})
            out.append(level)
        else:
            out.append(level)
    return out


def blocking_keys(
    fields: Sequence[Field], records: Records, *, exchanged: ExchangedNames | None = None
) -> Mapping[str, tuple[Key, ...]]:
    """For each field, the keys that a blocking rule may use, from strict to loose; for both names that are given
    either way round, one of their own."""
    keys: dict[str, tuple[Key, ...]] = {}
    if exchanged is not None:
        keys["names either way round"] = (exchanged.key(),)
    for field in fields:
        x = _quoted(field.name)
        distinct = len(records.columns[field.name].values)
        if distinct < 2 or field.kind is FieldKind.IDENTIFIER:
            continue
        if field.kind is FieldKind.DATE_OF_BIRTH:
            texts = [x, f"year({x})", f"month_day({x})"]
        elif field.kind is FieldKind.POSTCODE:
            texts = [x, f"postcode_sector({x})", f"postcode_district({x})"]
        elif field.kind is FieldKind.EMAIL:
            texts = [x, f"email_user({x})"]
        elif field.kind in _CODES:
            texts = [x]
        elif field.kind in (FieldKind.FIRST_NAME, FieldKind.SURNAME, FieldKind.FULL_NAME):
            texts = [x, f"sound({x})", f"prefix({x}, 3)", f"prefix({x}, 1)"]
        elif distinct <= _FEW:
            texts = [x]
        else:
            texts = [x, f"prefix({x}, 4)"]
        keys[field.name] = tuple(parse_key(text) for text in texts)
    return keys
