"""Codebook, tags, routes, analyses, themes."""

from django.urls import path

from joinedup_web.feedback.views import analyses, codebook, themes, trends, understand

SERVICE = "feedback/<uuid:service_id>"
ANALYSIS = "feedback/analyses/<uuid:analysis_id>"
THEME = "feedback/themes/<uuid:theme_id>"
urlpatterns = [
    path("feedback/comments", understand.understanding, name="understanding"),
    path(f"{SERVICE}/comments", understand.of_service, name="understand"),
    path(f"{SERVICE}/comments/again", understand.again, name="read_again"),
    path(f"{SERVICE}/trends", trends.trends, name="trends"),
    path(f"{SERVICE}/segments", trends.segments, name="segments"),
    path(f"{SERVICE}/codebook", codebook.codebook, name="codebook"),
    path(f"{SERVICE}/codebook/add", codebook.add_tag, name="add_tag"),
    path(f"{SERVICE}/codebook/add-many", codebook.add_tags, name="add_tags"),
    path("feedback/tags/<uuid:tag_id>/merge", codebook.merge_tag, name="merge_tag"),
    path("feedback/tags/<uuid:tag_id>", codebook.change_tag, name="change_tag"),
    path("feedback/tags/<uuid:tag_id>/retire", codebook.retire_tag, name="retire_tag"),
    path(f"{SERVICE}/tagging", codebook.tagging, name="tagging"),
    path(f"{SERVICE}/tagging/next", codebook.next_comment, name="next_comment"),
    path("feedback/comments/<uuid:comment_id>/check", codebook.check, name="check_comment"),
    path(f"{SERVICE}/analyses", analyses.analyses, name="analyses"),
    path(f"{SERVICE}/analyses/new", analyses.new_analysis, name="new_analysis"),
    path(ANALYSIS, analyses.analysis, name="analysis"),
    path(f"{ANALYSIS}/progress", analyses.analysis_progress, name="analysis_progress"),
    path(f"{ANALYSIS}/themes.csv", analyses.analysis_csv, name="analysis_csv"),
    path(f"{ANALYSIS}/compare", analyses.compare, name="compare_analyses"),
    path(f"{ANALYSIS}/sign-off", analyses.sign_off, name="sign_off"),
    path(f"{ANALYSIS}/add", themes.add, name="add_theme"),
    path(f"{ANALYSIS}/others", themes.others, name="others_of_analysis"),
    path(THEME, themes.theme, name="theme"),
    path(f"{THEME}/keep", themes.keep, name="keep_theme"),
    path(f"{THEME}/edit", themes.edit, name="edit_theme"),
    path(f"{THEME}/merge", themes.merge, name="merge_theme"),
    path(f"{THEME}/split", themes.split, name="split_theme"),
    path(f"{THEME}/delete", themes.delete, name="delete_theme"),
    path(f"{THEME}/restore", themes.restore, name="restore_theme"),
]
