"""The assets collected, hashed and compressed into the site's folder, again only where they changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from joinedup.errors import MissingExtraError


def gather() -> bool:
    """Collect the assets; return whether anything had to be done.

    Raises MissingExtraError where GOV.UK Frontend was never copied, since pages without it help nobody.
    """
    stamp = Path(settings.STATIC_ROOT) / ".gathered"
    digest = hashlib.sha256()
    names = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            names.append(name)
            digest.update(name.encode())
            digest.update(Path(storage.path(name)).read_bytes())
    if not any(name.endswith("govuk-frontend.min.css") for name in names):
        raise MissingExtraError(
            what="the GOV.UK Frontend assets are not there",
            where="joinedup_web/design/static/vendor",
            mend="install Node 20 with npm and run make setup; an installed wheel holds them already",
        )
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())
    return True
