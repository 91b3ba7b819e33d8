"""Addresses of this app."""

from django.urls import path

from joinedup_web.audit import views

app_name = "audit"
urlpatterns = [
    path("audit", views.events, name="events"),
    path("audit/events/<slug:event_id>", views.event, name="event"),
    path("audit/events/<slug:event_id>/proof", views.proof, name="proof"),
    path("audit/checkpoints", views.checkpoints, name="checkpoints"),
    path("audit/checkpoints/verify", views.verify, name="verify"),
    path("audit/checkpoints/<int:size>/consistency", views.consistency, name="consistency"),
    path("audit/export", views.export, name="export"),
]
