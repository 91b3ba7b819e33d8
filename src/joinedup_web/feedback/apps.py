"""The app's name and label, and what people come to do in it."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "joinedup_web.feedback"
    label = "feedback"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the staff home what people come to do here."""
        from joinedup_web.feedback.home_tasks import register_tasks

        register_tasks()
