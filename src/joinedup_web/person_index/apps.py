"""The app's name and label, and what people come to do in it."""

from django.apps import AppConfig


class PersonIndexConfig(AppConfig):
    name = "joinedup_web.person_index"
    label = "person_index"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the staff home what people come to do here."""
        from joinedup_web.person_index.home_tasks import register_tasks

        register_tasks()
