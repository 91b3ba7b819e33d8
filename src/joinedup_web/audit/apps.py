"""The app's name and label."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "joinedup_web.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
