"""Addresses of citizens and of machine clients."""

from django.urls import path

from joinedup_web.identity.views import account, clients, provider, sign_in, token

app_name = "identity"
urlpatterns = [
    # Signing in. The last three are registered at GOV.UK One Login (docs/how-to/one-login.md).
    path("account/sign-in", sign_in.sign_in, name="sign_in"),
    path("account/sign-in/start", sign_in.start, name="start"),
    path("account/identity/start", sign_in.start_identity, name="start_identity"),
    path("account/return", sign_in.come_back, name="come_back"),
    path("account/signed-out", account.signed_out, name="signed_out"),
    path("account/back-channel-logout", provider.back_channel_logout, name="back_channel_logout"),
    path(".well-known/jwks.json", provider.keys, name="keys"),
    # A citizen's own pages
    path("account/", account.account, name="account"),
    path("account/activity", account.activity, name="activity"),
    path("account/sign-out", account.sign_out, name="sign_out"),
    path("account/delete", account.delete, name="delete"),
    # Machine clients
    path("api/token", token.token, name="token"),
    path("staff/clients", clients.clients, name="clients"),
    path("staff/clients/new", clients.register, name="register_client"),
    path("staff/clients/<uuid:client_id>", clients.client, name="client"),
    path("staff/clients/<uuid:client_id>/rotate", clients.rotate, name="rotate_client"),
    path("staff/clients/<uuid:client_id>/secret", clients.secret, name="client_secret"),
    path("staff/clients/<uuid:client_id>/withdraw", clients.withdraw, name="withdraw_client"),
    path("staff/clients/<uuid:client_id>/proofs/<uuid:proof_id>/end", clients.end, name="end_proof"),
]
