"""Addresses of the main job: projects, sources, runs and results."""

from django.urls import path

from joinedup_web.linkage.review_urls import review_urls
from joinedup_web.linkage.views import fairness, projects, results, runs, sources, uploads

app_name = "linkage"
urlpatterns = [
    # Projects
    path("projects", projects.projects, name="projects"),
    path("projects/new", projects.new_project, name="new_project"),
    path("projects/<uuid:project_id>", projects.project, name="project"),
    path("projects/<uuid:project_id>/upload", uploads.upload, name="upload"),
    path("projects/<uuid:project_id>/run", runs.start, name="start"),
    path("projects/<uuid:project_id>/compare", results.compare, name="compare"),
    # Sources
    path("sources", sources.sources, name="sources"),
    path("sources/<uuid:source_id>", sources.source, name="source"),
    path("sources/<uuid:source_id>/progress", sources.source_progress, name="source_progress"),
    path("sources/<uuid:source_id>/columns", uploads.meanings, name="meanings"),
    path("sources/<uuid:source_id>/reading", uploads.reading, name="reading"),
    path("sources/<uuid:source_id>/replace", uploads.replace_source, name="replace_source"),
    path("sources/<uuid:source_id>/remove", uploads.remove, name="remove_source"),
    path("sources/<uuid:source_id>/rows-aside.csv", sources.rows_aside, name="rows_aside"),
    path("sources/<uuid:source_id>/quality.html", sources.quality_report, name="quality_report"),
    path("sources/<uuid:source_id>/action-plan.md", sources.action_plan, name="action_plan"),
    # Runs
    path("linkage", runs.runs, name="jobs"),
    path("linkage/<uuid:run_id>", runs.run, name="run"),
    path("linkage/<uuid:run_id>/progress", runs.run_progress, name="run_progress"),
    path("linkage/<uuid:run_id>/cancel", runs.cancel, name="cancel"),
    path("linkage/<uuid:run_id>/resume", runs.resume, name="resume"),
    path("linkage/<uuid:run_id>/fairness", fairness.fairness, name="fairness"),
    path("linkage/<uuid:run_id>/report.html", results.report, name="report"),
    path("linkage/<uuid:run_id>/<slug:part>.<slug:ending>", results.download, name="download"),
    # Review of pairs, how good it is, looking people up
    *review_urls,
]
