"""Addresses of the public pages."""

from django.urls import path

from joinedup_web.public import views

app_name = "public"
urlpatterns = [
    path("", views.start, name="start"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("privacy", views.privacy, name="privacy"),
    path("cookies", views.cookies, name="cookies"),
]
