"""Run pytest with the website on a PostgreSQL of its own: python tests/support/on_postgres.py [pytest's arguments].

Without PostgreSQL on the machine it says so and passes, but fails where CI=true.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support.capability import postgres_programs
from support.postgres import running_postgres


def main() -> int:
    programs = postgres_programs()
    if programs is None:
        print(
            "The website was not tried on PostgreSQL: it is not installed (sudo apt-get install postgresql)"
        )
        return 1 if os.environ.get("CI") == "true" else 0
    with (
        tempfile.TemporaryDirectory(prefix="joinedup-postgres-") as folder,
        running_postgres(programs, Path(folder)) as uri,
    ):
        environment = {**os.environ, "JOINEDUP_TEST_DATABASE_URL": uri}
        command = [sys.executable, "-m", "pytest", "-m", "web and not sqlite_only", *sys.argv[1:]]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
