"""Comments and the cases that answer them."""

from django.urls import path

from joinedup_web.feedback.views import cases

urlpatterns = [
    path("feedback/comments/<uuid:comment_id>/case", cases.make_case, name="make_case"),
    path("feedback/comments/<uuid:comment_id>/case/leave", cases.take_out_of_case, name="take_out_of_case"),
]
