"""Codebook, tags, routes, analyses, themes."""

from django.urls import path

from joinedup_web.feedback.views import analyses, themes, understand

SERVICE = "feedback/<uuid:service_id>"
ANALYSIS = "feedback/analyses/<uuid:analysis_id>"
THEME = "feedback/themes/<uuid:theme_id>"
urlpatterns = [
    path("feedback/comments", understand.understanding, name="understanding"),
    path(f"{SERVICE}/comments", understand.of_service, name="understand"),
    path(f"{SERVICE}/comments/again", understand.again, name="read_again"),
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
