"""How many forms a second the public can send: durable, audited, masked before anything of them is kept.

    python bench/form_post.py [--databases sqlite postgres] [--rate 300] [--seconds 20] [--processes 2] [--kills 6]

The website is begun as `joinedup serve` begins it, in production mode, over a fresh folder: its database, its job
worker with the audit sequencer and the reading of comments. Each post is what a browser sends from the shipped
satisfaction form's page: a field that says how far the person is, sealed by the site, an answer and a comment with an
email address, a National Insurance number and a telephone number in it. The forms are given out beforehand (a program
that sends within three seconds is taken for one). Load and website share the cores: first at a fixed rate, with the
latency counted from when each post was due; then as fast as the answers come. Then processes are killed (SIGKILL)
under load, one that answers or the whole website in turn, while clients send again what got no answer, as people do.
Checked afterwards: every post that was answered with success is there once, with one event and a masked comment; none
is there twice; the audit record verifies; and none of the identifiers stands anywhere in the files of the site (and
of the PostgreSQL server), but sealed. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import http_load
from processes import BENCH, load

sys.path.insert(0, str(BENCH.parent / "tests"))
from support.capability import postgres_programs
from support.postgres import running_postgres

TARGET = 300
WARM, START_SECONDS, CLIENTS = 300, 60, 16
SENTENCES = (
    "The form asked for my address twice and then lost the second page when I went back.",
    "Quick and easy, thank you, but the letter came three weeks after I had been told.",
    "I could not upload the photo from my telephone and nobody answered the helpline.",
    "Please let me renew online instead of sending the same papers every year.",
)
PLANTED = re.compile(rb"person\d+@planted\.example|JK ?\d\d ?\d\d ?\d\d ?B|07700 9\d{5}")
"""What the comments hold, wherever it is looked for."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", nargs="+", default=["sqlite"], choices=["sqlite", "postgres"])
    parser.add_argument("--rate", type=float, default=TARGET, help="posts a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each of the two loads")
    parser.add_argument("--processes", type=int, default=2, help="of the website, that answer")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](json.load(sys.stdin))))
        return
    found = {name: measure_on(name, options) for name in options.databases}
    print(
        json.dumps(
            {
                "claim": "forms of the public a second, durable, audited and masked; none lost by SIGKILL",
                "value": min(each["fastest"]["per_second"] for each in found.values()),
                "target": TARGET,
                "met": all(each["met"] for each in found.values()),
                "databases": found,
                "data": {"rate": options.rate, "seconds": options.seconds, "processes": options.processes}
                | {"connections": options.connections, "kills": options.kills},
                "load": load(),
                "cores": os.cpu_count(),
                "seed": options.seed,
                "versions": {"python": platform.python_version()}
                | {name: version(name) for name in ("joinedup", "django", "granian", "psycopg")},
            }
        )
    )


