"""Addresses of the demonstration. Its way in stands under /staff/, so that it may set the staff cookie."""

from django.urls import path

from joinedup_web.demonstration import views

app_name = "demonstration"
urlpatterns = [
    path("demonstration/", views.choose, name="choose"),
    path("staff/demonstration/sign-in", views.sign_in, name="sign_in"),
]
