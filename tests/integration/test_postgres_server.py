"""The tests' own PostgreSQL runs, as whoever runs the tests, and is recent enough."""

from __future__ import annotations

import pytest


@pytest.mark.needs_postgres
def test_the_server_answers_and_is_15_or_newer(postgres_uri):
    psycopg = pytest.importorskip("psycopg")

    with psycopg.connect(postgres_uri) as connection:
        (version,) = connection.execute("SHOW server_version_num").fetchone()

    assert int(version) >= 150000
