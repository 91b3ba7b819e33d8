"""Numba begun without SciPy's linear algebra, which it loads only to see whether it is there.

No kernel of ours multiplies matrices, and that look is a fifth of a second in every process that runs one. Import
this before the first kernel is called; where SciPy's linear algebra is loaded already, or other threads might be
importing it, nothing is done.
"""

from __future__ import annotations

import sys
import threading

_LOOKED_FOR = "scipy.linalg"

if (
    _LOOKED_FOR not in sys.modules
    and "numba.np.arraymath" not in sys.modules
    and threading.active_count() == 1
):
    sys.modules[_LOOKED_FOR] = None  # type: ignore[assignment]  # Python's own way to say: cannot be imported
    try:
        import numba.np.arraymath  # noqa: F401  # where Numba looks
    finally:
        del sys.modules[_LOOKED_FOR]
