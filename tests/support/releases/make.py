"""Keep a release's database for the tests of later ones: python tests/support/releases/make.py 0.2

Run it on the release's own code, in the commit that is tagged, and commit what it writes: release.toml, with the
last migration of each app, and database.json.gz, every row of a website that has one of everything
(tests/support/populated.py). Never make one again: it tells how the database was. test_upgrade.py loads each of
them, brings it to the present release, and looks whether everything is still there.

--at APP=MIGRATION goes back that far before writing. Release 0.1 was made so, to begin with something to upgrade from.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))


def main() -> None:
    """Make a site in a folder of its own, fill it, go back if asked to, and write the fixture."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("release")
    told.add_argument("--at", action="append", default=[], metavar="APP=MIGRATION")
    asked = told.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "JOINEDUP_MODE": "test",
            "JOINEDUP_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        from support import releases
        from support.populated import populate, seal

        call_command("migrate", verbosity=0)
        populate("EARLIER", Path(folder))
        seal()
        for place in asked.at:
            call_command("migrate", *place.split("="), verbosity=0)
        sys.stdout.write(releases.write(HERE / asked.release, release=asked.release) + "\n")


if __name__ == "__main__":
    main()
