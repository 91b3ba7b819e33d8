"""Two small sources that write everything differently, linked once, and taken into a project of the website.

Every surname ends in MARK, so that a page, an address or a log line that holds a person's data shows it.
"""

from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path

from joinedup import linkage
from joinedup.quality import profile, write_quality
from joinedup.sources import read
from joinedup_web.gate.actor import Actor
from joinedup_web.linkage import actions
from joinedup_web.linkage.models import Project, Run
from joinedup_web.linkage.take_in import take_in_run
from support.web_people import acting, organisation, staff

MARK = "zqxvwk"
FIRST = ("Mary", "John", "Ann", "Peter", "Susan", "Omar", "Grace", "Zofia", "Ivan", "Noor", "Sean", "Carys")
LAST = tuple(
    f"{name}{MARK}"
    for name in (
        "Smith",
        "Jones",
        "Khan",
        "Patel",
        "Brown",
        "Evans",
        "Nowak",
        "Hughes",
        "Walker",
        "Green",
        "Hall",
    )
)
TOWNS = ("LS1 4", "LS2 9", "M1 1", "M2 5", "BD7 1", "YO1 7", "HX1 2", "S10 2")
KNOWN = ("Ethel", f"Quill{MARK}", date(1931, 7, 9), "07700900123")
"""In both sources, and so one person with two records."""


def make_work(place: Path, *, people: int = 260, seed: int = 3) -> Path:
    """Write two sources, their quality, a spec and the results of linking; the folder comes back."""
    draw = random.Random(seed)
    council, surgery = [], []
    for number in range(people):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        born = date(draw.randint(1940, 2004), draw.randint(1, 12), draw.randint(1, 28))
        postcode = f"{draw.choice(TOWNS)}{draw.choice('ABDEFG')}{draw.choice('LNPQRS')}"
        phone = f"07700{draw.randint(900000, 900999)}"
        if number == 0:
            first, last, born, phone = KNOWN
        council.append(
            [f"C{number:05d}", f"{last.upper()}, {first}", f"{born:%d/%m/%Y}", postcode.lower(), phone]
        )
        if number % 2 == 0:
            slip = draw.random()
            if number and slip < 0.3:
                last = f"{last[0]}{last[2:]}"
            elif number and slip < 0.5:
                born = born.replace(day=1 + born.day % 28)
            elif number and slip < 0.6:
                postcode, first = "", draw.choice(FIRST)
            spaced = f"{phone[:5]} {phone[5:]}" if slip < 0.7 or not number else ""
            told = born.isoformat()
            if number and slip > 0.85:  # known by name and postcode alone
                told = ""
            surgery.append([f"G{number:05d}", last, first, told, postcode, spaced])
    names = ["Account Ref", "Liable Party", "Date of Birth", "Postcode", "Contact Tel"]
    _write(place / "council.csv", names, council)
    names = ["patient_id", "family_name", "given_name", "birth_date", "post_code", "mobile"]
    _write(place / "surgery.csv", names, surgery)
    (place / "spec.toml").write_text(
        'kind = "link_and_dedupe"\n'
        '[[sources]]\npath = "council.csv"\nname = "council"\nid = "Account Ref"\n'
        '[[sources]]\npath = "surgery.csv"\nname = "surgery"\nid = "patient_id"\n'
    )
    for name in ("council", "surgery"):
        result = profile(read(place / f"{name}.csv"), on=date(2026, 3, 31))
        write_quality(result, place / "quality" / name, version="test")
    spec = linkage.load_spec(place / "spec.toml")
    linkage.link(spec, place / "linked")
    linkage.write_person_index(place / "linked", linkage.load_spec(place / "linked" / "spec.toml"))
    return place


def take_in(
    work: Path, *, where: str = "Northshire Council", name: str = "Residents"
) -> tuple[Project, Run, Actor]:
    """A project of an organisation with the finished run in it; and the analyst who brought it."""
    place = organisation(where)
    analyst = acting(staff("analyst", where=place), place)
    project = actions.create_project(by=analyst, name=name, purpose="Find who is known to both")
    run = take_in_run(
        by=analyst,
        project=project,
        spec_file=work / "spec.toml",
        directory=work / "linked",
        quality=work / "quality",
    )
    return project, run, analyst


def _write(path: Path, names: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(names)
        out.writerows(rows)


def live_project(work: str) -> dict[str, object]:
    """Fill a live site with the project, two clerks, a senior, an analyst and a caseworker; return their cookies."""
    from support.live_data import sign_in_as

    place = Path(work)
    place.mkdir(parents=True, exist_ok=True)
    project, _, _ = take_in(make_work(place))
    roles = {"one": "clerk", "other": "clerk", "senior": "senior_clerk", "caseworker": "caseworker"}
    roles["analyst"] = "analyst"
    cookies = {name: sign_in_as([role])["cookie"] for name, role in roles.items()}
    return {"project": str(project.id), **cookies}
