"""All keys of a store as one value, and what rotating, retiring, destroying and restoring make of it.

At every moment a purpose has no keys, or exactly one current and at most one next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

from joinedup.ports import key_material
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.keys import Key, KeyPurpose, KeyState

Generate = Callable[[key_material.Algorithm], bytes]
_ORDER = {KeyState.NEXT: 0, KeyState.CURRENT: 1, KeyState.PREVIOUS: 2, KeyState.RETIRED: 3}
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class KeyRing:
    """keys: every key there is. destroyed: id to instant, of those that are no more."""

    keys: tuple[Key, ...] = ()
    destroyed: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, purpose: KeyPurpose) -> tuple[Key, ...]:
        """The purpose's keys, newest first."""
        return tuple(sorted((key for key in self.keys if key.purpose is purpose), key=_newest_first))

    def current(self, purpose: KeyPurpose) -> Key:
        """The one in use. KeyStoreError if there is none."""
        for key in self.keys:
            if key.purpose is purpose and key.state is KeyState.CURRENT:
                return key
        raise KeyStoreError(
            what="there is no key for this purpose yet",
            where=purpose.value,
            mend="run joinedup keys create, or set it in the environment",
        )

    def rotated(self, purpose: KeyPurpose, *, on: datetime, generate: Generate, at_once: bool) -> KeyRing:
        """Next becomes current, current becomes previous, a new next is made."""
        _check_instant(on)
        coming = next((key for key in self.of(purpose) if key.state is KeyState.NEXT), None)
        in_use = any(key.purpose is purpose and key.state is KeyState.CURRENT for key in self.keys)
        if coming is not None and in_use and not at_once:
            _check_published(coming, on=on)
        if coming is None:
            coming = _new(purpose, on=on, generate=generate)
        kept = [
            _aged(key, on=on) if key.purpose is purpose else key for key in self.keys if key.id != coming.id
        ]
        activated = replace(coming, state=KeyState.CURRENT, activated=on)
        return replace(self, keys=(*kept, activated, _new(purpose, on=on, generate=generate)))

    def retired(self, key_id: str, *, on: datetime) -> KeyRing:
        """A previous or next key's use ends. The current one is refused."""
        _check_instant(on)
        key = self.find(key_id)
        if key.state is KeyState.CURRENT:
            raise KeyStoreError(
                what="the current key is in use and cannot be retired", where=key_id, mend="rotate first"
            )
        if key.state is KeyState.RETIRED:
            return self
        return self._with(replace(key, state=KeyState.RETIRED, retires=on))

    def without(self, key_id: str, *, on: datetime) -> KeyRing:
        """A retired key is no more, and will not come back."""
        _check_instant(on)
        if self.find(key_id).state is not KeyState.RETIRED:
            raise KeyStoreError(
                what="only a retired key can be destroyed", where=key_id, mend="retire it first"
            )
        kept = tuple(key for key in self.keys if key.id != key_id)
        return KeyRing(keys=kept, destroyed={**self.destroyed, key_id: on})

    def merged(self, backup: KeyRing, *, destroyed: Mapping[str, datetime]) -> KeyRing:
        """The backup's keys added: those here win, and the destroyed of either side stay so.

        destroyed: more that must not come back, where the store that knew it was lost.
        """
        gone = {**destroyed, **backup.destroyed, **self.destroyed}
        keys = [key for key in self.keys if key.id not in gone]
        for key in backup.keys:
            if key.id in gone or any(key.id == other.id for other in keys):
                continue
            taken = any(key.purpose is other.purpose and key.state is other.state for other in keys)
            if key.state in (KeyState.CURRENT, KeyState.NEXT) and taken:
                key = replace(key, state=KeyState.PREVIOUS)
            keys.append(key)
        return KeyRing(keys=tuple(keys), destroyed=gone)

    def find(self, key_id: str) -> Key:
        """The key of that id, in whatever state. KeyStoreError if there is none."""
        for key in self.keys:
            if key.id == key_id:
                return key
        gone = key_id in self.destroyed
        raise KeyStoreError(what="the key was destroyed" if gone else "there is no such key", where=key_id)

    def _with(self, changed: Key) -> KeyRing:
        return replace(self, keys=tuple(changed if key.id == changed.id else key for key in self.keys))


def make_key(
    purpose: KeyPurpose,
    material: bytes,
    *,
    state: KeyState,
    created: datetime | None = None,
    activated: datetime | None = None,
    retires: datetime | None = None,
) -> Key:
    """A key of this material, named by it. Raises ValueError where the purpose wants another kind."""
    algorithm = purpose.algorithm
    key_material.check_material(algorithm, material)
    return Key(
        id=f"{purpose.value}-{key_material.fingerprint(algorithm, material)}",
        purpose=purpose,
        state=state,
        created=created,
        activated=activated,
        retires=retires,
        public=key_material.public_half(algorithm, material),
        material=material,
    )


def destroyed_now(ids: Iterable[str], *, known: Mapping[str, datetime]) -> dict[str, datetime]:
    """Ids that were told by name, with the instant where it is known."""
    return {key_id: known.get(key_id, _LONG_AGO) for key_id in ids}


def _new(purpose: KeyPurpose, *, on: datetime, generate: Generate) -> Key:
    return make_key(purpose, generate(purpose.algorithm), state=KeyState.NEXT, created=on)


def _aged(key: Key, *, on: datetime) -> Key:
    if key.state is KeyState.CURRENT:
        kept = key.purpose.kept_for
        return replace(key, state=KeyState.PREVIOUS, retires=None if kept is None else on + kept)
    if key.state is KeyState.PREVIOUS and key.retires is not None and key.retires <= on:
        return replace(key, state=KeyState.RETIRED)
    return key


def _check_published(coming: Key, *, on: datetime) -> None:
    wait = coming.purpose.published_for
    if wait and coming.created is not None and on - coming.created < wait:
        hours = wait.total_seconds() / 3600
        raise KeyStoreError(
            what=f"the next key has not been published for {hours:.0f} hours yet, so others may not know it",
            where=coming.id,
            mend="wait, or rotate at once if the current key is known to somebody",
        )


def _check_instant(on: datetime) -> None:
    if on.tzinfo is None:
        raise ValueError("an instant needs its time zone")


def _newest_first(key: Key) -> tuple[int, float, str]:
    age = key.activated or key.created or _LONG_AGO
    return _ORDER[key.state], -(age - _LONG_AGO).total_seconds(), key.id
