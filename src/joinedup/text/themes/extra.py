"""Whether the optional packages that themes are made with are here."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from joinedup.errors import MissingExtraError

Sparse = Any  # scipy's sparse arrays carry no types


def need_extra() -> None:
    """Raise MissingExtraError where scikit-learn (and scipy with it) is not installed."""
    if find_spec("sklearn") is None:
        raise MissingExtraError(
            what="scikit-learn is not installed",
            where="joinedup.text.themes",
            mend="pip install 'joinedup[text]'",
        )
