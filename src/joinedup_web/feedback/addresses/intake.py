"""Responses from elsewhere."""

from django.urls import path

from joinedup_web.feedback.views import imports

urlpatterns = [
    path("feedback/services/<uuid:service_id>/imports", imports.imports, name="imports"),
    path("feedback/services/<uuid:service_id>/imports/new", imports.new_import, name="new_import"),
    path("feedback/imports/<uuid:import_id>", imports.one, name="import"),
    path("feedback/imports/<uuid:import_id>/confirm", imports.confirm, name="confirm_import"),
    path("feedback/imports/<uuid:import_id>/drop", imports.drop, name="drop_import"),
    path("feedback/imports/<uuid:import_id>/aside", imports.aside, name="import_aside"),
]
