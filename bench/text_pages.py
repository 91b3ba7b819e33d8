"""How quick staff pages are while models read 100,000 comments on the same processors.

    python bench/text_pages.py [--comments 100000] [--database sqlite] [--rate 2] [--processes 2] [--seed 1]

The website is begun as `joinedup serve` begins it, in production mode, over a fresh folder: its database, its job
worker, and the reading of comments in a process of its own. 100,000 comments lie there unread (made of sentences of
real NHS feedback, as bench/text_speed.py makes them, masked beforehand), of one service with a codebook of eight tags
and four teams; another analysis of the service has twelve themes over all of them. While they are read (language is
known; sentiment, second look for danger, tags, teams, all of it kept with its events) one after another of the pages
is asked for, at random moments, so many a second, whatever the answers take; a page's time counts from when it was
due. Every page is asked for once before, since the first answer of a process reads templates. Ends with one JSON
line; `met`: 95 of 100 answers within 300 ms, every answer a page, and every comment read.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from form_post import running
from processes import BENCH, load

sys.path.insert(0, str(BENCH.parent / "tests"))
from support.capability import postgres_programs
from support.postgres import running_postgres

LIMIT_MS, ASKERS = 300, 8
LONGEST_SECONDS = 3_600.0
TAGS = (
    "Waiting times",
    "Staff",
    "Food",
    "Communication",
    "Parking",
    "Cleanliness",
    "Appointments",
    "Discharge",
)
TEAMS = ("Wards", "Outpatients", "Estates", "Patient experience")
THEMES = 12


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--database", default="sqlite", choices=["sqlite", "postgres"])
    parser.add_argument("--rate", type=float, default=2.0, help="pages a second")
    parser.add_argument("--processes", type=int, default=2, help="of the website, that answer")
    parser.add_argument("--seconds", type=float, default=LONGEST_SECONDS, help="to stop after, read or not")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](json.load(sys.stdin))))
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="text-pages-")))
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("JOINEDUP_")},
            "JOINEDUP_DIR": str(folder),
            "JOINEDUP_MODE": "production",
            "DJANGO_SETTINGS_MODULE": "joinedup_web.config.settings",
        }
        if "JOINEDUP_SHARED" in os.environ:
            environment["JOINEDUP_SHARED"] = os.environ["JOINEDUP_SHARED"]
        environment.pop("DATABASE_URL", None)
        if options.database == "postgres":
            programs = postgres_programs()
            if programs is None:
                sys.exit("PostgreSQL's programs are not on this machine; leave --database postgres out")
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="text-pages-postgres-")))
            environment["DATABASE_URL"] = stack.enter_context(
                running_postgres(programs, data, durable=True)
            ).replace("postgresql://", "postgres://")
        made = part("fill", environment, {"comments": options.comments, "seed": options.seed})
        busy_before = load()
        with running(folder, environment, processes=options.processes) as site:
            found = ask(site.port, made, options, environment)
        left = part("left", environment, {})
    every = sorted(ms for times in found["times"].values() for ms in times)
    print(
        json.dumps(
            {
                "claim": "staff pages while models read comments",
                "value_ms": round(percentile(every, 95), 1),
                "target_ms": LIMIT_MS,
                "met": percentile(every, 95) < LIMIT_MS
                and not found["failed"]
                and not left["unread"]
                and options.comments >= 100_000,
                "database": options.database,
                "comments": options.comments,
                "unread_at_end": left["unread"],
                "seconds": found["seconds"],
                "pages": len(every),
                "failed": found["failed"],
                "median_ms": round(statistics.median(every), 1),
                "p95_ms_by_page": {
                    name: round(percentile(sorted(times), 95), 1) for name, times in found["times"].items()
                },
                "rate": options.rate,
                "processes": options.processes,
                "uses_of_models": left["uses"],
                "load": [busy_before, load()],
                "processors": os.cpu_count(),
                "python": platform.python_version(),
            }
        )
    )


def part(name: str, environment: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Run a part of this file in a process of its own, within the site's settings."""
    command = [sys.executable, __file__, "--part", name]
    done = subprocess.run(command, env=environment, input=json.dumps(given), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def ask(
    port: int, made: dict[str, Any], options: argparse.Namespace, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Ask for pages until all comments are read. times: milliseconds by page, from when each was due."""
    pages: dict[str, str] = made["pages"]
    cookie = f"joinedup_staff={made['cookie']}"
    times: dict[str, list[float]] = {name: [] for name in pages}
    failed: list[str] = []
    due: queue.Queue[tuple[str, float] | None] = queue.Queue()

    def answer(name: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", pages[name], headers={"Cookie": cookie})
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def asker() -> None:
        while (job := due.get()) is not None:
            name, moment = job
            status = answer(name)
            times[name].append((time.perf_counter() - moment) * 1000)
            if status != 200:
                failed.append(f"{name} {status}")

    for name in list(pages) * (2 * options.processes):
        if answer(name) != 200:
            sys.exit(f"{name} answers {answer(name)}")
    askers = [threading.Thread(target=asker, daemon=True) for _ in range(ASKERS)]
    for each in askers:
        each.start()
    draw = random.Random(options.seed)
    began = moment = time.perf_counter()
    looked, unread = began, 1
    names = list(pages)
    while unread and time.perf_counter() - began < options.seconds:
        moment += draw.expovariate(options.rate)
        time.sleep(max(0.0, moment - time.perf_counter()))
        due.put((draw.choice(names), moment))
        if time.perf_counter() - looked > 30:
            unread = part("left", environment, {})["unread"]
            looked = time.perf_counter()
            print(f"{looked - began:6.0f} s: {unread:,} unread", flush=True)
    for _ in askers:
        due.put(None)
    for each in askers:
        each.join(timeout=60)
    return {"times": times, "failed": failed, "seconds": round(time.perf_counter() - began, 1)}


def percentile(ordered: list[float], share: int) -> float:
    """The value below which so many of 100 lie."""
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else float("nan")


def fill(given: dict[str, Any]) -> dict[str, Any]:
    """The tables, somebody signed in, a service with unread comments, a codebook, teams, and an analysis."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from joinedup_web.casework.models import Team
    from joinedup_web.feedback.models import Analysis, JobState, Tag, Theme, ThemeAssignment
    from support.comments_read import commented
    from support.feedback_forms import service, version
    from support.web_people import organisation, sign_in, staff
    from text_speed import comments

    call_command("migrate", verbosity=0)
    place = organisation()
    client = Client()
    sign_in(client, staff("service_manager", "analyst", where=place), where=place)
    of = version()
    for name in TAGS:
        Tag.objects.create(service=service(), name=name, description=name)
    for name in TEAMS:
        Team.objects.create(organisation=place, name=name, purpose=name)
    texts = comments(given["comments"], given["seed"])
    batches = [texts[at : at + 500] for at in range(0, len(texts), 500)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        masked = list(pool.map(_masked, batches))
    today = timezone.localdate()
    analysis = Analysis.objects.create(
        service=service(),
        question="improve",
        first_day=today,
        last_day=today,
        method="clusters",
        state=JobState.DONE,
        counts={"comments": len(texts), "used": len(texts), "languages": {}},
        variance={"agreement": 0.8, "runs": 3},
    )
    themes = [
        Theme.objects.create(
            analysis=analysis, number=number, title=f"Theme {number}", drafted={"title": "x"}
        )
        for number in range(1, THEMES + 1)
    ]
    for number, batch in enumerate(masked):
        made = commented(of, batch)
        theme = themes[number % THEMES]
        ThemeAssignment.objects.bulk_create(
            [ThemeAssignment(comment=each, theme=theme, made_by="1", stance="for") for each in made]
        )
        if not theme.quotes:
            theme.quotes = [str(each.id) for each in made[:3]]
            theme.save()
    things = {"service_id": service().id}
    pages = {
        "responses": reverse("feedback:responses", kwargs=things),
        "understand": reverse("feedback:understand", kwargs=things),
        "tagging": reverse("feedback:tagging", kwargs=things),
        "analysis": reverse("feedback:analysis", kwargs={"analysis_id": analysis.id}),
        "theme": reverse("feedback:theme", kwargs={"theme_id": themes[0].id}),
        "dashboard": reverse("feedback:dashboard", kwargs=things),
    }
    return {"pages": pages, "cookie": client.cookies["joinedup_staff"].value}


def _masked(texts: list[str]) -> list[str]:
    from joinedup.text import mask_text

    return [mask_text(text).text for text in texts]


def left(given: dict[str, Any]) -> dict[str, Any]:
    """How many comments are unread, and how many uses of models were kept."""
    import django

    django.setup()
    from joinedup_web.feedback.models import Comment
    from joinedup_web.text.models import ModelUse

    return {"unread": Comment.objects.filter(read_at=None).count(), "uses": ModelUse.objects.count()}


PARTS = {"fill": fill, "left": left}

if __name__ == "__main__":
    main()
