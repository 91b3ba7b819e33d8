"""Addresses of review, evaluation and looking people up."""

from django.urls import path

from joinedup_web.linkage.views import decisions, evaluation, people, review, second_opinion

review_urls = [
    # Review
    path("review", review.overview, name="review"),
    path("review/shortcuts", review.shortcuts, name="review_shortcuts"),
    path("review/projects/<uuid:project_id>/next", review.next_pair, name="next_pair"),
    path("review/pairs/<uuid:pair_id>", review.pair, name="pair"),
    path("review/pairs/<uuid:pair_id>/skip", review.skip, name="skip_pair"),
    path("review/decisions", decisions.decisions, name="decisions"),
    path("review/decisions/<uuid:decision_id>/undo", review.undo, name="undo_decision"),
    path("review/second-opinions", second_opinion.second_opinions, name="second_opinions"),
    path("review/second-opinions/<uuid:pair_id>", second_opinion.second_opinion, name="second_opinion"),
    # How good it is
    path("projects/<uuid:project_id>/evaluation", evaluation.evaluation, name="evaluation"),
    path("projects/<uuid:project_id>/evaluation/sample", evaluation.draw_sample, name="draw_sample"),
    path("projects/<uuid:project_id>/evaluation/retrain", evaluation.retrain, name="retrain"),
    # People
    path("people", people.people, name="people"),
    path("people/purpose", people.purpose, name="state_purpose"),
    path("people/purpose/<uuid:project_id>", people.purpose, name="purpose"),
    path("people/search", people.search, name="search_people"),
    path("people/search/clear", people.clear_search, name="clear_search"),
    path("people/finish", people.end_purpose, name="end_purpose"),
    path("people/<slug:person_id>", people.record, name="record"),
    path("projects/<uuid:project_id>/purposes", people.purposes, name="project_purposes"),
]
