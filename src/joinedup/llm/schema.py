"""The form of an answer: the subset of JSON Schema that suppliers enforce, and our own check of what came back.

Some servers take a schema and do not keep to it, so whatever comes is checked here. The subset: type (object, array,
string, integer, number, boolean), properties, required, additionalProperties false, items, enum, minItems, maxItems,
minLength, maxLength, minimum, maximum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from joinedup.errors import ModelError

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_OF_OBJECT = frozenset({"properties", "required", "additionalProperties"})
_OF_ARRAY = frozenset({"items", "minItems", "maxItems"})
_OF_STRING = frozenset({"enum", "minLength", "maxLength"})
_OF_NUMBER = frozenset({"minimum", "maximum"})
_KNOWN = {
    "object": _OF_OBJECT,
    "array": _OF_ARRAY,
    "string": _OF_STRING,
    "integer": _OF_NUMBER,
    "number": _OF_NUMBER,
    "boolean": frozenset(),
}
MOST_FAULTS = 8


def obj(**properties: Mapping[str, object]) -> dict[str, object]:
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def array(items: Mapping[str, object], *, least: int = 0, most: int) -> dict[str, object]:
    """The schema of a list."""
    return {"type": "array", "items": dict(items), "minItems": least, "maxItems": most}


def string(*, most: int) -> dict[str, object]:
    """The schema of a text that is not empty."""
    return {"type": "string", "minLength": 1, "maxLength": most}


def one_of(*values: str) -> dict[str, object]:
    """The schema of a text out of a closed list."""
    return {"type": "string", "enum": list(values)}


def faults_of(answer: object, schema: Mapping[str, object]) -> tuple[str, ...]:
    """What of an answer is not as asked, in words that hold nothing of the answer; empty where all is well.

    At most MOST_FAULTS of them. ModelError where the schema says what this file does not read.

    >>> faults_of({"title": 7}, obj(title=string(most=80)))
    ('answer.title is not a string',)
    """
    found = []
    for fault in _faults(answer, schema, "answer"):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return tuple(found)


def _faults(value: object, schema: Mapping[str, object], where: str) -> Iterator[str]:
    kind = _kind(schema, where)
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        article = "an" if kind[0] in "aio" else "a"
        yield f"{where} is not {article} {kind}"
        return
    if isinstance(value, dict):
        yield from _object_faults(value, schema, where)
    elif isinstance(value, list):
        yield from _array_faults(value, schema, where)
    elif isinstance(value, str):
        yield from _string_faults(value, schema, where)
    elif isinstance(value, int | float):
        least, most = schema.get("minimum"), schema.get("maximum")
        if isinstance(least, int | float) and value < least:
            yield f"{where} is below {least}"
        if isinstance(most, int | float) and value > most:
            yield f"{where} is above {most}"


def _object_faults(value: dict[str, object], schema: Mapping[str, object], where: str) -> Iterator[str]:
    properties = schema.get("properties")
    assert isinstance(properties, Mapping)
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if name not in value:
            yield f"{where}.{name} is missing"
    if any(name not in properties for name in value):
        yield f"{where} has a property that was not asked for"
    for name, inner in properties.items():
        if name in value:
            yield from _faults(value[name], inner, f"{where}.{name}")


def _array_faults(value: list[object], schema: Mapping[str, object], where: str) -> Iterator[str]:
    least, most, items = schema.get("minItems"), schema.get("maxItems"), schema.get("items")
    assert isinstance(items, Mapping)
    if isinstance(least, int) and len(value) < least:
        yield f"{where} has fewer than {least} items"
    if isinstance(most, int) and len(value) > most:
        yield f"{where} has more than {most} items"
        return
    for number, each in enumerate(value):
        yield from _faults(each, items, f"{where}[{number}]")


def _string_faults(value: str, schema: Mapping[str, object], where: str) -> Iterator[str]:
    least, most, choices = schema.get("minLength"), schema.get("maxLength"), schema.get("enum")
    if isinstance(choices, list) and value not in choices:
        yield f"{where} is not one of those allowed"
    if isinstance(least, int) and len(value.strip()) < least:
        yield f"{where} is empty"
    if isinstance(most, int) and len(value) > most:
        yield f"{where} is longer than {most} letters"


def _kind(schema: Mapping[str, object], where: str) -> str:
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN:
        raise ModelError(what=f"{where} has no type that is known", where="schema of an answer")
    strange = set(schema) - _KNOWN[kind] - {"type", "description"}
    if strange:
        raise ModelError(what=f"{where} says {sorted(strange)[0]!r}", where="schema of an answer")
    return kind
