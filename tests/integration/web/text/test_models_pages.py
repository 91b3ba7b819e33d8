"""Models that read text: seen, switched, evaluated, written about; every step on record and refused in turn."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from joinedup.audit import EVENT_KINDS
from joinedup.llm import Kind, Supplier
from joinedup.text import FEATURES
from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.text import actions, jobs, models_here, own_figures, switches
from joinedup_web.text.models import Evaluation, FeatureSwitch, ModelUse, RegisterEntry
from joinedup_web.text.uses import keep_use
from support.drafting_model import drafting_model
from support.fake_language_model import fake_language_model
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def by(role: str, where=None):
    return acting(staff(role, where=where), where)


def switched_off(feature: str) -> None:
    actions.switch_feature(by=by("adviser"), feature=feature, on=False, reason="Evaluation was poor")


def evaluated(feature: str = "mask") -> Evaluation:
    found = actions.ask_evaluation(by=by("analyst"), feature=feature, suite="shipped")
    jobs.evaluate.func(str(found.id))
    found.refresh_from_db()
    return found


@pytest.fixture
def with_language_model(monkeypatch):
    """The settings name a server on this machine, which answers sensibly."""
    subjects = {"hold|call|rang|phone|menu|helpline": "Calls", "code|password|account|log": "Signing in"}
    with fake_language_model([drafting_model(subjects)]) as served:
        given = replace(settings.JOINEDUP, language_model=Supplier(Kind.VLLM, served.url, "fake"))
        monkeypatch.setattr(settings, "JOINEDUP", given)
        models_here.language_model.cache_clear()
        yield served
        models_here.language_model.cache_clear()


def test_the_list_tells_every_feature_and_whether_it_is_on(client_of):
    page = client_of("leader").get(reverse("text:features")).content.decode()

    for feature in FEATURES.values():
        assert feature.name in page
    assert "Not set up" not in page  # drafting by a language model is off as shipped
    assert len(re.findall(r"<strong[^>]*>\s*Off\s*</strong>", page)) == 1


def test_a_feature_is_switched_off_at_once_and_on_again_and_both_are_on_record(client_of):
    client, place = client_of("adviser"), organisation()
    address = reverse("text:switch", args=["sentiment"])
    assert switches.is_on(place.id, "sentiment")

    client.post(address, {"reason": "Figures fell"})

    assert not switches.is_on(place.id, "sentiment")
    assert "Figures fell" in client.get(reverse("text:feature", args=["sentiment"])).content.decode()
    client.post(address, {"reason": "Mended"})
    assert switches.is_on(place.id, "sentiment")
    told = [event.fields for event in Event.objects.filter(kind="feature.switched").order_by("at")]
    assert told == [{"feature": "sentiment", "is_on": False}, {"feature": "sentiment", "is_on": True}]


def test_a_switch_needs_a_reason_and_changes_nothing_without(client_of):
    answer = client_of("adviser").post(reverse("text:switch", args=["tag"]), {"reason": " "})

    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    assert not FeatureSwitch.objects.exists()


@pytest.mark.parametrize("feature", ["mask", "danger"])
def test_what_keeps_people_safe_has_no_switch(client_of, feature):
    answer = client_of("adviser").post(reverse("text:switch", args=[feature]), {"reason": "x"})

    assert answer.status_code == 404
    with pytest.raises(Refused):
        actions.switch_feature(by=by("adviser"), feature=feature, on=False, reason="x")
    assert switches.is_on(organisation().id, feature)


def test_one_organisations_switch_is_not_anothers():
    switched_off("route")

    assert not switches.is_on(organisation().id, "route")
    assert switches.is_on(organisation("Southshire Council").id, "route")


def test_an_analyst_may_not_switch_and_a_leader_may_not_evaluate(client_of):
    assert client_of("analyst").get(reverse("text:switch", args=["tag"])).status_code == 403
    answer = client_of("leader").post(reverse("text:evaluate", args=["tag"]), {"suite": "shipped"})
    assert answer.status_code == 403
    assert not Evaluation.objects.exists()


def test_an_evaluation_runs_and_its_figures_stand_on_its_page(client_of, in_this_process):
    client = client_of("analyst")
    answer = client.post(reverse("text:evaluate", args=["mask"]), {"suite": "shipped"})
    found = Evaluation.objects.get()
    assert answer.headers["Location"] == reverse("text:evaluation", args=[found.id])
    assert "runs in the background" in client.get(answer.headers["Location"]).content.decode()

    jobs.evaluate.func(str(found.id))

    found.refresh_from_db()
    assert found.state == "done"
    assert found.figures["recall"] >= 0.98
    page = client.get(answer.headers["Location"]).content.decode()
    assert "98%" in page  # the floor
    assert "Found of what there was" in page
    finished = Event.objects.get(kind="evaluation.finished").fields
    assert finished["texts"] == found.protocol["size"]


def test_a_second_evaluation_waits_for_the_first():
    actions.ask_evaluation(by=by("analyst"), feature="mask", suite="shipped")

    with pytest.raises(Refused, match="under way"):
        actions.ask_evaluation(by=by("analyst"), feature="mask", suite="shipped")


def test_a_job_done_twice_keeps_one_result(in_this_process):
    found = evaluated()
    jobs.evaluate.func(str(found.id))

    assert Event.objects.filter(kind="evaluation.finished").count() == 1


def test_an_evaluation_whose_worker_was_lost_is_taken_up_again(in_this_process):
    found = actions.ask_evaluation(by=by("analyst"), feature="mask", suite="shipped")
    long_ago = timezone.now() - timedelta(hours=1)
    Evaluation.objects.filter(id=found.id).update(state="running", heartbeat_at=long_ago, asked_at=long_ago)

    assert jobs.take_up_abandoned() == 1
    found.refresh_from_db()
    assert found.state == "waiting"


def test_an_evaluation_that_fails_says_what_and_how_to_mend_it(monkeypatch, client_of):
    problem = {"what": "the weights are spoilt", "where": "minilm", "mend": "fetch them again"}
    monkeypatch.setattr(jobs, "in_child", lambda *_, **__: {"problem": {**problem, "error": "ModelError"}})
    found = evaluated("sentiment")

    page = client_of("analyst").get(reverse("text:evaluation", args=[found.id])).content.decode()
    assert "The weights are spoilt" in page
    assert "Fetch them again" in page
    assert Event.objects.get(kind="evaluation.failed").fields["fault"] == "model"


@pytest.mark.slow
def test_a_real_process_evaluates():
    found = evaluated("language")

    assert found.state == "done"
    assert found.figures["kept_from_models"] == 1


def test_a_language_model_is_asked_only_where_it_is_set_up_and_on(with_language_model, client_of):
    with pytest.raises(Refused, match="off"):
        actions.ask_evaluation(by=by("analyst"), feature="theme_drafts", suite="shipped")
    actions.switch_feature(by=by("adviser"), feature="theme_drafts", on=True, reason="Agreed by the board")

    found = evaluated("theme_drafts")

    assert found.state == "done", found.problem
    assert found.model == "fake"
    assert found.figures["injections_obeyed"] == 0
    assert with_language_model.asked
    use = ModelUse.objects.get(feature="theme_drafts")
    assert use.items == found.protocol["size"]
    page = client_of("analyst").get(reverse("text:features")).content.decode()
    assert "fake" in page


def test_without_a_language_model_it_cannot_be_evaluated():
    actions.switch_feature(by=by("adviser"), feature="theme_drafts", on=True, reason="Agreed")

    with pytest.raises(Refused, match="no language model"):
        actions.ask_evaluation(by=by("analyst"), feature="theme_drafts", suite="shipped")


def test_peoples_own_decisions_are_an_evaluation_too(monkeypatch, client_of):
    told = own_figures.Decided(40, {"accepted": 0.9}, (("accepted", 36), ("rejected", 4)))
    monkeypatch.setitem(own_figures._COUNTERS, "tag", lambda organisation_id: told)

    found = actions.ask_evaluation(by=by("analyst"), feature="tag", suite="own")

    assert (found.state, found.figures) == ("done", {"accepted": 0.9})
    page = client_of("analyst").get(reverse("text:feature", args=["tag"])).content.decode()
    assert "Accepted of what it suggested" in page or "accepted of what it suggested" in page
    assert "90%" in page


def test_nothing_decided_is_no_evaluation():
    with pytest.raises(Refused, match="nobody has decided"):
        actions.ask_evaluation(by=by("analyst"), feature="route", suite="own")


def test_uses_are_listed_with_model_version_and_prompt_and_exported_on_record(client_of):
    keep_use(
        organisation_id=organisation().id,
        feature="sentiment",
        model="sentiment by words",
        version="abc123",
        items=17,
    )
    keep_use(
        organisation_id=organisation("Southshire Council").id,
        feature="sentiment",
        model="SOUTH MODEL",
        version="zzz",
        items=3,
    )
    client = client_of("analyst")

    page = client.get(reverse("text:uses")).content.decode()
    exported = client.get(reverse("text:uses") + "?format=csv")
    rows = list(csv.DictReader(io.StringIO(exported.getvalue().decode())))

    assert "abc123" in page
    assert "SOUTH MODEL" not in page
    assert [row["Texts"] for row in rows] == ["17"]
    assert Event.objects.get(kind="table.exported").fields["table"] == "model_uses"


def test_the_transparency_record_fills_itself_and_people_write_the_rest(client_of, in_this_process):
    evaluated("mask")
    client = client_of("analyst")
    address = reverse("text:entry", args=["mask"])
    before = client.get(address).content.decode()
    assert "Northshire Council" in before
    assert "found of what there was: 100%" in before  # its performance, from the evaluation
    assert "senior responsible owner" in before  # still to be written

    client.post(
        reverse("text:write", args=["mask"]),
        {"senior_responsible_owner": "Director of digital", "name": "Masking in Northshire"},
    )

    entry = json.loads(client.get(address + "?format=json").content)
    values = {field["attribute"]: field for field in entry["fields"]}
    assert entry["standard_version"] == "4.0"
    assert values["senior_responsible_owner"]["value"] == "Director of digital"
    assert values["name"]["filled_by"] == "person"
    assert values["organisation_or_department"]["filled_by"] == "itself"
    assert RegisterEntry.objects.get().fields == {
        "senior_responsible_owner": "Director of digital",
        "name": "Masking in Northshire",
    }
    assert Event.objects.get(kind="register.edited").fields == {"feature": "mask", "fields": 2}


def test_an_emptied_field_fills_itself_again(client_of):
    client, address = client_of("analyst"), reverse("text:write", args=["tag"])
    client.post(address, {"name": "Ours"})
    client.post(address, {"name": ""})

    entry = json.loads(client.get(reverse("text:entry", args=["tag"]) + "?format=json").content)
    assert entry["fields"][0]["value"] == "Tagging of public feedback"


def test_the_record_as_csv_runs_no_formula(client_of):
    client = client_of("analyst")
    client.post(reverse("text:write", args=["tag"]), {"team": "=HYPERLINK(1)"})

    exported = client.get(reverse("text:entry", args=["tag"]) + "?format=csv").getvalue().decode()
    assert "\n=" not in exported
    assert ",=HYPERLINK" not in exported


def test_the_register_counts_what_is_still_to_be_written(client_of):
    page = client_of("leader").get(reverse("text:register")).content.decode()

    assert page.count("fields to write") == len(FEATURES)


def test_another_organisations_evaluation_is_not_found(client_of, in_this_process):
    south = organisation("Southshire Council")
    found = evaluated("mask")

    answer = client_of("analyst", south).get(reverse("text:evaluation", args=[found.id]))

    assert answer.status_code == 404
    page = client_of("analyst", south).get(reverse("text:feature", args=["mask"])).content.decode()
    assert "never evaluated" in page


@pytest.mark.parametrize("name", ["feature", "entry", "switch"])
def test_no_feature_of_that_name(client_of, name):
    assert client_of("adviser").get(reverse(f"text:{name}", args=["horoscope"])).status_code == 404


def test_codes_in_the_audit_record_are_those_of_the_list():
    field = next(f for f in EVENT_KINDS["feature.switched"].fields if f.name == "feature")

    assert set(field.choices) == set(FEATURES)
