"""A language model's server on this machine: speaks OpenAI's chat completions, well and badly, as scripted.

    with fake_language_model([good({"themes": []}), rate_limited(), garbage()]) as server:
        ChatModel(Supplier(Kind.VLLM, server.url, "fake"), HttpxClient(...))

The last reply of a script stays. A reply may be a function of the request's body instead.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One reply. slow_seconds: before the first byte. cut: the body breaks off in the middle."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    slow_seconds: float = 0.0
    cut: bool = False


Script = Sequence[Reply | Callable[[dict[str, Any]], Reply]]


@dataclass
class Served:
    """A running server. asked: the bodies it was sent; headers: of each request, by small name."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def text(content: str | None, *, ending: str = "stop", model: str = "fake-1", **message: Any) -> Reply:
    """A completion with this content."""
    return _completion({"role": "assistant", "content": content, **message}, ending, model)


def good(answer: object) -> Reply:
    """A completion whose content is this answer as JSON."""
    return text(json.dumps(answer))


def refusing() -> Reply:
    """A refusal in the field that is meant for it."""
    return text(None, refusal="I cannot help with that.")


def refusing_in_words() -> Reply:
    """A refusal as models without that field write it."""
    return text("I'm sorry, but I can't help with that.")


def filtered() -> Reply:
    """Azure OpenAI's answer to a question that its filter stops."""
    return error(400, code="content_filter", message="The prompt triggered the content policy.")


def rate_limited(*, after: str = "0") -> Reply:
    """Too many requests."""
    return Reply(429, _error("rate_limit_exceeded", "Slow down", None), {"Retry-After": after})


def error(status: int, *, code: str = "", message: str = "", param: str | None = None) -> Reply:
    """An error as these servers write it."""
    return Reply(status, _error(code, message, param))


def garbage() -> Reply:
    """A good status with nothing anybody could read."""
    return Reply(200, b"\x00<html>proxy</html>")


def slow(seconds: float) -> Reply:
    """A reply that comes too late."""
    return Reply(200, good({}).body, slow_seconds=seconds)


def dropped() -> Reply:
    """A reply that breaks off."""
    return Reply(200, good({}).body, cut=True)


@contextmanager
def fake_language_model(script: Script) -> Iterator[Served]:
    """A server on a free port of 127.0.0.1."""
    waiting, lock = list(script), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                served.asked.append(asked)
                served.paths.append(self.path)
                served.headers.append({name.lower(): value for name, value in self.headers.items()})
                given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            reply = given(asked) if callable(given) else given
            time.sleep(reply.slow_seconds)
            with suppress(OSError):  # whoever asked has left
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Served(url=f"http://127.0.0.1:{server.server_address[1]}/v1")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def _completion(message: dict[str, Any], ending: str, model: str) -> Reply:
    told = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": ending}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return Reply(200, json.dumps(told).encode())


def _error(code: str, message: str, param: str | None) -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "param": param}}).encode()
