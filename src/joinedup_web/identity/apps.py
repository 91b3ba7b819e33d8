"""The app's name and label."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "joinedup_web.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
