"""all-MiniLM-L6-v2 on the processor: 384 numbers a text, English only, at most 256 word pieces read."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from joinedup.errors import MissingExtraError, ModelError
from joinedup.text.embed.convert import INNER
from joinedup.text.embed.embedder import Embedder, OnProgress, Vectors, encode_distinct
from joinedup.text.embed.wordpiece import WordPiece, read_vocabulary

log = logging.getLogger(__name__)

GRAPH_FILE, VOCABULARY_FILE, MANIFEST_FILE = "model.int8.onnx", "vocab.txt", "model.json"
MEND = "run make setup, or joinedup text fetch-model"
DIMENSIONS, LONGEST = 384, 256
_PIECES_A_BATCH = 4096  # texts of like length together, so that little of a batch is padding


class MiniLM:
    """The model, open. One may be shared by threads."""

    name = "all-MiniLM-L6-v2 int8"
    dimensions = DIMENSIONS

    def __init__(
        self, session: Any, words: WordPiece, *, version: str
    ) -> None:  # Any: onnxruntime is untyped
        self._session = session
        self._words = words
        self.version = version

    def encode(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """Return one row of 384 numbers, of length 1, a text. Equal texts are worked out once."""
        return encode_distinct(texts, lambda distinct: self._encode(distinct, ["vectors"], on_progress))

    def encode_deep(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """Return the same 384 numbers a text and, after them, 384 of each of the inner layers 2, 3 and 4."""
        return encode_distinct(
            texts, lambda distinct: self._encode(distinct, ["vectors", "inner"], on_progress)
        )

    def _encode(self, texts: list[str], wanted: list[str], on_progress: OnProgress | None) -> Vectors:
        pieces = [self._words.ids(text, longest=LONGEST) for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(pieces[place]))
        width = DIMENSIONS if len(wanted) == 1 else DIMENSIONS * (1 + len(INNER))
        vectors = np.empty((len(texts), width), dtype=np.float32)
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and len(pieces[order[end]]) * (end + 1 - start) <= _PIECES_A_BATCH:
                end += 1
            batch = order[start:end]
            longest = len(pieces[batch[-1]])
            ids = np.full((len(batch), longest), self._words.padding, dtype=np.int32)
            mask = np.zeros_like(ids)
            for row, place in enumerate(batch):
                ids[row, : len(pieces[place])] = pieces[place]
                mask[row, : len(pieces[place])] = 1
            vectors[batch] = np.hstack(self._session.run(wanted, {"ids": ids, "mask": mask}))
            start = end
            if on_progress is not None:
                on_progress(start, len(order))
        return vectors


def minilm_folder() -> Path:
    """Where the set-up step and `joinedup text fetch-model` put the model: beside the installed packages."""
    return Path(sys.prefix) / "share" / "joinedup" / "all-minilm-l6-v2"


def open_minilm(folder: Path, *, threads: int = 0) -> Embedder:
    """Return the model of a folder; threads 0 means as many as there are processors.

    Raises ModelError if the folder does not hold it, MissingExtraError without onnxruntime.
    """
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
        graph = (folder / GRAPH_FILE).read_bytes()
        words = read_vocabulary(folder / VOCABULARY_FILE)
    except (OSError, ValueError) as absent:
        raise ModelError(
            what="the model that reads meaning is not here", where=folder.name, mend=MEND
        ) from absent
    if hashlib.sha256(graph).hexdigest() != manifest.get("graph_sha256"):
        raise ModelError(what="the model's file is not the one that was made", where=GRAPH_FILE, mend=MEND)
    return MiniLM(_session(graph, threads), words, version=str(manifest["version"]))


def best_embedder(folder: Path | None = None) -> Embedder | None:
    """Return the model of the folder (else of `minilm_folder()`), or None where it or onnxruntime is absent.

    Without it the rest of this room works on the words alone; whoever asks should say so.
    """
    try:
        return open_minilm(folder or minilm_folder())
    except (ModelError, MissingExtraError) as absent:
        log.info("texts are read by their words alone: %s", absent.what)
        return None


def _session(graph: bytes, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as absent:
        raise MissingExtraError(
            what="onnxruntime is not installed",
            where="joinedup.text.embed",
            mend="pip install 'joinedup[text]'",
        ) from absent
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # onnxruntime raises classes of its own, without a common root
        raise ModelError(what="the model's file cannot be read", where=GRAPH_FILE, mend=MEND) from fault
    if [output.name for output in session.get_outputs()] != ["vectors", "inner"]:
        raise ModelError(what="the model's file is of an older release", where=GRAPH_FILE, mend=MEND)
    return session
