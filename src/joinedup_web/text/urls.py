"""Addresses of models that read text."""

from django.urls import path

from joinedup_web.text import views

app_name = "text"
urlpatterns = [
    path("models", views.features, name="features"),
    path("models/uses", views.uses, name="uses"),
    path("models/register", views.the_register, name="register"),
    path("models/evaluations/<uuid:evaluation_id>", views.evaluation, name="evaluation"),
    path("models/<slug:code>", views.feature, name="feature"),
    path("models/<slug:code>/switch", views.switch, name="switch"),
    path("models/<slug:code>/evaluate", views.evaluate, name="evaluate"),
    path("models/<slug:code>/record", views.entry, name="entry"),
    path("models/<slug:code>/record/write", views.write, name="write"),
]
