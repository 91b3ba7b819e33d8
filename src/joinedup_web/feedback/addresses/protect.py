"""Responses, moderation, masks, flags."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
