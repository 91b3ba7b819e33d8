"""Improvements, figures, scorecards, digests."""

from django.urls import path

from joinedup_web.feedback.views import act_benchmark as benchmark
from joinedup_web.feedback.views import act_dashboard as dashboard
from joinedup_web.feedback.views import act_digest as digest
from joinedup_web.feedback.views import act_figures as figures
from joinedup_web.feedback.views import act_improvements as improvements
from joinedup_web.feedback.views import act_open as open_data
from joinedup_web.feedback.views import act_scorecard as scorecard

ONE = "feedback/improvements/<uuid:improvement_id>"
urlpatterns = [
    path("feedback/<uuid:service_id>/improvements", improvements.improvements, name="improvements"),
    path("feedback/<uuid:service_id>/improvements/new", improvements.new, name="improvement_new"),
    path(ONE, improvements.improvement, name="improvement"),
    path(f"{ONE}/change", improvements.change, name="improvement_change"),
    path(f"{ONE}/delete", improvements.delete, name="improvement_delete"),
    path(f"{ONE}/quotes", improvements.quotes, name="improvement_quotes"),
    path(f"{ONE}/quotes/<uuid:comment_id>", improvements.quote, name="improvement_quote"),
    path(f"{ONE}/quotes/<uuid:comment_id>/remove", improvements.unquote, name="improvement_unquote"),
    path(f"{ONE}/submit", improvements.submit, name="improvement_submit"),
    path(f"{ONE}/publish", improvements.publish, name="improvement_publish"),
    path(f"{ONE}/return", improvements.hand_back, name="improvement_return"),
    path(f"{ONE}/withdraw", improvements.withdraw, name="improvement_withdraw"),
    path(f"{ONE}/measure", improvements.measure, name="improvement_measure"),
    path("feedback/<uuid:service_id>/figures", figures.figures, name="figures"),
    path("feedback/<uuid:service_id>/figures/enter", figures.enter, name="figures_enter"),
    path("feedback/<uuid:service_id>/figures/upload", figures.upload, name="figures_upload"),
    path("feedback/<uuid:service_id>/scorecard", scorecard.scorecard, name="scorecard"),
    path("feedback/<uuid:service_id>/scorecard/state", scorecard.state, name="scorecard_state"),
    path("feedback/<uuid:service_id>/dashboard", dashboard.dashboard, name="dashboard"),
    path(
        "feedback/<uuid:service_id>/dashboard/<slug:picture>.csv", dashboard.picture_csv, name="dashboard_csv"
    ),
    path("feedback/digests", digest.digests, name="digest"),
    path("feedback/<uuid:service_id>/digests/<str:week>", digest.digest, name="digest_week"),
    path("feedback/<uuid:service_id>/digest/choose", digest.choose, name="digest_choose"),
    path("feedback/<uuid:service_id>/digest/leave", digest.leave, name="digest_leave"),
    path("feedback/<uuid:service_id>/open-data", open_data.open_data, name="open_data"),
    path("feedback/<uuid:service_id>/open-data/close", open_data.close, name="open_data_close"),
    path("feedback/benchmarks", benchmark.benchmarks, name="benchmarks"),
    path("feedback/benchmarks/new", benchmark.new, name="benchmark_new"),
    path("feedback/benchmarks/<uuid:benchmark_id>", benchmark.benchmark, name="benchmark"),
    path("feedback/benchmarks/<uuid:benchmark_id>/remove", benchmark.remove, name="benchmark_remove"),
    path("feedback/scorecards", scorecard.scorecards, name="scorecards"),
]
