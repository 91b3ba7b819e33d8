"""How long profiling a large CSV takes, beside DuckDB merely scanning it.

Both run in turn as whole processes on the same generated file: DuckDB counts the rows and reads every
column as text; Joinedup profiles (structure, completeness, uniqueness, distributions), or with --validate
also checks the value of every UK field. Medians of --repeats pairs; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

TARGETS = {False: (3.0, 2.0), True: (15.0, 8.0)}


def main() -> None:
    options = parse()
    if options.run is not None:
        run_one(options.run, options.file, options.threads)
        return
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder:
        path = options.file or Path(folder) / "people.csv"
        if options.file is None:
            rows = generate(path, size=int(options.gigabytes * 1e9), seed=options.seed, quoted=options.quoted)
            print(f"generated {rows:,} rows, {path.stat().st_size / 1e9:.2f} GB")
        ours_name = "validate" if options.validate else "profile"
        for name in ("scan", ours_name):  # the first run fills file cache and compiled kernels
            if options.warm:
                run_process(name, path, options.threads)
        pairs = []
        for _ in range(options.repeats):
            pair = {name: run_process(name, path, options.threads) for name in ("scan", ours_name)}
            pairs.append(pair)
            print({name: (round(r["seconds"], 2), f"{r['peak_mb']:.0f} MB") for name, r in pair.items()})
    ratios = [p[ours_name]["seconds"] / p["scan"]["seconds"] for p in pairs]
    target, aim = TARGETS[options.validate]
    ratio = statistics.median(ratios)
    told = {
        "claim": "profile a CSV" + (", every UK field validated" if options.validate else ""),
        "ratio": round(ratio, 2),
        "target": target,
        "aim": aim,
        "met": ratio <= target,
        "seconds": round(statistics.median(p[ours_name]["seconds"] for p in pairs), 2),
        "scan_seconds": round(statistics.median(p["scan"]["seconds"] for p in pairs), 2),
        "cpu_ratio": round(statistics.median(p[ours_name]["cpu"] / p["scan"]["cpu"] for p in pairs), 2),
        "peak_mb": round(statistics.median(p[ours_name]["peak_mb"] for p in pairs)),
        "scan_peak_mb": round(statistics.median(p["scan"]["peak_mb"] for p in pairs)),
        "data": {
            "gigabytes": options.gigabytes,
            "quoted": options.quoted,
            "rows": pairs[0][ours_name]["rows"],
        },
        "repeats": options.repeats,
        "threads": options.threads,
        "seed": options.seed,
        "versions": {
            "python": platform.python_version(),
            "duckdb": duckdb.__version__,
            "pyarrow": pa.__version__,
        }
        | {"joinedup": version("joinedup")},
    }
    print(json.dumps(told))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--validate", action="store_true", help="also validate every UK field")
    parser.add_argument("--quoted", action="store_true", help="every text cell in quotes, not none")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, help="use this CSV instead of generating one")
    parser.add_argument("--no-warm", dest="warm", action="store_false", help="leave out the warming run")
    parser.add_argument("--run", choices=["scan", "profile", "validate"], help=argparse.SUPPRESS)
    return parser.parse_args()


def run_process(name: str, path: Path, threads: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--run", name, "--file", str(path), "--threads", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_one(name: str, path: Path, threads: int) -> None:
    started = time.perf_counter()
    rows = scan(path, threads) if name == "scan" else profile(path, threads, validate=name == "validate")
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": used.ru_maxrss / 1024, "rows": rows}))


def scan(path: Path, threads: int) -> int:
    connection = duckdb.connect(config={"threads": threads})
    relation = connection.read_csv(str(path), all_varchar=True)
    sums = ", ".join(f'sum(strlen("{name}"))' for name in relation.columns)
    return int(relation.query("t", f"select count(*), {sums} from t").fetchall()[0][0])


def profile(path: Path, threads: int, *, validate: bool) -> int:
    from joinedup import quality

    pa.set_cpu_count(threads)
    return quality.profile(path, on=date(2026, 1, 1), validate=validate, threads=threads).rows


def generate(path: Path, *, size: int, seed: int, quoted: bool = False) -> int:
    """Write people with skewed names, valid and invalid identifiers and gaps, until the file has the size."""
    random = np.random.default_rng(seed)
    first, last = words(random, 6_000, "first"), words(random, 60_000, "last")
    streets, towns = words(random, 20_000, "street"), words(random, 800, "town")
    written = 0
    with pa.OSFile(str(path), "wb") as out:
        while out.tell() < size:
            table = chunk(random, written, 250_000, first, last, streets, towns)
            header = pacsv.WriteOptions(
                include_header=written == 0, quoting_style="needed" if quoted else "none"
            )
            pacsv.write_csv(table, out, header)
            written += table.num_rows
    return written


def chunk(
    random: np.random.Generator,
    start: int,
    rows: int,
    first: pa.Array,
    last: pa.Array,
    streets: pa.Array,
    towns: pa.Array,
) -> pa.Table:
    given, family = skewed(random, first, rows), skewed(random, last, rows)
    born = pa.array((np.datetime64("1930-01-01") + random.integers(0, 34_000, rows)).astype("datetime64[D]"))
    letters = pa.array(list("ABCEGHJKLMNPRSTWXY"))
    digits = [text_of(random.integers(10**5, 10**6, rows)), text_of(random.integers(1, 300, rows))]
    one, two = skewed(random, letters, rows), skewed(random, letters, rows)
    nino = join(one, two, digits[0], skewed(random, pa.array(list("ABCD")), rows))
    areas = pa.array(["LS", "M", "B", "SW", "CF", "YO", "NE", "BS", "G", "EH"])
    inward = join(text_of(random.integers(0, 10, rows)), one, two)
    postcode = join(skewed(random, areas, rows), text_of(random.integers(1, 30, rows)), " ", inward)
    email = join(pc.utf8_lower(given), ".", pc.utf8_lower(family), digits[1], "@example.org")
    return pa.table(
        {
            "record_id": text_of(np.arange(start, start + rows)),
            "first_name": given,
            "surname": family,
            "date_of_birth": born.cast(pa.string()),
            "sex": skewed(random, pa.array(["F", "M", "female", "male"]), rows),
            "nino": holes(random, nino, 0.04),
            "nhs_number": holes(random, nhs_numbers(random, rows), 0.1),
            "address_line": join(digits[1], " ", skewed(random, streets, rows), " Street"),
            "town": skewed(random, towns, rows),
            "postcode": holes(random, postcode, 0.02),
            "phone": join("07", text_of(random.integers(10**8, 10**9, rows))),
            "email": holes(random, email, 0.3),
            "amount": pc.cast(pa.array(np.round(random.lognormal(6, 1, rows), 2)), pa.string()),
        }
    )


def words(random: np.random.Generator, count: int, kind: str) -> pa.Array:
    syllables = np.array(
        ["an", "be", "cor", "da", "el", "fo", "gran", "hu", "is", "jo", "ka", "li", "mor", "ne"]
    )
    parts = syllables[random.integers(0, len(syllables), (count, 3))]
    made = sorted({"".join(row).title() + ("s" if kind == "street" else "") for row in parts})
    more = [w + str(s).lower() for w in made for s in syllables]
    return pa.array((made + more)[:count])


def skewed(random: np.random.Generator, choices: pa.Array, rows: int) -> pa.Array:
    """Choices with frequencies that fall like names' do."""
    places = (len(choices) * random.random(rows) ** 2.5).astype(np.int64)
    return choices.take(pa.array(places))


def nhs_numbers(random: np.random.Generator, rows: int) -> pa.Array:
    """Ten digits of which the last is the modulus 11 check digit, one in ten of them wrong."""
    digits = random.integers(0, 10, (rows, 9))
    check = (11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11
    whole = (digits * 10 ** np.arange(9, 0, -1)).sum(axis=1) + check % 10
    return pc.utf8_lpad(text_of(whole), 10, "0")


def text_of(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def join(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def holes(random: np.random.Generator, column: pa.Array, share: float) -> pa.Array:
    return pc.if_else(pa.array(random.random(len(column)) < share), pa.scalar(None, pa.string()), column)


if __name__ == "__main__":
    main()
