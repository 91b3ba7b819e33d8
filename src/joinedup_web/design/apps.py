"""The app's name and label."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "joinedup_web.design"
    label = "design"
    default_auto_field = "django.db.models.BigAutoField"
