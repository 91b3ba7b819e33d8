"""Read any departmental file, table or scan into rows; keep aside, with a reason, what cannot be read."""

from joinedup.sources.beside import sheets_beside
from joinedup.sources.names import one_of_columns
from joinedup.sources.options import FORMATS, Progress, ReadOptions
from joinedup.sources.postgres_table import address_of, is_postgres, without_password
from joinedup.sources.read import read, sniff, tables_in
from joinedup.sources.reading import Reading, ReadReport
from joinedup.sources.write import write_csv, write_parquet

__all__ = [
    "FORMATS",
    "Progress",
    "ReadOptions",
    "ReadReport",
    "Reading",
    "address_of",
    "is_postgres",
    "one_of_columns",
    "read",
    "sheets_beside",
    "sniff",
    "tables_in",
    "without_password",
    "write_csv",
    "write_parquet",
]
