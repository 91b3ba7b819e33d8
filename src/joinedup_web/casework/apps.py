"""The app's name and label, and what people come to do in it."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "joinedup_web.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the staff home what people come to do here."""
        from joinedup_web.casework.home_tasks import register_tasks

        register_tasks()
