"""From the files of a job to comparable fields: read, find out what columns mean, standardise, keep count."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.errors import SourceError
from joinedup.linkage.choose_comparisons import Field
from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.gather import gathered
from joinedup.linkage.model import Model
from joinedup.linkage.personal_identifiers import personal_identifiers
from joinedup.linkage.run import Advice, FieldCount, SourceCount
from joinedup.linkage.shown import SHOWN_KINDS, Forms, usual_forms, written_forms
from joinedup.linkage.source_advice import aside_advice, numbered_advice, sheets_advice
from joinedup.linkage.spec import FieldSpec, Source, Spec
from joinedup.people import FieldKind, FieldStatus, Meaning, find_meanings, split_names, standardise
from joinedup.sources import ReadOptions, one_of_columns, read

log = logging.getLogger(__name__)

ID = "_record_id"
_MIDDLE = FieldKind.MIDDLE_NAME.value
_MANY = 0.2  # a column with this share of values of several forenames holds middle names
_NAMES = (FieldKind.FIRST_NAME, FieldKind.SURNAME)
# A column that means one of these says nothing about who somebody is, or is not about this person.
_OTHERS = ("other_person", "former", "title")


@dataclass(frozen=True)
class Prepared:
    """tables: one a source, its columns our fields (text) and ``ID``. fields: those that can be compared.

    sources: counts for the run record. aside: rows that could not be read, by source. columns: for each
    source, our field -> its columns, as used. ids: for each source, the column of its own ids; None: rows are
    numbered. shown: how a field's values are written, where that differs from how they are compared; empty where
    no joined table is wanted. identifiers: where none was declared and no model given, the fields of which a person has
    one value.
    """

    tables: Mapping[str, pa.Table]
    fields: tuple[Field, ...]
    sources: tuple[SourceCount, ...]
    aside: Mapping[str, pa.Table]
    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    kinds: Mapping[str, FieldSpec]
    warnings: tuple[Advice, ...]
    ids: Mapping[str, str | None]
    shown: Mapping[str, Forms] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()

    def obeyed(self, spec: Spec) -> Spec:
        """The job with the identifiers that were found declared."""
        if not self.identifiers:
            return spec
        return replace(spec, clusters=replace(spec.clusters, identifiers=self.identifiers))


def prepare(spec: Spec, model: Model | None) -> Prepared:
    """Read and standardise the sources of a job.

    With a model and no declared fields, columns are taken by the model's names and as they are. Without one,
    meanings are found from names and values, and every field is standardised by its kind.

    Raises SourceError for a source, column or identifier that is not there.
    """
    tables: dict[str, pa.Table] = {}
    aside: dict[str, pa.Table] = {}
    columns: dict[str, Mapping[str, tuple[str, ...]]] = {}
    ids: dict[str, str | None] = {}
    counts: list[SourceCount] = []
    kinds: dict[str, FieldSpec] = dict(spec.fields)
    warnings: list[Advice] = []
    written: dict[str, list[pa.Table]] | None = {} if spec.output.joined else None
    for source in spec.sources:
        raw, refused = read_whole(spec, source, model, only_needed=True)
        source, chosen, found = chosen_fields(spec, source, model, raw)
        if model is None and source.id is None:
            warnings.append(numbered_advice(source.name))
        for name, kind in found.items():
            kinds.setdefault(name, kind)
        table, fields = standardised(
            raw, source, chosen, kinds, written, as_it_is=model is not None, parted=forenames_parted(model)
        )
        tables[source.name] = table
        ids[source.name] = source.id
        columns[source.name] = chosen
        if refused is not None and refused.num_rows:
            aside[source.name] = refused
            warnings.append(aside_advice(source.name, refused))
        unread = sheets_advice(source, spec.locate(source.path))
        warnings += [unread] if unread is not None else []
        counts.append(
            SourceCount(
                source.name,
                table.num_rows,
                refused.num_rows if refused is not None else 0,
                source.one_record_per_person,
                fields,
            )
        )
    for name, table in tables.items():
        if table.num_rows == 0:
            raise no_record(name)
    have = {name: [c for c in table.column_names if c != ID] for name, table in tables.items()}
    refuse_missing_fields(spec, model, list(dict.fromkeys(c for own in have.values() for c in own)))
    identifiers = found_identifiers(spec, model, kinds, counts)
    comparable = comparable_fields(have, kinds, needed_fields(spec, model), apart=identifiers)
    shown = {name: usual_forms(forms) for name, forms in (written or {}).items()}
    return Prepared(
        tables, comparable, tuple(counts), aside, columns, kinds, tuple(warnings), ids, shown, identifiers
    )


def found_identifiers(
    spec: Spec, model: Model | None, kinds: Mapping[str, FieldSpec], counts: Sequence[SourceCount]
) -> tuple[str, ...]:
    """The identifiers that keep people apart without being declared: none where any is, or a model is given."""
    if model is not None or spec.clusters.identifiers:
        return ()
    return personal_identifiers(kinds, [own for source in counts for own in source.fields])


def chosen_fields(
    spec: Spec, source: Source, model: Model | None, raw: pa.Table
) -> tuple[Source, dict[str, tuple[str, ...]], dict[str, FieldSpec]]:
    """Which columns of a source are which field, and the kinds that were found out; the source with its own id.

    Raises SourceError for a column that is not there, or where none is of use.
    """
    found: dict[str, FieldSpec] = {}
    if source.fields:
        chosen = dict(source.fields)
    elif model is not None:
        chosen = {name: (name,) for name in needed_fields(spec, model) if name in raw.column_names}
    else:
        meanings = find_meanings(raw)
        if source.id is None:
            source = replace(source, id=_own_id(raw, meanings))
        chosen, found = _find_fields(raw, source, meanings)
    _check(raw, source, chosen)
    return source, chosen, found


def no_record(name: str) -> SourceError:
    """What to raise of a source without records."""
    return SourceError(
        what="there is no record in it", where=name, mend="see what 'joinedup read' says of the file"
    )


def read_source(spec: Spec, source: Source) -> pa.Table:
    """One source of a job as it stands in its file, good rows alone; see ``prepare`` for the errors."""
    return read_whole(spec, source, None)[0]


@dataclass(frozen=True)
class SourceRead:
    """One source by itself. source: with the fields that were taken. table: they and ``ID``, standardised. raw: its
    good rows as they stand, row by row those of the table. aside: what could not be read, if anything."""

    source: Source
    table: pa.Table
    raw: pa.Table
    aside: pa.Table | None
    count: SourceCount


def standardise_source(spec: Spec, source: Source, model: Model) -> SourceRead:
    """Read and standardise one source as ``prepare`` does with a model that is given.

    ``source.fields`` says which of its columns is which field (none: those with the model's names), ``spec.fields``
    what each field is.

    Raises SourceError for a source or column that is not there.
    """
    raw, refused = read_whole(spec, source, model)
    if not source.fields:
        named = {name: (name,) for name in needed_fields(spec, model) if name in raw.column_names}
        source = replace(source, fields=named)
    _check(raw, source, source.fields)
    table, fields = standardised(
        raw, source, source.fields, dict(spec.fields), None, as_it_is=True, parted=forenames_parted(model)
    )
    aside = refused.num_rows if refused is not None else 0
    count = SourceCount(source.name, table.num_rows, aside, source.one_record_per_person, fields)
    return SourceRead(source, table, raw, refused, count)


def needed_fields(spec: Spec, model: Model | None) -> tuple[str, ...]:
    """The fields that a job cannot do without: the model's, and the identifiers that keep people apart."""
    return tuple(dict.fromkeys([*(model.columns() if model is not None else ()), *spec.clusters.identifiers]))


def refuse_missing_fields(spec: Spec, model: Model | None, have: Sequence[str]) -> None:
    """Raise SourceError where the job needs a field that no source has."""
    for name in needed_fields(spec, model):
        if name not in have:
            raise SourceError(
                what=f"there is no column '{name}' in any source",
                where="clusters.identifiers" if name in spec.clusters.identifiers else "the model",
                mend=f"use {one_of_columns(have)}",
            )


def read_whole(
    spec: Spec, source: Source, model: Model | None, *, only_needed: bool = False
) -> tuple[pa.Table, pa.Table | None]:
    """A source's good rows as they stand, and those that were kept aside, if any were looked for.

    Text columns come as dictionaries, numbered batch by batch as they are read. only_needed: leave out columns that
    no field is made of, where that is known beforehand.
    """
    path = spec.locate(source.path)
    if Path(path).suffix.lower() in (".parquet", ".pq") and not source.read and Path(path).is_file():
        return _read_parquet(path, source, needed_fields(spec, model) if model is not None else None), None
    options = source.read_options() if source.read else ReadOptions()
    if not source.tables:
        reading = read(path, options=options)
        wanted = None
        if only_needed and {c for columns in source.fields.values() for c in columns} <= {
            *reading.schema.names
        }:
            needed = needed_fields(spec, model) if model is not None else None
            wanted = _wanted(source, needed, reading.schema.names)
        as_it_is = (source.id,) if source.id is not None else ()
        return gathered(reading.batches(), reading.schema, columns=wanted, as_it_is=as_it_is), reading.aside
    readings = [read(path, options=replace(options, table=name)) for name in source.tables]
    tables = [reading.table() for reading in readings]
    return pa.concat_tables(_of_one_type(tables), promote_options="permissive"), pa.concat_tables(
        [reading.aside for reading in readings]
    )


def _of_one_type(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """The tables with each column whose types differ between them as text (a date in one sheet, a word in another)."""
    types: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for column in table.schema:
            types.setdefault(column.name, set()).add(column.type)
    out = []
    for table in tables:
        for place, column in enumerate(table.schema):
            if len(types[column.name]) > 1:
                table = table.set_column(place, column.name, as_plain_text(table.column(place)))
        out.append(table)
    return out


def _wanted(source: Source, needed: Sequence[str] | None, have: Sequence[str]) -> list[str] | None:
    """The columns that a source's fields are made of, as far as it has them; None: not known before all are read.

    needed: the model's fields, which are columns by those names where the spec names none.
    """
    if source.fields:
        wanted = [column for columns in source.fields.values() for column in columns]
    elif needed is not None:
        wanted = list(needed)
    else:
        return None
    return [c for c in dict.fromkeys([*wanted, *([source.id] if source.id else [])]) if c in have]


def _read_parquet(path: str, source: Source, needed: Sequence[str] | None) -> pa.Table:
    """Only the columns that are needed, text as dictionaries: a large file never becomes a wall of text."""
    try:
        schema = pq.read_schema(path)
        wanted = _wanted(source, needed, schema.names)
        texts = [f.name for f in schema if pa.types.is_string(f.type) and f.name != source.id]
        return pq.read_table(path, columns=wanted, read_dictionary=texts, pre_buffer=False)
    except (pa.ArrowException, OSError):
        raise SourceError(what="not a readable Parquet file", where=path, mend="write it anew") from None


def _check(raw: pa.Table, source: Source, chosen: Mapping[str, tuple[str, ...]]) -> None:
    for name in [c for columns in chosen.values() for c in columns] + ([source.id] if source.id else []):
        if name not in raw.column_names:
            raise SourceError(
                what=f"there is no column '{name}'",
                where=source.name,
                mend=f"use {one_of_columns(raw.column_names)}",
            )
    if not chosen:
        raise SourceError(
            what="no column looks like a field of a person",
            where=source.name,
            mend='say in the spec which column is which: [sources.fields] surname = "…"',
        )


def _own_id(raw: pa.Table, meanings: Mapping[str, Meaning]) -> str | None:
    """The column that looks like the source's own id, if each record has one and none has another's."""
    for column, meaning in meanings.items():
        if meaning.kind is FieldKind.IDENTIFIER and meaning.confidence >= 0.7:
            values = as_plain_text(raw.column(column))
            if not values.null_count and pc.count_distinct(values).as_py() == raw.num_rows:
                return column
    return None


def _find_fields(
    raw: pa.Table, source: Source, meanings: Mapping[str, Meaning]
) -> tuple[dict[str, tuple[str, ...]], dict[str, FieldSpec]]:
    """Our field -> column, and what each field is, from the columns' names and values."""
    usable = {
        column: meaning
        for column, meaning in meanings.items()
        if column != source.id and meaning.kind is not FieldKind.IDENTIFIER and meaning.note not in _OTHERS
    }
    has_parts = all(any(m.kind is kind for m in usable.values()) for kind in _NAMES)
    chosen: dict[str, tuple[str, ...]] = {}
    kinds: dict[str, FieldSpec] = {}
    for column, meaning in usable.items():
        if meaning.kind is FieldKind.FULL_NAME and has_parts:
            continue  # the same words again
        if meaning.kind is FieldKind.UNKNOWN and raw.column(column).null_count == raw.num_rows:
            continue
        name = _field_name(column, meaning, chosen)
        chosen[name] = (column,)
        kinds[name] = FieldSpec(kind=meaning.kind, options=_changed_options(meaning))
    return chosen, kinds


def _changed_options(meaning: Meaning) -> dict[str, Any]:
    """What differs from the usual choices; a stand-in such as 1900-01-01 is no date of birth to link by."""
    default = type(meaning.options)()
    changed = {
        name: getattr(meaning.options, name)
        for name in vars(default)
        if getattr(meaning.options, name) != getattr(default, name) and name != "on"
    }
    if meaning.kind is FieldKind.DATE_OF_BIRTH:
        changed["keep_placeholders"] = False
    return changed


_PLAIN_KINDS = (FieldKind.TEXT, FieldKind.CATEGORY, FieldKind.NUMBER, FieldKind.DATE, FieldKind.UNKNOWN)


def _field_name(column: str, meaning: Meaning, taken: Mapping[str, object]) -> str:
    """The kind's own name for what the kind settles, so that sources meet; else the column's, made plain."""
    plain = "".join(c if c.isalnum() else "_" for c in column.strip().lower()).strip("_") or "column"
    base = plain if meaning.kind in _PLAIN_KINDS or meaning.note == "place_of_birth" else meaning.kind.value
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def forenames_parted(model: Model | None) -> bool | None:
    """Whether several forenames are told apart as first and middle names; None: where a column shows many."""
    return None if model is None else _MIDDLE in model.columns()


def standardised(
    raw: pa.Table,
    source: Source,
    chosen: Mapping[str, tuple[str, ...]],
    kinds: dict[str, FieldSpec],
    written: dict[str, list[pa.Table]] | None,
    *,
    as_it_is: bool,
    parted: bool | None,
) -> tuple[pa.Table, tuple[FieldCount, ...]]:
    """Our fields of one source, and their counts; how values are written is added to ``written``, if given.

    as_it_is: a field of no declared kind stays as it is; else its kind is found out and added to ``kinds``, as are
    the kinds of the fields that come of parting a name. parted: as in ``forenames_parted``.
    """

    def note(name: str, raw: pa.Array | pa.ChunkedArray, values: pa.Array, spec: FieldSpec) -> None:
        if written is not None and spec.kind in SHOWN_KINDS:
            forms = written_forms(raw, values, spec.kind, spec.field_options())
            written.setdefault(name, []).append(forms)

    arrays: dict[str, pa.Array | pa.ChunkedArray] = {}
    if source.id is not None:
        arrays[ID] = as_plain_text(raw.column(source.id))
    else:
        arrays[ID] = pc.cast(pa.array(range(1, raw.num_rows + 1), pa.int64()), pa.string())
    counts: list[FieldCount] = []
    for name, columns in chosen.items():
        column = field_column(raw, columns)
        declared = kinds.get(name)
        if declared is None and not as_it_is:
            meaning = find_meanings(pa.table({columns[0]: column}))[columns[0]]
            declared = kinds[name] = FieldSpec(kind=meaning.kind, options=_changed_options(meaning))
        if declared is None or declared.kind is None or not declared.standardise:
            arrays[name] = column
            missing = column.null_count
            counts.append(
                FieldCount(
                    name,
                    " + ".join(columns),
                    declared.kind.value if declared and declared.kind else "",
                    raw.num_rows - missing,
                    0,
                    0,
                    missing,
                )
            )
            continue
        if name == FieldKind.FIRST_NAME and _MIDDLE not in chosen and declared.kind is FieldKind.FIRST_NAME:
            first, middle = _forenames(column)
            if _holds_many(column, middle) if parted is None else parted:
                column = first
                arrays[_MIDDLE] = standardise(middle, FieldKind.MIDDLE_NAME).values
                kinds.setdefault(_MIDDLE, FieldSpec(kind=FieldKind.MIDDLE_NAME))
                note(_MIDDLE, middle, arrays[_MIDDLE], FieldSpec(kind=FieldKind.MIDDLE_NAME))
        found = standardise(column, declared.kind, options=declared.field_options())
        tally = found.counts
        counts.append(
            FieldCount(
                name,
                " + ".join(columns),
                declared.kind.value,
                tally[FieldStatus.VALID],
                tally[FieldStatus.MENDED],
                tally[FieldStatus.INVALID],
                tally[FieldStatus.MISSING],
            )
        )
        if declared.kind is FieldKind.FULL_NAME:
            parts = split_names(column)  # the raw text: commas and hyphens say which part is which
            for part in ("first_name", "middle_name", "surname"):
                if part not in chosen:
                    arrays[part] = parts.column(part)
                    kinds.setdefault(part, FieldSpec(kind=FieldKind(part)))
                    note(part, arrays[part], arrays[part], FieldSpec(kind=FieldKind(part)))
        else:
            arrays[name] = found.values
            note(name, column, found.values, declared)
    return pa.table(arrays), tuple(counts)


def field_column(raw: pa.Table, columns: Sequence[str]) -> Any:
    """A field as it is written: its one column, or the texts of several with a space between."""
    if len(columns) == 1:
        return raw.column(columns[0])
    texts = [as_plain_text(raw.column(c)) for c in columns]
    # Not null_handling="skip": it drops the rows in which every part is null.
    column = pc.binary_join_element_wise(*texts, " ", null_handling="replace", null_replacement="")
    column = pc.utf8_trim_whitespace(pc.replace_substring_regex(column, r"\s+", " "))
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _forenames(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The first of several forenames, and the others, as they are written."""
    text = as_plain_text(column)
    parts = pc.extract_regex(text, r"^\s*(?P<first>\S+)(?:\s+(?P<others>\S.*))?$")
    others = pc.struct_field(parts, "others")
    first = pc.coalesce(pc.struct_field(parts, "first"), text)
    return first, pc.if_else(pc.equal(others, ""), pa.scalar(None, pa.string()), others)


def _holds_many(column: pa.ChunkedArray, others: pa.Array) -> bool:
    """Whether a column of first names holds all forenames: double names alone are fewer."""
    filled = len(column) - column.null_count
    return bool(len(others) - others.null_count >= _MANY * max(1, filled))


def comparable_fields(
    have: Mapping[str, Sequence[str]],
    kinds: Mapping[str, FieldSpec],
    needed: Sequence[str],
    *,
    apart: Sequence[str] = (),
) -> tuple[Field, ...]:
    """The fields in the order of the sources; of several sources, those that at least two of them have.

    have: the fields of each source. apart: those that keep people apart even if one source alone has them; that one
    does not let them be compared.
    """
    names: dict[str, int] = {}
    for own in have.values():
        for name in own:
            names[name] = names.get(name, 0) + 1
    fields = []
    for name, count in names.items():
        spec = kinds.get(name)
        kind = spec.kind if spec is not None and spec.kind is not None else FieldKind.TEXT
        if count >= min(2, len(have)) or name in needed:
            fields.append(Field(name, kind))
        elif name in apart:
            fields.append(Field(name, kind, compared=False))
    return tuple(fields)
