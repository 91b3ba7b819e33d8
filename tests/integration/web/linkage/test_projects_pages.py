"""Projects in the website: the list, one to begin, one with what to do next; for whom, and for whom not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from joinedup_web.linkage import actions
from joinedup_web.linkage.models import Project, Run, Source
from support.main_job import upload
from support.pages import heading, problems, words
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.usefixtures("in_this_process")]
PROJECTS = "/staff/projects"


def page_of(project):
    return reverse("linkage:project", args=[project.id])


def test_an_organisation_without_projects_is_told_how_to_begin(browser):
    answer = browser.get(PROJECTS)

    assert heading(answer) == "Projects"
    assert "There is no project yet" in words(answer)
    assert 'href="/staff/projects/new"' in answer.content.decode()


def test_who_may_not_begin_one_is_not_offered_it(client_of):
    leader = client_of("leader")

    assert "/staff/projects/new" not in leader.get(PROJECTS).content.decode()
    assert leader.get("/staff/projects/new").status_code == 403
    assert leader.post("/staff/projects/new", {"name": "A", "purpose": "B"}).status_code == 403
    assert not Project.objects.exists()


def test_beginning_a_project_leads_to_its_first_source(browser, events):
    answer = browser.post(
        "/staff/projects/new",
        {"name": "Residents", "purpose": "Find people who are listed twice"},
        follow=True,
    )

    assert heading(answer) == "Residents"
    assert "Residents has begun. Upload its first source." in words(answer)
    assert "Upload a source" in words(answer)
    assert len(events("project.created")) == 1


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"name": "", "purpose": "A"}, "Enter a name"),
        ({"name": "A", "purpose": ""}, "Say what the sources are joined for"),
        (
            {"name": "A", "purpose": "x" * 301},
            "What the sources are joined for must be 300 characters or less",
        ),
    ],
)
def test_what_is_missing_is_said(browser, told, problem):
    answer = browser.post("/staff/projects/new", told)

    assert problems(answer) == [problem]
    assert "Error: Begin a project" in answer.content.decode()
    assert not Project.objects.exists()


def test_a_name_is_taken_once(browser, project):
    answer = browser.post("/staff/projects/new", {"name": "RESIDENTS", "purpose": "Again"})

    assert problems(answer) == ["There is a project of this name already; choose another name"]
    assert Project.objects.count() == 1


def test_the_page_says_what_to_do_next_as_the_work_goes_on(browser, analyst, project):
    assert "To do" in words(browser.get(page_of(project)))

    source = upload(analyst, project, measured=False)
    assert "Being measured" in words(browser.get(page_of(project)))

    Source.objects.filter(id=source.id).update(state="failed", problem={"what": "x", "where": "", "mend": ""})
    assert "See what is wrong with it" in words(browser.get(page_of(project)))

    Source.objects.filter(id=source.id).update(state="ready")
    assert "Check the columns of council_tax_2026" in words(browser.get(page_of(project)))

    source.refresh_from_db()
    actions.correct_source(by=analyst, source=source, kinds={}, id_column=None, one_record_per_person=False)
    assert "Start a run" in words(browser.get(page_of(project)))

    Run.objects.create(project=project, number=1, kind="dedupe", state="running", stage="train")
    assert "Watch run 1" in words(browser.get(page_of(project)))


def test_a_finished_run_leads_to_its_results_and_its_pairs(browser, client_of, run, project):
    assert "See the results of run 1" in words(browser.get(page_of(project)))
    assert f"{run.headline['to_review']} to review" in words(client_of("clerk").get(page_of(project)))


def test_a_clerk_sees_runs_and_no_sources(client_of, run, project):
    told = words(client_of("clerk").get(page_of(project)))

    assert "Run 1" in told
    assert "people.csv" not in told
    assert "Upload" not in told


def test_projects_of_others_are_not_found_and_not_listed(stranger, project, run):
    assert "Residents" not in words(stranger.get(PROJECTS))
    for name in ("project", "upload", "start", "compare"):
        assert stranger.get(reverse(f"linkage:{name}", args=[project.id])).status_code == 404, name


@pytest.mark.parametrize("role", ["caseworker", "auditor", "organisation_administrator"])
def test_roles_without_linkage_see_no_project(client_of, role, project):
    client = client_of(role)

    assert client.get(PROJECTS).status_code == 403
    assert client.get(page_of(project)).status_code == 403


def test_who_is_not_signed_in_is_asked_to(client, project):
    assert client.get(page_of(project)).headers["Location"].startswith("/staff/sign-in?next=")


def test_the_list_is_searched_filtered_and_downloaded(browser, analyst, run, project, events):
    actions.create_project(by=analyst, name="Pupils", purpose="School places")

    assert "Residents" not in words(browser.get(f"{PROJECTS}?q=school"))
    assert "Pupils" not in words(browser.get(f"{PROJECTS}?last_state=finished"))
    answer = browser.get(f"{PROJECTS}?format=csv&sort=-name")

    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert rows[0] == "Name,Purpose,Sources,Runs,Last run,Pairs to review,Begun"
    assert rows[1].startswith("Residents,Find people who are listed twice,1,1,Finished,")
    assert rows[2].startswith("Pupils,School places,0,0,None yet,0,")
    assert events("table.exported") == [{"table": "projects", "rows": 2, "filtered": False}]


def test_a_project_with_a_run_leads_to_how_good_it_is_and_to_its_purposes(client_of, project, run):
    owner, analyst = client_of("asset_owner"), client_of("analyst")
    good, purposes = (
        f'href="{reverse(view, args=[project.id])}"'
        for view in ("linkage:evaluation", "linkage:project_purposes")
    )
    seen = {who: who.get(page_of(project)).content.decode() for who in (owner, analyst)}

    assert good in seen[owner]
    assert good in seen[analyst]
    assert purposes in seen[owner]
    assert purposes not in seen[analyst]


def test_a_project_without_a_run_leads_to_neither(client_of, project):
    page = client_of("asset_owner").get(page_of(project)).content.decode()

    assert "How good is it?" not in page
    assert "/purposes" not in page


def test_pages_need_few_queries_however_much_there_is(
    browser, analyst, run, project, django_assert_max_num_queries
):
    for number in range(5):
        other = actions.create_project(by=analyst, name=f"P{number}", purpose="More")
        Run.objects.create(project=other, number=1, kind="dedupe")
        Run.objects.create(project=project, number=number + 2, kind="dedupe")
    with django_assert_max_num_queries(12):
        browser.get(PROJECTS)
    with django_assert_max_num_queries(12):
        browser.get(page_of(project))


def test_the_home_says_how_many_sources_wait_to_be_checked(browser, client_of, source):
    assert "1 source waiting" in words(browser.get("/staff/"))
    assert "waiting" not in words(client_of("analyst", where="Southshire").get("/staff/"))


def test_an_action_of_a_stranger_changes_nothing(project):
    outsider = acting(staff("analyst", where=organisation("Southshire")), organisation("Southshire"))

    made = actions.create_project(by=outsider, name="Residents", purpose="Ours")

    assert made.organisation_id != project.organisation_id
