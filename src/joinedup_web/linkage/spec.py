"""From a project's rows to the job spec that the library reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from joinedup.people import FieldKind
from joinedup_web.linkage import files
from joinedup_web.linkage.models import Run, Source

# What says nothing about who somebody is; a column of such a kind is left out of the comparison.
_NOT_COMPARED = {
    FieldKind.IDENTIFIER,
    FieldKind.CATEGORY,
    FieldKind.TEXT,
    FieldKind.NUMBER,
    FieldKind.DATE,
    FieldKind.UNKNOWN,
}
SURE_ENOUGH = 0.5


def spec_text(run: Run, sources: Iterable[Source]) -> str:
    """Return the run's spec as TOML. Columns are named only where somebody corrected a meaning; else the library
    finds them out, as it does without configuration."""
    sources = list(sources)
    corrected = any(was_corrected(source) for source in sources)
    lines = [f"kind = {_text(run.kind)}", f"seed = {int(run.settings.get('seed', 1))}", ""]
    threshold = run.settings.get("threshold_probability")
    if threshold is not None:
        lines += ["[decision]", f"threshold_probability = {float(threshold)}", ""]
    if run.settings.get("labels"):  # the file that start_run writes beside the spec
        lines += ["[training]", 'labels = "decisions.csv"', ""]
    for source in sources:
        lines += [
            "[[sources]]",
            f"path = {_text(str(files.source_file(source)))}",
            f"name = {_text(source.name)}",
        ]
        if source.id_column:
            lines.append(f"id = {_text(source.id_column)}")
        if source.one_record_per_person:
            lines.append("one_record_per_person = true")
        if source.tables:
            lines.append(f"tables = {json.dumps(source.tables, ensure_ascii=False)}")
        if source.read:
            lines += ["[sources.read]", *(f"{key} = {_text(value)}" for key, value in source.read.items())]
        if corrected:
            lines += ["[sources.fields]"]
            lines += [f"{name} = {_text(column)}" for name, column in fields_of(source).items()]
        lines.append("")
    if corrected:
        for name, kind in kinds_of(sources).items():
            lines += [f"[fields.{name}]", f"kind = {_text(kind)}", ""]
    return "\n".join(lines) + "\n"


def was_corrected(source: Source) -> bool:
    """Whether somebody corrected what a column of it means."""
    return any(meaning.get("corrected") for meaning in source.meanings.values())


def meaning_of(meaning: Mapping[str, Any]) -> FieldKind | None:
    """What a column counts as: the correction, else what was found where that is sure enough."""
    kind = FieldKind(meaning.get("corrected") or meaning["kind"])
    if not meaning.get("corrected") and meaning["confidence"] < SURE_ENOUGH:
        return None
    return None if kind in _NOT_COMPARED else kind


def fields_of(source: Source) -> dict[str, str]:
    """Our field -> its column. A second column of one kind becomes a field of its own: phone, phone_2."""
    named: dict[str, str] = {}
    for column, meaning in source.columns:
        kind = meaning_of(meaning)
        if kind is None or column == source.id_column:
            continue
        name, number = kind.value, 2
        while name in named:
            name, number = f"{kind.value}_{number}", number + 1
        named[name] = column
    return named


def kinds_of(sources: Iterable[Source]) -> dict[str, str]:
    """The kind of each field that the sources have together."""
    found: dict[str, str] = {}
    for source in sources:
        for name, column in fields_of(source).items():
            kind = meaning_of(source.meanings[column])
            assert kind is not None
            found[name] = kind.value
    return found


def _text(value: object) -> str:
    """A TOML value. JSON's strings are TOML's, but for the escape of DEL."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
