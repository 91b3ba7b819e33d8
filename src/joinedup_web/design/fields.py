"""Form fields that Django lacks: a date in three boxes, as the Design System asks for dates that people know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PARTS = ("day", "month", "year")


class DatePartsWidget(forms.Widget):
    """Day, month and year as NAME-day, NAME-month and NAME-year; its value is the three texts."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        return [str(data.get(f"{name}-{part}", "")).strip() for part in PARTS]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return all(f"{name}-{part}" not in data for part in PARTS)


def texts_of(value: Any) -> list[str]:
    """The three texts of a date, of texts already typed, or of nothing."""
    if isinstance(value, date):
        return [str(value.day), str(value.month), str(value.year)]
    return list(value or ("", "", ""))


class DatePartsField(forms.Field):
    """A date in three boxes; its value is a date, or None where it is not required and left empty.

    what: how messages call it: "The date of birth". Months may be written as numbers or by their English names.
    Errors carry the boxes at fault in `params["parts"]`.
    """

    widget = DatePartsWidget

    def __init__(self, *, what: str, **options: Any) -> None:
        self.what = what
        super().__init__(**options)

    def clean(self, value: Any) -> date | None:
        """Return the date. Raises ValidationError saying which part is missing or wrong."""
        texts = texts_of(value)
        missing = [part for part, text in zip(PARTS, texts, strict=True) if not text]
        if len(missing) == 3:
            if self.required:
                raise self._wrong(f"Enter {self.what[0].lower()}{self.what[1:]}", PARTS)
            return None
        if missing:
            raise self._wrong(f"{self.what} must include a {' and '.join(missing)}", tuple(missing))
        day, month, year = (_number(texts[0]), _month(texts[1]), _number(texts[2]))
        if year is not None and len(texts[2]) != 4:
            raise self._wrong("Year must include 4 numbers", ("year",))
        try:
            return date(year or 0, month or 0, day or 0)
        except ValueError:
            raise self._wrong(f"{self.what} must be a real date", PARTS) from None

    @staticmethod
    def _wrong(words: str, parts: tuple[str, ...]) -> forms.ValidationError:
        return forms.ValidationError(words, code="date", params={"parts": parts})


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 4 else None


def _month(text: str) -> int | None:
    name = text[:3].lower()
    return MONTHS.index(name) + 1 if name in MONTHS else _number(text)
