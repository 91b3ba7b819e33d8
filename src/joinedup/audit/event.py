"""Every kind of event that is recorded, with its fields, in one place.

A new thing worth recording is one entry here; nothing else can be recorded. Who acted, for which organisation
and when belongs to every event (record.py), so the fields say only what is particular.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from joinedup.audit.error import AuditError
from joinedup.audit.field import FieldSpec, FieldType, FieldValue, checked_fields


@dataclass(frozen=True)
class EventKind:
    """One kind of event.

    name: as recorded. what: a sentence for people. about_person: it concerns a person's data, who may ask to
    see it. alarm: somebody is told at once.
    """

    name: str
    what: str
    fields: tuple[FieldSpec, ...] = ()
    about_person: bool = False
    alarm: bool = False


def check_fields(kind: str, fields: Mapping[str, object]) -> dict[str, FieldValue]:
    """Return the fields of an event of that kind in canonical form, in the order of their names.

    Raises AuditError for a kind that is not listed, for unknown or missing fields, and for anything that is
    not of its field's closed shape. The message names kind and field, and no value.
    """
    known = EVENT_KINDS.get(kind)
    if known is None:
        raise AuditError(
            what="no such kind of event", mend="use a kind of EVENT_KINDS, or add one to audit/event.py"
        )
    return checked_fields(known.fields, fields, where=f"event {known.name}")


def _of(kind: FieldType, name: str) -> FieldSpec:
    """A field whose name ends in "?" is optional."""
    return FieldSpec(name.removesuffix("?"), kind, optional=name.endswith("?"))


def _id(name: str) -> FieldSpec:
    return _of(FieldType.ID, name)


def _token(name: str) -> FieldSpec:
    return _of(FieldType.TOKEN, name)


def _count(name: str) -> FieldSpec:
    return _of(FieldType.COUNT, name)


def _code(name: str) -> FieldSpec:
    return _of(FieldType.CODE, name)


def _codes(name: str) -> FieldSpec:
    return _of(FieldType.CODES, name)


def _digest(name: str) -> FieldSpec:
    return _of(FieldType.DIGEST, name)


def _instant(name: str) -> FieldSpec:
    return _of(FieldType.INSTANT, name)


def _flag(name: str) -> FieldSpec:
    return _of(FieldType.FLAG, name)


def _one_of(name: str, *choices: str) -> FieldSpec:
    return FieldSpec(name.removesuffix("?"), FieldType.CHOICE, choices, optional=name.endswith("?"))


def _kind(
    name: str, what: str, *fields: FieldSpec, about_person: bool = False, alarm: bool = False
) -> EventKind:
    return EventKind(name, what, fields, about_person, alarm)


_FACTOR = ("passkey", "totp", "recovery_codes")
_WAY_IN = (
    "passkey",
    "password_passkey",
    "password_totp",
    "password_recovery_code",
    "openid_connect",
    "demonstration",
)
_JOB_FAULT = ("source", "model", "limit", "missing_extra", "service", "worker_lost", "fault")
_RESULT = ("pairs", "people", "joined", "model", "run", "report", "review")
_WORD = ("same", "different", "unsure")

_KINDS = (
    # Staff signing in, and what proves who they are.
    _kind("sign_in.succeeded", "A member of staff signed in.", _one_of("method", *_WAY_IN)),
    _kind(
        "sign_in.failed",
        "Somebody tried to sign in as staff and was refused.",
        _one_of(
            "reason",
            *("unknown_account", "wrong_password", "wrong_code", "wrong_passkey", "account_disabled"),
            *("account_locked", "invitation_open", "provider_refused", "too_many_attempts"),
        ),
        _id("account?"),
    ),
    _kind(
        "sign_in.locked",
        "An account was locked after failed attempts.",
        *(_id("account?"), _count("failures"), _instant("until")),
    ),
    _kind(
        "sign_in.password_right", "A right password was given; a second factor is asked next.", _id("account")
    ),
    _kind("sign_in.factor_right", "A right factor was given.", _id("account"), _one_of("factor", *_FACTOR)),
    _kind("sign_in.confirmed", "Somebody proved again who they are.", _one_of("method", *_WAY_IN)),
    _kind("sign_in.provider_refused", "The staff provider's answer led to nobody.", _code("fault")),
    _kind("sign_in.ended", "A member of staff signed out."),
    _kind(
        "session.ended_by_force",
        "Sessions of an account were ended by somebody or something else.",
        _id("account"),
        _count("sessions"),
        _one_of("reason", "by_owner", "by_administrator", "account_disabled", "proof_changed", "timed_out"),
    ),
    _kind("mfa.begun", "Setting up a second factor began.", _id("account"), _one_of("factor", *_FACTOR)),
    _kind("mfa.enrolled", "A second factor was added.", _id("account"), _one_of("factor", *_FACTOR)),
    _kind("mfa.removed", "A second factor was removed.", _id("account"), _one_of("factor", *_FACTOR)),
    _kind("password.changed", "A password was set.", _id("account")),
    _kind(
        "recovery.asked",
        "Somebody who lost every factor asked to get back in.",
        _id("account?"),
        _id("recovery?"),
    ),
    _kind(
        "recovery.approved",
        "A second person made sure who somebody is, and let them set up new factors.",
        *(_id("account"), _id("recovery"), _one_of("checked", "in_person", "video", "manager")),
    ),
    _kind("recovery.refused", "A second person refused a recovery.", _id("account"), _id("recovery")),
    _kind("recovery.used", "Somebody got back in by a recovery.", _id("account"), _id("recovery")),
    # Accounts, roles and what they open.
    _kind("invitation.sent", "Somebody was invited.", _id("invitation"), _code("role"), _instant("until")),
    _kind("invitation.accepted", "An invitation was accepted.", _id("invitation"), _id("account")),
    _kind("invitation.expired", "An invitation ran out.", _id("invitation")),
    _kind("invitation.withdrawn", "An invitation was withdrawn.", _id("invitation")),
    _kind(
        "account.created",
        "A staff account was made.",
        *(_id("account"), _one_of("by", "invitation", "command_line", "openid_connect", "demonstration")),
    ),
    _kind(
        "account.disabled",
        "A staff account was closed.",
        *(_id("account"), _one_of("reason", "left", "review", "unused", "compromised", "duplicate")),
    ),
    _kind("account.provider_linked", "An account was tied to the staff provider.", _id("account")),
    _kind("account.enabled", "A closed staff account was opened again.", _id("account")),
    _kind("role.granted", "A role was granted.", _id("account"), _code("role"), _instant("until?")),
    _kind("role.removed", "A role was taken away.", _id("account"), _code("role")),
    _kind("role.defined", "An organisation made a role of its own.", _code("role"), _codes("permissions")),
    _kind("role.changed", "An organisation changed a role of its own.", _code("role"), _codes("permissions")),
    _kind("role.withdrawn", "An organisation took a role of its own out of use.", _code("role")),
    _kind("access.review_opened", "A review of access was opened.", _id("review"), _count("roles")),
    _kind(
        "access.role_reviewed",
        "A reviewer decided whether somebody keeps a role.",
        *(_id("review"), _id("account"), _code("role"), _one_of("decision", "keep", "end")),
    ),
    _kind(
        "access.reviewed",
        "An organisation's accounts and roles were reviewed.",
        *(_id("review"), _count("accounts"), _count("kept"), _count("removed")),
    ),
    _kind(
        "access.refused",
        "The gate refused a deed or a read.",
        _code("permission"),
        _code("reason"),
        _code("object_kind?"),
        _id("object?"),
    ),
    _kind(
        "break_glass.opened",
        "Emergency access was opened.",
        _id("grant"),
        _one_of("reason", "incident", "safeguarding", "service_down", "exercise"),
        _instant("until"),
        alarm=True,
    ),
    _kind(
        "break_glass.closed",
        "Emergency access was closed.",
        *(_id("grant"), _one_of("by", "hand", "time"), _count("deeds?")),
        alarm=True,
    ),
    _kind(
        "break_glass.reviewed",
        "A second person looked at how emergency access was used.",
        *(_id("grant"), _flag("was_justified")),
    ),
    # Organisations and machine clients.
    _kind("organisation.created", "An organisation was added.", _id("subject_organisation")),
    _kind(
        "organisation.changed",
        "What is held about an organisation was changed.",
        _id("subject_organisation"),
        _one_of("part", "name", "kind", "identifiers", "parent", "contact", "settings", "closed"),
    ),
    _kind(
        "officer.named",
        "An organisation named an officer.",
        _one_of("office", "dpo", "siro", "information_asset_owner", "caldicott_guardian"),
        _id("account"),
    ),
    _kind(
        "officer.ended",
        "Somebody's time in a post ended.",
        _one_of("office", "dpo", "siro", "information_asset_owner", "caldicott_guardian"),
        _id("account"),
    ),
    _kind(
        "client.registered",
        "A machine client was registered.",
        *(_id("client"), _one_of("proves_by", "private_key", "secret"), _codes("scopes")),
    ),
    _kind("client.key_rotated", "A machine client's key was changed.", _id("client"), _digest("key?")),
    _kind("client.proof_ended", "A key or secret of a machine client was ended.", _id("client")),
    _kind("client.withdrawn", "A machine client was withdrawn.", _id("client")),
    _kind(
        "client.token_issued", "A machine client was given an access token.", _id("client"), _codes("scopes")
    ),
    _kind(
        "client.token_refused",
        "A machine client was refused an access token.",
        _id("client?"),
        _one_of(
            "reason",
            *("malformed", "unknown_client", "wrong_proof", "replayed", "expired", "scope", "withdrawn"),
        ),
    ),
    # The main job: sources, link jobs, pairs, results.
    _kind("project.created", "A project was begun.", _id("project")),
    _kind(
        "project.purposes_changed",
        "It was settled for which purposes a project's joined records may be read.",
        *(_id("project"), _codes("purposes")),
    ),
    _kind(
        "source.uploaded",
        "A file was uploaded as a source.",
        *(_id("source"), _digest("content")),
    ),
    _kind(
        "source.measured",
        "A source was read and measured.",
        *(_id("source"), _count("rows"), _count("rows_aside")),
    ),
    _kind(
        "source.report_downloaded",
        "The quality report or the action plan of a source was downloaded.",
        *(_id("source"), _one_of("part", "quality", "action_plan")),
    ),
    _kind("source.unreadable", "A source could not be read.", _id("source")),
    _kind(
        "source.reading_changed",
        "Somebody chose how a source is read, and it is measured again.",
        *(_id("source"), _codes("parts")),
    ),
    _kind("source.meanings_checked", "Somebody checked what the columns of a source mean.", _id("source")),
    _kind("source.removed", "A source was removed.", _id("source")),
    _kind(
        "source.meaning_corrected",
        "Somebody corrected what a column of a source means.",
        *(_id("source"), _count("column"), _code("meaning")),
    ),
    _kind(
        "link_job.queued",
        "A link job was asked for.",
        *(_id("job"), _one_of("job_kind", "link", "dedupe", "link_and_dedupe"), _count("sources")),
    ),
    _kind("link_job.started", "A link job began.", _id("job")),
    _kind("link_job.cancelled", "A link job was cancelled.", _id("job")),
    _kind("link_job.resumed", "A link job was taken up again.", _id("job")),
    _kind(
        "link_job.finished",
        "A link job ended well.",
        *(_id("job"), _count("records"), _count("pairs"), _count("people"), _digest("run?")),
    ),
    _kind("link_job.failed", "A link job ended badly.", _id("job"), _one_of("fault", *_JOB_FAULT)),
    _kind("run.compared", "Two runs were compared.", _id("run"), _id("with_run")),
    _kind(
        "results.downloaded",
        "Results of a run were downloaded.",
        *(_id("run"), _one_of("part", *_RESULT), _count("rows?")),
        about_person=True,
    ),
    _kind(
        "pair.viewed",
        "A clerk was shown the two records of a pair.",
        *(_id("pair"), _code("purpose")),
        about_person=True,
    ),
    _kind(
        "pair.decided",
        "A clerk decided on a pair of records.",
        *(_id("pair"), _one_of("decision", *_WORD)),
        about_person=True,
    ),
    _kind("pair.skipped", "A clerk left a pair to somebody else.", _id("pair")),
    _kind("pair.decision_undone", "A clerk took a decision back.", _id("pair"), about_person=True),
    _kind("pair.second_opinion_asked", "A second opinion was asked for.", _id("pair"), about_person=True),
    _kind(
        "pair.second_opinion_given",
        "A second opinion was given.",
        *(_id("pair"), _one_of("decision", *_WORD), _flag("agrees")),
        about_person=True,
    ),
    _kind(
        "sample.asked",
        "Somebody asked for pairs of a run to be drawn at random.",
        *(_id("sample"), _id("run"), _count("pairs")),
    ),
    _kind("sample.failed", "Pairs could not be drawn.", _id("sample")),
    _kind(
        "people.listed", "The people of a run were listed for looking them up.", _id("run"), _count("people")
    ),
    _kind(
        "sample.drawn",
        "Pairs of a run were drawn at random for clerks to read.",
        *(_id("sample"), _id("run"), _count("pairs")),
    ),
    _kind(
        "model.retrained", "A model was trained anew.", _id("model"), _count("decisions"), _digest("content?")
    ),
    _kind(
        "record.purpose_stated",
        "Somebody said for which purpose they are going to read joined records.",
        *(_id("statement"), _id("project"), _code("purpose")),
    ),
    _kind("record.purpose_ended", "Somebody ended the reading of joined records.", _id("statement")),
    _kind(
        "record.searched",
        "Somebody searched for a person's joined record.",
        *(_one_of("by", "identifier", "name"), _count("found"), _code("purpose"), _id("statement?")),
        about_person=True,
    ),
    _kind(
        "record.viewed",
        "A person's record was read for a stated purpose.",
        *(_token("subject"), _code("purpose"), _id("statement?"), _id("run?"), _id("index?")),
        about_person=True,
    ),
    _kind(
        "record.matched",
        "Somebody asked whom a person with certain details may be.",
        *(_id("index"), _count("found"), _code("purpose"), _id("statement?")),
        about_person=True,
    ),
    # The person index.
    _kind(
        "index.change_asked",
        "A change of a person index was asked for.",
        *(_id("index"), _id("change"), _one_of("change_kind", "build", "add", "decide", "undo")),
    ),
    _kind(
        "index.changed",
        "A person index was changed.",
        *(_id("index"), _id("change"), _count("version"), _count("records"), _count("people")),
        *(_count("added"), _count("removed"), _count("merged"), _count("split")),
    ),
    _kind(
        "index.change_failed",
        "A change of a person index ended badly; the index is as it was.",
        *(_id("index"), _id("change"), _one_of("fault", *_JOB_FAULT)),
    ),
    _kind(
        "record.read_unusually",
        "Somebody opened the records of unusually many people within a day.",
        *(_count("people"), _count("hours")),
        alarm=True,
    ),
    _kind(
        "table.exported",
        "A table was exported.",
        *(_code("table"), _count("rows"), _flag("filtered")),
        about_person=True,
    ),
    # Citizens, by GOV.UK One Login.
    _kind("citizen.signed_in", "A citizen signed in.", about_person=True),
    _kind(
        "citizen.identity_proved",
        "A citizen proved who they are.",
        _one_of("confidence", "p1", "p2", "p3"),
        _codes("return_codes?"),
        about_person=True,
    ),
    _kind(
        "citizen.identity_failed",
        "A citizen's identity was not proved.",
        _code("fault"),
        _codes("return_codes?"),
        about_person=True,
    ),
    _kind(
        "citizen.signed_out",
        "A citizen's session ended.",
        _one_of("by", "person", "time", "provider"),
        about_person=True,
    ),
    # Nobody is named: the person's token was made unlinkable in the same deed.
    _kind("citizen.account_deleted", "A citizen deleted their account.", _count("sessions")),
    _kind(
        "citizen.back_channel_logout_accepted",
        "The sign-in provider ended a citizen's sessions.",
        *(_token("subject?"), _count("sessions")),
        about_person=True,
    ),
    _kind("citizen.back_channel_logout_refused", "A logout message was refused.", _code("fault")),
    _kind("citizen.sign_in_refused", "An answer of the sign-in provider was refused.", _code("fault")),
    # Keys, keeping and erasing.
    _kind(
        "key.rotated",
        "A key was replaced.",
        *(_code("purpose"), _digest("key"), _digest("before")),
    ),
    _kind(
        "retention.applied",
        "What had been kept long enough was removed.",
        *(_code("store"), _count("removed"), _count("held"), _instant("before")),
    ),
    _kind("retention.set", "How long something is kept was set.", _code("store"), _count("days")),
    _kind("legal_hold.placed", "Something must be kept until further notice.", _id("hold"), _code("store")),
    _kind("legal_hold.lifted", "A legal hold ended.", _id("hold")),
    _kind("erasure.asked", "An erasure was asked for.", _id("erasure"), _count("records"), about_person=True),
    _kind(
        "erasure.decided",
        "An erasure was approved or refused.",
        *(_id("erasure"), _flag("approved")),
        about_person=True,
    ),
    # No subject here: naming the token that was just made unlinkable would link it to this request.
    _kind(
        "erasure.carried_out",
        "A person's data were erased.",
        *(_id("erasure"), _count("stores"), _count("removed"), _count("held")),
        about_person=True,
    ),
    _kind("backup.made", "A backup was made.", _id("backup"), _digest("content"), _count("last_event")),
    _kind(
        "backup.restored", "A backup was restored.", _id("backup"), _digest("content"), _count("last_event")
    ),
    # The evidence itself, and the machine.
    _kind("checkpoint.signed", "A checkpoint was signed.", _count("size"), _digest("root"), _digest("key")),
    _kind(
        "audit.exported",
        "The audit record was exported.",
        *(_count("first"), _count("events"), _digest("manifest")),
    ),
    _kind(
        "audit.verified",
        "The audit record was verified.",
        *(_id("run"), _count("events"), _count("problems"), _flag("good")),
    ),
    _kind("audit.verification_asked", "Somebody asked that the audit record be verified.", _id("run")),
    _kind(
        "audit.gap_found",
        "Events of a writer are missing: they were taken out before they were sequenced.",
        *(_id("writer"), _count("expected"), _count("found")),
        alarm=True,
    ),
)

EVENT_KINDS: Mapping[str, EventKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Every kind of event by its name; read-only."""
