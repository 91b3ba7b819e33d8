"""The outside world as small protocols, each with its real client and a verified fake."""

from __future__ import annotations

from .clock import Clock, SetClock, SystemClock
from .http import (
    HttpAnswer,
    HttpClient,
    HttpxClient,
    RecordedHttp,
    Sent,
    address,
    is_safe_to_call,
    user_agent,
)

__all__ = [
    "Clock",
    "HttpAnswer",
    "HttpClient",
    "HttpxClient",
    "RecordedHttp",
    "Sent",
    "SetClock",
    "SystemClock",
    "address",
    "is_safe_to_call",
    "user_agent",
]
