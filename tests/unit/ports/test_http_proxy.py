"""Other services are reached by the proxy that is named; this machine is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from joinedup.errors import ServiceError
from joinedup.ports import HttpxClient


class Listener:
    """A port of this machine that hears the first line of one caller, answers, and hangs up."""

    def __init__(self, answer: bytes) -> None:
        self.heard: list[str] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                self.heard.append(caller.recv(4096).decode().partition("\r\n")[0])
                caller.sendall(self._answer)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def proxy() -> Iterator[Listener]:
    listener = Listener(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    yield listener
    listener.close()


@pytest.fixture
def here() -> Iterator[Listener]:
    listener = Listener(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    yield listener
    listener.close()


def test_another_service_is_reached_by_the_proxy_in_a_tunnel(proxy):
    client = HttpxClient(proxy=f"http://127.0.0.1:{proxy.port}", tries=1)
    with client, pytest.raises(ServiceError):
        client.get("https://op.example/token?code=SECRET")

    assert proxy.heard == ["CONNECT op.example:443 HTTP/1.1"]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached_without_it(proxy, here, name):
    with HttpxClient(proxy=f"http://127.0.0.1:{proxy.port}") as client:
        answer = client.get(f"http://{name}:{here.port}/keys")

    assert answer.status == 200
    assert here.heard == ["GET /keys HTTP/1.1"]
    assert proxy.heard == []


def test_no_proxy_is_taken_from_the_environment(proxy, here, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    with HttpxClient() as client:
        client.get(f"http://127.0.0.1:{here.port}/")

    assert proxy.heard == []
