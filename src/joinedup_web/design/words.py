"""How numbers, dates and sizes are written on pages, by the GOV.UK style guide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext


def count(number: int | None) -> str:
    """1234567 -> 1,234,567; nothing for None."""
    return "" if number is None else f"{number:,}"


def percent(share: float | None, digits: int = 1) -> str:
    """0.981 -> 98.1%; 'not known' for None: unknown is never nought."""
    return "not known" if share is None else f"{share * 100:.{digits}f}%"


def bits(weight: float) -> str:
    """3.24 -> +3.2, -1 -> −1.0; what rounds to nought has no sign: 0.0."""
    text = f"{weight:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "−")


def day(moment: date | datetime | None) -> str:
    """2026-03-01 -> 1 March 2026, in the page's language."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return date_format(moment, "j F Y")


def clock(moment: datetime | None) -> str:
    """-> 1 March 2026 at 2:05pm, London time, in the page's language."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    hour = local.hour % 12 or 12
    time = f"{hour}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"
    return gettext("%(day)s at %(time)s") % {"day": day(local), "time": time}


def size(octets: int | None) -> str:
    """1234567 -> 1.2 MB."""
    if octets is None:
        return ""
    value = float(octets)
    for unit in ("bytes", "KB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


FILTERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "percent": percent,
    "bits": bits,
    "day": day,
    "clock": clock,
    "size": size,
}
