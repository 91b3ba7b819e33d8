"""The app's name and label, and what people come to do in it."""

from django.apps import AppConfig


class TextConfig(AppConfig):
    name = "joinedup_web.text"
    label = "text"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the staff home what people come to do here."""
        from joinedup_web.text.home_tasks import register_tasks

        register_tasks()
