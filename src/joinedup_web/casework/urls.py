"""Addresses of cases."""

from django.urls import path

from joinedup_web.casework.views import case, cases, linking, replies, teams

app_name = "casework"
urlpatterns = [
    path("cases", cases.cases, name="cases"),
    path("cases/to-give", cases.to_give, name="to_give"),
    path("cases/new", cases.new_case, name="new_case"),
    path("cases/<uuid:case_id>", case.case, name="case"),
    path("cases/<uuid:case_id>/take", case.take, name="take"),
    path("cases/<uuid:case_id>/give", case.give, name="give"),
    path("cases/<uuid:case_id>/note", case.note, name="note"),
    path("cases/<uuid:case_id>/wait", case.wait, name="wait"),
    path("cases/<uuid:case_id>/go-on", case.go_on, name="go_on"),
    path("cases/<uuid:case_id>/escalate", case.escalate, name="escalate"),
    path("cases/<uuid:case_id>/close", case.close, name="close"),
    path("cases/<uuid:case_id>/reopen", case.reopen, name="reopen"),
    path("cases/<uuid:case_id>/link", linking.link, name="link"),
    path("cases/<uuid:case_id>/part", linking.part, name="part"),
    path("cases/<uuid:case_id>/reply", replies.reply, name="reply"),
    path("replies/<uuid:reply_id>/again", replies.send_again, name="send_again"),
    path("teams", teams.teams, name="teams"),
    path("teams/new", teams.new_team, name="new_team"),
    path("teams/<uuid:team_id>", teams.team, name="team"),
    path("teams/<uuid:team_id>/close", teams.close_team, name="close_team"),
    path("teams/<uuid:team_id>/open", teams.open_team, name="open_team"),
    path("working-days", teams.working_days, name="working_days"),
    path("working-days/day", teams.set_day, name="set_day"),
    path("working-days/as-usual", teams.unset_day, name="unset_day"),
]
