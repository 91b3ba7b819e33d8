"""Working days: weekends, bank holidays by nation, an organisation's own days, and where knowledge ends."""

from __future__ import annotations

from datetime import date

import pytest

from joinedup.casework import Nation, WorkingCalendar, bank_holidays
from joinedup.errors import UsageError


def test_a_weekend_is_passed_over():
    friday = date(2026, 3, 6)

    assert WorkingCalendar().after(friday, 1) == date(2026, 3, 9)
    assert WorkingCalendar().after(friday, 5) == date(2026, 3, 13)


def test_easter_2026_takes_four_days_from_england_and_wales():
    """Good Friday 3 April and Easter Monday 6 April 2026, by the calendar on the wall."""
    thursday = date(2026, 4, 2)

    assert bank_holidays("england-and-wales").after(thursday, 1) == date(2026, 4, 7)
    assert bank_holidays("scotland").after(thursday, 1) == date(2026, 4, 6)


def test_nations_differ():
    """St Andrew's Day is Scotland's alone, 12 July and St Patrick's Day Northern Ireland's."""
    st_andrew, st_patrick = date(2026, 11, 30), date(2026, 3, 17)

    assert not bank_holidays(Nation.SCOTLAND).is_working(st_andrew)
    assert bank_holidays(Nation.ENGLAND_AND_WALES).is_working(st_andrew)
    assert not bank_holidays(Nation.NORTHERN_IRELAND).is_working(st_patrick)
    assert bank_holidays(Nation.SCOTLAND).is_working(st_patrick)


def test_no_day_of_rest_falls_on_a_weekend():
    """A holiday on a weekend has its substitute day; the list holds days that are lost to work alone."""
    for nation in Nation:
        assert [day for day in bank_holidays(nation).holidays if day.weekday() > 4] == []


def test_an_organisation_adds_days_and_takes_them_away():
    eve, easter = date(2026, 12, 24), date(2026, 4, 6)
    own = bank_holidays("england-and-wales").changed(off={eve: "Offices closed"}, worked=[easter])

    assert not own.is_working(eve)
    assert own.is_working(easter)
    assert bank_holidays("england-and-wales").is_working(eve), "the shipped list was changed"


def test_it_says_where_knowledge_ends():
    shipped = bank_holidays("scotland")

    assert shipped.knows(shipped.until)
    assert not shipped.knows(date(shipped.until.year + 1, 1, 1))


def test_no_days_mean_the_same_or_the_next_working_day():
    assert WorkingCalendar().after(date(2026, 3, 6), 0) == date(2026, 3, 6)
    assert WorkingCalendar().after(date(2026, 3, 7), 0) == date(2026, 3, 9)


def test_days_between_count_the_last_and_not_the_first():
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)

    assert WorkingCalendar().between(friday, monday) == 1
    assert WorkingCalendar().between(monday, friday) == -1
    assert WorkingCalendar().between(friday, friday) == 0


def test_what_makes_no_sense_is_refused():
    with pytest.raises(UsageError, match="-1 working days"):
        WorkingCalendar().after(date(2026, 3, 6), -1)
    with pytest.raises(UsageError, match="no nation 'france'"):
        bank_holidays("france")
