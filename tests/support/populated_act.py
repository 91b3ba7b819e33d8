"""What was said and done, figures and digests, in an organisation with everything in it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from joinedup.feedback.benchmark import BenchmarkRow
from joinedup_web.feedback.actions import act_improvements as actions
from joinedup_web.feedback.actions.act_benchmark import bring_in_benchmark
from joinedup_web.feedback.actions.act_figures import open_figures
from joinedup_web.feedback.digests import content_of
from joinedup_web.feedback.models import Comment, Digest, Service
from support.improvements import written
from support.web_people import acting

if TYPE_CHECKING:
    from support.populated import Tenant


def fill_act(own: Tenant) -> None:
    """Things: improvement (a draft with a quotation), submitted_improvement, published_improvement."""
    by = acting(own.people["service_manager"], own.organisation)
    publisher = acting(own.people["publisher"], own.organisation)
    service = Service.objects.get(id=own.things["service"])
    drafts = [written(said=own.mark("SAID"), did=own.mark("DID")) for _ in range(2)]
    public = written(said=own.mark("PUBLISHED"), did=own.mark("PUBLISHED"), measure="satisfaction")
    made = [actions.write_improvement(by=by, service=service, written=each) for each in (*drafts, public)]
    comment = Comment.objects.get(id=own.things["comment"])
    actions.quote_comment(by=by, improvement=made[0], comment=comment, text=comment.text)
    for each in made[1:]:
        actions.submit_improvement(by=by, improvement=each)
    actions.publish_improvement(by=publisher, improvement=made[2])
    open_figures(by=publisher, service=service, licence="OGL", licence_url="https://example.org/licence")
    week = date(2026, 3, 2)
    Digest.objects.create(service=service, week=week, content=content_of(service, week))
    benchmark = bring_in_benchmark(
        by=by,
        name=own.mark("BENCHMARK"),
        terms="With permission",
        rows=[BenchmarkRow("Is it easy?", "Yes", Fraction(1, 2))],
    )
    own.things |= {
        "benchmark": benchmark.id,
        "improvement": made[0].id,
        "submitted_improvement": made[1].id,
        "published_improvement": made[2].id,
    }
