"""What an index holds fixed from one refresh to the next: the *frame*.

Two records weigh the same against each other for as long as the frame stands, whatever else comes or goes:
the model is trained, the frequencies of values are frozen with it, and so are the fields, the threshold and
the rules of clustering. That is what makes an increment equal to a full rebuild.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from joinedup.errors import ModelError, SourceError
from joinedup.linkage.encode import Records
from joinedup.linkage.expression import Key
from joinedup.linkage.index.shares import Shares, open_shares, write_shares
from joinedup.linkage.index.sums import altered_files, with_sums
from joinedup.linkage.model import Model, model_from_dict
from joinedup.linkage.spec import Clusters, FieldSpec, JobKind, Source
from joinedup.people import FieldKind

FORMAT = "joinedup-index-frame/1"
_DESCRIPTION = "frame.json"


@dataclass(frozen=True)
class Frame:
    """number: from 1. model: trained; its ``term_frequencies`` hold the frozen shares of every key that a level
    names. fields: kind and options of each field, as they are standardised. columns: the standardised fields of
    a record that are kept: those that the model and the clusters read, then those that can be shown. sources: in
    the order of their numbers; their paths say nothing. threshold, keep_weight: bits;
    pairs below the second are forgotten. max_pairs: most candidate pairs of one change. spec: the job as TOML, to
    train it anew by. given_shares: the keys whose shares came with the model, and stay when it is trained anew.
    """

    number: int
    model: Model
    fields: Mapping[str, FieldSpec]
    kind: JobKind
    sources: tuple[Source, ...]
    threshold: float
    keep_weight: float
    clusters: Clusters = field(default_factory=Clusters)
    max_pairs: int = 1_000_000_000
    spec: str = ""
    columns: tuple[str, ...] = ()
    given_shares: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        needed = [*self.model.columns(), *self.clusters.identifiers]
        object.__setattr__(self, "columns", tuple(dict.fromkeys([*needed, *self.columns])))

    @property
    def across_only(self) -> bool:
        """Whether only pairs of different sources are compared."""
        return self.kind is JobKind.LINK

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names of the sources; a source's place here is its number."""
        return tuple(source.name for source in self.sources)

    @property
    def one_to_one(self) -> frozenset[int]:
        """The numbers of the sources that hold each person once."""
        return frozenset(i for i, source in enumerate(self.sources) if source.one_record_per_person)

    def source_number(self, name: str) -> int:
        """The place of a source; raises SourceError for one that the index does not have."""
        if name not in self.source_names:
            raise SourceError(
                what=f"the index has no source '{name}'",
                where="index",
                mend=f"use one of: {', '.join(self.source_names)}",
            )
        return self.source_names.index(name)

    def shares(self, key: Key) -> Shares | None:
        """The frozen shares of a key's values; None where no level asks for its rarity."""
        found = self.model.term_frequencies.get(str(key))
        return found if isinstance(found, Shares) else None


def rare_keys(model: Model) -> tuple[Key, ...]:
    """The keys whose rarity adjusts some level's weight, each once."""
    levels = [level for comparison in model.comparisons for level in comparison.levels]
    found = [lv.term_frequency for lv in levels if lv.term_frequency is not None and not lv.missing]
    return tuple(dict.fromkeys(found))


def frozen_model(model: Model, records: Records) -> Model:
    """The model with the shares of every key whose rarity counts: the model's own, else those of the records."""
    frozen: dict[str, Mapping[str, float]] = {}
    for key in rare_keys(model):
        given = model.term_frequencies.get(str(key))
        if isinstance(given, Shares):
            frozen[str(key)] = given
        elif given is not None:
            frozen[str(key)] = shares_of(given)
        else:
            frozen[str(key)] = Shares.of_counts(records.key(key).values, records.frequencies(key))
    return replace(model, term_frequencies=frozen)


def shares_of(given: Mapping[str, float]) -> Shares:
    """A plain table of shares in the form that a frame holds."""
    return Shares.of_counts(pa.array(list(given), pa.string()), np.array(list(given.values()), np.float64))


