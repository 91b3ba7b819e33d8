"""Addresses of feedback for the public."""

from django.urls import include, path

app_name = "feedback_public"
urlpatterns = [
    path("", include("joinedup_web.feedback.addresses.act_public")),
]
