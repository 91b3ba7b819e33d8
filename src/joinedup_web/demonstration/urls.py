"""Addresses of the demonstration. Its way in stands under /staff/, so that it may set the staff cookie."""

from django.urls import path

from joinedup_web.demonstration import one_login, views

app_name = "demonstration"
urlpatterns = [
    path("demonstration/", views.choose, name="choose"),
    path("staff/demonstration/sign-in", views.sign_in, name="sign_in"),
    # The citizens' provider, with the addresses that One Login has
    path("demonstration/one-login/.well-known/openid-configuration", one_login.discovery, name="discovery"),
    path("demonstration/one-login/.well-known/jwks.json", one_login.keys, name="keys"),
    path("demonstration/one-login/.well-known/did.json", one_login.did, name="did"),
    path("demonstration/one-login/authorize", one_login.authorise, name="authorise"),
    path("demonstration/one-login/token", one_login.token, name="token"),
    path("demonstration/one-login/userinfo", one_login.userinfo, name="userinfo"),
    path("demonstration/one-login/logout", one_login.logout, name="logout"),
    path("demonstration/one-login/trustmark", one_login.trustmark, name="trustmark"),
]
