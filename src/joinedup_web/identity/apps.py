"""The app's name and label, and what `joinedup check` asks of it."""

from django.apps import AppConfig
from django.core.checks import register


class IdentityConfig(AppConfig):
    name = "joinedup_web.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from joinedup_web.identity.checks import one_login_can_be_used

        register(one_login_can_be_used)
