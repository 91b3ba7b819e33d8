"""Addresses of this app."""

from django.urls import URLPattern

app_name = "demonstration"
urlpatterns: list[URLPattern] = []
