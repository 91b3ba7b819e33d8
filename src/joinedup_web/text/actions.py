"""What may be done about models that read text: switched, evaluated, written about. Permission, rows, event in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from joinedup.text import FEATURES, register
from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.linkage.actions.outcome import fault_of, problem_of
from joinedup_web.text import jobs, own_figures
from joinedup_web.text.models import Evaluation, FeatureSwitch, RegisterEntry
from joinedup_web.text.switches import is_on

SHIPPED, OWN = "shipped", "own"
UNDER_WAY = ("waiting", "running")
LONGEST = 4_000


@action("model.switch")
def switch_feature(deed: Deed, *, feature: str, on: bool, reason: str) -> FeatureSwitch:
    """Switch a feature off or on; it acts from the next batch of texts on."""
    known = FEATURES[feature]
    where = _organisation(deed)
    if not known.may_switch_off:
        raise deed.refuse("must_stay_on", known.without[:1].lower() + known.without[1:])
    if not reason.strip():
        raise deed.refuse("no_reason", "say why")
    if is_on(where, feature) == on:
        raise deed.refuse("as_it_is", f"it is {'on' if on else 'off'} already")
    told = {"is_on": on, "reason": reason.strip(), "changed_by_id": deed.by.id, "changed_at": deed.at}
    switch, _ = FeatureSwitch.objects.update_or_create(organisation_id=where, feature=feature, defaults=told)
    deed.record("feature.switched", feature=feature, is_on=on)
    return switch


@action("model.evaluate")
def ask_evaluation(deed: Deed, *, feature: str, suite: str) -> Evaluation:
    """Ask for an evaluation: of the shipped texts by a job, of people's own decisions at once."""
    where = _organisation(deed)
    if FEATURES[feature].is_language_model:
        if not is_on(where, feature):
            raise deed.refuse(
                "off", "it is off: switch it on first, since evaluating asks the language model"
            )
        if not jobs.has_language_model():
            raise deed.refuse("no_model", "no language model is set up here")
    if Evaluation.objects.filter(organisation_id=where, feature=feature, state__in=UNDER_WAY).exists():
        raise deed.refuse("under_way", "an evaluation of it is under way; wait until it has ended")
    told = own_figures.decided(feature, where) if suite == OWN else None
    if suite == OWN and (told is None or not told.texts):
        raise deed.refuse("nothing_decided", "nobody has decided on any of its suggestions yet")
    made = Evaluation.objects.create(
        organisation_id=where, feature=feature, suite=suite, asked_by_id=deed.by.id, asked_at=deed.at
    )
    deed.record("evaluation.asked", evaluation=made.id, feature=feature, suite=suite)
    if told is None:
        deed.after_commit(lambda: jobs.evaluate.enqueue(str(made.id)))
        return made
    from joinedup_web.text.knowing import model_now

    made.model, made.version = model_now(where, feature)
    made.protocol = {
        "texts": "suggestions that the organisation's people decided on",
        "size": told.texts,
        **dict(told.told),
    }
    made.figures, made.state, made.finished_at = dict(told.figures), "done", deed.at
    made.save()
    deed.record("evaluation.finished", evaluation=made.id, feature=feature, texts=told.texts)
    return made


@action("model.evaluate")
def write_entry(deed: Deed, *, feature: str, fields: Mapping[str, str]) -> RegisterEntry:
    """Keep what a person wrote in a transparency record. An empty field is filled by itself again."""
    where = _organisation(deed)
    known = {field.name for field in register.fields()}
    kept = {name: text.strip()[:LONGEST] for name, text in fields.items() if name in known and text.strip()}
    told = {"fields": kept, "changed_by_id": deed.by.id, "changed_at": deed.at}
    entry, _ = RegisterEntry.objects.update_or_create(organisation_id=where, feature=feature, defaults=told)
    deed.record("register.edited", feature=feature, fields=len(kept))
    return entry


@action("model.view")
def note_export(deed: Deed, *, table: str, rows: int, is_filtered: bool = False) -> None:
    """A list of models' uses is downloaded; it holds nothing of any text."""
    deed.record("table.exported", table=table, rows=rows, filtered=is_filtered)


def start_evaluation(evaluation: Evaluation) -> bool:
    """Claim an evaluation that waits; False where somebody else has it."""
    claimed = Evaluation.objects.filter(id=evaluation.id, state="waiting")
    return bool(claimed.update(state="running", heartbeat_at=timezone.now()))


def give_back(evaluation: Evaluation) -> None:
    """Let another worker take an evaluation up."""
    Evaluation.objects.filter(id=evaluation.id, state="running").update(state="waiting", heartbeat_at=None)


def finish_evaluation(evaluation: Evaluation, answer: Mapping[str, Any]) -> None:
    """Keep how an evaluation ended."""
    _finish(by=SYSTEM, organisation_id=evaluation.organisation_id, evaluation=evaluation, answer=answer)


@action(None)
def _finish(deed: Deed, *, evaluation: Evaluation, answer: Mapping[str, Any]) -> None:
    evaluation.finished_at = deed.at
    told = {"evaluation": evaluation.id, "feature": evaluation.feature}
    if "finished" not in answer:
        evaluation.state, evaluation.problem = "failed", problem_of(answer)
        evaluation.save()
        deed.record("evaluation.failed", **told, fault=fault_of(answer))
        return
    done = answer["finished"]
    evaluation.state, evaluation.figures = "done", done["figures"]
    evaluation.model, evaluation.version = done["model"][:100], done["version"][:100]
    evaluation.protocol = {**done["protocol"], "size": done["texts"], "missed": done["missed"]}
    evaluation.save()
    deed.record("evaluation.finished", **told, texts=done["texts"])


def _organisation(deed: Deed) -> UUID:
    if deed.by.organisation_id is None:
        raise deed.refuse("no_organisation", "choose an organisation first")
    return deed.by.organisation_id
