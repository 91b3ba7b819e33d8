"""One person of a finished run: found by what was typed, and shown with every record, value and link."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.explain import Step, match_probability
from joinedup.linkage.model import Model, load_model
from joinedup.linkage.person_index import BATCH, FORMAT, IDENTIFIERS, key_of
from joinedup.linkage.review_material import steps_of
from joinedup.people import FieldKind, standardise

_JOINED = ("person_id", "records", "sources")


@dataclass(frozen=True)
class JoinedValue:
    """What the joined record says of one field, which source it is from, and by which rule it was preferred."""

    field: str
    value: str
    source: str
    rule: str


@dataclass(frozen=True)
class SourceRecord:
    """One record as its source wrote it. columns: in the source's order, the id among them."""

    source: str
    record_id: str
    columns: Mapping[str, str | None]
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class PersonLink:
    """Two records of the person, by their places in ``PersonFound.records``. weight: bits. linked: whether it is
    at least the run's threshold."""

    left: int
    right: int
    weight: float
    probability: float
    linked: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class PersonFound:
    """One person: the joined record, the records behind it, and the links between them, strongest first."""

    person_id: str
    joined: tuple[JoinedValue, ...]
    records: tuple[SourceRecord, ...]
    links: tuple[PersonLink, ...]
    certainty: float | None


