"""Keys given in environment variables, as platforms hand out secrets: read only.

    JOINEDUP_KEY_<PURPOSE>              the current key
    JOINEDUP_KEY_<PURPOSE>_NEXT         published, not yet used
    JOINEDUP_KEY_<PURPOSE>_PREVIOUS     still verifies and decrypts; _PREVIOUS_2, _PREVIOUS_3… are older

Each is PEM (line breaks may be written \\n) or base64. Ids come from the material, so they stay the same
when a key moves from NEXT to current to PREVIOUS, or here from another store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from joinedup.ports.key_document import write_ring
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import KeyLock
from joinedup.ports.key_material import read_material
from joinedup.ports.key_ring import KeyRing, make_key
from joinedup.ports.keys import Key, KeyPurpose, KeyState

PREFIX = "JOINEDUP_KEY_"
_SLOT = re.compile(r"(?:_(NEXT)|_(PREVIOUS)(?:_([1-9][0-9]?))?)?")


class EnvironmentKeyStore:
    """The keys in a mapping of variables, read once. KeyStoreError names a variable that is no key."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._keys = _read(environment)

    def current(self, purpose: KeyPurpose) -> Key:
        """The key in use."""
        return KeyRing(self._keys).current(purpose)

    def all(self, purpose: KeyPurpose) -> tuple[Key, ...]:
        """Every key of the purpose, newest first by its variable's name."""
        return tuple(key for key in self._keys if key.purpose is purpose)

    def destroyed(self) -> tuple[str, ...]:
        """None: a variable that is gone leaves no trace."""
        return ()

    def rotate(self, purpose: KeyPurpose, *, on: datetime, at_once: bool = False) -> Key:
        """Refused: change the variables, next to current and current to previous."""
        raise _refusal(f"{PREFIX}{purpose.name}")

    def retire(self, key_id: str, *, on: datetime) -> Key:
        """Refused: take the variable away."""
        raise _refusal(key_id)

    def destroy(self, key_id: str, *, on: datetime) -> None:
        """Refused: take the variable away."""
        raise _refusal(key_id)

    def backup(self, *, lock: KeyLock) -> bytes:
        """All keys under the lock; a file store can restore them."""
        return write_ring(KeyRing(self._keys), lock=lock)

    def restore(self, backup: bytes, *, lock: KeyLock, destroyed: Iterable[str] = ()) -> int:
        """Refused: set the variables."""
        raise _refusal("the environment")


def _read(environment: Mapping[str, str]) -> tuple[Key, ...]:
    found: list[tuple[int, Key]] = []
    for name, text in environment.items():
        if not name.startswith(PREFIX):
            continue
        purpose, state, age = _place(name)
        try:
            key = make_key(purpose, read_material(purpose.algorithm, text), state=state)
        except (ValueError, TypeError) as error:
            # Our own messages and cryptography's tell of form and length only.
            what = str(error) if type(error) is ValueError and len(str(error)) < 60 else "not a key"
            raise KeyStoreError(
                what=f"the variable holds no key: {what}",
                where=name,
                mend=f"give {purpose.algorithm.value} as PEM or base64",
            ) from None
        found.append((age, key))
    _check_whole([key for _, key in found])
    return tuple(key for _, key in sorted(found, key=lambda pair: (pair[1].purpose.value, pair[0])))


def _place(name: str) -> tuple[KeyPurpose, KeyState, int]:
    rest = name.removeprefix(PREFIX)
    for purpose in KeyPurpose:
        slot = _SLOT.fullmatch(rest.removeprefix(purpose.name)) if rest.startswith(purpose.name) else None
        if slot is None:
            continue
        if slot[1]:
            return purpose, KeyState.NEXT, 0
        if slot[2]:
            return purpose, KeyState.PREVIOUS, 1 + int(slot[3] or 1)
        return purpose, KeyState.CURRENT, 1
    raise KeyStoreError(
        what="no purpose of keys has this name", where=name, mend="see docs/how-to/keys.md for the names"
    )


def _check_whole(keys: list[Key]) -> None:
    for purpose in {key.purpose for key in keys}:
        own = [key for key in keys if key.purpose is purpose]
        if not any(key.state is KeyState.CURRENT for key in own):
            raise KeyStoreError(
                what="other keys are set and the current one is not", where=PREFIX + purpose.name
            )
        if len({key.id for key in own}) < len(own):
            raise KeyStoreError(what="two variables hold the same key", where=PREFIX + purpose.name)


def _refusal(where: str) -> KeyStoreError:
    return KeyStoreError(
        what="keys in the environment are read only", where=where, mend="change the variables and restart"
    )
