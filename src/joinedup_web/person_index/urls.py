"""Addresses of person indexes."""

from django.urls import path

from joinedup_web.person_index.views import changes, people

app_name = "index"
urlpatterns = [
    path("projects/<uuid:project_id>/index", changes.overview, name="overview"),
    path("projects/<uuid:project_id>/index/begin", changes.begin, name="begin"),
    path("projects/<uuid:project_id>/index/add", changes.add, name="add"),
    path("projects/<uuid:project_id>/index/decisions", changes.decisions, name="decisions"),
    path("projects/<uuid:project_id>/index/events", changes.events, name="events"),
    path("projects/<uuid:project_id>/index/events/<int:number>", changes.event, name="event"),
    path("projects/<uuid:project_id>/index/events/<int:number>/undo", changes.undo, name="undo"),
    path("known", people.match, name="match"),
    path("known/<slug:person>", people.person, name="person"),
]
