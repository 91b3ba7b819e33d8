"""Services, forms, collection points, invitations, imports."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
