"""The public's forms through Django's test client: pressing a button, and what the page then says."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client


def page_of(answer: Any) -> str:
    """The text of a page."""
    return html.unescape(answer.content.decode())


def state_of(answer: Any) -> str:
    """What a form carries of the steps before."""
    found = re.search(r'name="state" value="([^"]+)"', answer.content.decode())
    assert found, "the page is no form"
    return html.unescape(found[1])


def heading_of(answer: Any) -> str:
    """The page's heading."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page_of(answer), re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def fill(client: Client, address: str, before: Any, **given: Any) -> Any:
    """Press a button of a form: what is given by question, and what is asked for (`do`)."""
    asked = given.pop("do", "continue")
    fields = {f"q-{key}": value for key, value in given.items()}
    return client.post(address, {**fields, "state": state_of(before), "do": asked})
