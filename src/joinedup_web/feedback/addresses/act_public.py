"""What was done, and open data, for everybody."""

from django.urls import path

from joinedup_web.feedback.views import act_open, act_public

urlpatterns = [
    path("feedback/<slug:slug>/you-said-we-did", act_public.done, name="done"),
    path("feedback/<slug:slug>/figures", act_open.public_figures, name="figures"),
    path("feedback/<slug:slug>/figures.csv", act_open.public_csv, name="figures_csv"),
    path("feedback/<slug:slug>/figures.json", act_open.public_json, name="figures_json"),
    path("feedback/<slug:slug>/figures.csv-metadata.json", act_open.public_metadata, name="figures_metadata"),
]
