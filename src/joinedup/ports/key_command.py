"""Keys in an external store (a vault, a KMS, an HSM), reached through a program of the department's own.

The program is run without a shell, once a question: one JSON object on its stdin, one on its stdout.
docs/how-to/keys.md documents the protocol. What it writes to stderr is never shown: it may be secret.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from joinedup.ports import key_material
from joinedup.ports.key_document import instant_or_none, key_from_dict, write_ring
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import KeyLock
from joinedup.ports.key_ring import KeyRing
from joinedup.ports.keys import Key, KeyPurpose, KeyState

log = logging.getLogger(__name__)

PROTOCOL = 1
LARGEST_ANSWER = 4_000_000


class CommandKeyStore:
    """Keys behind `command`, whose first word is an absolute path.

    environment: all that the program gets of it; nothing is inherited.
    timeout_seconds: for one question; the program and what it started are then killed.
    fresh_seconds: how long an answer is used before asking again, so how late a rotation is noticed.
    stale_seconds: how long it is used when the program fails, so that an outage of the vault is not ours.
    elapsed: a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        timeout_seconds: float = 10,
        fresh_seconds: float = 60,
        stale_seconds: float = 3600,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        if not command or not os.path.isabs(command[0]):
            raise KeyStoreError(
                what="the key program is not given by an absolute path", mend="write its whole path"
            )
        self._command, self._environment = tuple(command), dict(environment)
        self._timeout, self._fresh, self._stale = timeout_seconds, fresh_seconds, stale_seconds
        self._elapsed = elapsed
        self._known: dict[KeyPurpose, tuple[float, tuple[Key, ...]]] = {}

    def current(self, purpose: KeyPurpose) -> Key:
        """The key in use."""
        return KeyRing(self.all(purpose)).current(purpose)

    def all(self, purpose: KeyPurpose) -> tuple[Key, ...]:
        """Every key of the purpose, newest first."""
        asked, keys = self._known.get(purpose, (float("-inf"), ()))
        age = self._elapsed() - asked
        if age < self._fresh:
            return keys
        try:
            answer = self._ask({"do": "all", "purpose": purpose.value})
            keys = KeyRing(tuple(self._key(each, purpose) for each in _list(answer, "keys"))).of(purpose)
        except KeyStoreError as error:
            if age < self._stale:
                log.warning("keys for %s are %.0f s old: %s", purpose.value, age, error.what)
                return keys
            raise
        self._known[purpose] = (self._elapsed(), keys)
        return keys

    def destroyed(self) -> tuple[str, ...]:
        """The ids that the external store says it destroyed."""
        return tuple(sorted(str(key_id) for key_id in _list(self._ask({"do": "destroyed"}), "destroyed")))

    def rotate(self, purpose: KeyPurpose, *, on: datetime, at_once: bool = False) -> Key:
        """The external store rotates; its refusals come back in its words."""
        self._do(
            {"do": "rotate", "purpose": purpose.value, "on": on.isoformat(), "at_once": at_once},
        )
        return self.current(purpose)

    def retire(self, key_id: str, *, on: datetime) -> Key:
        """A previous or next key's use ends."""
        self._do({"do": "retire", "key": key_id, "on": on.isoformat()})
        purpose = KeyPurpose(key_id.rpartition("-")[0])
        return KeyRing(self.all(purpose)).find(key_id)

    def destroy(self, key_id: str, *, on: datetime) -> None:
        """A retired key is no more, where the external store can promise that."""
        self._do({"do": "destroy", "key": key_id, "on": on.isoformat()})

    def backup(self, *, lock: KeyLock) -> bytes:
        """What it gives out, under the lock. KeyStoreError where a key stays in its device."""
        return write_ring(
            KeyRing(tuple(key for purpose in KeyPurpose for key in self.all(purpose))), lock=lock
        )

    def restore(self, backup: bytes, *, lock: KeyLock, destroyed: Iterable[str] = ()) -> int:
        """Refused: an external store keeps and restores its own backups."""
        raise KeyStoreError(
            what="an external key store restores its own backups",
            where=self._command[0],
            mend="restore there, or into a file store",
        )

    def _do(self, question: Mapping[str, Any]) -> None:
        self._ask(question)
        self._known.clear()

    def _key(self, read: Any, purpose: KeyPurpose) -> Key:
        try:
            key = self._held(read) if read.get("material") is None else key_from_dict(read)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._error(
                f"its answer holds a key that cannot be read ({type(error).__name__})"
            ) from None
        if key.purpose is not purpose:
            raise self._error("its answer holds a key of another purpose")
        return key

    def _held(self, read: Mapping[str, Any]) -> Key:
        """A key whose private half stays in a device: we know the public one, and ask for signatures."""
        public = base64.b64decode(read["public"], validate=True)
        purpose, key_id = KeyPurpose(read["purpose"]), str(read["id"])
        if key_id != f"{purpose.value}-{key_material.fingerprint_of_public(public)}":
            raise ValueError("the id is not that of the public half")

        def sign(data: bytes) -> bytes:
            answer = self._ask({"do": "sign", "key": key_id, "data": base64.b64encode(data).decode()})
            signature = base64.b64decode(str(answer.get("signature")))
            if not key_material.verify(purpose.algorithm, public, signature, data):
                raise self._error("its signature does not fit the key")
            return signature

        instants = {name: instant_or_none(read.get(name)) for name in ("created", "activated", "retires")}
        return Key(
            id=key_id,
            purpose=purpose,
            state=KeyState(read["state"]),
            public=public,
            material=None,
            signer=sign,
            **instants,
        )

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        asked = json.dumps({"protocol": PROTOCOL, **question}).encode()
        try:
            answer = json.loads(self._run(asked))
        except ValueError:
            raise self._error("its answer is not JSON") from None
        if not isinstance(answer, dict):
            raise self._error("its answer is not a JSON object")
        if "error" in answer:
            told = answer["error"] if isinstance(answer["error"], dict) else {}
            raise KeyStoreError(
                what=str(told.get("what", "the key program refused")),
                where=self._command[0],
                mend=str(told.get("mend", "")),
            )
        return answer

    def _run(self, asked: bytes) -> bytes:
        try:
            program = subprocess.Popen(  # noqa: S603 - the operator's own program, an absolute path, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            raise self._error(f"it cannot be run ({error.strerror})") from None
        try:
            answer, _ = program.communicate(asked, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            # Its own children hold the pipe too: the whole group goes, or we would wait for them.
            os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
            raise self._error(f"it did not answer within {self._timeout:g} s") from None
        if program.returncode != 0:
            raise self._error(f"it ended with code {program.returncode}")
        if len(answer) > LARGEST_ANSWER:
            raise self._error("its answer is too large")
        return answer

    def _error(self, what: str) -> KeyStoreError:
        return KeyStoreError(
            what=f"the key program failed: {what}",
            where=self._command[0],
            mend="try it by hand with the question that docs/how-to/keys.md shows",
        )


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise KeyStoreError(what=f"the key program's answer has no list '{name}'")
    return found
