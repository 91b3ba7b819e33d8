"""One switch for the whole process: while it is closed, no language model beyond this machine can be asked.

Tests close it for good (tests/conftest.py), as does the website in test mode, whatever the settings say. It stands
beside the closed network of the tests, not in its place.
"""

from __future__ import annotations

from joinedup.errors import UsageError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_state = {"closed": False}


def close_real_calls() -> None:
    """From now on only this machine may be asked. There is no way back within the process."""
    _state["closed"] = True


def is_closed() -> bool:
    """Whether real calls are impossible in this process."""
    return _state["closed"]


def require_callable(host: str) -> None:
    """Raise UsageError where the host is another machine and real calls are closed."""
    if _state["closed"] and host not in _LOOPBACK:
        raise UsageError(
            what="language models beyond this machine cannot be asked here",
            where=host,
            mend="use a fake (joinedup.llm.RecordedModel), or a server on 127.0.0.1",
        )
