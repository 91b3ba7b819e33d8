"""What can be wrong with keys and their stores."""

from __future__ import annotations

from joinedup.errors import ServiceError


class KeyStoreError(ServiceError):
    """A key is not there, may not be used so, or its store cannot be trusted or reached."""


class KeyLockError(KeyStoreError):
    """A sealed file of keys was altered, is not one, or is opened with the wrong thing."""
