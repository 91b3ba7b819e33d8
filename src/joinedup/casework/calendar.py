"""Working days: weekdays that are no bank holiday of a nation, with days that an organisation adds or takes away."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from joinedup.errors import UsageError

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class Nation(StrEnum):
    """Nations with bank holidays of their own, as GOV.UK names the lists."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days count. holidays: days off by name. until: the last day whose bank holidays are known."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    until: date = date.max

    def is_working(self, day: date) -> bool:
        """Whether people work on a day."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def knows(self, day: date) -> bool:
        """Whether the bank holidays of a day are known; past that only weekends are left out."""
        return day <= self.until

    def after(self, day: date, working_days: int) -> date:
        """The day that is so many working days after another, which itself does not count.

        0 is the day itself, or the next working day where it is none. UsageError below 0.

        >>> WorkingCalendar().after(date(2026, 5, 1), 1)
        datetime.date(2026, 5, 4)
        """
        if working_days < 0:
            raise UsageError(what=f"{working_days} working days", mend="give a number from 0")
        if working_days == 0:
            while not self.is_working(day):
                day += ONE_DAY
            return day
        while working_days:
            day += ONE_DAY
            working_days -= self.is_working(day)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days come after `first`, up to `last` with it; negative where `last` is the earlier.

        >>> WorkingCalendar().between(date(2026, 5, 1), date(2026, 5, 5))
        2
        """
        if last < first:
            return -self.between(last, first)
        days = (last - first).days
        return sum(self.is_working(first + timedelta(days=number)) for number in range(1, days + 1))

    def changed(
        self, *, off: Mapping[date, str] | None = None, worked: Iterable[date] = ()
    ) -> WorkingCalendar:
        """The same with more days off, and with bank holidays on which people work."""
        days = dict(self.holidays) | dict(off or {})
        for day in worked:
            days.pop(day, None)
        return WorkingCalendar(days, self.until)


def bank_holidays(nation: Nation | str) -> WorkingCalendar:
    """The calendar of a nation, as shipped. UsageError for one that there is not."""
    try:
        return _shipped()[Nation(nation)]
    except ValueError:
        raise UsageError(
            what=f"no nation '{nation}'", mend=f"choose among {', '.join(each.value for each in Nation)}"
        ) from None


@cache
def _shipped() -> dict[Nation, WorkingCalendar]:
    file = files("joinedup.casework").joinpath("data", "bank_holidays.toml")
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        nation: WorkingCalendar(
            {date.fromisoformat(day): name for day, name in read[nation.value].items()}, read["until"]
        )
        for nation in Nation
    }
