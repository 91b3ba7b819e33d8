"""Apache Spark: a session, Arrow batches through Python workers, tables in and out. It knows nothing of linkage.

Work is written as functions over record batches and sent with ``map_batches``; what Spark does itself is said in
its SQL. The same code runs in one process (``local[2]``) and on a cluster's session.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from joinedup.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterator[pa.RecordBatch]
Work = Callable[[Batches], Batches]

_SQL_TYPES: dict[pa.DataType, str] = {
    pa.date32(): "date",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.string(): "string",
    pa.bool_(): "boolean",
}
# What a session that we start ourselves is told: quiet, on this machine alone, and dates by no clock of its own.
_OURS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.log.level": "ERROR",
    "spark.python.daemon.module": "joinedup.engines.spark_daemon",
}


def spark_session(
    *, master: str | None = None, memory_gb: float = 2.0, settings: Mapping[str, str] | None = None
) -> SparkSession:
    """The session to work in: the one that is there (a notebook's, a job's), else a new one.

    master: where a new one runs: ``local[2]`` for two cores of this machine, ``spark://…``, ``yarn``. None: what
    spark-submit or the platform has set up. memory_gb: of the driver, where it is started here.
    settings: more of Spark's own, for a new one.

    Raises MissingExtraError where PySpark is not installed, UsageError where no session can be had.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise MissingExtraError(
            what="Apache Spark is not installed",
            where="--engine spark",
            mend="install joinedup[spark] and Java 17, or leave --engine out",
        ) from None
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of every word exchanged with Java
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    builder = SparkSession.builder.appName("joinedup")
    local = master is not None and master.startswith("local")
    chosen = {**(_OURS if local else {}), **(settings or {})}
    if local:
        chosen.setdefault("spark.driver.memory", f"{max(1, round(memory_gb))}g")
    for name, value in chosen.items():
        builder = builder.config(name, value)
    try:
        session = (builder.master(master) if master else builder).getOrCreate()
    except (PySparkException, RuntimeError, OSError) as problem:
        raise UsageError(
            what=f"no Spark session could be started ({type(problem).__name__})",
            where=f"master {master or 'as the platform says'}",
            mend="install Java 17 or newer, and check the address of the master",
        ) from None
    if local:
        session.sparkContext.pythonExec = (
            sys.executable
        )  # its workers are this Python, whatever the path says
    return session


def cores(session: SparkSession) -> int:
    """How many tasks the session can run at once, at least 1."""
    return max(1, int(session.sparkContext.defaultParallelism))


def sql_schema(schema: pa.Schema) -> str:
    """An Arrow schema of plain columns in Spark's words."""
    return ", ".join(f"{quoted(field.name)} {_SQL_TYPES[field.type]}" for field in schema)


def quoted(name: str) -> str:
    """A column's name as Spark's SQL takes it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def map_batches(frame: DataFrame, work: Work, schema: pa.Schema) -> DataFrame:
    """What ``work`` makes of each partition's batches, as a frame of that schema.

    work is sent to the workers, where the package that holds it must be installed too.
    """
    return frame.mapInArrow(_Typed(work, schema), sql_schema(schema))


class _Typed:
    """Work whose answers are brought to one schema, in the order that Spark expects."""

    def __init__(self, work: Work, schema: pa.Schema) -> None:
        self._work, self._schema = work, schema

    def __call__(self, batches: Batches) -> Batches:
        for batch in self._work(_plain(batches)):
            arrays = [batch.column(field.name).cast(field.type) for field in self._schema]
            yield pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _plain(batches: Batches) -> Batches:
    """Spark may hand texts over as large strings; ours are plain."""
    for batch in batches:
        if any(pa.types.is_large_string(kind) for kind in batch.schema.types):
            arrays = [a.cast(pa.string()) if pa.types.is_large_string(a.type) else a for a in batch.columns]
            batch = pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
        yield batch


def joined_batches(batches: Batches, *, rows: int) -> Iterator[pa.Table]:
    """The batches as tables of about so many rows; Spark's own batches are small."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count >= rows:
            yield pa.Table.from_batches(held)
            held, count = [], 0
    if held:
        yield pa.Table.from_batches(held)


def gathered(frame: DataFrame) -> pa.Table:
    """All rows of a frame on this machine."""
    if hasattr(frame, "toArrow"):
        table = frame.toArrow()
    else:  # Spark 3.5
        from pyspark.sql.pandas.types import to_arrow_schema

        table = pa.Table.from_batches(frame._collect_as_arrow(), schema=to_arrow_schema(frame.schema))
    columns = [c.cast(pa.string()) if pa.types.is_large_string(c.type) else c for c in table.columns]
    return pa.table(columns, names=table.column_names)


def spread(session: SparkSession, table: pa.Table) -> DataFrame:
    """A table of this machine as a frame."""
    if int(session.version.split(".")[0]) < 4:
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        return session.createDataFrame(list(rows), sql_schema(table.schema))
    return session.createDataFrame(table)


def kept(frame: DataFrame, path: str, *, append: bool = False) -> DataFrame:
    """The frame written as Parquet and read back: what comes after never works it out again."""
    frame.write.mode("append" if append else "overwrite").parquet(path)
    return frame.sparkSession.read.parquet(path)


def parquet_frame(session: SparkSession, path: str) -> DataFrame:
    """A Parquet file or folder; raises UsageError where it cannot be read."""
    from pyspark.errors import PySparkException

    try:
        return session.read.parquet(path)
    except PySparkException:
        raise UsageError(
            what="Spark cannot read it as Parquet", where=path, mend="check the address and who may read it"
        ) from None
