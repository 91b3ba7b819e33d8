"""A survey's percentages beside what an organisation's own forms were answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTransform
from django.http import Http404

from joinedup.feedback import Kind, Measured, share
from joinedup.feedback.benchmark import BenchmarkRow, Standing, plain_words, standing
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.models import Benchmark, FormVersion, Response, ResponseState
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

ASKED = (Kind.CHOICE, Kind.CHOICES, Kind.YES_NO)


@dataclass(frozen=True)
class Compared:
    """An option of a question. own: None where nobody was asked it in these words."""

    row: BenchmarkRow
    own: Measured | None
    standing: Standing


@dataclass(frozen=True)
class QuestionCompared:
    """A question of the survey with its options, as they stand in its file. answers: one's own; None: not asked."""

    question: str
    options: tuple[Compared, ...]
    answers: int | None


@dataclass
class _Own:
    """What was answered to a question: how many people, and how many of them gave each option, by its words."""

    people: int
    by_option: Counter[str]


def benchmarks(by: Actor) -> QuerySet[Benchmark]:
    """The surveys that the actor's organisation brought in."""
    require(by, "measure.view")
    return Benchmark.objects.filter(organisation_id=by.organisation_id).select_related("brought_by")


def benchmark(by: Actor, benchmark_id: UUID, *, permission: str = "measure.view") -> Benchmark:
    """One of them. Raises Http404 for another organisation's."""
    require(by, permission)
    found = Benchmark.objects.filter(id=benchmark_id, organisation_id=by.organisation_id).first()
    if found is None:
        raise Http404
    return found


def groups_of(found: Benchmark) -> list[str]:
    """Whom the survey asked, as its file names them, in its order."""
    return list(dict.fromkeys(row["group"] for row in found.rows))


def compared(by: Actor, found: Benchmark, group: str) -> list[QuestionCompared]:
    """Each question of the survey for one group, those that one's own forms asked first."""
    require(by, "measure.view", organisation_id=found.organisation_id)
    rows: dict[str, list[BenchmarkRow]] = defaultdict(list)
    for kept in found.rows:
        if kept["group"] == group:
            told = {**kept, "share": None if kept["share"] is None else Fraction(kept["share"])}
            rows[kept["question"]].append(BenchmarkRow(**told))
    own = _own_answers(found.organisation_id, {plain_words(question) for question in rows})
    made = [
        _compared(question, options, own.get(plain_words(question))) for question, options in rows.items()
    ]
    return sorted(made, key=lambda each: each.answers is None)


def _compared(question: str, rows: Iterable[BenchmarkRow], own: _Own | None) -> QuestionCompared:
    options = []
    for row in rows:
        option = plain_words(row.option)
        ours = (
            share(own.by_option[option], own.people) if own is not None and option in own.by_option else None
        )
        options.append(Compared(row, ours, Standing.UNKNOWN if ours is None else standing(ours, row.share)))
    return QuestionCompared(question, tuple(options), None if own is None else own.people)


def _own_answers(organisation_id: UUID | None, wanted: set[str]) -> dict[str, _Own]:
    """By the words of each wanted question that a form asks: how it was answered. A query for each version of it."""
    found: dict[str, _Own] = {}
    versions = FormVersion.objects.filter(form__service__organisation_id=organisation_id)
    for version in versions.order_by("made_at"):
        for page in definition_of(version).pages:
            for question in page.questions:
                words = plain_words(question.words.en)
                if question.kind not in ASKED or words not in wanted:
                    continue
                labels = {"yes": "yes", "no": "no"} | {
                    o.value: plain_words(o.words.en) for o in question.options
                }
                own = found.setdefault(words, _Own(0, Counter()))
                own.by_option.update({labels[value]: 0 for value in question.values})
                _count(own, version, question.key, labels)
    return found


def _count(own: _Own, version: FormVersion, key: str, labels: dict[str, str]) -> None:
    rows = (
        Response.objects.filter(version=version, state=ResponseState.OPEN)
        .order_by()
        .annotate(answer=KeyTransform(key, "answers"))
        .values_list("answer")
        .annotate(n=Count("id"))
    )
    for answer, number in rows:
        given = answer if isinstance(answer, list) else [answer]
        chosen = {labels[str(each)] for each in given if each is not None and str(each) in labels}
        if chosen:
            own.people += number
            own.by_option.update(dict.fromkeys(chosen, number))
