"""What Spark's Python workers are forked from: what they all need is imported once, before there are any.

Named to Spark as ``spark.python.daemon.module``; a worker that finds its libraries loaded starts at once.
"""

from __future__ import annotations

import numba
import numpy
import pyarrow.compute
import pyarrow.parquet

LOADED = (numba, numpy, pyarrow.compute, pyarrow.parquet)

if __name__ == "__main__":
    from pyspark.daemon import manager

    manager()
