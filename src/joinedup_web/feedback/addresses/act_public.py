"""What was done, for everybody."""

from django.urls import path

from joinedup_web.feedback.views import act_public

urlpatterns = [
    path("feedback/<slug:slug>/you-said-we-did", act_public.done, name="done"),
]
