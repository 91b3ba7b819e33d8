"""Just enough of the ONNX file format to write a graph: no package is needed to make one.

The format is Protocol Buffers (https://protobuf.dev/programming-guides/encoding/); the field numbers are those of
onnx.proto3, IR version 8. What is written here is read by onnxruntime, which checks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
Attribute = int | float | Sequence[int]


@dataclass
class Graph:
    """Nodes and constants in the order they were added; the names of values are the reader's own."""

    nodes: list[bytes] = field(default_factory=list)
    constants: dict[str, bytes] = field(default_factory=dict)

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        array = np.ascontiguousarray(values)
        self.constants[name] = (
            b"".join(_number(1, size) for size in array.shape)
            + _number(2, _TYPES[array.dtype.name])
            + _piece(8, name.encode())
            + _piece(9, array.tobytes())
        )
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        output: str,
        *,
        domain: str = "",
        attributes: Mapping[str, Attribute] | None = None,
    ) -> str:
        """Add one operation; return the name of what it gives. An input that is left out is an empty name."""
        self.nodes.append(
            b"".join(_piece(1, name.encode()) for name in inputs)
            + _piece(2, output.encode())
            + _piece(3, output.encode())
            + _piece(4, operator.encode())
            + b"".join(_piece(5, _attribute(name, value)) for name, value in (attributes or {}).items())
            + (_piece(7, domain.encode()) if domain else b"")
        )
        return output

    def model(
        self,
        *,
        inputs: Mapping[str, tuple[str, Sequence[str | int]]],
        outputs: Mapping[str, tuple[str, Sequence[str | int]]],
        opset: int,
        producer: str,
    ) -> bytes:
        """Return the whole file. inputs, outputs: name -> (type, sizes; a word is a size known when it runs)."""
        graph = (
            b"".join(_piece(1, node) for node in self.nodes)
            + _piece(2, b"graph")
            + b"".join(_piece(5, constant) for constant in self.constants.values())
            + b"".join(_piece(11, _value(name, *what)) for name, what in inputs.items())
            + b"".join(_piece(12, _value(name, *what)) for name, what in outputs.items())
        )
        opsets = ((b"", opset), (b"com.microsoft", 1))
        return (
            _number(1, 8)
            + _piece(2, producer.encode())
            + _piece(7, graph)
            + b"".join(_piece(8, _piece(1, domain) + _number(2, version)) for domain, version in opsets)
        )


def _value(name: str, kind: str, sizes: Sequence[str | int]) -> bytes:
    shape = b"".join(
        _piece(1, _piece(2, size.encode()) if isinstance(size, str) else _number(1, size)) for size in sizes
    )
    return _piece(1, name.encode()) + _piece(2, _piece(1, _number(1, _TYPES[kind]) + _piece(2, shape)))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        said = _varint(2 << 3 | 5) + np.float32(value).tobytes() + _number(20, 1)
    elif isinstance(value, int):
        said = _number(3, value) + _number(20, 2)
    else:
        said = b"".join(_number(8, each) for each in value) + _number(20, 7)
    return _piece(1, name.encode()) + said


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value & (1 << 64) - 1)  # a negative number as two's complement


def _piece(tag: int, content: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
