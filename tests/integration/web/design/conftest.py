"""The try pages' templates, beside those of the site."""

from __future__ import annotations

from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "support" / "templates"


@pytest.fixture(autouse=True)
def _try_pages(settings):
    own = dict(settings.TEMPLATES[0])
    own["DIRS"] = [*own["DIRS"], str(TEMPLATES)]
    settings.TEMPLATES = [own]
