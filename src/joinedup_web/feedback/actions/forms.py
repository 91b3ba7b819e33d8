"""Deeds on forms: added, their questions changed as a draft, published as a version, opened and closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from joinedup.feedback import FormDefinition, FormError, definition_from
from joinedup.feedback.templates import templates
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Form, FormState, FormVersion, Service


@action("service.manage")
def create_form(
    deed: Deed, *, service: Service, template: str, name: str, one_answer_each: bool = False
) -> Form:
    """Add a form whose draft begins with a shipped template: satisfaction, unfinished, help, survey, consultation."""
    if service.organisation_id != deed.organisation_id:
        raise deed.refuse("other_organisation", "it belongs to another organisation")
    shipped = templates().get(template)
    if shipped is None:
        raise deed.refuse("no_such_template", "choose what the form is to begin with")
    _check_name(deed, service.id, name)
    made = Form.objects.create(
        service=service,
        kind=shipped.kind,
        name=name.strip(),
        one_answer_each=one_answer_each,
        draft=shipped.definition.as_dict(),
        draft_revision=1,
        created_by_id=deed.by.id,
        created_at=deed.at,
    )
    deed.record("form.added", service=service.id, form=made.id, purpose=made.kind)
    return made


@action("service.manage")
def change_form(deed: Deed, *, form: Form, name: str, one_answer_each: bool) -> Form:
    """Change a form's name, and whether it is answered through invitations alone."""
    row = _locked(deed, form)
    if (row.name, row.one_answer_each) == (name.strip(), one_answer_each):
        raise deed.refuse("nothing_changed", "nothing was changed")
    if row.name != name.strip():
        _check_name(deed, row.service_id, name, own=row.id)
    row.name, row.one_answer_each = name.strip(), one_answer_each
    row.save()
    deed.record("form.changed", form=row.id, one_answer_each=one_answer_each)
    return row


@action("service.manage")
def change_draft(
    deed: Deed, *, form: Form, definition: FormDefinition | Mapping[str, Any], revision: int
) -> Form:
    """Put another draft of the questions in place of the one that was read at `revision`.

    Raises FormError for questions that could not be asked, and refuses a draft that somebody else changed meanwhile.
    """
    asked = definition if isinstance(definition, FormDefinition) else definition_from(definition)
    whole = definition_from(asked.as_dict())
    row = _locked(deed, form)
    _refuse_stale(deed, row, revision)
    row.draft, row.draft_revision = whole.as_dict(), row.draft_revision + 1
    row.save()
    deed.record("form.edited", form=row.id, questions=len(whole.questions))
    return row


@action("service.manage")
def drop_draft(deed: Deed, *, form: Form, revision: int) -> Form:
    """Take the changes back that were not published: the questions are those of the newest version again."""
    row = _locked(deed, form)
    _refuse_stale(deed, row, revision)
    newest = row.versions.first()
    if newest is None or row.draft is None:
        raise deed.refuse("nothing_to_drop", "there are no changes to take back")
    row.draft, row.draft_revision = None, row.draft_revision + 1
    row.save()
    deed.record("form.edited", form=row.id, questions=len(definition_from(newest.definition).questions))
    return row


@action("service.manage")
def publish(deed: Deed, *, form: Form, revision: int) -> FormVersion:
    """Put the draft to use: whoever comes from now on is asked these questions. Earlier versions never change."""
    row = _locked(deed, form)
    _refuse_stale(deed, row, revision)
    if row.draft is None:
        raise deed.refuse("nothing_to_publish", "there are no changes to publish")
    try:
        whole = definition_from(row.draft)
    except FormError as error:
        raise deed.refuse("cannot_be_asked", f"{error.where}: {error.what}") from error
    newest = row.versions.first()
    if newest is not None and newest.definition == row.draft:
        raise deed.refuse("nothing_to_publish", "the draft is the same as the newest version")
    made = FormVersion.objects.create(
        form=row,
        number=newest.number + 1 if newest is not None else 1,
        definition=whole.as_dict(),
        made_by_id=deed.by.id,
        made_at=deed.at,
    )
    row.draft, row.draft_revision = None, row.draft_revision + 1
    row.save()
    deed.record("form.published", form=row.id, version=made.number, questions=len(whole.questions))
    return made


@action("service.manage")
def open_form(
    deed: Deed, *, form: Form, opens_at: datetime | None = None, closes_at: datetime | None = None
) -> Form:
    """Let a form take answers: at once, or between two moments. Also changes those moments of an open one."""
    row = _locked(deed, form)
    if not row.versions.exists():
        raise deed.refuse("not_published", "publish the questions first")
    if not row.service.is_active:
        raise deed.refuse("service_closed", "the service is closed; open it again first")
    if row.service.duty_person_id is None:
        raise deed.refuse(
            "no_duty_person",
            "name the service’s duty person first: a comment may say that somebody is in danger",
        )
    if closes_at is not None and closes_at <= max(opens_at or deed.at, deed.at):
        raise deed.refuse("closes_too_early", "the form must close after it opens, and later than now")
    if row.state == FormState.OPEN and (row.opens_at, row.closes_at) == (opens_at, closes_at):
        raise deed.refuse("open_already", "the form is open already, with these dates")
    row.state, row.opens_at, row.closes_at = FormState.OPEN, opens_at, closes_at
    row.save()
    deed.record("form.opened", form=row.id)
    return row


@action("service.manage")
def close_form(deed: Deed, *, form: Form) -> Form:
    """Stop taking answers; those that came stay."""
    row = _locked(deed, form)
    if row.state != FormState.OPEN:
        raise deed.refuse("not_open", "the form is not open")
    row.state = FormState.CLOSED
    row.save()
    deed.record("form.closed", form=row.id)
    return row


def _locked(deed: Deed, form: Form) -> Form:
    """The form as it is now. Raises Form.DoesNotExist for one of another organisation than the deed's."""
    rows = Form.objects.select_for_update(of=("self",)).select_related("service")
    return rows.get(id=form.id, service__organisation_id=deed.organisation_id)


def _check_name(deed: Deed, service_id: UUID, name: str, *, own: UUID | None = None) -> None:
    if not name.strip():
        raise deed.refuse("no_name", "enter a name")
    if Form.objects.filter(service_id=service_id, name__iexact=name.strip()).exclude(id=own).exists():
        raise deed.refuse("name_taken", "this service has a form of that name already")


def _refuse_stale(deed: Deed, row: Form, revision: int) -> None:
    if row.draft_revision != revision:
        raise deed.refuse(
            "changed_meanwhile", "somebody else changed the questions meanwhile; look at them again"
        )