def measure_on(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure on one database, in a folder of its own."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joinedup-bench-")))
        folder, searched = place / "site", [place / "site"]
        folder.mkdir()
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("JOINEDUP_")},
            "JOINEDUP_DIR": str(folder),
            "JOINEDUP_MODE": "production",
            "JOINEDUP_PROXIES": "1",  # so that each post may say from where it came, as behind a proxy
            "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
        }
        environment.pop("DATABASE_URL", None)
        if name == "postgres":
            programs = postgres_programs()
            if programs is None:
                sys.exit(
                    "PostgreSQL's programs are not on this machine; leave it out with --databases sqlite"
                )
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joinedup-postgres-")))
            searched.append(data)
            environment["DATABASE_URL"] = stack.enter_context(
                running_postgres(programs, data, durable=True)
            ).replace("postgresql://", "postgres://")
        count = WARM + int(options.seconds * (options.rate * 1.2 + 900)) + 1500 * options.kills
        given_out = part("prepare", environment, {"count": count})
        posts = [body_of(number, state) for number, state in enumerate(given_out["states"])]
        path = str(given_out["path"])
        done: set[str] = set()
        with running(folder, environment, processes=options.processes) as site:
            sender = Sender(site, path, posts, given_out["submissions"], options, environment)
            sender.send(rate=0, seconds=60, most=WARM)
            steady = sender.send(rate=options.rate, seconds=options.seconds)
            print(f"{name} at {options.rate:g} a second: {steady}", flush=True)
            fastest = sender.send(rate=0, seconds=options.seconds)
            print(f"{name} as fast as it answers: {fastest}", flush=True)
            done |= sender.answered
        left = list(zip(posts[sender.next :], given_out["submissions"][sender.next :], strict=True))
        killed = kill_again_and_again(folder, environment, path, left, options)
        done |= killed.pop("answered")
        checked = part("check", environment, {"answered": sorted(done)})
        checked["identifiers_in_files"] = sum(planted_in(each) for each in searched)
        print(f"{name}: {killed} {checked}", flush=True)
        met = (
            steady["per_second"] >= 0.98 * min(options.rate, TARGET)
            and fastest["per_second"] >= TARGET
            and checked["sound"]
            and checked["identifiers_in_files"] == 0
            and killed["kills"] == options.kills
        )
        return {"steady": steady, "fastest": fastest, **killed, **checked, "met": met}


