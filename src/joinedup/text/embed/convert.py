"""The weights of all-MiniLM-L6-v2 to a graph of eight-bit whole numbers, a quarter of the size and faster.

The network is BERT (Devlin and others, 2019) with six layers of 384 numbers and 12 heads, the mean of its tokens
brought to length 1 (Wang and others, "MiniLM", 2020; Reimers and Gurevych, "Sentence-BERT", 2019). Weights are
rounded to whole numbers column by column, to seven bits: with eight, processors without VNNI overflow where they add
two products, and the same text would have other vectors there. What enters a product is rounded when the graph runs,
all texts of a batch by one scale; so that a few large columns do not set it for all, they are first shrunk and their
weights grown by as much (Xiao and others, "SmoothQuant", 2023), by what a few sentences of ours showed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.embed.onnx_file import Graph

Weights = Mapping[str, NDArray[np.float32]]
Largest = dict[
    str, NDArray[np.float32]
]  # by the name of a dense layer: the largest number that enters each column
WIDTH, HEADS, LAYERS, LONGEST = 384, 12, 6, 256
INNER = (
    2,
    3,
    4,
)  # layers whose means are told besides: they still know how a thing is said, the last what about
EPSILON = 1e-12
_STEPS = 63  # seven bits: -63 … 63
_SHARE = 0.65  # of the difficulty that goes from what enters to the weights; chosen by the vectors' likeness
_MICROSOFT = "com.microsoft"


def read_safetensors(file: Path) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of 32-bit floats of a safetensors file by name.

    Raises ModelError if the file is not one.
    """
    content = file.read_bytes()
    try:
        (size,) = struct.unpack_from("<Q", content)
        header = json.loads(content[8 : 8 + size])
        found = {}
        for name, what in header.items():
            if what.get("dtype") == "F32":
                start, end = what["data_offsets"]
                array = np.frombuffer(content, dtype="<f4", count=(end - start) // 4, offset=8 + size + start)
                found[name] = array.reshape(what["shape"])
    except (struct.error, ValueError, KeyError, AttributeError) as fault:
        raise ModelError(
            what="these are no weights in the safetensors format",
            where=file.name,
            mend="fetch the model again",
        ) from fault
    return found


def int8_graph(weights: Weights, largest: Largest) -> bytes:
    """Return an ONNX file: `ids` (texts, pieces) and `mask` (1 where a piece is, else 0) -> `vectors`, `inner`.

    `inner`: the means of the layers INNER, each of length 1, side by side.

    largest: what `plain_vectors` noted over some usual sentences.
    """
    graph = Graph()
    states = [_embedded(graph, weights)]
    for layer in range(LAYERS):
        states.append(_layer(graph, weights, largest, layer, states[-1]))
    graph.constant("last", np.array([2], dtype=np.int64))
    graph.constant("middle", np.array([1], dtype=np.int64))
    graph.node("Cast", ["mask"], "mask_float", attributes={"to": 1})
    graph.node("Unsqueeze", ["mask_float", "last"], "weights")
    _mean(graph, states[-1], "vectors")
    means = [_mean(graph, states[layer], f"inner.{layer}") for layer in INNER]
    graph.node("Concat", means, "inner", attributes={"axis": 1})
    return graph.model(
        inputs={"ids": ("int32", ["texts", "pieces"]), "mask": ("int32", ["texts", "pieces"])},
        outputs={
            "vectors": ("float32", ["texts", WIDTH]),
            "inner": ("float32", ["texts", WIDTH * len(INNER)]),
        },
        opset=17,
        producer="joinedup",
    )


def _mean(graph: Graph, state: str, name: str) -> str:
    """The mean of a layer's pieces, brought to length 1."""
    graph.node("Mul", [state, "weights"], f"{name}.weighted")
    graph.node("ReduceSum", [f"{name}.weighted", "middle"], f"{name}.sums", attributes={"keepdims": 0})
    return graph.node("LpNormalization", [f"{name}.sums"], name, attributes={"axis": 1, "p": 2})


def plain_vectors(
    weights: Weights, ids: NDArray[np.int32], *, largest: Largest | None = None
) -> NDArray[np.float32]:
    """Return the vectors of texts of equal length, worked out in plain floats: what the graph is held against.

    largest: where given, the largest number that enters each column of each dense layer is noted in it.
    """
    noted: Largest = {} if largest is None else largest

    def dense(name: str, entering: NDArray[np.float32]) -> NDArray[np.float32]:
        most = np.abs(entering).reshape(-1, entering.shape[-1]).max(axis=0)
        noted[name] = np.maximum(noted.get(name, most), most)
        left: NDArray[np.float32] = entering @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
        return left

    state = weights["embeddings.word_embeddings.weight"][ids] + _positions(weights)[: ids.shape[1]]
    state = _plain_norm(weights, "embeddings.LayerNorm", state)
    for layer in range(LAYERS):
        base = f"encoder.layer.{layer}."
        query, key, value = (
            dense(f"{base}attention.self.{name}", state)
            .reshape(*ids.shape, HEADS, WIDTH // HEADS)
            .swapaxes(1, 2)
            for name in ("query", "key", "value")
        )
        scores = np.exp(query @ key.swapaxes(2, 3) / np.sqrt(WIDTH / HEADS))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        told = dense(f"{base}attention.output.dense", mixed.swapaxes(1, 2).reshape(*ids.shape, WIDTH))
        state = _plain_norm(weights, f"{base}attention.output.LayerNorm", state + told)
        inner = _gelu(dense(f"{base}intermediate.dense", state))
        state = _plain_norm(weights, f"{base}output.LayerNorm", state + dense(f"{base}output.dense", inner))
    sums = state.sum(axis=1)
    vectors: NDArray[np.float32] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return vectors


def _embedded(graph: Graph, weights: Weights) -> str:
    """The pieces' and the places' own vectors, added and brought to one scale."""
    whole, scale = _rounded(weights["embeddings.word_embeddings.weight"].T, steps=127)
    graph.constant("pieces", whole.T)
    graph.constant("piece_scales", scale[:, None])
    graph.constant("places", _positions(weights)[:LONGEST])
    graph.constant("zero", np.array([0], dtype=np.int64))
    graph.node("Gather", ["pieces", "ids"], "piece_whole")
    graph.node("Cast", ["piece_whole"], "piece_float", attributes={"to": 1})
    graph.node("Gather", ["piece_scales", "ids"], "piece_scale")
    graph.node("Mul", ["piece_float", "piece_scale"], "piece")
    graph.node("Shape", ["ids"], "length", attributes={"start": 1, "end": 2})
    graph.node("Slice", ["places", "zero", "length"], "place")
    graph.node("Add", ["piece", "place"], "placed")
    return _norm(graph, weights, "embeddings.LayerNorm", "placed")


def _layer(graph: Graph, weights: Weights, largest: Largest, layer: int, state: str) -> str:
    base = f"encoder.layer.{layer}."
    parts = [
        _dense(graph, weights, largest, f"{base}attention.self.{name}", state)
        for name in ("query", "key", "value")
    ]
    mixed = graph.node(
        "MultiHeadAttention",
        [*parts, "", "mask"],
        f"{base}mixed",
        domain=_MICROSOFT,
        attributes={"num_heads": HEADS},
    )
    told = _dense(graph, weights, largest, f"{base}attention.output.dense", mixed)
    state = graph.node("Add", [state, told], f"{base}told")
    state = _norm(graph, weights, f"{base}attention.output.LayerNorm", state)
    inner = _dense(graph, weights, largest, f"{base}intermediate.dense", state)
    inner = graph.node("Gelu", [inner], f"{base}gelu", domain=_MICROSOFT)
    added = graph.node(
        "Add", [state, _dense(graph, weights, largest, f"{base}output.dense", inner)], f"{base}added"
    )
    return _norm(graph, weights, f"{base}output.LayerNorm", added)


def _dense(graph: Graph, weights: Weights, largest: Largest, name: str, state: str) -> str:
    matrix = weights[f"{name}.weight"].T
    most = np.maximum(largest[name], 1e-3) ** _SHARE
    shrink = (most / np.maximum(np.abs(matrix).max(axis=1), 1e-3) ** (1 - _SHARE)).astype(np.float32)
    whole, scale = _rounded(matrix * shrink[:, None], steps=_STEPS)
    inputs = [
        graph.node("Mul", [state, graph.constant(f"{name}.shrink", 1 / shrink)], f"{name}.in"),
        graph.constant(f"{name}.whole", whole),
        graph.constant(f"{name}.scale", scale),
        graph.constant(f"{name}.zero", np.zeros_like(scale, dtype=np.int8)),
        graph.constant(f"{name}.bias", weights[f"{name}.bias"]),
    ]
    return graph.node("DynamicQuantizeMatMul", inputs, f"{name}.out", domain=_MICROSOFT)


def _norm(graph: Graph, weights: Weights, name: str, state: str) -> str:
    inputs = [
        state,
        graph.constant(f"{name}.weight", weights[f"{name}.weight"]),
        graph.constant(f"{name}.bias", weights[f"{name}.bias"]),
    ]
    return graph.node(
        "LayerNormalization", inputs, f"{name}.out", attributes={"axis": -1, "epsilon": EPSILON}
    )


def _rounded(matrix: NDArray[np.float32], *, steps: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers of -steps … steps and each column's scale."""
    scale = (np.abs(matrix).max(axis=0) / steps).astype(np.float32)
    scale[scale == 0] = 1
    return np.rint(matrix / scale).astype(np.int8), scale


def _positions(weights: Weights) -> NDArray[np.float32]:
    table = weights["embeddings.position_embeddings.weight"]
    places: NDArray[np.float32] = table + weights["embeddings.token_type_embeddings.weight"][0]
    return places


def _plain_norm(weights: Weights, name: str, state: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = state - state.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
    scaled: NDArray[np.float32] = centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return scaled


def _gelu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Hendrycks and Gimpel (2016), by the error function of Abramowitz and Stegun 7.1.26 (wrong by 1.5e-7 at most)."""
    x = np.abs(values) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    error = np.sign(values) * (1 - series * np.exp(-(x**2)))
    bent: NDArray[np.float32] = (values * (1 + error) / 2).astype(np.float32)
    return bent
