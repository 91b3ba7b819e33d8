"""Addresses of feedback for the public."""

from django.urls import include, path

from joinedup_web.feedback.views import public, public_button, public_service

app_name = "feedback_public"
urlpatterns = [
    path("f/<slug:code>", public.short, name="short"),
    path("f/<slug:code>/ask", public_button.ask, name="ask"),
    path("feedback.js", public_button.script, name="script"),
    path("i/<slug:token>", public.invitation, name="invitation"),
    path("", include("joinedup_web.feedback.addresses.act_public")),
    path("feedback/<slug:slug>", public_service.service, name="service"),
    path("feedback/<slug:slug>/thanks/<uuid:form_id>", public_service.thanks, name="thanks"),
    path("feedback/<slug:slug>/<slug:code>", public.form, name="form"),
]
