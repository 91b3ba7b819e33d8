"""The app's name and label, and what happens after each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "joinedup_web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the shipped roles in step."""
        from joinedup_web.accounts.roles import keep_roles_in_step

        post_migrate.connect(keep_roles_in_step, sender=self)
