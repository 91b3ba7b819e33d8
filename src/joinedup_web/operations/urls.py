"""Addresses of health, readiness and metrics, of the service's state, and of keeping and erasing."""

from django.urls import path

from joinedup_web.operations import keeping_views as keeping
from joinedup_web.operations import views

app_name = "operations"
urlpatterns = [
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("metrics", views.metrics_page, name="metrics"),
    path("staff/service", views.service, name="service"),
    path("staff/retention", keeping.retention, name="retention"),
    path("staff/retention/<slug:store>/period", keeping.period, name="period"),
    path("staff/retention/holds", keeping.holds, name="holds"),
    path("staff/retention/holds/new", keeping.place_hold, name="place_hold"),
    path("staff/retention/holds/<uuid:hold_id>/lift", keeping.lift_hold, name="lift_hold"),
    path("staff/retention/erasures", keeping.erasures, name="erasures"),
    path("staff/retention/erasures/new", keeping.ask_erasure, name="ask_erasure"),
    path("staff/retention/erasures/<uuid:erasure_id>", keeping.erasure, name="erasure"),
    path(
        "staff/retention/erasures/<uuid:erasure_id>/decision", keeping.decide_erasure, name="decide_erasure"
    ),
]
