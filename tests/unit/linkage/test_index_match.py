"""One person's details are matched against a living index: what is found, what is refused, and new versions."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.index.build import build
from joinedup.linkage.index.change import add, remove
from joinedup.linkage.index.compact import compact
from joinedup.linkage.index.match import open_index
from joinedup.linkage.model import model_from_dict
from joinedup.linkage.spec import Decision, FieldSpec, JobKind, Source, Spec
from joinedup.people import FieldKind, reason_words

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HEADER = "id,first_name,surname,date_of_birth,postcode\n"
PEOPLE = """1,Mary Ann,O'Neil,1980-02-03,LS1 4DY
2,MARY,ONeil,1980-02-03,LS1 4DZ
3,Wei,Li,1975-05-06,M1 1AA
4,Li,Wei,1975-05-06,M1 1AA
5,Zoë,Łukasz,1990-01-01,
6,𝒜nn,李,1990-01-02,LS1 4DY
7,Bob,Ng,1960-12-01,SW1A 2AA
"""
MODEL = {
    "prior": 0.01,
    "comparisons": [
        {
            "name": "first name",
            "levels": [
                {"when": "missing(first_name)"},
                {"when": "equal(first_name)", "m": 0.8, "u": 0.02, "term_frequency": "first_name"},
                {"when": "swapped(first_name, surname)", "m": 0.05, "u": 0.001},
                {"when": "nickname(first_name)", "m": 0.05, "u": 0.01},
                {"when": "otherwise", "m": 0.1, "u": 0.969},
            ],
        },
        {
            "name": "surname",
            "levels": [
                {"when": "missing(surname)"},
                {"when": "equal(surname)", "m": 0.9, "u": 0.01, "term_frequency": "surname"},
                {"when": "jaro_winkler(surname) >= 0.9", "m": 0.05, "u": 0.01},
                {"when": "otherwise", "m": 0.05, "u": 0.98},
            ],
        },
        {
            "name": "born",
            "levels": [
                {"when": "missing(date_of_birth)"},
                {"when": "equal(date_of_birth)", "m": 0.9, "u": 0.001},
                {"when": "damerau_levenshtein(date_of_birth) <= 1", "m": 0.08, "u": 0.01},
                {"when": "otherwise", "m": 0.02, "u": 0.989},
            ],
        },
    ],
    "blocking_rules": [["surname"], ["date_of_birth"], ["first_name", "prefix(surname, 2)"]],
}
KINDS = {
    "first_name": FieldKind.FIRST_NAME,
    "surname": FieldKind.SURNAME,
    "date_of_birth": FieldKind.DATE_OF_BIRTH,
    "postcode": FieldKind.POSTCODE,
}


def made(folder: Path, *, kind=JobKind.DEDUPE, files=None) -> Path:
    sources = []
    for name, text in (files or {"people": PEOPLE}).items():
        (folder / f"{name}.csv").write_text(HEADER + text, encoding="utf-8")
        fields = {field: (field,) for field in KINDS}
        sources.append(Source(path=f"{name}.csv", name=name, id="id", fields=fields))
    spec = Spec(
        kind=kind,
        sources=tuple(sources),
        fields={name: FieldSpec(kind=kind) for name, kind in KINDS.items()},
        model=model_from_dict(MODEL),
        decision=Decision(threshold_weight=2.0),
        keep_probability=0.0001,
        folder=folder,
    )
    build(folder / "index", spec, at=START, by="clerk")
    return folder / "index"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    with open_index(made(tmp_path_factory.mktemp("match"))) as opened:
        yield opened


def ids(matches):
    return [match.record_id for match in matches]


def test_a_person_is_found_as_typed_with_steps_that_add_up(index):
    matches = index.match({"first_name": " mary ", "surname": "O’NEIL", "date_of_birth": "03/02/1980"})

    # "03/02/1980" alone could be 2 March too, so it counts as not given.
    assert ids(matches) == ["2", "1"]
    for match in matches:
        assert match.weight == math.fsum(step.bits for step in match.steps)
        assert match.probability == pytest.approx(1 / (1 + 2**-match.weight))
        assert match.person == matches[0].person
        assert match.source == "people"
    assert matches[0].found_by == ("surname", "first_name + prefix(surname, 2)")
    assert [s.found for s in matches[0].steps if s.label == "born"] == ["missing(date_of_birth)"]


def test_a_detail_that_cannot_be_used_is_told(index):
    answer = index.ask({"surname": "Ng", "date_of_birth": "1980-02-31", "first_name": "n/a"})

    assert ids(answer.matches) == ["7"]
    assert list(answer.unused) == ["date_of_birth", "first_name"]
    assert answer.unused["date_of_birth"] == reason_words("impossible_date")


def test_two_letter_names_and_swapped_names_are_found(index):
    straight = index.match({"first_name": "Wei", "surname": "Li", "date_of_birth": "1975-05-06"})
    swapped = index.match({"first_name": "Li", "surname": "Wei", "date_of_birth": "1975-05-06"})

    assert ids(straight) == ["3", "4"]
    assert ids(swapped) == ["4", "3"]
    assert straight[0].weight == pytest.approx(swapped[0].weight)
    assert "swapped" in {s.found.split("(")[0] for s in straight[1].steps}
    assert ids(index.match({"surname": "ng"})) == ["7"]


def test_names_of_any_script_are_found(index):
    assert ids(index.match({"first_name": "zoe", "surname": "ŁUKASZ"})) == ["5"]
    assert ids(index.match({"surname": "李"})) == ["6"]
    assert ids(index.match({"full_name": "Li, Wei", "date_of_birth": "6 May 1975"})) == ["3", "4"]


def test_a_whole_name_of_one_word_is_asked_as_a_first_name_and_as_a_surname(tmp_path):
    one_name = "8,Genevieve,,1970-01-02,\n9,,Genevieve,1970-01-02,\n10,Ann,Genevieve,1931-05-06,\n"
    with open_index(made(tmp_path, files={"people": PEOPLE + one_name})) as index:
        born = {"date_of_birth": "1970-01-02"}
        as_first = index.match({"first_name": "Genevieve", **born})
        as_surname = index.match({"surname": "Genevieve", **born})
        both = index.match({"full_name": "Genevieve", **born})

        best = {match.record_id: match for match in as_first}
        for match in as_surname:
            if match.record_id not in best or match.weight > best[match.record_id].weight:
                best[match.record_id] = match
        assert both == tuple(sorted(best.values(), key=lambda match: (-match.weight, match.record_id)))
        assert {match.record_id for match in both} == {"8", "9", "10"}
        assert next(m for m in both if m.record_id == "8") == as_first[0]
        assert len(index.match({"full_name": "Genevieve", **born}, top=1)) == 1
        # Without a date no rule looks up a first name alone; as a surname it is asked all the same.
        assert ids(index.match({"full_name": "Genevieve"})) == ["9", "10"]
        whole = index.match({"full_name": "Wei Li"})
        assert whole == index.match({"first_name": "Wei", "surname": "Li"})


def test_missing_details_are_no_evidence(index):
    with_nothing = index.match({"surname": "Ng", "first_name": "", "postcode": None})

    assert with_nothing == index.match({"surname": "ng"})


def test_somebody_who_is_not_there_is_not_found(index):
    answer = index.ask({"first_name": "Bob", "surname": "Unheard", "date_of_birth": "1911-01-01"})

    assert (answer.matches, answer.candidates) == ((), 0)


def test_the_best_come_first_and_no_more_than_asked(index):
    details = {"first_name": "mary", "surname": "oneil", "date_of_birth": "1980-02-03"}

    every = index.match(details, least_probability=0)
    assert index.match(details, top=1) == every[:1]
    assert [m.weight for m in every] == sorted((m.weight for m in every), reverse=True)
    sure = index.match(details, least_probability=0.9999)
    assert all(m.probability >= 0.9999 for m in sure)
    assert len(sure) < len(every) or all(m.probability >= 0.9999 for m in every)


def test_values_of_ten_thousand_characters_are_compared_and_longer_ones_refused(index):
    long = index.match({"surname": "o" * 10_000, "date_of_birth": "1980-02-03"})

    assert sorted(ids(long)) == ["1", "2"]
    with pytest.raises(UsageError, match=r"10,001 characters \(surname\): give at most 10,000"):
        index.match({"surname": "o" * 10_001})


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"shoe_size": "9"}, r"no field 'shoe_size' \(details\): use: .*surname"),
        ({}, r"none of the details can be used \(nothing was given\): give some of: .*surname"),
        ({"surname": "", "first_name": None}, r"none of the details can be used \(nothing was given\)"),
        (
            {"surname": "n/a", "date_of_birth": "1980-02-31"},
            r"none of .*surname: .*; date_of_birth: .*: give",
        ),
        ({"first_name": "Mary"}, r"too few to look anybody up by .*: give what one of these needs: surname"),
        ({"surname": 7}, r"a detail is not text \(surname\)"),
        ({"surname": "a\ud800"}, r"half a character \(surname\)"),
    ],
)
def test_details_that_nobody_can_be_looked_up_by_are_refused(index, details, told):
    with pytest.raises(UsageError, match=told) as refused:
        index.match(details)

    assert "1980" not in str(refused.value), "an error tells no detail"


def test_what_cannot_be_asked_is_refused(index, tmp_path):
    with pytest.raises(UsageError, match="top is 0"):
        index.match({"surname": "ng"}, top=0)
    with pytest.raises(UsageError, match="least_probability is 1"):
        index.match({"surname": "ng"}, least_probability=1)
    with pytest.raises(SourceError, match="no source 'elsewhere'"):
        index.match({"surname": "ng"}, source="elsewhere")
    with pytest.raises(SourceError, match="there is no person index"):
        open_index(tmp_path)


def test_a_source_does_not_match_its_own_records_where_the_job_links_across_alone(tmp_path):
    other = "91,Bob,Ng,1960-12-01,SW1A 2AA\n"
    with open_index(made(tmp_path, kind=JobKind.LINK, files={"people": PEOPLE, "other": other})) as index:
        assert sorted(ids(index.match({"surname": "ng"}))) == ["7", "91"]
        assert ids(index.match({"surname": "ng"}, source="people")) == ["91"]
        assert ids(index.match({"surname": "ng"}, source="other")) == ["7"]


def test_a_new_version_is_taken_up_by_itself_and_removed_records_are_gone(tmp_path):
    directory = made(tmp_path)
    day = iter(range(1, 20))

    def at():
        return START + dt.timedelta(days=next(day))

    with open_index(directory) as index:
        before = index.match({"surname": "ng"})
        (tmp_path / "more.csv").write_text(HEADER + "8,Bob,Ng,1960-12-01,\n9,Roberto,Ng,1961-12-01,\n")
        add(directory, tmp_path / "more.csv", "people", at=at(), by="clerk")
        joined = index.match({"surname": "ng", "first_name": "bob", "date_of_birth": "1960-12-01"})
        assert ids(joined)[:2] == ["7", "8"]
        assert joined[0].person == joined[1].person == before[0].person
        assert index.version == 2

        remove(directory, "people", ids=["7"], at=at(), by="clerk", reason="asked")
        assert "7" not in ids(index.match({"surname": "ng"}))
        compact(directory, at=at(), by="clerk")
        assert sorted(ids(index.match({"surname": "ng"}))) == ["8", "9"]


WRITER = """
import datetime as dt, sys
from pathlib import Path
from joinedup.linkage.index.change import add
directory, folder = Path(sys.argv[1]), Path(sys.argv[2])
for number in range(6):
    path = folder / f"extract{number}.csv"
    path.write_text("id,first_name,surname,date_of_birth,postcode\\n" + f"x{number},Bob,Ng,1960-12-01,\\n")
    add(directory, path, "people", at=dt.datetime(2026, 4, 1 + number, tzinfo=dt.UTC), by="writer")
    print("published", flush=True)
