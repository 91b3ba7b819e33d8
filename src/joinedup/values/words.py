"""Eight bytes at a time, for kernels compiled by Numba: load, store, and find the lowest or highest bit of a word.

The caller sees to it that the eight bytes lie inside the array: nothing here checks.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

import joinedup.values.begin_numba  # noqa: F401  # before any kernel is called


def _load(_context: Any, data: Any, at: Any) -> Any:
    """The eight bytes of ``data`` from ``at`` on as one number, wherever they lie in memory."""
    signature = types.uint64(data, at)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = builder.gep(
            context.make_array(signature.args[0])(context, builder, given[0]).data, [given[1]]
        )
        kind = context.get_value_type(types.uint64)
        return builder.load(builder.bitcast(place, kind.as_pointer()), align=1)

    return signature, generate


def _store(_context: Any, data: Any, at: Any, word: Any) -> Any:
    """Write eight bytes into ``data`` from ``at`` on."""
    signature = types.void(data, at, word)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = builder.gep(
            context.make_array(signature.args[0])(context, builder, given[0]).data, [given[1]]
        )
        kind = context.get_value_type(types.uint64)
        builder.store(given[2], builder.bitcast(place, kind.as_pointer()), align=1)
        return context.get_dummy_value()

    return signature, generate


def _count_high(_context: Any, word: Any) -> Any:
    """How many zero bits stand above the highest one bit."""
    signature = types.uint64(types.uint64)

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.ctlz(given[0], context.get_constant(types.boolean, True))

    return signature, generate


def _count(_context: Any, word: Any) -> Any:
    """How many zero bits stand below the lowest one bit."""
    signature = types.uint64(types.uint64)

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], context.get_constant(types.boolean, True))

    return signature, generate


load_word: Any = intrinsic(_load)
store_word: Any = intrinsic(_store)
low_zeros: Any = intrinsic(_count)
high_zeros: Any = intrinsic(_count_high)
