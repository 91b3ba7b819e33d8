"""Whether somebody is known, asked over HTTP: how many a second, how long each takes, and what a worker costs.

    python bench/index_http.py [--records 1000000] [--processes 2] [--rate 500] [--seconds 20]

The website is begun as `joinedup serve` begins it, in production mode, over a fresh folder on this machine: its own
SQLite database, its job worker with the audit sequencer, and a person index of the generated county. A machine client
gets a token from the token endpoint and asks `POST /api/v1/projects/{id}/match` for other people each time (copies of
records, records with mistakes, people of another county; see index_queries.py). Each question passes the gate and is
durable in the audit record before its answer. Load and website share the cores: first at a fixed rate, with the
latency counted from when each request was due; then as fast as the answers come. Checked in the same run: for a
sample, the people and weights are the batch engine's; each answer has its event and each event its answer; the audit
record verifies; and a client that was withdrawn is refused at its next request on every connection. Then the website
is begun with one and with more processes, asked, and its proportional memory (PSS) read. The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from county_data import county
from index_match import built
from index_queries import Query, by_the_batch_engine, index_frame, percentiles, queries
from joinedup.linkage.explain import match_probability
from joinedup.linkage.index import Ledger, ledger_path
from processes import BENCH, load

sys.path.insert(0, str(BENCH.parent / "tests"))

RATE, P99_MS, MOST_MEMORY = 500, 50.0, 0.10
LEAST_PROBABILITY, MOST_PEOPLE, MOST_RECORDS = 0.05, 10, 50
WARM, BEFORE_WEIGHING = 1_000, 5_000
"""Questions that are asked before what is measured."""
START_SECONDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2, help="of the website, that answer")
    parser.add_argument("--rate", type=float, default=RATE, help="questions a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each of the two loads")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--check", type=int, default=500, help="answers held against the batch engine")
    parser.add_argument("--memory", type=int, nargs="*", default=[1, 2], help="numbers of processes to weigh")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="zero", help=argparse.SUPPRESS)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](json.load(sys.stdin))))
        return
    busy = load()
    table = county(records=options.records, seed=options.seed).inputs[0]
    index = built(options, table)
    frame, _ = index_frame(index)
    count = WARM + int(options.seconds * (options.rate * 1.2 + 2_000))
    asked = distinct(queries(frame, table, count=count, seed=options.seed))
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        place = Path(name)
        folder = place / "site"
        told = part("prepare", folder, {"index": str(index)})
        found = under_load(options, folder, told, asked, place)
        sample = asked[WARM : WARM + options.check]
        found["same_as_batch"] = same_answers(index, sample, found.pop("answers"), place)
        memory = {
            n: weighed(folder, told, asked[:BEFORE_WEIGHING], place, processes=n) for n in options.memory
        }
    second = more_memory(memory)
    for processes, figures in memory.items():
        print(f"{processes} processes: {figures}")
    steady, checked = found["steady"], found["same_as_batch"]
    met = (
        steady["per_second"] >= 0.98 * min(options.rate, RATE)
        and steady["p99"] < P99_MS
        and found["fastest"]["per_second"] >= RATE
        and found["audit"]["sound"]
        and checked["differ"] == 0
        and (second is None or second < MOST_MEMORY)
    )
    print(
        json.dumps(
            {
                "claim": "one person against an index over HTTP, with permission and durable audit",
                "value": found["fastest"]["per_second"],
                "target": {"per_second": RATE, "p99_ms": P99_MS, "second_worker": MOST_MEMORY},
                "met": met,
                **found,
                "memory_mib": memory,
                "second_worker": second,
                "data": {"records": options.records, "processes": options.processes, "rate": options.rate}
                | {"connections": options.connections, "seconds": options.seconds},
                "load": [busy, load()],
                "cores": os.cpu_count(),
                "seed": options.seed,
                "versions": {"python": platform.python_version()}
                | {n: version(n) for n in ("joinedup", "django", "granian", "numpy", "pyarrow")},
            }
        )
    )


def distinct(asked: Sequence[Query]) -> list[Query]:
    """Each set of details once, without those that say nothing."""
    once = {json.dumps(dict(query.details), sort_keys=True): query for query in asked}
    return [query for query in once.values() if any(query.details.values())]


@dataclass(frozen=True)
class Site:
    """A running website. process: `joinedup serve` itself."""

    process: subprocess.Popen[bytes]
    port: int

    def answering(self) -> list[int]:
        """The process numbers of the website: the one that was begun, and its workers, without the job worker's."""
        pids = _children(self.process.pid)
        job_workers = [
            pid for pid in pids if b"operations.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        return [self.process.pid, *(pid for pid in pids if pid not in job_workers)]

    def cpu_seconds(self) -> tuple[list[float], float]:
        """What each worker of the website has used, and the job worker, which places events in the audit record."""
        own = self.answering()
        others = [pid for pid in _children(self.process.pid) if pid not in own]
        return [_cpu(pid) for pid in own[1:]], sum(map(_cpu, others))


def _children(pid: int) -> list[int]:
    listed: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        listed += [int(child) for child in (task / "children").read_text().split()]
    return listed


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment(folder: Path, port: int = 1) -> dict[str, str]:
    """A production site's, cut loose from the caller's settings."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("JOINEDUP_") and n != "DATABASE_URL"}
    return kept | {
        "JOINEDUP_DIR": str(folder),
        "JOINEDUP_MODE": "production",
        "JOINEDUP_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
    }


def part(name: str, folder: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """Run a part of this file in a process whose Django is set up for the site."""
    command = [sys.executable, __file__, "--part", name]
    done = subprocess.run(
        command, env=environment(folder), input=json.dumps(given), capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def running(folder: Path, *, processes: int) -> Iterator[Site]:
    """The website, answering; its processes do not outlive the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program = Path(sys.executable).with_name("joinedup")
    command = [str(program), "serve", "--dir", str(folder), "--port", str(port)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--processes", str(processes)], env=environment(folder, port), stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit(f"the website did not start:\n{(folder / 'serve.log').read_text()[-4000:]}")
        yield Site(process, port)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def token(site: Site, told: Mapping[str, Any]) -> str:
    """An access token, as the client's system gets it."""
    form = {"grant_type": "client_credentials", "client_id": told["client"], "client_secret": told["secret"]}
    octets = urllib.parse.urlencode(form | {"scope": "people.match"}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/api/token", octets, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


Answers = dict[int, tuple[float, int, bytes]]


class Asker:
    """Asks the website by way of http_load.py, each person once."""

    def __init__(
        self, site: Site, told: Mapping[str, Any], place: Path, *, connections: int, seed: int
    ) -> None:
        self.site, self.place, self.connections, self.seed = site, place, connections, seed
        self.head = place / "head"
        self.head.write_text(
            f"POST /api/v1/projects/{told['project']}/match HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
            f"Authorization: Bearer {token(site, told)}\r\nAccept: application/json\r\n"
            "Content-Type: application/json\r\n"
        )

    def ask(self, asked: Sequence[Query], *, rate: float, seconds: float) -> tuple[Answers, dict[str, Any]]:
        """Answers by the query's place: seconds, status, body. And what the load was, and what it cost."""
        bodies = [
            json.dumps(
                {
                    "purpose": "casework",
                    "reference": f"BENCH-{number}",
                    "details": {name: text for name, text in query.details.items() if text},
                    "most": MOST_PEOPLE,
                    "least_probability": LEAST_PROBABILITY,
                }
            )
            for number, query in enumerate(asked)
        ]
        listed, out = self.place / "requests", self.place / "answers"
        listed.write_text("\n".join(bodies) + "\n")
        command = [sys.executable, str(BENCH / "http_load.py"), str(listed), "--port", str(self.site.port)]
        command += ["--head", str(self.head), "--rate", str(rate), "--connections", str(self.connections)]
        command += ["--seconds", str(seconds), "--seed", str(self.seed), "--out", str(out)]
        before = self.site.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True)
        after = self.site.cpu_seconds()
        if done.returncode != 0:
            sys.exit(f"the load failed:\n{done.stderr[-4000:]}")
        load_told = json.loads(done.stdout.splitlines()[-1])
        answers: Answers = {}
        for line in out.read_bytes().splitlines():
            number, taken, status, body = line.split(b" ", 3)
            answers[int(number)] = float(taken), int(status), body
        statuses = Counter(status for _, status, _ in answers.values())
        if unknown := statuses.keys() - {200, 400}:
            sys.exit(
                f"the website answered {unknown}: {next(a for a in answers.values() if a[1] in unknown)}"
            )
        good = [taken for taken, status, _ in answers.values() if status == 200]
        wall = load_told["seconds"]
        cores = [(late - early) / wall for early, late in zip(before[0], after[0], strict=True)]
        told = {
            "per_second": round(len(good) / wall, 1),
            **percentiles(good),
            "longest": round(1000 * max(good), 1),
            "answers": len(good),
            "too_few_details": statuses[400],
            "cores_website": [round(each, 2) for each in cores],
            "cores_audit_sequencer": round((after[1] - before[1]) / wall, 2),
            "cores_load": round(load_told["cpu_seconds"] / wall, 2),
            "cpu_ms_a_question": round(1000 * sum(cores) * wall / len(answers), 3),
        }
        return answers, told


def under_load(
    options: argparse.Namespace, folder: Path, told: dict[str, Any], asked: list[Query], place: Path
) -> dict[str, Any]:
    """Both loads, and what the audit record holds of them. answers: of the first of the two."""
    with running(folder, processes=options.processes) as site:
        asker = Asker(site, told, place, connections=options.connections, seed=options.seed)
        warm, _ = asker.ask(asked[:WARM], rate=0, seconds=60)
        left = asked[WARM:]
        steady, steady_told = asker.ask(left, rate=options.rate, seconds=options.seconds)
        print(f"at {options.rate:g} a second: {steady_told}", flush=True)
        left = left[len(steady) :]
        fastest, fastest_told = asker.ask(left, rate=0, seconds=options.seconds)
        print(f"as fast as it answers: {fastest_told}", flush=True)
        if len(fastest) == len(left):
            print("every person was asked for before the time was over")
        part("withdraw", folder, told)
        refused = [refused_with(site.port, asker.head.read_bytes()) for _ in range(options.connections)]
    answers = [each for some in (warm, steady, fastest) for each in some.values() if each[1] == 200]
    found = Counter(len(json.loads(body)["matches"]) for _, _, body in answers)
    audit = part("check", folder, {})
    audit["answers"] = len(answers)
    audit["withdrawn_refused"] = all(status == 401 for status in refused)
    audit["sound"] = bool(
        audit["withdrawn_refused"]
        and audit["verified"]
        and dict(found) == dict(map(tuple, audit.pop("found")))
    )
    print(f"audit record: {audit}", flush=True)
    return {"steady": steady_told, "fastest": fastest_told, "audit": audit, "answers": steady}


def refused_with(port: int, head: bytes) -> int:
    """The status of a question of the client that was withdrawn."""
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    address = f"http://127.0.0.1:{port}{lines[0].split()[1]}"
    body = json.dumps(
        {"purpose": "casework", "reference": "BENCH-1", "details": {"surname": "Smith"}}
    ).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        return problem.code


def same_answers(index: Path, asked: list[Query], answers: Answers, place: Path) -> dict[str, Any]:
    """Of so many questions, how many got other people or weights than the batch engine gives (beyond 1e-9 bits)."""
    place = place / "batch"
    place.mkdir()
    frame, _ = index_frame(index)
    differ = people = compared = 0
    with Ledger.open(ledger_path(index), read_only=True) as ledger:
        for number, wanted in enumerate(by_the_batch_engine(index, asked, place)):
            if number not in answers or answers[number][1] != 200:
                continue
            likely = {
                record: weight
                for record, weight in wanted.items()
                if weight >= frame.keep_weight and match_probability(weight) >= LEAST_PROBABILITY
            }
            if len(likely) > MOST_RECORDS:
                continue  # the API looks at the best of so many, whose ties may be told apart otherwise
            best: dict[str, float] = {}
            for record, weight in likely.items():
                person = ledger.person_of(frame.source_names[0], record) or ""
                best[person] = max(weight, best.get(person, weight))
            told = {m["person"]: m["weight"] for m in json.loads(answers[number][2])["matches"]}
            told = {p: w for p, w in told.items() if w >= frame.keep_weight}
            compared, people = compared + 1, people + len(told)
            same = len(told) == min(len(best), MOST_PEOPLE)
            same = same and all(p in best and abs(best[p] - w) < 1e-9 for p, w in told.items())
            least = min(told.values(), default=0.0)
            same = same and all(p in told or w <= least + 1e-9 for p, w in best.items())
            differ += not same
    return {"questions": compared, "people": people, "differ": differ}


def weighed(
    folder: Path, told: dict[str, Any], asked: list[Query], place: Path, *, processes: int
) -> dict[str, Any]:
    """MiB of the website's processes after questions, all standing: PSS of all, and of each worker's own."""
    told |= part("register", folder, told)
    with running(folder, processes=processes) as site:
        asker = Asker(site, told, place, connections=16 * processes, seed=1)
        asker.ask(asked, rate=0, seconds=60)
        begun, *workers = [_memory(pid) for pid in site.answering()]
        return {
            "pss": round(begun["pss"] + sum(each["pss"] for each in workers), 1),
            "pss_begun": begun["pss"],
            "pss_workers": [each["pss"] for each in workers],
            "private_workers": [each["private"] for each in workers],
            "rss_workers": [each["rss"] for each in workers],
        }


def more_memory(memory: Mapping[int, Mapping[str, Any]]) -> float | None:
    """How much a second worker adds to the whole website's proportional memory, as a share."""
    if 1 not in memory or 2 not in memory:
        return None
    return round(memory[2]["pss"] / memory[1]["pss"] - 1, 4)


def _memory(pid: int) -> dict[str, float]:
    found = {"rss": 0, "pss": 0, "private": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        kind = {"Rss": "rss", "Pss": "pss", "Private_Clean": "private", "Private_Dirty": "private"}.get(name)
        if kind:
            found[kind] += int(rest.split()[0])
    return {name: round(kib / 1024, 1) for name, kib in found.items()}


def prepare(given: dict[str, Any]) -> dict[str, Any]:
    """The tables, an organisation with a project whose person index is there, and a client with a secret."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from joinedup_web.audit.keys import key_store
    from joinedup_web.linkage.models import Project
    from joinedup_web.person_index.files import index_folder
    from joinedup_web.person_index.models import PersonIndex
    from support.web_people import organisation

    key_store()  # made at a site's first start
    project = Project.objects.create(organisation=organisation(), name="Residents", purpose="Bench")
    with Ledger.open(ledger_path(Path(given["index"])), read_only=True) as ledger:
        last = ledger.version()
    assert last is not None
    index = PersonIndex.objects.create(project=project, version=last.number, changed_at=timezone.now())
    index_folder(index).parent.mkdir(parents=True)
    shutil.copytree(given["index"], index_folder(index))
    return {"project": str(project.id), **register({})}


def register(given: dict[str, Any]) -> dict[str, Any]:
    """A machine client that may ask whether people are known."""
    import django

    django.setup()
    from joinedup_web.identity.actions.clients import register_client
    from joinedup_web.identity.models import MachineClient, ProofKind
    from support.web_people import acting, staff

    administrator = acting(staff("organisation_administrator"))
    made = register_client(
        by=administrator,
        name=f"Housing {MachineClient.objects.count() + 1}",
        scopes=["people.match"],
        proves_by=ProofKind.SECRET,
    )
    return {"client": str(made.client.id), "secret": made.secret}


def withdraw(given: dict[str, Any]) -> dict[str, Any]:
    """The client is taken out of use."""
    import django

    django.setup()
    from joinedup_web.identity.actions.clients import withdraw_client
    from joinedup_web.identity.models import MachineClient
    from support.web_people import acting, staff

    client = MachineClient.objects.get(id=given["client"])
    withdraw_client(by=acting(staff("organisation_administrator")), client=client)
    return {}


def check(given: dict[str, Any]) -> dict[str, Any]:
    """How many questions are in the audit record, how many people each found, and whether the record verifies."""
    import django

    django.setup()
    from joinedup_web.audit import checkpoints, sequencer
    from joinedup_web.audit.live import verify_live
    from joinedup_web.audit.models import Event

    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    sequencer.sequence_all()
    fields = Event.objects.filter(kind="record.matched").values_list("fields", flat=True)
    found = Counter(each["found"] for each in fields.iterator())
    report = verify_live()
    return {"events": sum(found.values()), "found": list(found.items()), "verified": report.ok}


PARTS = {"prepare": prepare, "register": register, "withdraw": withdraw, "check": check}


if __name__ == "__main__":
    main()
