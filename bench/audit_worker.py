"""One process of the audit bench: clients that do deeds through the gate, and the sequencer's thread beside them.

A deed changes an organisation's name, as its administrator: the gate decides, the row changes, the event is
recorded, and the answer comes when both are on the disk. Each client then appends the receipt to a file before
its next deed; what is in that file when the process is killed was acknowledged.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import threading
import time
from pathlib import Path
from uuid import UUID


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, required=True, help="the first client's organisation")
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--acknowledged", type=Path, required=True)
    options = parser.parse_args()
    import django

    django.setup()
    from joinedup_web.audit import committer, sequencer

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sequencing = sequencer.start(stop)
    file = os.open(options.acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    together = threading.Barrier(options.clients)
    numbers = range(options.first, options.first + options.clients)
    clients = [Client(number, file, together) for number in numbers]
    print("ready", flush=True)
    until = time.monotonic() + options.seconds
    threads = [threading.Thread(target=client.work, args=(until, stop)) for client in clients]
    started, cpu = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    longest = watch_waiting(threads)
    seconds = time.monotonic() - started
    took = sorted(one for client in clients for one in client.took)
    print(
        json.dumps(
            {
                "deeds": len(took),
                "seconds": seconds,
                "cpu": time.process_time() - cpu,
                "median_ms": statistics.median(took) * 1000,
                "p95_ms": took[int(len(took) * 0.95)] * 1000,
                "longest_ms": took[-1] * 1000,
                "longest_waiting_seconds": longest,
            }
        ),
        flush=True,
    )
    committer.stop()
    stop.set()
    sequencing.join()


class Client:
    """One client, of an organisation of its own, which counts in its name."""

    def __init__(self, number: int, file: int, together: threading.Barrier) -> None:
        from joinedup_web.accounts.models import Organisation, StaffUser
        from joinedup_web.accounts.sessions import actor_of

        self.file, self.together, self.took = file, together, list[float]()
        self.organisation = Organisation.objects.get(ods_code=f"B{number}")
        user = StaffUser.objects.get(email=f"administrator{number}@example.test")
        actor = actor_of(user.id, organisation_id=self.organisation.id)
        assert actor is not None
        self.actor = actor
        self.count = count_in(self.organisation.name)

    def work(self, until: float, stop: threading.Event) -> None:
        """Do deeds, one after another, until the time or the signal."""
        from django.db import connection

        connection.ensure_connection()
        self.together.wait()  # opening connections is no part of a deed
        change = change_name()
        place = self.organisation.id
        while time.monotonic() < until and not stop.is_set():
            self.count += 1
            started = time.perf_counter()
            done = change.with_receipts(by=self.actor, place=place, name=named(place, self.count))
            self.took.append(time.perf_counter() - started)
            (receipt,) = done.receipts
            os.write(self.file, f"{place} {self.count} {receipt.event_id} {receipt.digest}\n".encode())
        connection.close()


def change_name():  # type: ignore[no-untyped-def]  # the action
    """The deed, declared as the website's rooms declare theirs."""
    from joinedup_web.accounts.models import Organisation
    from joinedup_web.audit.deed import Deed, action

    @action("organisation.change")
    def change(deed: Deed, *, place: UUID, name: str) -> None:
        changed = Organisation.objects.filter(id=place).update(name=name)
        assert changed == 1
        deed.record("organisation.changed", subject_organisation=place, part="name")

    return change


def named(place: UUID, count: int) -> str:
    """An organisation's name after so many deeds."""
    return f"Organisation {place} {count}"


def count_in(name: str) -> int:
    """How many deeds a name counts."""
    return int(name.rsplit(" ", 1)[1])


SECONDS_BETWEEN_LOOKS = 0.1


def watch_waiting(threads: list[threading.Thread]) -> float:
    """Return the longest that a committed event waited for its place, in seconds, while the threads live.

    What waits is looked at every 0.1 s, which are added: an event may have been there since the look before.
    """
    from django.db import connection

    from joinedup_web.audit.models import Pending

    longest, seen = 0.0, dict[int, float]()
    while any(thread.is_alive() for thread in threads):
        waiting = set(Pending.objects.values_list("event_id", flat=True))
        now = time.monotonic()
        seen = {number: seen.get(number, now) for number in waiting}
        longest = max([longest, *(now - since + SECONDS_BETWEEN_LOOKS for since in seen.values())])
        time.sleep(SECONDS_BETWEEN_LOOKS)
    connection.close()
    return longest


if __name__ == "__main__":
    main()
