"""Claim: a million people, all fields, are standardised in under 20 seconds (aim 12) on two cores.

Generates its own people (seeded; names skewed as in life, about one value in twelve untidy or wrong), then
standardises every field and prints seconds a field. Generating is not timed; turning columns to distinct
values is. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.people import FieldKind, FieldStatus, standardise, standardise_table
from joinedup.people.data_file import rows_of
from joinedup.values.nhs_number import nhs_check_digit
from joinedup.values.postcode import AREAS
from joinedup.values.upn import CHECK_LETTERS
from joinedup.values.utr import utr_check_digit

TARGET_SECONDS, AIM_SECONDS = 20.0, 12.0
KINDS = {
    "first_name": FieldKind.FIRST_NAME,
    "middle_name": FieldKind.MIDDLE_NAME,
    "surname": FieldKind.SURNAME,
    "date_of_birth": FieldKind.DATE_OF_BIRTH,
    "sex": FieldKind.SEX,
    "nino": FieldKind.NINO,
    "nhs_number": FieldKind.NHS_NUMBER,
    "upn": FieldKind.UPN,
    "utr": FieldKind.UTR,
    "postcode": FieldKind.POSTCODE,
    "uprn": FieldKind.UPRN,
    "phone": FieldKind.PHONE,
    "email": FieldKind.EMAIL,
    "address_line_1": FieldKind.ADDRESS_LINE,
    "address_line_2": FieldKind.ADDRESS_LINE,
    "town": FieldKind.TOWN,
}
_ROADS = [
    "Road",
    "Street",
    "Avenue",
    "Lane",
    "Close",
    "Drive",
    "Court",
    "Crescent",
    "Gardens",
    "Way",
    "Rd.",
    "St",
    "Ave",
    "Ln",
    "Cl",
    "Dr",
    "Cres",
    "Gdns",
]


class People:
    """Columns of made-up people; every draw comes from one seeded generator."""

    def __init__(self, *, records: int, seed: int) -> None:
        self.size = records
        self.random = np.random.default_rng(seed)

    def pick(self, choices: list[str], *, skew: float = 0.0) -> np.ndarray:
        weights = 1.0 / np.arange(1, len(choices) + 1) ** skew
        places = self.random.choice(len(choices), self.size, p=weights / weights.sum())
        return np.array(choices, dtype=object)[places]

    def digits(self, count: int) -> np.ndarray:
        return self.random.integers(0, 10, (self.size, count))

    def untidy(self, values: np.ndarray, *, share: float, how: list) -> np.ndarray:
        """Some of the values, spoilt in one of the given ways."""
        chosen = np.flatnonzero(self.random.random(self.size) < share)
        ways = self.random.integers(0, len(how), len(chosen))
        for row, way in zip(chosen.tolist(), ways.tolist(), strict=True):
            values[row] = how[way](values[row])
        return values

    def table(self) -> pa.Table:
        first = [row["word"] for row in rows_of("name_words") if row["kind"] == "first_name"]
        last = [row["word"] for row in rows_of("name_words") if row["kind"] == "surname"]
        # As in life, very many rare surnames beside the common ones.
        surnames = last + [
            a + b for a in last[:300] for b in ("son", "ley", "ford", "worth", "-" + last[5], "e")
        ]
        name_faults = [str.upper, str.lower, lambda v: f" {v} ", lambda v: f"Mr {v}", lambda v: v[:3] + v[4:]]
        name_faults += [lambda v: "O'" + v, lambda v: v + "é", lambda v: "Unknown", lambda v: v + " Jr"]
        columns = {
            "first_name": self.untidy(
                np.char.title(self.pick(first, skew=0.7).astype(str)).astype(object),
                share=0.08,
                how=name_faults,
            ),
            "middle_name": self.untidy(
                np.char.title(self.pick(first, skew=0.7).astype(str)).astype(object),
                share=0.5,
                how=[lambda v: None, lambda v: v[0]],
            ),
            "surname": self.untidy(
                np.char.title(self.pick(surnames, skew=0.6).astype(str)).astype(object),
                share=0.08,
                how=name_faults,
            ),
            "date_of_birth": self.dates(),
            "sex": self.untidy(
                self.pick(["M", "F"]),
                share=0.1,
                how=[str.lower, lambda v: "Female", lambda v: "1", lambda v: None, lambda v: "not stated"],
            ),
            "nino": self.ninos(),
            "nhs_number": self.nhs_numbers(),
            "upn": self.upns(),
            "utr": self.utrs(),
            "postcode": self.postcodes(),
            "uprn": self.untidy(
                (100_000_000 + self.random.integers(0, 10**10, self.size)).astype(str).astype(object),
                share=0.05,
                how=[lambda v: "00" + v, lambda v: None, lambda v: v + ".0"],
            ),
            "phone": self.phones(),
            "email": self.emails(first, surnames),
            "address_line_1": self.address_lines(last),
            "address_line_2": self.untidy(
                self.pick([name.title() for name in last[:400]]), share=0.6, how=[lambda v: None]
            ),
            "town": self.untidy(
                self.pick(
                    [row["word"].title() for row in rows_of("name_words") if row["kind"] == "town"], skew=0.8
                ),
                share=0.05,
                how=[str.upper, lambda v: v[:-1], lambda v: None],
            ),
        }
        return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})

    def dates(self) -> np.ndarray:
        days = self.random.integers(-14_000, 20_000, self.size).astype("datetime64[D]")
        iso = np.datetime_as_string(days)
        year, month, day = (
            np.array([text[part] for text in iso], dtype=object)
            for part in (slice(0, 4), slice(5, 7), slice(8, 10))
        )
        values = day + "/" + month + "/" + year
        return self.untidy(
            values,
            share=0.05,
            how=[
                lambda v: "01/01/1900",
                lambda v: None,
                lambda v: "31/02" + v[5:],
                lambda v: v.replace("/", "-"),
            ],
        )

    def ninos(self) -> np.ndarray:
        prefix = self.pick(
            [
                a + b
                for a in "ABCEGHJKLMNPRSTWXYZ"
                for b in "ABCEGHJKLMNPRSTWXYZ"
                if a + b not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
            ]
        )
        values = prefix + _text(self.digits(6)) + self.pick(list("ABCD"))
        return self.untidy(
            values,
            share=0.08,
            how=[
                str.lower,
                lambda v: f"{v[:2]} {v[2:4]} {v[4:6]} {v[6:8]} {v[8]}",
                lambda v: v.replace("0", "O"),
                lambda v: v[:8],
                lambda v: None,
            ],
        )

    def nhs_numbers(self) -> np.ndarray:
        digits = self.digits(9)
        digits[:, 0] = 4 + 2 * (digits[:, 0] % 2)
        values = np.array([_with_check_digit(text) for text in _text(digits)], dtype=object)
        return self.untidy(
            values,
            share=0.08,
            how=[
                lambda v: f"{v[:3]} {v[3:6]} {v[6:]}",
                lambda v: v[:4] + str((int(v[4]) + 1) % 10) + v[5:],
                lambda v: v.replace("1", "I", 1),
                lambda v: None,
            ],
        )

    def upns(self) -> np.ndarray:
        digits = self.digits(12)
        letters = np.array(list(CHECK_LETTERS), dtype=object)[(digits @ np.arange(2, 14)) % 23]
        return self.untidy(
            letters + _text(digits),
            share=0.08,
            how=[str.lower, lambda v: v[:5] + "O" + v[6:], lambda v: v[:12], lambda v: None],
        )

    def utrs(self) -> np.ndarray:
        values = np.array([str(utr_check_digit(text)) + text for text in _text(self.digits(9))], dtype=object)
        return self.untidy(
            values,
            share=0.08,
            how=[
                lambda v: v + "K",
                lambda v: f"{v[:5]} {v[5:]}",
                lambda v: v[:9] + str((int(v[9]) + 1) % 10),
                lambda v: None,
            ],
        )

    def postcodes(self) -> np.ndarray:
        area = self.pick(sorted(AREAS), skew=0.3)
        units = self.pick([a + b for a in "ABDEFGHJLNPQRSTUWXYZ" for b in "ABDEFGHJLNPQRSTUWXYZ"][::7])
        values = (
            area
            + (1 + self.digits(1)[:, 0] * 2).astype(str).astype(object)
            + " "
            + _text(self.digits(1))
            + units
        )
        return self.untidy(
            values,
            share=0.12,
            how=[
                str.lower,
                lambda v: v.replace(" ", ""),
                lambda v: v.replace("0", "O"),
                lambda v: v[:-1],
                lambda v: "ZZ99 3VZ",
                lambda v: None,
            ],
        )

    def phones(self) -> np.ndarray:
        head = self.pick(["07700 9", "0771 23", "0113 49", "020 794", "+44 7712", "01632 9"])
        values = head + _text(self.digits(4)) + _text(self.digits(1))
        values[np.char.find(values.astype(str), "+44") == 0] += "0"
        values[np.char.str_len(np.char.replace(values.astype(str), " ", "")) == 10] += "7"
        return self.untidy(
            values,
            share=0.08,
            how=[
                lambda v: v[1:],
                lambda v: "tel: " + v,
                lambda v: v[:6],
                lambda v: "+33 1 42 68 53 00",
                lambda v: None,
            ],
        )

    def emails(self, first: list[str], last: list[str]) -> np.ndarray:
        at = self.pick(
            [
                "@gmail.com",
                "@hotmail.co.uk",
                "@outlook.com",
                "@yahoo.co.uk",
                "@example.org",
                "@btinternet.com",
            ],
            skew=0.8,
        )
        values = self.pick(first) + "." + self.pick(last) + _text(self.digits(3)) + at
        return self.untidy(
            values,
            share=0.08,
            how=[
                str.upper,
                lambda v: v + " ",
                lambda v: v.replace("@", ""),
                lambda v: v.replace("gmail", "gmial"),
                lambda v: v[:-1],
                lambda v: None,
            ],
        )

    def address_lines(self, words: list[str]) -> np.ndarray:
        number = self.random.integers(1, 300, self.size).astype(str).astype(object)
        street = self.pick([word.title() for word in words]) + " " + self.pick(_ROADS)
        return self.untidy(
            number + " " + street,
            share=0.2,
            how=[
                lambda v: "Flat 3, " + v,
                lambda v: v.upper(),
                lambda v: v.replace(" ", ", ", 1),
                lambda v: "The Old " + v.split(" ", 1)[1],
                lambda v: None,
            ],
        )


def _with_check_digit(nine: str) -> str:
    check = nhs_check_digit(nine)
    return (
        f"{nine}{check}" if check is not None else _with_check_digit(nine[:8] + str((int(nine[8]) + 1) % 10))
    )


def _text(digits: np.ndarray) -> np.ndarray:
    joined = np.zeros(len(digits), dtype=object)
    joined[:] = ""
    for place in range(digits.shape[1]):
        joined = joined + digits[:, place].astype(str).astype(object)
    return joined


def main() -> None:
    """Run the claim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    choice = parser.parse_args()
    table = People(records=choice.records, seed=choice.seed).table()
    standardise_table(table.slice(0, 1000), KINDS)  # data files and modules are read once
    print(
        f"{'field':16}{'seconds':>8}{'CPU':>8}{'distinct':>10}{'valid':>10}{'mended':>9}{'invalid':>9}{'missing':>9}"
    )
    for name, kind in KINDS.items():
        began, busy = time.perf_counter(), time.process_time()
        field = standardise(table.column(name), kind)
        seconds, processor_seconds = time.perf_counter() - began, time.process_time() - busy
        distinct = pc.count_distinct(table.column(name)).as_py()
        counts = "".join(
            f"{field.counts[status]:>{9 + (status == FieldStatus.VALID)}}" for status in FieldStatus
        )
        print(f"{name:16}{seconds:8.2f}{processor_seconds:8.2f}{distinct:>10}{counts}")
    totals, processor = [], []
    for _ in range(choice.runs):
        began, busy = time.perf_counter(), time.process_time()
        standardise_table(table, KINDS, threads=choice.threads)
        totals.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    seconds = sorted(totals)[len(totals) // 2]
    print(f"all fields, {choice.threads} threads: " + ", ".join(f"{total:.2f} s" for total in totals))
    print(
        json.dumps(
            {
                "claim": f"standardise {choice.records:,} people, {len(KINDS)} fields",
                "value": round(seconds, 2),
                "unit": "seconds, median",
                "target": TARGET_SECONDS,
                "aim": AIM_SECONDS,
                "met": seconds < TARGET_SECONDS,
                "records": choice.records,
                "runs": choice.runs,
                "threads": choice.threads,
                "cpu_seconds": round(sorted(processor)[len(processor) // 2], 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "seed": choice.seed,
                "versions": {
                    "python": platform.python_version(),
                    "pyarrow": pa.__version__,
                    "numpy": np.__version__,
                },
            }
        )
    )


if __name__ == "__main__":
    sys.exit(main())
