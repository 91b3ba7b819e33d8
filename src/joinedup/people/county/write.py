"""The whole demonstration on disk: five extracts, a few scanned forms, and the truth apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv

from joinedup.people.county.draw import generator
from joinedup.people.county.formats import (
    MOST_EXCEL_PEOPLE,
    BenefitsFixedWidth,
    CouncilTaxCsv,
    GpRegisterParquet,
    HousingCsv,
    HousingWorkbook,
    SchoolCensusJsonLines,
    Truth,
    Writer,
)
from joinedup.people.county.forms import can_draw_forms, write_forms
from joinedup.people.county.organisations import (
    BENEFITS,
    COUNCIL_TAX,
    GP_REGISTER,
    HOUSING,
    ORGANISATIONS,
    SCHOOL_CENSUS,
    extract,
)
from joinedup.people.county.population import Population, people_without_address, population_blocks
from joinedup.people.county.traits import traits

Progress = Callable[[int, int], None]
"""Called with (people done, people in all)."""


@dataclass(frozen=True)
class CountyFiles:
    """What was written. extracts: the file of each organisation (source = the file's stem). layout: of the
    fixed-width file. forms: the scans, none where Pillow is not installed. truth: source, record_id,
    cluster, in a folder of its own (forms.csv beside it). people: what is true of each person (see ``traits``),
    beside it. rows: records by source, the unreadable ones
    among them; readable: those in the truth."""

    extracts: dict[str, Path]
    layout: Path
    forms: tuple[Path, ...]
    truth: Path
    people: Path
    rows: dict[str, int]
    readable: int


def write_county(
    directory: Path | str,
    *,
    people: int = 20_000,
    seed: int = 1,
    forms: int = 6,
    without_address: int = 0,
    progress: Progress | None = None,
) -> CountyFiles:
    """Write the extracts of a county of so many people, and `forms` scanned forms in a folder of their own.

    without_address: how many adults without a fixed address live there besides; their records come last in each
    extract, and all others stay as they are.

    Files of the same names are replaced; so is a housing file of the other format, from another size.

    Memory is bounded by one part of the county (100,000 people), and the workbook of a smaller one.
    """
    directory = Path(directory)
    (directory / "truth").mkdir(parents=True, exist_ok=True)
    for other in ("housing.xlsx", "housing.csv"):
        (directory / other).unlink(missing_ok=True)
    benefits = BenefitsFixedWidth(directory)
    writers: dict[str, Writer] = {
        COUNCIL_TAX: CouncilTaxCsv(directory),
        GP_REGISTER: GpRegisterParquet(directory),
        SCHOOL_CENSUS: SchoolCensusJsonLines(directory),
        BENEFITS: benefits,
        HOUSING: HousingWorkbook(directory) if people <= MOST_EXCEL_PEOPLE else HousingCsv(directory),
    }
    truth = Truth(directory / "truth" / "truth.csv")
    everybody = directory / "truth" / "people.csv"
    everybody.unlink(missing_ok=True)
    rows = dict.fromkeys(ORGANISATIONS, 0)
    scans: list[Path] = []
    done = 0
    for part, block in enumerate(_blocks(people, seed=seed, without_address=without_address)):
        for organisation, writer in writers.items():
            records = extract(organisation, block, seed=seed, part=part, first_row=rows[organisation])
            readable = writer.write(records, generator(seed, organisation + " file", part))
            truth.add(
                organisation, records.rows.column(0).filter(pa.array(readable)), records.person[readable]
            )
            rows[organisation] += len(records.person)
        if part == 0 and forms and can_draw_forms():
            (directory / "forms").mkdir(exist_ok=True)
            scans = write_forms(
                directory / "forms", directory / "truth" / "forms.csv", block, count=forms, seed=seed
            )
        with everybody.open("ab") as file:
            csv.write_csv(traits(block), file, csv.WriteOptions(include_header=part == 0))
        done += len(block)
        if progress is not None:
            progress(min(done, people), people)
    for writer in writers.values():
        writer.close()
    truth.close()
    return CountyFiles(
        extracts={organisation: writer.path for organisation, writer in writers.items()},
        layout=benefits.layout_path,
        forms=tuple(scans),
        truth=truth.path,
        people=everybody,
        rows=rows,
        readable=truth.rows,
    )


def _blocks(people: int, *, seed: int, without_address: int) -> Iterator[Population]:
    yield from population_blocks(people=people, seed=seed)
    if without_address:
        yield people_without_address(count=without_address, people=people, seed=seed)
