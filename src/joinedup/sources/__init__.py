"""Read any departmental file, table or scan into rows; keep aside, with a reason, what cannot be read."""

from joinedup.sources.options import FORMATS, Progress, ReadOptions
from joinedup.sources.read import read, tables_in
from joinedup.sources.reading import Reading, ReadReport

__all__ = ["FORMATS", "Progress", "ReadOptions", "ReadReport", "Reading", "read", "tables_in"]
