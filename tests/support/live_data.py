"""What browser tests ask of a live site's database; each is run by LiveSite.call and speaks JSON."""

from __future__ import annotations

from support.design_pages import make_people
from support.web_people import organisation, sign_in, staff


def sign_in_as(roles: list[str], where: str = "Northshire Council") -> dict[str, str]:
    """Make a member of staff with these roles, and return the session cookie that signs them in."""
    from django.test import Client

    place = organisation(where)
    user = staff(*roles, where=place)
    client = Client()
    sign_in(client, user, where=place)
    return {"user": str(user.id), "cookie": client.cookies["joinedup_staff"].value}


def people(number: int) -> int:
    """Accounts for the try pages' list."""
    make_people(number)
    return number