def part(name: str, environment: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Run a part of this file in a process of its own."""
    command = [sys.executable, __file__, "--part", name]
    done = subprocess.run(command, env=environment, input=json.dumps(given), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def body_of(number: int, state: str) -> str:
    """What a browser sends."""
    told = f"{SENTENCES[number % len(SENTENCES)]} Write to person{number}@planted.example"
    told += f", my number is JK {number // 10_000 % 100:02} {number // 100 % 100:02} {number % 100:02} B"
    told += f" and my telephone is 07700 9{number % 100_000:05}."
    fields = {"state": state, "q-satisfaction": str(1 + number % 5), "q-improve": told, "q-may_quote": "no"}
    return urllib.parse.urlencode({**fields, "website": "", "preferred_time": "", "do": "continue"})


def head_of(path: str, number: int, body: str) -> str:
    """The request before its body. Each comes from another address."""
    address = f"10.{number // 65_025 % 255}.{number // 255 % 255}.{number % 255}"
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )


@dataclass(frozen=True)
class Site:
    """A running website. process: `joinedup serve` itself."""

    process: subprocess.Popen[bytes]
    port: int

    def children(self) -> tuple[list[int], list[int]]:
        """The processes that answer, and the job worker's."""
        pids: list[int] = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            pids += [int(child) for child in (task / "children").read_text().split()]
        others = [pid for pid in pids if b"operations.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        return [pid for pid in pids if pid not in others], others

    def cpu_seconds(self) -> tuple[float, float]:
        """What the processes that answer have used, and the job worker."""
        answering, others = self.children()
        return sum(map(_cpu, answering)), sum(map(_cpu, others))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(folder: Path, environment: Mapping[str, str], *, processes: int) -> Iterator[Site]:
    """The website, answering; its processes do not outlive the block."""
    site = begin(folder, environment, processes=processes)
    try:
        yield site
    finally:
        site.process.send_signal(signal.SIGINT)
        try:
            site.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            kill_whole(site)


def begin(folder: Path, environment: Mapping[str, str], *, processes: int, port: int = 0) -> Site:
    """Begin the website and return once it answers. port: 0 for a free one."""
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
    command = [str(Path(sys.executable).with_name("joinedup")), "serve", "--dir", str(folder)]
    command += ["--port", str(port), "--processes", str(processes)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env={**environment, "JOINEDUP_URL": f"http://127.0.0.1:{port}"},
            stdout=log,
            stderr=log,
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
            return Site(process, port)
        except OSError:
            time.sleep(0.1)
    process.kill()
    sys.exit(f"the website did not start:\n{(folder / 'serve.log').read_text()[-4000:]}")


def kill_whole(site: Site) -> None:
    """SIGKILL for the website and everything it began."""
    answering, others = site.children()
    for pid in (site.process.pid, *answering, *others):
        os.kill(pid, signal.SIGKILL)
    site.process.wait()


class Sender:
    """Sends posts, each once, and remembers which were answered with success."""

    def __init__(
        self,
        site: Site,
        path: str,
        posts: list[str],
        submissions: list[str],
        options: argparse.Namespace,
        environment: Mapping[str, str],
    ) -> None:
        self.site, self.path, self.posts, self.submissions = site, path, posts, submissions
        self.options, self.environment = options, environment
        self.next, self.answered = 0, set[str]()

    def send(self, *, rate: float, seconds: float, most: int | None = None) -> dict[str, Any]:
        """Send for some seconds; return the rate, and latencies in ms."""
        end = len(self.posts) if most is None else self.next + most
        if most is None and rate == 0:
            end = len(self.posts) - 1500 * self.options.kills  # those are for the killing
        given = {
            "posts": self.posts[self.next : end],
            "first": self.next,
            "path": self.path,
            "port": self.site.port,
            "rate": rate,
            "seconds": seconds,
            "connections": self.options.connections,
            "seed": self.options.seed,
        }
        before = self.site.cpu_seconds()
        told = part("load", self.environment, given)
        after = self.site.cpu_seconds()
        good = [number for number, status in told["answers"] if status == 303]
        self.answered |= {self.submissions[self.next + number] for number in good}
        self.next += len(told["answers"])
        wall = told["seconds"]
        return {
            "per_second": round(len(good) / wall, 1),
            **told["latency"],
            "answered": len(good),
            "otherwise": len(told["answers"]) - len(good),
            "cores_website": round((after[0] - before[0]) / wall, 2),
            "cores_worker": round((after[1] - before[1]) / wall, 2),
            "cores_load": round(told["cpu_seconds"] / wall, 2),
            "cpu_ms_a_post": round(1000 * (after[0] - before[0]) / len(told["answers"]), 2),
        }


def send_load(given: dict[str, Any]) -> dict[str, Any]:
    """The load, in a process of its own."""
    ready = [
        (head_of(given["path"], given["first"] + number, body) + body).encode()
        for number, body in enumerate(given["posts"])
    ]
    began, cpu = time.perf_counter(), time.process_time()
    answers = http_load.drive(ready, argparse.Namespace(**given))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    took = sorted(1000 * taken for _, taken, _, _ in answers)
    latency = {
        f"p{share}": round(took[min(int(len(took) * share / 100), len(took) - 1)], 1)
        for share in (50, 95, 99)
    }
    return {
        "answers": [(number, status) for number, _, status, _ in answers],
        "latency": latency | {"longest": round(took[-1], 1)},
        "seconds": seconds,
        "cpu_seconds": cpu,
    }


def kill_again_and_again(
    folder: Path,
    environment: Mapping[str, str],
    path: str,
    left: list[tuple[str, str]],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Kill while clients send; what got no answer is sent again until it gets one."""
    chance, answered, again, stop = random.Random(options.seed), set[str](), [0], threading.Event()
    site = begin(folder, environment, processes=options.processes)
    waiting, lock = iter(enumerate(left)), threading.Lock()

    def client() -> None:
        while not stop.is_set():
            with lock:
                number, (body, submission) = next(waiting, (0, ("", "")))
            if not body:
                return
            while not stop.is_set():
                if post(site.port, path, number, body) == 303:
                    with lock:
                        answered.add(submission)
                    break
                again[0] += 1
                time.sleep(0.1)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    killed = 0
    for turn in range(options.kills):
        time.sleep(chance.uniform(0.8, 2.0))
        if turn % 2:
            kill_whole(site)
            site = begin(folder, environment, processes=options.processes, port=site.port)
        else:
            os.kill(chance.choice(site.children()[0]), signal.SIGKILL)  # the website begins another
        killed += 1
    time.sleep(1.0)
    stop.set()
    for each in clients:
        each.join()
    site.process.send_signal(signal.SIGINT)
    try:
        site.process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        kill_whole(site)
    return {
        "kills": killed,
        "sent_again": again[0],
        "answered_under_kills": len(answered),
        "answered": answered,
    }


def post(port: int, path: str, number: int, body: str) -> int:
    """Send one post; 0 where no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    head = {"X-Forwarded-For": f"10.200.{number // 255 % 255}.{number % 255}"}
    try:
        connection.request("POST", path, body, {**head, "Content-Type": "application/x-www-form-urlencoded"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def planted_in(folder: Path) -> int:
    """In how many places of a folder's files an identifier stands as it was written."""
    return sum(len(PLANTED.findall(file.read_bytes())) for file in folder.rglob("*") if file.is_file())


def prepare(given: dict[str, Any]) -> dict[str, Any]:
    """The tables, a service with the shipped satisfaction form, and forms given out to so many people."""
    import django

    django.setup()
    from django.core.management import call_command

    from joinedup.feedback.templates import templates
    from joinedup_web.accounts.models import Organisation
    from joinedup_web.feedback.models import CollectionPoint, Form, FormVersion, Service
    from joinedup_web.feedback.progress import Progress

    call_command("migrate", verbosity=0)
    place = Organisation.objects.create(name="Northshire Council", kind="council")
    service = Service.objects.create(organisation=place, name="Parking permits", slug="parking-permits")
    form = Form.objects.create(service=service, kind="satisfaction", name="Satisfaction", state="open")
    definition = templates()["satisfaction"].definition.as_dict()
    asked = FormVersion.objects.create(form=form, number=1, definition=definition)
    point = CollectionPoint.objects.create(
        form=form, code="bdfhk2", channel="web", ending="completed", label="The end"
    )
    begun = [
        Progress(form=form.id, point=point.id, version=asked.pk, started=time.time() - 30)
        for _ in range(given["count"])
    ]
    return {
        "path": "/feedback/parking-permits/bdfhk2",
        "states": [each.sealed() for each in begun],
        "submissions": [str(each.submission) for each in begun],
    }


def check(given: dict[str, Any]) -> dict[str, Any]:
    """What stands in the database against what was answered."""
    import django

    django.setup()
    from joinedup_web.audit import checkpoints, sequencer
    from joinedup_web.audit.live import verify_live
    from joinedup_web.audit.models import Event, Pending
    from joinedup_web.feedback.models import Comment, Response

    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    sequencer.sequence_all()
    kept = {str(submission): str(key) for submission, key in Response.objects.values_list("submission", "id")}
    events: dict[str, int] = {}
    for fields in Event.objects.filter(kind="response.received").values_list("fields", flat=True).iterator():
        events[fields["response"]] = events.get(fields["response"], 0) + 1
    texts = list(Comment.objects.values_list("response_id", "text"))
    masked = sum(text.count("[") == 3 and not PLANTED.search(text.encode()) for _, text in texts)
    lost = sum(submission not in kept for submission in given["answered"])
    wrong = sum(events.get(key, 0) != 1 for key in kept.values()) + len(set(events) - set(kept.values()))
    report = verify_live()
    return {
        "answered_with_success": len(given["answered"]),
        "kept": len(kept),
        "answered_but_lost": lost,
        "without_exactly_one_event": wrong,
        "comments": len(texts),
        "comments_masked_three_times": masked,
        "held_back": Response.objects.exclude(held_reason="").count(),
        "unsequenced": Pending.objects.count(),
        "verifies": report.ok,
        "sound": not (lost or wrong) and report.ok and len(texts) == len(kept) == masked,
    }


PARTS = {"prepare": prepare, "check": check, "load": send_load}

if __name__ == "__main__":
    main()
