"""The app's name and label."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "joinedup_web.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"
