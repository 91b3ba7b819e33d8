"""People on Spark: loose groups by iterated smallest label, then our own clustering within each group.

Constraints never reach beyond the records that links can bring together, so clustering each loose group by itself
gives exactly the people of clustering all at once. A group is clustered by one task and must fit in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.engines.spark import gathered, joined_batches, kept, map_batches, spread
from joinedup.errors import LimitError
from joinedup.linkage.cluster import cluster

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Int64 = npt.NDArray[np.int64]
Pairs = tuple[Int64, Int64]
LARGEST = 5_000_000  # records and pairs of one loose group
_ROWS = 1 << 17
_STEPS = 60
_PERSON = pa.schema(
    [("number", pa.int64()), ("person", pa.int64()), ("refused", pa.string()), ("count", pa.int64())]
)


@dataclass(frozen=True)
class PeopleRules:
    """What clusters obey, as `cluster` takes it. identifiers: the records' columns of the identifiers. same, different:
    clerical decisions by record number."""

    threshold: float
    one_to_one_sources: frozenset[int]
    identifiers: tuple[str, ...]
    same: Pairs
    different: Pairs
    split: float | None
    absent_weight: float

    @property
    def is_plain(self) -> bool:
        """Whether people are just what links join."""
        return self.split is None and not (
            self.one_to_one_sources or self.identifiers or len(self.different[0])
        )


@dataclass(frozen=True)
class SparkPeople:
    """frame: number and person (the smallest number of its records) of each record that has company or had links; all
    others are people by themselves. refused: links refused, by reason."""

    frame: DataFrame
    refused: dict[str, int]


def people_on_spark(
    records: DataFrame, pairs: DataFrame, rules: PeopleRules, *, staging: str, partitions: int
) -> SparkPeople:
    """Cluster scored pairs. records: _number, _source and the identifiers' columns. pairs: left, right, weight.

    Raises LimitError where a loose group is too large for one task.
    """
    session = records.sparkSession
    links = pairs.where(f"weight >= {rules.threshold!r}").select("left", "right")
    if len(rules.same[0]):
        links = links.unionByName(spread(session, pa.table({"left": rules.same[0], "right": rules.same[1]})))
    loose = loose_groups(links, staging=staging)
    if rules.is_plain:
        return SparkPeople(loose.selectExpr("number", "label as person"), {})
    group = loose.selectExpr("number as left", "label")
    near = pairs.select("left", "right", "weight").join(group, on="left")
    other = loose.selectExpr("number as right", "label as other")
    near = near.join(other, on="right").where("label = other").select("label", "left", "right", "weight")
    if rules.split is None:
        near = near.where(f"weight >= {rules.threshold!r}")
    texts = [f"cast(null as string) as {name}" for name in rules.identifiers]
    rows = near.selectExpr("label", "left", "right", "weight", "cast(-1 as smallint) as _source", *texts)
    nodes = loose.join(records, on=loose["number"] == records["_number"]).selectExpr(
        "label", "number as left", "-1L as right", "0.0D as weight", "_source", *rules.identifiers
    )
    both = nodes.unionByName(rows)
    most = gathered(both.groupBy("label").count().selectExpr("max(count) as most")).column(0).to_pylist()[0]
    if most is not None and most > LARGEST:
        raise LimitError(
            what=f"a loose group holds {most:,} records and pairs, over {LARGEST:,}",
            where="cluster",
            mend="raise the threshold, or look for a value that stands for none in a blocking rule",
        )
    ready = both.repartition(partitions, "label").sortWithinPartitions("label", "right", "left")
    found = kept(map_batches(ready, _ClusterWork(rules), _PERSON), f"{staging}/people")
    told = gathered(found.where("refused is not null").groupBy("refused").sum("count")).to_pydict()
    refused = dict(zip(*told.values(), strict=True)) if told else {}
    return SparkPeople(found.where("refused is null").select("number", "person"), refused)


def loose_groups(links: DataFrame, *, staging: str) -> DataFrame:
    """number and label (the smallest number that it reaches by links) of every record that has a link.

    Each step takes the smallest label among neighbours and then that label's own, so that a chain of n records
    settles in about log n steps. Steps are written down in turn.
    """
    ends = links.unionByName(links.selectExpr("right as left", "left as right"))
    edges = kept(ends.distinct(), f"{staging}/edges")
    labels = kept(edges.selectExpr("left as number", "least(left, right) as label").groupBy("number").agg(
        {"label": "min"}
    ).selectExpr("number", "`min(label)` as label"), f"{staging}/labels/0")  # fmt: skip
    for step in range(1, _STEPS):
        seen = edges.join(labels.selectExpr("number as right", "label"), on="right")
        nearest = (
            seen.groupBy("left").agg({"label": "min"}).selectExpr("left as number", "`min(label)` as near")
        )
        stepped = labels.join(nearest, on="number").selectExpr("number", "label", "least(label, near) as low")
        further = labels.selectExpr("number as low", "label as lower")
        jumped = stepped.join(further, on="low", how="left").selectExpr(
            "number", "label as before", "least(low, coalesce(lower, low)) as label"
        )
        written = kept(jumped, f"{staging}/labels/{step}")
        changed = written.where("before != label").count()
        labels = written.select("number", "label")
        if changed == 0:
            return labels
    raise LimitError(
        what=f"links did not settle into groups in {_STEPS} steps",
        where="cluster",
        mend="raise the threshold: such chains hold no people",
    )


@dataclass(frozen=True)
class _ClusterWork:
    """The work of a partition: whole loose groups, clustered a bounded number of rows at a time."""

    rules: PeopleRules

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held: pa.Table | None = None
        for table in joined_batches(batches, rows=_ROWS):
            table = table if held is None else pa.concat_tables([held, table])
            label = table["label"].to_numpy()
            last = int(np.searchsorted(label, label[-1]))  # sorted: where the last group begins
            if last:
                yield from self._clustered(table.slice(0, last))
            held = table.slice(last)
        if held is not None and held.num_rows:
            yield from self._clustered(held)

    def _clustered(self, table: pa.Table) -> Iterator[pa.RecordBatch]:
        is_node = pc.equal(table["right"], -1)
        nodes = table.filter(is_node).sort_by("left")
        pairs = table.filter(pc.invert(is_node))
        number = nodes["left"].to_numpy()
        rules = self.rules
        found = cluster(
            np.searchsorted(number, pairs["left"].to_numpy()),
            np.searchsorted(number, pairs["right"].to_numpy()),
            pairs["weight"].to_numpy(),
            records=len(number),
            threshold=rules.threshold,
            source=nodes["_source"].to_numpy(),
            one_to_one_sources=rules.one_to_one_sources,
            identifiers=[_codes(nodes[name]) for name in rules.identifiers],
            same=_within(rules.same, number),
            different=_within(rules.different, number),
            split=rules.split,
            absent_weight=rules.absent_weight,
            measures=False,
        )
        person = number[found.person]
        yield _rows(number, person, [None] * len(number), np.ones(len(number), np.int64))
        counts = found.broken.counts()
        nobody = np.full(len(counts), -1, np.int64)
        yield _rows(nobody, nobody, list(counts), np.array(list(counts.values()), np.int64))


def _rows(number: Int64, person: Int64, refused: Sequence[str | None], count: Int64) -> pa.RecordBatch:
    arrays = [pa.array(number), pa.array(person), pa.array(list(refused), pa.string()), pa.array(count)]
    return pa.RecordBatch.from_arrays(arrays, schema=_PERSON)


def _codes(column: Any) -> npt.NDArray[np.int32]:
    encoded = column.combine_chunks().dictionary_encode()
    codes: npt.NDArray[np.int32] = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32)


def _within(pairs: Pairs, number: Int64) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The pairs of which both records are here, as places in ``number`` (ascending)."""
    here = np.isin(pairs[0], number) & np.isin(pairs[1], number)
    left, right = (np.searchsorted(number, side[here]).astype(np.int32) for side in pairs)
    return left, right
