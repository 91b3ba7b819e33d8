"""Addresses of feedback for staff, a file for each subject."""

from django.urls import include, path

app_name = "feedback"
urlpatterns = [
    path("", include("joinedup_web.feedback.addresses.collect")),
    path("", include("joinedup_web.feedback.addresses.intake")),
    path("", include("joinedup_web.feedback.addresses.protect")),
    path("", include("joinedup_web.feedback.addresses.cases")),
    path("", include("joinedup_web.feedback.addresses.understand")),
    path("", include("joinedup_web.feedback.addresses.act")),
]
