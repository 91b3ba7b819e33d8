"""The app's name and label."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "joinedup_web.public"
    label = "public"
    default_auto_field = "django.db.models.BigAutoField"
