"""Addresses of feedback for the public."""

from django.urls import URLPattern

app_name = "feedback_public"
urlpatterns: list[URLPattern] = []
