"""Log lines as JSON, one a line, without personal data: no address line, body, query or cookie is ever logged."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from http import HTTPStatus

DJANGOS = ("django.request", "django.security")
"""Whose messages quote the address, a header or the method, in which a name or a live token may stand."""

KEPT = ("run", "stage", "seconds", "count", "status", "view", "request_id")


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, the few extra fields that are known to be safe, and a traceback's places."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.name.startswith(DJANGOS):
            line |= _without_request(record)
        line |= {name: getattr(record, name) for name in KEPT if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = record.exc_info[0].__name__  # its message may quote a value
            trace = record.exc_info[2]
            places = []
            while trace is not None:
                places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
                trace = trace.tb_next
            line["places"] = places[-12:]
        return json.dumps(line, ensure_ascii=False, default=str)


def _without_request(record: logging.LogRecord) -> dict[str, object]:
    """What happened, said anew from the status, and where, by the name of the view: none for an unknown address."""
    try:
        told = HTTPStatus(getattr(record, "status_code", 0)).phrase
    except ValueError:
        told = "A request was refused"
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return {
        "message": told,
        "status": getattr(record, "status_code", None),
        "view": (match.view_name if match is not None else "") or "none",
    }
