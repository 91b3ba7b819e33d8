"""Improvements, figures, scorecards, digests."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
