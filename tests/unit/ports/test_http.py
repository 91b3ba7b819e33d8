"""The HTTP port: the same promises kept by the real client and by the fake."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from joinedup.errors import ServiceError
from joinedup.ports import HttpAnswer, HttpxClient, RecordedHttp, is_safe_to_call, user_agent


class Counter(BaseHTTPRequestHandler):
    """Answers /echo with what it was sent; /gone, /moved, /large, /busy, /slow as they say."""

    def answer(self) -> None:
        seen: list[tuple[str, str, dict[str, str], bytes]] = self.server.seen  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        path = self.path.partition("?")[0]
        if path == "/busy":
            calls = sum(1 for _, place, _, _ in seen if place == "/busy")
            return self.say(503 if calls == 1 else 200, b"{}")
        if path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(20):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
            return None
        if path == "/slow":
            time.sleep(0.5)
        if path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"short")
            return None
        if path == "/moved":
            return self.say(302, b"", Location="http://127.0.0.1:1/elsewhere")
        return self.say(
            404 if path == "/gone" else 200, b"x" * 5_000 if path == "/large" else b'{"ok": true}'
        )

    do_GET = do_POST = answer

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a caller that hangs up is part of these tests
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def at(server) -> str:
    server.seen = []
    return f"http://127.0.0.1:{server.server_port}"


def real() -> HttpxClient:
    return HttpxClient(timeout_seconds=0.2, longest_seconds=0.3, largest_bytes=1_000, pause=lambda _: None)


@pytest.fixture(params=["real", "recorded"])
def client(request, at, server):
    """Both kinds; the fake is recorded from what the server really answers."""
    if request.param == "real":
        with real() as client:
            yield client
        return
    good = HttpAnswer(status=200, body=b'{"ok": true}')
    yield RecordedHttp(
        {
            ("GET", f"{at}/echo?code=SECRET"): [good],
            ("POST", f"{at}/echo"): [good],
            ("GET", f"{at}/gone"): [HttpAnswer(status=404, body=b'{"ok": true}')],
            ("GET", f"{at}/moved"): [
                HttpAnswer(status=302, headers={"location": "http://127.0.0.1:1/elsewhere"})
            ],
            ("GET", f"{at}/large"): [HttpAnswer(status=200, body=b"x" * 5_000)],
        },
        largest_bytes=1_000,
    )


def last_sent(client, server) -> tuple[str, dict[str, str], bytes]:
    if isinstance(client, RecordedHttp):
        sent = client.sent[-1]
        return sent.method, dict(sent.headers), sent.body
    method, _, headers, body = server.seen[-1]
    return method, headers, body


def test_a_get_brings_the_answer_and_names_us(client, at, server):
    answer = client.get(f"{at}/echo?code=SECRET", headers={"Accept": "application/json"})

    assert (answer.status, answer.is_good, answer.json()) == (200, True, {"ok": True})
    method, headers, _ = last_sent(client, server)
    assert (method, headers["user-agent"], headers["accept"]) == ("GET", user_agent(), "application/json")
    assert user_agent().startswith("joinedup/")


def test_an_empty_user_agent_is_never_sent(client, at, server):
    client.get(f"{at}/echo?code=SECRET", headers={"User-Agent": " "})

    assert last_sent(client, server)[1]["user-agent"] == user_agent()


def test_a_form_and_json_arrive_as_such(client, at, server):
    client.post_form(f"{at}/echo", {"grant_type": "x y", "é": "&"})
    method, headers, body = last_sent(client, server)
    assert (method, body) == ("POST", b"grant_type=x+y&%C3%A9=%26")
    assert headers["content-type"] == "application/x-www-form-urlencoded"

    client.post_json(f"{at}/echo", {"a": [1]})
    _, headers, body = last_sent(client, server)
    assert json.loads(body) == {"a": [1]}
    assert headers["content-type"] == "application/json"


def test_a_refusal_by_status_is_an_answer(client, at):
    answer = client.get(f"{at}/gone")

    assert (answer.status, answer.is_good) == (404, False)


def test_a_redirect_is_an_answer_and_is_not_followed(client, at):
    answer = client.get(f"{at}/moved")

    assert answer.status == 302
    assert answer.headers["location"] == "http://127.0.0.1:1/elsewhere"


def test_a_reply_too_large_is_refused(client, at):
    with pytest.raises(ServiceError, match="larger than 1,000 bytes"):
        client.get(f"{at}/large")


@pytest.mark.parametrize("url", ["http://op.example/", "file:///etc/passwd", "https://a:b@op.example/", "x"])
def test_an_address_that_is_not_safe_is_never_called(client, url):
    assert not is_safe_to_call(url)
    with pytest.raises(ServiceError, match="not one that may be called"):
        client.get(url)


def test_where_nobody_answers_it_is_a_service_error_that_holds_no_query(client):
    with pytest.raises(ServiceError) as caught:
        client.get("http://127.0.0.1:1/token?code=SECRET")

    assert caught.value.where == "http://127.0.0.1:1/token"
    assert "SECRET" not in str(caught.value)


def test_a_safe_call_is_repeated_after_a_passing_failure(at, server):
    with real() as client:
        assert client.get(f"{at}/busy").status == 200
    assert len(server.seen) == 2


def test_a_post_is_sent_once_whatever_happens(at, server):
    with real() as client:
        assert client.post_form(f"{at}/busy", {}).status == 503
        with pytest.raises(ServiceError, match="no answer in time"):
            client.post_form(f"{at}/slow", {})
    assert [path for _, path, _, _ in server.seen] == ["/busy", "/slow"]


def test_silence_is_cut_off_and_so_is_a_dripping_answer(at, server):
    with real() as client, pytest.raises(ServiceError, match="no answer in time"):
        client.get(f"{at}/drip")
    assert len(server.seen) == 1
    with real() as client, pytest.raises(ServiceError, match="no answer in time"):
        client.get(f"{at}/slow")


def test_half_an_answer_is_none(at):
    with real() as client, pytest.raises(ServiceError, match="no whole answer"):
        client.get(f"{at}/cut")


def test_the_fake_gives_its_answers_in_turn_and_raises_outages():
    outage = ServiceError(what="no answer in time")
    fake = RecordedHttp({("GET", "https://op.example/"): [HttpAnswer(status=200), outage]})

    assert fake.get("https://op.example/").status == 200
    for _ in range(2):
        with pytest.raises(ServiceError, match="in time"):
            fake.get("https://op.example/")


def test_what_is_not_json_is_said_to_be_so():
    for body in (b"<html>", b"\xff", b"[" * 100_000):
        with pytest.raises(ServiceError, match="not JSON"):
            HttpAnswer(status=200, body=body).json()
