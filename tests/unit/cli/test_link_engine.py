"""Choosing where a linkage runs: what does not fit is told before anything is read."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from joinedup.cli.app import app
from joinedup.engines.spark import spark_session
from joinedup.errors import MissingExtraError, UsageError
from joinedup.linkage import SparkOptions, link_on_spark, spec_of_files


@pytest.mark.parametrize("option", [["--master", "local[2]"], ["--staging", "s3://bucket/somewhere"]])
def test_sparks_options_go_with_spark(option, tmp_path):
    result = CliRunner().invoke(app, ["dedupe", "people.csv", "--out", str(tmp_path), *option])

    assert result.exit_code == UsageError.exit_code or isinstance(result.exception, UsageError)
    assert "--engine spark" in result.output + str(result.exception)


def test_without_pyspark_the_way_to_have_it_is_told(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)

    with pytest.raises(MissingExtraError, match=r"joinedup\[spark\]"):
        spark_session(master="local[2]")


def test_a_cluster_needs_a_folder_that_its_machines_see(tmp_path):
    spec = spec_of_files([tmp_path / "people.csv"])

    with pytest.raises(UsageError, match="no folder that all machines of the cluster see"):
        link_on_spark(spec, tmp_path / "out", options=SparkOptions(master="yarn"))

    assert not (tmp_path / "out").exists()
