"""A job spec written as TOML: how zero configuration tells what it chose, to read, change and run again."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from joinedup.linkage.model import BlockingRule, rule_as_dict
from joinedup.linkage.spec import Clusters, Decision, FieldSpec, Limits, Output, Spec, Training
from joinedup.linkage.toml_text import toml_text


def spec_toml(spec: Spec, *, folder: Path | None = None) -> str:
    """Return the spec as TOML that ``load_spec`` reads back the same.

    folder: where the text will be kept, if not in the spec's own folder; relative paths are rewritten for it.
    """

    def moved(path: str | None) -> str | None:
        if path is None or folder is None or "://" in path or os.path.isabs(path):
            return path
        return Path(os.path.relpath(spec.folder / path, folder)).as_posix()

    sources = [
        {
            "path": moved(source.path),
            "name": source.name,
            "id": source.id,
            "one_record_per_person": source.one_record_per_person or None,
            "read": dict(source.read) or None,
            "tables": list(source.tables) or None,
            "fields": {name: _one_or_list(columns) for name, columns in source.fields.items()} or None,
        }
        for source in spec.sources
    ]
    data: dict[str, Any] = {
        "kind": spec.kind.value,
        "seed": spec.seed,
        "keep_probability": spec.keep_probability,
    }
    data["splink"] = moved(spec.splink_file)
    data["model"] = moved(spec.model_file)
    data["sources"] = sources
    data["fields"] = {name: _field_dict(item) for name, item in spec.fields.items()} or None
    training = {**_changed(spec.training, Training()), "labels": moved(spec.training.labels)}
    for name in ("prior_rules", "sessions"):
        training[name] = [_rule(rule) for rule in getattr(spec.training, name)] or None
    data["training"] = training
    data["decision"] = _changed(spec.decision, Decision()) or {"threshold": "auto"}
    for name, default in (("limits", Limits()), ("clusters", Clusters()), ("output", Output())):
        data[name] = _changed(getattr(spec, name), default)
    if spec.model is not None:
        data["model"] = {name: value for name, value in spec.model.as_dict().items() if name != "format"}
    return toml_text({name: value for name, value in data.items() if not _is_empty(value)})


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, dict) and all(v is None for v in value.values()))


def _changed(value: Any, default: Any) -> dict[str, Any]:
    """The fields of a small frozen dataclass that differ from the default."""
    names = (f.name for f in dataclasses.fields(value))
    return {name: getattr(value, name) for name in names if getattr(value, name) != getattr(default, name)}


def _rule(rule: BlockingRule) -> Any:
    plain = rule_as_dict(rule)
    return plain if "where" in plain else plain["on"]


def _field_dict(item: FieldSpec) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": item.kind.value if item.kind else None}
    out["standardise"] = None if item.standardise else False
    return {**out, **item.options}


def _one_or_list(items: tuple[str, ...]) -> Any:
    return items[0] if len(items) == 1 else list(items)
