"""The app's name and label, and what people come to do in it."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "joinedup_web.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the staff home what people come to do here."""
        from joinedup_web.operations.home_tasks import register_tasks

        register_tasks()
