"""A department's key program, as docs/how-to/keys.md asks for one: here in front of a file store.

    python key_program.py DIRECTORY [device | slow | broken | chatty | refusing]

device: signing keys stay here, and only signatures come out. The others are faults.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from joinedup.ports.key_document import key_as_dict
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_file import FileKeyStore
from joinedup.ports.keys import KeyPurpose, find_key


def answer(store: FileKeyStore, question: dict, *, device: bool) -> dict:
    match question:
        case {"do": "all", "purpose": purpose}:
            return {"keys": [shown(key, device=device) for key in store.all(KeyPurpose(purpose))]}
        case {"do": "destroyed"}:
            return {"destroyed": list(store.destroyed())}
        case {"do": "rotate", "purpose": purpose, "on": on, "at_once": at_once}:
            store.rotate(KeyPurpose(purpose), on=datetime.fromisoformat(on), at_once=at_once)
        case {"do": "retire", "key": key_id, "on": on}:
            store.retire(key_id, on=datetime.fromisoformat(on))
        case {"do": "destroy", "key": key_id, "on": on}:
            store.destroy(key_id, on=datetime.fromisoformat(on))
        case {"do": "sign", "key": key_id, "data": data}:
            key = find_key(store, KeyPurpose(key_id.rpartition("-")[0]), key_id)
            return {"signature": base64.b64encode(key.sign(base64.b64decode(data))).decode()}
        case _:
            return {"error": {"what": "unknown question", "mend": "see the protocol"}}
    return {}


def shown(key, *, device: bool) -> dict:
    told = key_as_dict(key)
    if device and key.public is not None:
        del told["material"]
        told["public"] = base64.b64encode(key.public).decode()
    return told


def main(directory: str, manner: str = "") -> int:
    question = json.load(sys.stdin)
    if manner == "slow":
        subprocess.run(["sleep", "30"], check=False)  # a child that holds the pipe as well
        time.sleep(30)
    if manner == "broken":
        sys.stderr.write("SECRET-7f3a on stderr")
        return 3
    if manner == "chatty":
        sys.stdout.write("Welcome to the vault! SECRET-7f3a")
        return 0
    try:
        told = answer(FileKeyStore(Path(directory)), question, device=manner == "device")
    except KeyStoreError as error:
        told = {"error": {"what": error.what, "mend": error.mend}}
    json.dump(told, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
