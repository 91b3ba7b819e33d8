"""Every address of the site, app by app. Each view carries its rule (accounts/gate.py); one without is refused."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from joinedup.settings import Mode

urlpatterns = [
    path(
        "api/", include("joinedup_web.config.api")
    ),  # first: systems ask often, and each pattern before it costs
    path("", include("joinedup_web.public.urls")),
    path("", include("joinedup_web.operations.urls")),
    path("", include("joinedup_web.identity.urls")),
    path("", include("joinedup_web.feedback.public_urls")),
    path("staff/", include("joinedup_web.accounts.urls")),
    path("staff/", include("joinedup_web.audit.urls")),
    path("staff/", include("joinedup_web.linkage.urls")),
    path("staff/", include("joinedup_web.person_index.urls")),
    path("staff/", include("joinedup_web.text.urls")),
    path("staff/", include("joinedup_web.casework.urls")),
    path("staff/", include("joinedup_web.feedback.urls")),
]
if settings.JOINEDUP.mode is not Mode.PRODUCTION:
    urlpatterns.append(path("", include("joinedup_web.demonstration.urls")))

handler400 = "joinedup_web.design.errors.bad_request"
handler403 = "joinedup_web.design.errors.refused"
handler404 = "joinedup_web.design.errors.not_found"
handler500 = "joinedup_web.design.errors.fault"
