"""The rows that staff lists are made of: the database keeps them in step, whoever writes the accounts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from joinedup_web.accounts.colleague_triggers import keep_colleagues
from joinedup_web.accounts.models import Colleague, Membership, StaffUser
from support.web_people import organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def _rows(place):
    found = Colleague.objects.filter(organisation=place).order_by("name")
    return list(found.values_list("name", "email", "is_active", "last_login"))


def test_a_person_has_one_row_in_each_organisation_whatever_their_roles():
    here, there = organisation("Northshire"), organisation("Southshire")
    user = staff("clerk", "caseworker", where=here)
    Membership.objects.create(user=user, organisation=there, role=user.memberships.first().role)

    assert _rows(here) == _rows(there) == [(user.name, user.email, True, None)]


@pytest.mark.parametrize(
    "change",
    [{"name": "Ana New"}, {"email": "new@example.com"}, {"is_active": False}, {"last_login": MOMENT}],
)
def test_a_row_follows_the_account_by_save_and_by_update(change):
    place = organisation("Northshire")
    one, other = staff("clerk", where=place), staff("clerk", where=place)
    before = set(_rows(place))
    StaffUser.objects.filter(id=one.id).update(**change)

    changed = StaffUser.objects.get(id=one.id)
    kept = (other.name, other.email, True, None)
    now = (changed.name, changed.email, changed.is_active, changed.last_login)
    assert set(_rows(place)) == {now, kept} != before
    for name, value in change.items():
        setattr(other, name, f"x{value}" if name == "email" else value)
    other.save()
    assert Colleague.objects.filter(user=other).values(*change).get() == {
        name: getattr(other, name) for name in change
    }


def test_rows_that_are_lacking_or_wrong_are_mended_after_a_migration():
    place = organisation("Northshire")
    users = [staff("clerk", where=place) for _ in range(3)]
    right = _rows(place)
    Colleague.objects.filter(user=users[0]).delete()
    Colleague.objects.filter(user=users[1]).update(name="Somebody else")

    keep_colleagues(using=connection.alias)

    assert _rows(place) == right
