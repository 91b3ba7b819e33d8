"""Addresses of the public pages, and of two files for programs."""

from django.urls import path

from joinedup_web.public import plain_files, views

app_name = "public"
urlpatterns = [
    path("", views.start, name="start"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("privacy", views.privacy, name="privacy"),
    path("cookies", views.cookies, name="cookies"),
    path("robots.txt", plain_files.robots, name="robots"),
    path(".well-known/security.txt", plain_files.security, name="security"),
]
