"""Asking another machine over HTTP: the port, the real client, and the fake that tests answer from.

An answer of any status is an answer, and the caller judges it. What is no answer (no connection, no reply in
time, a reply too large) is a ServiceError. Its `where` is scheme, host and path alone, since queries and
bodies hold codes and secrets.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlencode, urlsplit

from joinedup.errors import MissingExtraError, ServiceError

if TYPE_CHECKING:
    import httpx

LARGEST_BYTES = 2_000_000
TIMEOUT_SECONDS = 10.0
LONGEST_SECONDS = 30.0
# 502 to 504: a gateway says that nobody behind it has seen the request through, so a safe call may be repeated.
PASSING = frozenset({502, 503, 504})

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class HttpAnswer:
    """What came back. status: the number; headers: by name in small letters; body: bytes as received."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def is_good(self) -> bool:
        """Whether the status is one of the two hundreds."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """The body read as JSON. ServiceError where it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ServiceError(
                what="the answer is not JSON",
                where=f"status {self.status}",
                mend="check that the address is that of the service meant",
            ) from error


class HttpClient(Protocol):
    """Asks other machines. Redirects are answers like any other: nobody is sent elsewhere unseen."""

    def get(self, url: str, *, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
        """Ask for what is there. Safe, so it may be repeated after a passing failure."""
        ...

    def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpAnswer:
        """Send a form, once: a repeat could do the deed twice."""
        ...

    def post_json(self, url: str, content: object, *, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
        """Send JSON, once."""
        ...


def user_agent() -> str:
    """How we name ourselves: `joinedup/<version>`. GOV.UK One Login answers 403 where this is empty."""
    try:
        return f"joinedup/{version('joinedup')}"
    except PackageNotFoundError:
        return "joinedup/0"


def address(url: str) -> str:
    """Scheme, host and path of a URL: what may be told of it, since the rest may be secret.

    >>> address("https://someone:pass@op.example/token?code=SECRET")
    'https://op.example/token'
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def is_safe_to_call(url: str) -> bool:
    """Whether a URL is HTTPS, or plain HTTP to this very machine, and holds no password.

    >>> is_safe_to_call("https://op.example/"), is_safe_to_call("http://127.0.0.1:8000/")
    (True, True)
    >>> is_safe_to_call("http://op.example/"), is_safe_to_call("file:///etc/passwd")
    (False, False)
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not parts.hostname:
        return False
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)


class HttpxClient:
    """The real client, on httpx (extra `web`). May be shared by threads; close it, or use it in a `with`.

    timeout_seconds: for connecting, and for each wait for more of the answer.
    longest_seconds: for one whole answer, however steadily it drips.
    largest_bytes: an answer above this is refused while it arrives.
    tries: how often a GET is asked in all, where it fails in passing; a POST is sent once.
    proxy: the URL of a proxy, where one is needed. Nothing is taken from the environment.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        longest_seconds: float = LONGEST_SECONDS,
        largest_bytes: int = LARGEST_BYTES,
        tries: int = 2,
        proxy: str | None = None,
        agent: str = "",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                what="the HTTP client is not installed", where="httpx", mend="install joinedup[web]"
            ) from error
        for chatter in ("httpx", "httpcore"):  # they log whole addresses, and queries hold secrets
            logger = logging.getLogger(chatter)
            logger.setLevel(max(logger.level, logging.WARNING))
        self._httpx = httpx
        self._largest, self._longest = largest_bytes, longest_seconds
        self._tries, self._pause = max(1, tries), pause
        self._client = httpx.Client(
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            proxy=proxy,
            # None: straight to this very machine, for a proxy elsewhere would reach itself under that name.
            mounts={f"all://{name}": None for name in ("127.0.0.1", "localhost", "[::1]")},
            # Uncompressed: a small answer that unfolds to gigabytes would pass the limit in one piece.
            headers={"User-Agent": agent.strip() or user_agent(), "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def get(self, url: str, *, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
        """Ask for what is there; repeated where nobody answered, or a gateway said 502 to 504."""
        for attempt in range(1, self._tries):
            try:
                answer = self._send("GET", url, headers)
            except ServiceError as error:
                if isinstance(error.__cause__, self._httpx.TransportError):
                    self._pause(0.2 * attempt)
                    continue
                raise
            if answer.status not in PASSING:
                return answer
            self._pause(0.2 * attempt)
        return self._send("GET", url, headers)

    def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpAnswer:
        """Send a form, once."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", url, {**kind, **headers}, urlencode(form).encode())

    def post_json(self, url: str, content: object, *, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
        """Send JSON, once."""
        kind = {"Content-Type": "application/json"}
        return self._send("POST", url, {**kind, **headers}, json.dumps(content).encode())

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        _check_url(url)
        try:
            with self._client.stream(method, url, headers=_named(headers), content=body) as answer:
                return HttpAnswer(
                    status=answer.status_code,
                    headers={name.lower(): value for name, value in answer.headers.items()},
                    body=self._read(answer, url),
                )
        except self._httpx.TimeoutException as error:
            raise ServiceError(
                what="no answer in time", where=address(url), mend="try again in a few minutes"
            ) from error
        except self._httpx.TransportError as error:
            raise ServiceError(
                what="no whole answer came",
                where=address(url),
                mend="check that the service is up and reachable",
            ) from error

    def _read(self, answer: httpx.Response, url: str) -> bytes:
        parts, size, began = [], 0, time.monotonic()
        for part in answer.iter_raw():
            size += len(part)
            if size > self._largest:
                raise _too_large(url, self._largest)
            if time.monotonic() - began > self._longest:
                raise ServiceError(
                    what="no answer in time", where=address(url), mend="try again in a few minutes"
                )
            parts.append(part)
        return b"".join(parts)


@dataclass(frozen=True)
class Sent:
    """One request that the fake was given. Header names are in small letters, as they arrive."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class RecordedHttp:
    """The fake: answers from what was recorded, and keeps what it was sent in `sent`.

    answers: by (method, URL), those to give in turn; the last one stays. A ServiceError among them is raised.
    A URL of which nothing was recorded is a ServiceError, as an unknown host is. The same tests run over this
    and over the real client, so that what holds for one holds for the other.
    """

    def __init__(
        self,
        answers: Mapping[tuple[str, str], Iterable[HttpAnswer | ServiceError]],
        *,
        largest_bytes: int = LARGEST_BYTES,
    ) -> None:
        self._answers = {key: list(given) for key, given in answers.items()}
        self._largest = largest_bytes
        self.sent: list[Sent] = []

    def get(self, url: str, *, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
        """The next recorded answer to a GET."""
        return self._answer("GET", url, headers)

    def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpAnswer:
        """The next recorded answer to a POST."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._answer("POST", url, {**kind, **headers}, urlencode(form).encode())

    def post_json(self, url: str, content: object, *, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
        """The next recorded answer to a POST."""
        kind = {"Content-Type": "application/json"}
        return self._answer("POST", url, {**kind, **headers}, json.dumps(content).encode())

    def _answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> HttpAnswer:
        _check_url(url)
        told = {"user-agent": user_agent(), **_named(headers)}
        self.sent.append(Sent(method=method, url=url, headers=told, body=body))
        waiting = self._answers.get((method, url))
        if not waiting:
            raise ServiceError(
                what="no whole answer came", where=address(url), mend="record an answer for it"
            )
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, ServiceError):
            raise answer
        if len(answer.body) > self._largest:
            raise _too_large(url, self._largest)
        return answer


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """By name in small letters, without a User-Agent that says nothing."""
    small = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in small.items() if name != "user-agent" or value.strip()}


def _check_url(url: str) -> None:
    if not is_safe_to_call(url):
        raise ServiceError(
            what="the address is not one that may be called",
            where=address(url),
            mend="give an https address without a password in it",
        )


def _too_large(url: str, largest: int) -> ServiceError:
    return ServiceError(
        what=f"the answer is larger than {largest:,} bytes",
        where=address(url),
        mend="check that the address is that of the service meant",
    )
