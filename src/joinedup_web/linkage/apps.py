"""The app's name and label."""

from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "joinedup_web.linkage"
    label = "linkage"
    default_auto_field = "django.db.models.BigAutoField"
