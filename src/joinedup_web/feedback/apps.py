"""The app's name and label, and what people come to do in it."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "joinedup_web.feedback"
    label = "feedback"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the staff home what people come to do here, and the list of models how its suggestions fared."""
        from joinedup_web.casework import origins as case_origins
        from joinedup_web.feedback.home_tasks import register_tasks
        from joinedup_web.feedback.people_say import register_counters
        from joinedup_web.feedback.queries.cases import links_of

        register_tasks()
        case_origins.register(links_of)
        register_counters()
