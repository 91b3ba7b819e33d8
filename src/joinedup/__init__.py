"""Joinedup: read any departmental file, measure it, and link records about the same person."""

from joinedup.errors import JoinedupError

__version__ = "0.1.0"

__all__ = ["JoinedupError", "__version__"]
