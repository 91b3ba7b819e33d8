"""Addresses of staff accounts."""

from django.urls import path

from joinedup_web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("confirm", views.sign_in, name="confirm"),
]
