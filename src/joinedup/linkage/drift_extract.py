"""What drift is asked of: a finished run, what its model was trained on, another run, or an extract by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.drift import Drift, drift
from joinedup.linkage.encode import encode
from joinedup.linkage.prepare import ID, prepare
from joinedup.linkage.seen import NAME, Seen, read_training, sources_seen
from joinedup.linkage.spec import JobKind, Source, Spec, load_spec
from joinedup.sources import read


def drift_of(
    what: str | Path,
    *,
    against: str | Path | None = None,
    spec: str | Path | None = None,
    source: str | None = None,
    named: tuple[str, str] | None = None,
) -> Drift:
    """Return how far a run or an extract lies from what a model was trained on.

    what: a run's directory or training.json, or a data file (an extract). against: a run's directory or
    training.json, to compare with what that run saw; None: with what the run's own model was trained on. An extract
    needs it, and is read as ``spec`` says (else the spec.toml of that run) and taken for its ``source`` (else the
    one of the file's name, or the one whose columns it has). named: what to call the two, in place of their paths.

    Raises SourceError where a file is missing or not what it should be, UsageError where there is nothing to
    compare with.
    """
    what = Path(what)
    if what.is_dir() or what.suffix == ".json":
        found = read_training(what)
        if against is not None:
            of, then_called = named or (str(what), str(against))
            return drift(found.run, read_training(against).run, of=of, against=then_called)
        if found.here:
            raise UsageError(
                what="this run trained its model itself, so there is nothing that it could have drifted from",
                where=str(what),
                mend="give the run to compare it with: --against DIR",
            )
        if found.trained_on is None:
            raise UsageError(
                what="what the model was trained on is not known",
                where=str(what),
                mend=f"keep {NAME} beside the model.json that a spec names, or give --against DIR",
            )
        of = named[0] if named else str(what)
        return drift(found.run, found.trained_on, of=of, against="what its model was trained on")
    if against is None:
        raise UsageError(what="an extract is compared with a run", where=str(what), mend="add --against DIR")
    then = read_training(against).run
    chosen = load_spec(spec if spec is not None else _spec_of(Path(against)))
    own = _source_of(chosen, what, source)
    before = replace(then, sources={own.name: then.sources[own.name]}) if own.name in then.sources else then
    return drift(_extract(chosen, own, what), before, of=str(what), against=f"'{own.name}' in {against}")


def _extract(spec: Spec, source: Source, path: Path) -> Seen:
    """What an extract looks like, standardised as the run standardised its source."""
    job = Spec(
        kind=JobKind.DEDUPE,
        sources=(replace(source, path=str(path.absolute())),),
        fields=spec.fields,
        output=replace(spec.output, joined=False),
        folder=spec.folder,
    )
    prepared = prepare(job, None)
    names = [name for name in prepared.tables[source.name].column_names if name != ID]
    records = encode(prepared.tables, id_columns={source.name: ID}, columns=names)
    return Seen(len(records), len(records), sources_seen(prepared.sources, records), None)


def _spec_of(against: Path) -> Path:
    path = (against if against.is_dir() else against.parent) / "spec.toml"
    if not path.is_file():
        raise UsageError(
            what="how to read the extract is not known",
            where=str(path),
            mend="give the run's spec: --spec FILE",
        )
    return path


def _source_of(spec: Spec, path: Path, name: str | None) -> Source:
    """The source of the spec that an extract is a later one of."""
    known = {source.name: source for source in spec.sources}
    if name is not None and name not in known:
        raise UsageError(what=f"the spec has no source '{name}'", mend=f"use one of: {', '.join(known)}")
    found = known.get(name or path.stem)
    if found is None and len(known) == 1:
        found = next(iter(known.values()))
    if found is None:
        have = set(_columns(path))
        alike = [
            s for s in known.values() if s.fields and {c for cs in s.fields.values() for c in cs} <= have
        ]
        found = alike[0] if len(alike) == 1 else None
    if found is None:
        raise UsageError(
            what="which of the run's sources this is a later extract of is not clear",
            where=str(path),
            mend=f"say it: --source with one of {', '.join(known)}",
        )
    return found


def _columns(path: Path) -> list[str]:
    if path.suffix.lower() in (".parquet", ".pq"):
        try:
            return list(pq.read_schema(path).names)
        except (OSError, ValueError):
            raise SourceError(
                what="not a readable Parquet file", where=str(path), mend="check the file"
            ) from None
    return list(read(path).schema.names)
