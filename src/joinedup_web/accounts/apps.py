"""The app's name and label, what happens after each migration, and its tasks on the staff home."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "joinedup_web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the shipped roles and the lists of colleagues in step, and register the tasks and the names."""
        from joinedup_web.accounts.audit_names import register_names
        from joinedup_web.accounts.colleague_triggers import keep_colleagues
        from joinedup_web.accounts.roles import keep_roles_in_step
        from joinedup_web.accounts.tasks import register_tasks

        post_migrate.connect(keep_roles_in_step, sender=self)
        post_migrate.connect(keep_colleagues, sender=self)
        register_tasks()
        register_names()
