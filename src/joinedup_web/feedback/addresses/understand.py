"""Codebook, tags, routes, analyses, themes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
