"""The site answers, and refuses what has no rule."""

from __future__ import annotations

import pytest

from support.web_people import sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def test_the_start_page_is_for_everyone(client):
    assert client.get("/").status_code == 200


def test_staff_pages_ask_who_you_are(client):
    answer = client.get("/staff/")

    assert answer.status_code == 302
    assert answer["Location"] == "/staff/sign-in?next=%2Fstaff%2F"


def test_a_member_of_staff_sees_their_home(client):
    sign_in(client, staff("analyst"))

    assert client.get("/staff/").status_code == 200
