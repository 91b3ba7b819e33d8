"""Responses from elsewhere, and people who are invited."""

from django.urls import path

from joinedup_web.feedback.views import imports, invitations, offline

urlpatterns = [
    path("feedback/services/<uuid:service_id>/imports", imports.imports, name="imports"),
    path("feedback/services/<uuid:service_id>/imports/new", imports.new_import, name="new_import"),
    path("feedback/imports/<uuid:import_id>", imports.one, name="import"),
    path("feedback/imports/<uuid:import_id>/confirm", imports.confirm, name="confirm_import"),
    path("feedback/imports/<uuid:import_id>/drop", imports.drop, name="drop_import"),
    path("feedback/imports/<uuid:import_id>/aside", imports.aside, name="import_aside"),
    path("feedback/forms/<uuid:form_id>/offline", offline.offline, name="offline"),
    path("feedback/forms/<uuid:form_id>/offline/page", offline.page, name="offline_page"),
    path("feedback/forms/<uuid:form_id>/invitations", invitations.invitations, name="invitations"),
    path(
        "feedback/forms/<uuid:form_id>/invitations/new", invitations.new_invitations, name="new_invitations"
    ),
    path("feedback/invitations/<uuid:batch_id>/stop", invitations.stop, name="stop_invitations"),
]
