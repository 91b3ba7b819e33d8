"""Read any departmental file, table or scan into rows; keep aside, with a reason, what cannot be read."""

from joinedup.sources.options import FORMATS, Progress, ReadOptions
from joinedup.sources.read import read, sniff, tables_in
from joinedup.sources.reading import Reading, ReadReport
from joinedup.sources.write import write_csv, write_parquet

__all__ = [
    "FORMATS",
    "Progress",
    "ReadOptions",
    "ReadReport",
    "Reading",
    "read",
    "sniff",
    "tables_in",
    "write_csv",
    "write_parquet",
]
