"""A model's arrays and words as bytes and back: NumPy's own format in a zip, never pickle, so reading runs no code."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError

_HEAD = "model.json"
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same model is the same bytes


@dataclass(frozen=True)
class Packed:
    """What a model is made of: a few values that JSON can tell, and arrays of numbers."""

    kind: str
    values: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    def to_bytes(self) -> bytes:
        """Return the model as a zip of `model.json` and one .npy file an array."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            head = json.dumps({"kind": self.kind, **self.values}, sort_keys=True, ensure_ascii=False)
            archive.writestr(zipfile.ZipInfo(_HEAD, _MOMENT), head, zipfile.ZIP_DEFLATED)
            for name in sorted(self.arrays):
                array = io.BytesIO()
                np.lib.format.write_array(array, np.ascontiguousarray(self.arrays[name]), allow_pickle=False)
                archive.writestr(
                    zipfile.ZipInfo(f"{name}.npy", _MOMENT), array.getvalue(), zipfile.ZIP_DEFLATED
                )
        return out.getvalue()


def unpack(content: bytes, kind: str = "") -> Packed:
    """Return what `to_bytes` wrote; of any kind where none is named.

    Raises ModelError if the bytes are no model, or of another kind.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            head = json.loads(archive.read(_HEAD))
            arrays = {
                name.removesuffix(".npy"): np.lib.format.read_array(
                    io.BytesIO(archive.read(name)), allow_pickle=False
                )
                for name in archive.namelist()
                if name.endswith(".npy")
            }
        found = head.pop("kind")
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, EOFError) as fault:
        raise ModelError(
            what="these bytes are no model of ours", where=kind, mend="fit the model again"
        ) from fault
    if kind and found != kind:
        raise ModelError(what=f"this is a model of {found}", where=kind, mend="give the model its own reader")
    return Packed(found, head, arrays)


def digest_of(content: bytes) -> str:
    """The version of a model: sixteen letters of the SHA-256 of its bytes."""
    return hashlib.sha256(content).hexdigest()[:16]
