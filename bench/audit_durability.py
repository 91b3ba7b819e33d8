"""How many audited deeds a second are durable before they are answered, and whether SIGKILL can lose one.

    python bench/audit_durability.py [--databases sqlite postgres] [--clients 64] [--seconds 10] [--kills 25]

Two processes, each with half of the clients as threads, do real deeds through the gate: permission, row and
audit event in one transaction, with an fsync before the answer (audit_worker.py). The sequencer runs beside them,
as in life. Then processes are killed under that load, now one, now the other, and begun again; afterwards every
acknowledged deed must have exactly one event, each organisation's row must count exactly its events, nothing may
wait unsequenced, and the record must verify. PostgreSQL is a server of the bench's own with fsync on.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from processes import BENCH, load

sys.path.insert(0, str(BENCH.parent / "tests"))
from support.capability import postgres_programs
from support.postgres import running_postgres

TARGET, AIM, WITHIN_SECONDS, PROCESSES = 600, 2000, 2.0, 2


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"]
    )
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--kills", type=int, default=25, help="for each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options)))
        return
    found = {name: measure_on(name, options) for name in options.databases}
    rate = min(each["per_second"] for each in found.values())
    print(
        json.dumps(
            {
                "claim": "audited deeds a second, durable before the answer, over 2 processes; none lost by SIGKILL",
                "value": rate,
                "target": TARGET,
                "aim": AIM,
                "met": all(each["met"] for each in found.values()),
                "databases": found,
                "data": {
                    "deed": "organisation.change: gate, row, event",
                    "processes": PROCESSES,
                    "clients": options.clients,
                    "seconds": options.seconds,
                    "kills": options.kills * len(found),
                },
                "load": load(),
                "seed": options.seed,
                "versions": {"python": platform.python_version()}
                | {name: version(name) for name in ("joinedup", "django", "psycopg")},
            }
        )
    )


def measure_on(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure on one database, in a folder of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joinedup-bench-")))
        environment = {
            **os.environ,
            "JOINEDUP_MODE": "test",
            "JOINEDUP_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
        }
        environment.pop("DATABASE_URL", None)
        if name == "postgres":
            programs = postgres_programs()
            if programs is None:
                sys.exit(
                    "PostgreSQL's programs are not on this machine; leave it out with --databases sqlite"
                )
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joinedup-postgres-")))
            environment["DATABASE_URL"] = stack.enter_context(
                running_postgres(programs, place, durable=True)
            ).replace("postgresql://", "postgres://")
        part("prepare", options, environment)
        runs = under_load(options, environment, folder)
        fast = {
            "per_second": round(sum(run["deeds"] / run["seconds"] for run in runs)),
            "median_ms": round(max(run["median_ms"] for run in runs), 1),
            "p95_ms": round(max(run["p95_ms"] for run in runs), 1),
            "longest_ms": round(max(run["longest_ms"] for run in runs)),
            "cpu_us_a_deed": round(sum(run["cpu"] for run in runs) / sum(run["deeds"] for run in runs) * 1e6),
            "longest_until_sequenced": round(max(run["longest_waiting_seconds"] for run in runs), 2),
        }
        print(name, fast, flush=True)
        killed = kill_again_and_again(options, environment, folder)
        told = part("check", options, environment)
        print(name, {"kills": killed, **told}, flush=True)
        met = (
            fast["per_second"] >= TARGET
            and fast["longest_until_sequenced"] <= WITHIN_SECONDS
            and told["sound"]
            and killed == options.kills
        )
        return {**fast, "kills": killed, **told, "met": met}


def part(name: str, options: argparse.Namespace, environment: dict[str, str]) -> dict[str, Any]:
    """Run a part of this file in a process whose Django is set up for the database."""
    command = [sys.executable, __file__, "--part", name, "--clients", str(options.clients)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


class Worker:
    """One process under load; `number` says which clients are its."""

    def __init__(
        self, number: int, options: argparse.Namespace, environment: dict[str, str], *, seconds: float
    ) -> None:
        each = options.clients // PROCESSES
        folder = Path(environment["JOINEDUP_DIR"])
        command = [sys.executable, str(BENCH / "audit_worker.py"), "--first", str(number * each)]
        command += ["--clients", str(each), "--seconds", str(seconds)]
        command += ["--acknowledged", str(folder / "acknowledged")]
        self.log = folder / f"worker{number}.log"
        with self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
            )

    def wait_until_ready(self) -> None:
        """Return once its clients begin."""
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"a worker did not start:\n{self.log.read_text()[-4000:]}")

    def result(self) -> dict[str, float]:
        """What it measured, once it has ended by itself."""
        out, _ = self.process.communicate()
        if self.process.returncode != 0:
            sys.exit(f"a worker failed:\n{self.log.read_text()[-4000:]}")
        return dict(json.loads(out.splitlines()[-1]))


@contextmanager
def workers(
    options: argparse.Namespace, environment: dict[str, str], seconds: float
) -> Iterator[list[Worker]]:
    """Both processes, ready; none outlives the block."""
    both = [Worker(number, options, environment, seconds=seconds) for number in range(PROCESSES)]
    try:
        for worker in both:
            worker.wait_until_ready()
        yield both
    finally:
        for worker in both:
            worker.process.kill()
            worker.process.wait()


def under_load(
    options: argparse.Namespace, environment: dict[str, str], folder: Path
) -> list[dict[str, float]]:
    with workers(options, environment, options.seconds) as both:
        return [worker.result() for worker in both]


def kill_again_and_again(options: argparse.Namespace, environment: dict[str, str], folder: Path) -> int:
    """Kill one process after another while both work; return how many were."""
    chance, killed = random.Random(options.seed), 0
    with workers(options, environment, 3600) as both:
        for turn in range(options.kills):
            time.sleep(chance.uniform(0.1, 0.8))
            number = turn % PROCESSES
            both[number].process.send_signal(signal.SIGKILL)
            both[number].process.wait()
            killed += 1
            both[number] = Worker(number, options, environment, seconds=3600)
            both[number].wait_until_ready()
        time.sleep(0.5)
        for worker in both:
            worker.process.send_signal(signal.SIGTERM)
        for worker in both:
            worker.result()
    return killed


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """The tables, and for each client an organisation with its administrator."""
    import django

    django.setup()
    from django.core.management import call_command

    from audit_worker import named
    from joinedup_web.accounts.models import Membership, Organisation, Role, StaffUser
    from joinedup_web.audit.keys import key_store

    call_command("migrate", verbosity=0)
    key_store()  # made at a site's first start
    role = Role.objects.get(code="organisation_administrator", organisation=None)
    for number in range(options.clients):
        place = Organisation(kind="council", ods_code=f"B{number}")
        place.name = named(place.id, 0)
        place.save()
        user = StaffUser.objects.create_user(f"administrator{number}@example.test", f"Administrator {number}")
        Membership.objects.create(user=user, organisation=place, role=role)
    return {}


def check(options: argparse.Namespace) -> dict[str, Any]:
    """What stands in the database against what was acknowledged."""
    import django

    django.setup()
    from django.conf import settings

    from audit_worker import count_in
    from joinedup_web.accounts.models import Organisation
    from joinedup_web.audit import checkpoints, sequencer
    from joinedup_web.audit.live import verify_live
    from joinedup_web.audit.models import Event, Pending, Sequenced

    waited = Pending.objects.count()  # killed at the end, with nobody left to place them
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    sequencer.sequence_all()
    lines = (settings.JOINEDUP.directory / "acknowledged").read_text().splitlines()
    acknowledged = [line.split() for line in lines]
    kept = {
        event_id: bytes(digest).hex()
        for event_id, digest in Sequenced.objects.values_list("event__event_id", "digest").iterator()
    }
    lost = sum(kept.get(event_id) != digest for _, _, event_id, digest in acknowledged)
    told_twice = len(acknowledged) - len({event_id for _, _, event_id, _ in acknowledged})
    counts: dict[str, int] = {}
    for fields in (
        Event.objects.filter(kind="organisation.changed").values_list("fields", flat=True).iterator()
    ):
        counts[fields["subject_organisation"]] = counts.get(fields["subject_organisation"], 0) + 1
    unequal = sum(
        counts.get(str(place.id), 0) != count_in(place.name)
        for place in Organisation.objects.exclude(ods_code=None)
    )
    report = verify_live()
    left = Pending.objects.count()
    return {
        "acknowledged": len(acknowledged),
        "events": Event.objects.count(),
        "acknowledged_without_their_event": lost,
        "acknowledged_twice": told_twice,
        "organisations_whose_row_and_events_differ": unequal,
        "waiting_when_all_had_ended": waited,
        "unsequenced": left,
        "verifies": report.ok,
        "problems": [problem.what for problem in report.problems[:5]],
        "sound": not (lost or told_twice or unequal or left) and report.ok,
    }


PARTS = {"prepare": prepare, "check": check}

if __name__ == "__main__":
    main()