class PersonLookup:
    """An index opened: the list of people as a table, searches, and single people. Files are mapped, not read."""

    def __init__(self, directory: str | Path) -> None:
        """directory: of the run. Raises SourceError where it has no index of this format."""
        self.directory = Path(directory)
        self._folder = self.directory / "index"
        try:
            self._told = json.loads((self._folder / "index.json").read_text("utf-8"))
        except (OSError, ValueError):
            raise SourceError(
                what="no index of people", where=str(self._folder), mend="make it with write_person_index"
            ) from None
        if self._told["format"] != FORMAT:
            raise SourceError(
                what="an index of another release", where=str(self._folder), mend="make it again"
            )

    @property
    def sources(self) -> tuple[str, ...]:
        """The run's sources."""
        return tuple(source["name"] for source in self._told["sources"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that searches can hit: `record_id`, `nino` …, `surname_born`, `name_born`."""
        return tuple(self._told["kinds"])

    @cached_property
    def people(self) -> pa.Table:
        """One row a person in order of its number: number, person_id, records, size (at most 5), sources,
        source_set (the place of ``sources`` among ``source_sets``), certainty (probability of the weakest link;
        null where there is none), doubtful."""
        return pa.ipc.open_file(pa.memory_map(str(self._folder / "people.arrow"))).read_all()

    @cached_property
    def _model(self) -> Model:
        return load_model(self.directory / "model.json")

    def _array(self, name: str) -> NDArray[Any]:
        if name not in self._arrays:
            self._arrays[name] = np.load(self._folder / f"{name}.npy", mmap_mode="r")
        return self._arrays[name]

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {}

    @cached_property
    def source_sets(self) -> tuple[str, ...]:
        """Every set of sources that some person has records in, as ``people`` names it."""
        chunks = self.people.column("sources").chunks
        return tuple(chunks[0].dictionary.to_pylist()) if chunks else ()

    def number_of(self, person_id: str) -> int | None:
        """The number of a person by its name in the outputs, such as P000123."""
        ids = self.people.column("person_id")
        digits = person_id.removeprefix("P")
        likely = int(digits) - 1 if digits.isdecimal() and len(digits) < 12 else -1
        if 0 <= likely < len(ids) and ids[likely].as_py() == person_id:
            return likely
        found = ids.index(person_id).as_py()
        return found if found >= 0 else None

    def find_identifier(self, typed: str) -> tuple[int, ...]:
        """The people with a record that has this identifier, whatever its kind, written in any usual way."""
        typed = typed.strip()
        keys = {key_of("record_id", typed)}
        for kind in IDENTIFIERS:
            if kind.value in self.kinds and (value := _standard(typed, kind)):
                keys.add(key_of(kind.value, value))
        return self._people_of(sorted(keys))

    def find_name(self, *, surname: str, born: dt.date, first_name: str = "") -> tuple[int, ...]:
        """The people with a record of this surname, date of birth and, where given, first name; as standardised,
        so that capitals, accents and punctuation do not matter.

        Raises UsageError where there is no name in what was typed.
        """
        last = _standard(surname, FieldKind.SURNAME)
        if not last:
            raise UsageError(what="no surname", mend="give letters")
        first = _standard(first_name, FieldKind.FIRST_NAME) if first_name.strip() else None
        values = (last, born.isoformat())
        key = key_of("name_born", first, *values) if first else key_of("surname_born", *values)
        return self._people_of([key])

    def _people_of(self, keys: Sequence[int]) -> tuple[int, ...]:
        every, person = self._array("keys"), self._array("key_person")
        found: set[int] = set()
        for key in keys:
            start, stop = np.searchsorted(every, np.uint64(key)), np.searchsorted(
                every, np.uint64(key), side="right"
            )  # fmt: skip
            found.update(person[start:stop].tolist())
        return tuple(sorted(found))

    def person(self, number: int) -> PersonFound:
        """Everything about one person. Raises IndexError for a number that the run does not have."""
        row = self.people.slice(number, 1).to_pylist()
        if number < 0 or not row:
            raise IndexError(number)
        first = self._array("first")
        members = self._array("members")[first[number] : first[number + 1]].tolist()
        records = tuple(self._record(member) for member in members)
        return PersonFound(
            person_id=row[0]["person_id"],
            joined=self._joined(number),
            records=records,
            links=self._links(number, members),
            certainty=row[0]["certainty"],
        )

    def _record(self, record: int) -> SourceRecord:
        number, row = int(self._array("record_source")[record]), int(self._array("record_row")[record])
        told = self._told["sources"][number]
        columns = _row(self._folder / f"source_{number}.arrow", row)
        identifier = str(row + 1) if told["id"] is None else str(columns[told["id"]])
        kinds = {
            column: told["kinds"].get(field, "") for field, used in told["fields"].items() for column in used
        }
        return SourceRecord(told["name"], identifier, columns, kinds)

    def _joined(self, number: int) -> tuple[JoinedValue, ...]:
        path = self._folder / "joined.arrow"
        if not path.exists():
            return ()
        row = _row(path, number)
        return tuple(
            JoinedValue(name.removeprefix("field_"), str(value), str(row[f"{name}__source"]), str(rule))
            for name, value in row.items()
            if value is not None and (rule := row.get(f"{name}__rule")) is not None and name not in _JOINED
        )

    def _links(self, number: int, members: Sequence[int]) -> tuple[PersonLink, ...]:
        first = self._array("link_first")
        part = slice(int(first[number]), int(first[number + 1]))
        place = {member: at for at, member in enumerate(members)}
        ends, weights = self._array("link_ends")[part].tolist(), self._array("link_weight")[part].tolist()
        levels = self._array("link_levels")[part].tolist()
        threshold = self._told["threshold"]
        return tuple(
            PersonLink(
                place[left],
                place[right],
                weight,
                match_probability(weight),
                weight >= threshold,
                steps_of(self._model, vector, weight),
            )
            for (left, right), weight, vector in zip(ends, weights, levels, strict=True)
        )


def _row(path: Path, row: int) -> dict[str, Any]:
    with pa.memory_map(str(path)) as mapped:
        batch = pa.ipc.open_file(mapped).get_batch(row // BATCH)
        found: dict[str, Any] = batch.slice(row % BATCH, 1).to_pylist()[0]
    return found


def _standard(text: str, kind: FieldKind) -> str | None:
    value = standardise(pa.array([text], pa.string()), kind).values[0].as_py()
    return None if value is None else str(value)
