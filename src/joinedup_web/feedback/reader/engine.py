"""Who carries out orders to the models: a child process that is kept for a while, or, in tests, this process."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from queue import Empty, Queue
from typing import Any, Protocol

from joinedup_web.linkage.jobs import child_environment, is_leaving

SECONDS_BETWEEN_LOOKS = 0.5
OnProgress = Callable[[str, int, int], None]


class Stopped(Exception):
    """The worker leaves: what was under way is done again by the next one."""


class Engine(Protocol):
    """Whoever carries out orders."""

    def ask(self, order: dict[str, Any], *, on_progress: OnProgress | None = None) -> dict[str, Any]:
        """Return the last word on an order: finished, problem or fault. Raises Stopped."""

    def close(self) -> None:
        """Let the models go."""


class ChildEngine:
    """A child process, started at the first order and again after one that ended it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._said: Queue[str | None] = Queue()

    def ask(self, order: dict[str, Any], *, on_progress: OnProgress | None = None) -> dict[str, Any]:
        child = self._started()
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(order, ensure_ascii=False) + "\n")
            child.stdin.flush()
        stage: dict[str, Any] = {"stage": "starting", "done": 0, "total": 0}
        while True:
            try:
                line = self._said.get(timeout=SECONDS_BETWEEN_LOOKS)
            except Empty:
                line = ""
            if is_leaving():
                self.close(at_once=True)
                raise Stopped
            if line is None:
                self.close(at_once=True)
                what = (
                    "the process that reads comments was ended by the system, most likely for want of memory"
                )
                mend = "choose a shorter period, or use a larger machine"
                return {"problem": {"what": what, "where": "", "mend": mend, "error": "LimitError"}}
            word = json.loads(line) if line else stage
            if "stage" not in word:
                return dict(word)
            stage = word
            if on_progress is not None:
                on_progress(str(stage["stage"]), int(stage["done"]), int(stage["total"]))

    def close(self, *, at_once: bool = False) -> None:
        """End the process: it stops by itself when there are no more orders; at once, it is killed."""
        child, self._child, self._said = self._child, None, Queue()
        if child is None:
            return
        assert child.stdin is not None
        if at_once:
            child.kill()
        with contextlib.suppress(OSError):
            child.stdin.close()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close(at_once=True)
        child = subprocess.Popen(
            [sys.executable, "-m", "joinedup_web.feedback.reader.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=child_environment(os.environ),
        )
        said = self._said

        def listen() -> None:
            assert child.stdout is not None
            for line in child.stdout:
                said.put(line)
            said.put(None)
            child.stdout.close()

        threading.Thread(target=listen, name="comments read", daemon=True).start()
        self._child = child
        return child


def open_engine() -> Engine:
    """The engine that jobs use; a test puts another in its place."""
    return ChildEngine()
