"""Services, forms and collection points."""

from django.urls import path

from joinedup_web.feedback.views import drafts, forms, points, questions, services

urlpatterns = [
    path("feedback", services.services, name="services"),
    path("feedback/services/new", services.new_service, name="new_service"),
    path("feedback/services/<uuid:service_id>", services.service, name="service"),
    path("feedback/services/<uuid:service_id>/change", services.change_service, name="change_service"),
    path("feedback/services/<uuid:service_id>/state", services.service_state, name="service_state"),
    path("feedback/services/<uuid:service_id>/forms/new", forms.new_form, name="new_form"),
    path("feedback/forms/<uuid:form_id>", forms.form, name="form"),
    path("feedback/forms/<uuid:form_id>/change", forms.change_form, name="change_form"),
    path("feedback/forms/<uuid:form_id>/open", forms.open_form, name="open_form"),
    path("feedback/forms/<uuid:form_id>/close", forms.close_form, name="close_form"),
    path("feedback/forms/<uuid:form_id>/questions", questions.questions, name="questions"),
    path("feedback/forms/<uuid:form_id>/questions/new", questions.new_question, name="new_question"),
    path("feedback/forms/<uuid:form_id>/questions/of/<slug:key>", questions.question, name="question"),
    path(
        "feedback/forms/<uuid:form_id>/questions/of/<slug:key>/shown",
        questions.question_shown,
        name="question_shown",
    ),
    path(
        "feedback/forms/<uuid:form_id>/questions/of/<slug:key>/move",
        questions.move_question,
        name="move_question",
    ),
    path(
        "feedback/forms/<uuid:form_id>/questions/of/<slug:key>/remove",
        questions.remove_question,
        name="remove_question",
    ),
    path("feedback/forms/<uuid:form_id>/pages/<int:number>", drafts.page_heading, name="page_heading"),
    path("feedback/forms/<uuid:form_id>/end", drafts.form_end, name="form_end"),
    path("feedback/forms/<uuid:form_id>/quotas/new", drafts.new_quota, name="new_quota"),
    path("feedback/forms/<uuid:form_id>/quotas/remove", drafts.remove_quota, name="remove_quota"),
    path("feedback/forms/<uuid:form_id>/publish", drafts.publish, name="publish"),
    path("feedback/forms/<uuid:form_id>/drop", drafts.drop_draft, name="drop_draft"),
    path("feedback/forms/<uuid:form_id>/preview", drafts.preview, name="preview"),
    path("feedback/forms/<uuid:form_id>/versions/<int:number>", drafts.version, name="version"),
    path("feedback/forms/<uuid:form_id>/points", points.points, name="points"),
    path("feedback/forms/<uuid:form_id>/points/new", points.new_point, name="new_point"),
    path("feedback/points/<uuid:point_id>", points.point, name="point"),
    path("feedback/points/<uuid:point_id>/state", points.point_state, name="point_state"),
    path("feedback/points/<uuid:point_id>/code.svg", points.point_svg, name="point_svg"),
    path("feedback/points/<uuid:point_id>/code.png", points.point_png, name="point_png"),
    path("feedback/points/<uuid:point_id>/poster", points.poster, name="poster"),
]
