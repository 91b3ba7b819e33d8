"""The app's name and label."""

from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "joinedup_web.demonstration"
    label = "demonstration"
    default_auto_field = "django.db.models.BigAutoField"
