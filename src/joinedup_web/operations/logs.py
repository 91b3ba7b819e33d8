"""Log lines as JSON, one a line, without personal data: no address line, body, query or cookie is ever logged."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

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