"""


def test_reads_go_on_while_another_process_publishes(tmp_path):
    directory = made(tmp_path)
    problems: list[BaseException] = []
    counts: list[list[int]] = [[], []]
    done = threading.Event()
    with open_index(directory) as index:

        def ask(seen):
            try:
                while not done.is_set():
                    answer = index.ask({"surname": "ng", "first_name": "bob"}, top=20)
                    seen.append(len(answer.matches))
                    assert len({m.person for m in answer.matches}) == 1
                    assert len(answer.matches) >= answer.version, "as many as that version holds"
            except BaseException as problem:
                problems.append(problem)

        threads = [threading.Thread(target=ask, args=(seen,)) for seen in counts]
        for thread in threads:
            thread.start()
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(directory), str(tmp_path)],
            check=True,
            capture_output=True,
            timeout=120,
        )
        last = index.ask({"surname": "ng", "first_name": "bob"}, top=20)
        done.set()
        for thread in threads:
            thread.join()

    assert not problems
    assert len(last.matches) == 7
    for seen in counts:
        assert len(seen) > 6
        assert seen == sorted(seen), "a later answer is never of an earlier version"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files as Linux tells them")
def test_threads_that_are_gone_leave_nothing_open(tmp_path):
    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    with open_index(made(tmp_path)) as index:
        index.match({"surname": "ng"})
        before = open_files()
        for _ in range(20):
            thread = threading.Thread(target=index.match, args=({"surname": "ng"},))
            thread.start()
            thread.join()
        assert open_files() <= before + 2


def test_a_forked_process_opens_the_index_for_itself(tmp_path):
    directory = made(tmp_path)
    with open_index(directory) as index:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                index.match({"surname": "ng"})
            except UsageError as refused:
                os.write(writing, str(refused).encode())
            with open_index(directory) as again:
                os.write(writing, b"|" + again.match({"surname": "ng"})[0].record_id.encode())
            os._exit(0)
        os.waitpid(child, 0)
        told = os.read(reading, 1000).decode()
        for end in (reading, writing):
            os.close(end)

    assert told.startswith("the index was opened before this process was forked")
    assert told.endswith("|7")
    with pytest.raises(UsageError, match="the index is closed"):
        index.match({"surname": "ng"})
