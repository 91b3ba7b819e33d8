"""Every table of every staff page of a site with something of every kind in it, as each role: a file, or rightly none.

No browser is needed. tests/integration/web/test_matrix.py asks it of a smaller site, and whether others are refused.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from joinedup_web.gate.permissions import role_kinds
from support.sweep import pages_for
from support.table_downloads import links_in, table_faults

pytestmark = [pytest.mark.web, pytest.mark.slow, pytest.mark.sqlite_only]


def test_every_table_can_be_downloaded_where_its_page_is_about_nobody(site):
    filled = site.call("support.full_site:fill")
    wrong, files = [], set()
    for role in role_kinds():
        cookie = filled["caseworker_with_purpose"] if role == "caseworker" else filled["full"][role]
        for path in pages_for(role, filled["pages"]):
            answer, page = asked(site, path, cookie)
            is_page = answer.status == 200 and answer.getheader("Content-Type", "").startswith("text/html")
            if not is_page or answer.getheader("Content-Disposition"):
                continue
            wrong += [f"{role} {path}: {fault}" for fault in table_faults(page, urlsplit(path).path)]
            for link in set(links_in(page)) - files:
                answer, file = asked(site, link, cookie)
                files.add(link)
                if not answer.getheader("Content-Type", "").startswith("text/csv") or "\r\n" not in file:
                    wrong.append(f"{role} {link}: {answer.status}")

    assert wrong == []
    assert len(files) > 60


def asked(site, path: str, cookie: str) -> tuple[HTTPResponse, str]:
    """What is answered, without going where it leads."""
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    connection.request("GET", path, headers={"Cookie": f"joinedup_staff={cookie}"})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer, text
