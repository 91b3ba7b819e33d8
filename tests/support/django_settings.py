"""The website's settings under test: a folder of its own, SQLite in a file, or PostgreSQL where a URL is given."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="joinedup-web-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ.pop("DATABASE_URL", None)
os.environ |= {"JOINEDUP_MODE": "test", "JOINEDUP_DIR": _folder}
if os.environ.get("JOINEDUP_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["JOINEDUP_TEST_DATABASE_URL"]

from joinedup_web.config.settings import *  # noqa: E402, F403
from joinedup_web.config.settings import DATABASES, INSTALLED_APPS  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and processes must see the same database, as they do in life.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_folder, "test.sqlite3")}

INSTALLED_APPS = [*INSTALLED_APPS, "support.flushing.FlushingConfig"]

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
}  # what a test writes is there at once