def save_frame(directory: Path, frame: Frame) -> None:
    """Write a frame into ``directory/frames/<number>``, on the disk when this returns.

    Nothing counts before a version names the frame, so a folder left by a crash is written over.
    """
    folder = frame_folder(directory, frame.number)
    folder.mkdir(parents=True, exist_ok=True)
    plain = replace(frame.model, term_frequencies={})
    _write(folder / "model.json", plain.as_dict())
    names: dict[str, str] = {}
    for place, (key, given) in enumerate(frame.model.term_frequencies.items()):
        name = f"shares_{place}.arrow"
        write_shares(folder / name, given if isinstance(given, Shares) else shares_of(given))
        _sync(folder / name)
        names[key] = name
    described = with_sums(
        folder,
        {
            "format": FORMAT,
            "number": frame.number,
            "kind": frame.kind.value,
            "threshold": frame.threshold,
            "keep_weight": frame.keep_weight,
            "max_pairs": frame.max_pairs,
            "clusters": asdict(frame.clusters),
            "fields": {name: _field(item) for name, item in frame.fields.items()},
            "sources": [asdict(source) for source in frame.sources],
            "columns": list(frame.columns),
            "given_shares": list(frame.given_shares),
            "shares": names,
            "spec": frame.spec,
        },
        besides=_DESCRIPTION,
    )
    _write(folder / _DESCRIPTION, described)
    for path in (folder, folder.parent, directory):
        _sync(path)


def load_frame(directory: Path, number: int) -> Frame:
    """Read frame ``number`` of an index; raises SourceError where it is damaged or of another format."""
    folder = frame_folder(directory, number)
    try:
        data = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise SourceError(
                what=f"the frame's format is '{data['format']}'",
                where=str(folder),
                mend=f"this version reads '{FORMAT}'; build the index anew",
            )
        shares = {key: open_shares(folder / name) for key, name in data["shares"].items()}
        clusters = data["clusters"]
        return Frame(
            number=number,
            model=replace(model_from_dict(model, where=str(folder)), term_frequencies=shares),
            fields={name: _field_spec(item) for name, item in data["fields"].items()},
            kind=JobKind(data["kind"]),
            sources=tuple(_source(item) for item in data["sources"]),
            threshold=data["threshold"],
            keep_weight=data["keep_weight"],
            clusters=Clusters(**{**clusters, "identifiers": tuple(clusters["identifiers"])}),
            max_pairs=data["max_pairs"],
            spec=data["spec"],
            columns=tuple(data["columns"]),
            given_shares=tuple(data["given_shares"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ModelError):
        raise SourceError(
            what=f"frame {number} of the index cannot be read",
            where=str(folder),
            mend="restore the index from a copy, or build it anew",
        ) from None


def altered_frame_files(directory: Path, number: int) -> tuple[str, ...] | None:
    """The files of a frame that are not as they were written; None: no sums of them were kept then."""
    folder = frame_folder(directory, number)
    try:
        described = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return (_DESCRIPTION,)
    return altered_files(folder, described, besides=_DESCRIPTION)


def frame_folder(directory: Path, number: int) -> Path:
    """Where a frame is kept."""
    return directory / "frames" / str(number)


def _field(item: FieldSpec) -> dict[str, Any]:
    options = {n: list(v) if isinstance(v, tuple) else v for n, v in item.options.items()}
    return {
        "kind": item.kind.value if item.kind else None,
        "standardise": item.standardise,
        "options": options,
    }


def _field_spec(item: Mapping[str, Any]) -> FieldSpec:
    kind = FieldKind(item["kind"]) if item["kind"] else None
    return FieldSpec(kind, item["standardise"], item["options"])


def _source(item: Mapping[str, Any]) -> Source:
    fields = {name: tuple(columns) for name, columns in item["fields"].items()}
    return Source(**{**item, "fields": fields, "tables": tuple(item["tables"])})


def _write(path: Path, data: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
