"""Addresses of models that read text."""

from django.urls import URLPattern

app_name = "text"
urlpatterns: list[URLPattern] = []
