"""Every kind of event that is recorded, with its fields, in one place.

A new thing worth recording is one entry here; nothing else can be recorded. Who acted, for which organisation
and when belongs to every event (record.py), so the fields say only what is particular.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from joinedup.audit.error import AuditError
from joinedup.audit.event_kind import (
    EventKind,
    code,
    codes,
    count,
    digest,
    flag,
    id_of,
    instant,
    kind_of,
    one_of,
    token,
)
from joinedup.audit.field import FieldValue, checked_fields
from joinedup.audit.kinds import KINDS


def check_fields(kind: str, fields: Mapping[str, object]) -> dict[str, FieldValue]:
    """Return the fields of an event of that kind in canonical form, in the order of their names.

    Raises AuditError for a kind that is not listed, for unknown or missing fields, and for anything that is
    not of its field's closed shape. The message names kind and field, and no value.
    """
    known = EVENT_KINDS.get(kind)
    if known is None:
        raise AuditError(
            what="no such kind of event", mend="use a kind of EVENT_KINDS, or add one to joinedup.audit"
        )
    return checked_fields(known.fields, fields, where=f"event {known.name}")


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
    kind_of("sign_in.succeeded", "A member of staff signed in.", one_of("method", *_WAY_IN)),
    kind_of(
        "sign_in.failed",
        "Somebody tried to sign in as staff and was refused.",
        one_of(
            "reason",
            *("unknown_account", "wrong_password", "wrong_code", "wrong_passkey", "account_disabled"),
            *("account_locked", "invitation_open", "provider_refused", "too_many_attempts"),
        ),
        id_of("account?"),
    ),
    kind_of(
        "sign_in.locked",
        "An account was locked after failed attempts.",
        *(id_of("account?"), count("failures"), instant("until")),
    ),
    kind_of(
        "sign_in.password_right",
        "A right password was given; a second factor is asked next.",
        id_of("account"),
    ),
    kind_of(
        "sign_in.factor_right", "A right factor was given.", id_of("account"), one_of("factor", *_FACTOR)
    ),
    kind_of("sign_in.confirmed", "Somebody proved again who they are.", one_of("method", *_WAY_IN)),
    kind_of("sign_in.provider_refused", "The staff provider's answer led to nobody.", code("fault")),
    kind_of("sign_in.ended", "A member of staff signed out."),
    kind_of(
        "session.ended_by_force",
        "Sessions of an account were ended by somebody or something else.",
        id_of("account"),
        count("sessions"),
        one_of("reason", "by_owner", "by_administrator", "account_disabled", "proof_changed", "timed_out"),
    ),
    kind_of("mfa.begun", "Setting up a second factor began.", id_of("account"), one_of("factor", *_FACTOR)),
    kind_of("mfa.enrolled", "A second factor was added.", id_of("account"), one_of("factor", *_FACTOR)),
    kind_of("mfa.removed", "A second factor was removed.", id_of("account"), one_of("factor", *_FACTOR)),
    kind_of("password.changed", "A password was set.", id_of("account")),
    kind_of(
        "recovery.asked",
        "Somebody who lost every factor asked to get back in.",
        id_of("account?"),
        id_of("recovery?"),
    ),
    kind_of(
        "recovery.approved",
        "A second person made sure who somebody is, and let them set up new factors.",
        *(id_of("account"), id_of("recovery"), one_of("checked", "in_person", "video", "manager")),
    ),
    kind_of("recovery.refused", "A second person refused a recovery.", id_of("account"), id_of("recovery")),
    kind_of("recovery.used", "Somebody got back in by a recovery.", id_of("account"), id_of("recovery")),
    # Accounts, roles and what they open.
    kind_of("invitation.sent", "Somebody was invited.", id_of("invitation"), code("role"), instant("until")),
    kind_of("invitation.accepted", "An invitation was accepted.", id_of("invitation"), id_of("account")),
    kind_of("invitation.expired", "An invitation ran out.", id_of("invitation")),
    kind_of("invitation.withdrawn", "An invitation was withdrawn.", id_of("invitation")),
    kind_of(
        "account.created",
        "A staff account was made.",
        *(id_of("account"), one_of("by", "invitation", "command_line", "openid_connect", "demonstration")),
    ),
    kind_of(
        "account.disabled",
        "A staff account was closed.",
        *(id_of("account"), one_of("reason", "left", "review", "unused", "compromised", "duplicate")),
    ),
    kind_of("account.provider_linked", "An account was tied to the staff provider.", id_of("account")),
    kind_of("account.enabled", "A closed staff account was opened again.", id_of("account")),
    kind_of("role.granted", "A role was granted.", id_of("account"), code("role"), instant("until?")),
    kind_of("role.removed", "A role was taken away.", id_of("account"), code("role")),
    kind_of("role.defined", "An organisation made a role of its own.", code("role"), codes("permissions")),
    kind_of("role.changed", "An organisation changed a role of its own.", code("role"), codes("permissions")),
    kind_of("role.withdrawn", "An organisation took a role of its own out of use.", code("role")),
    kind_of("access.review_opened", "A review of access was opened.", id_of("review"), count("roles")),
    kind_of(
        "access.role_reviewed",
        "A reviewer decided whether somebody keeps a role.",
        *(id_of("review"), id_of("account"), code("role"), one_of("decision", "keep", "end")),
    ),
    kind_of(
        "access.reviewed",
        "An organisation's accounts and roles were reviewed.",
        *(id_of("review"), count("accounts"), count("kept"), count("removed")),
    ),
    kind_of(
        "access.refused",
        "The gate refused a deed or a read.",
        code("permission"),
        code("reason"),
        code("object_kind?"),
        id_of("object?"),
    ),
    kind_of(
        "break_glass.opened",
        "Emergency access was opened.",
        id_of("grant"),
        one_of("reason", "incident", "safeguarding", "service_down", "exercise"),
        instant("until"),
        alarm=True,
    ),
    kind_of(
        "break_glass.closed",
        "Emergency access was closed.",
        *(id_of("grant"), one_of("by", "hand", "time"), count("deeds?")),
        alarm=True,
    ),
    kind_of(
        "break_glass.reviewed",
        "A second person looked at how emergency access was used.",
        *(id_of("grant"), flag("was_justified")),
    ),
    # Organisations and machine clients.
    kind_of("organisation.created", "An organisation was added.", id_of("subject_organisation")),
    kind_of(
        "organisation.changed",
        "What is held about an organisation was changed.",
        id_of("subject_organisation"),
        one_of("part", "name", "kind", "identifiers", "parent", "contact", "settings", "closed"),
    ),
    kind_of(
        "officer.named",
        "An organisation named an officer.",
        one_of("office", "dpo", "siro", "information_asset_owner", "caldicott_guardian"),
        id_of("account"),
    ),
    kind_of(
        "officer.ended",
        "Somebody's time in a post ended.",
        one_of("office", "dpo", "siro", "information_asset_owner", "caldicott_guardian"),
        id_of("account"),
    ),
    kind_of(
        "client.registered",
        "A machine client was registered.",
        *(id_of("client"), one_of("proves_by", "private_key", "secret"), codes("scopes")),
    ),
    kind_of("client.key_rotated", "A machine client's key was changed.", id_of("client"), digest("key?")),
    kind_of("client.proof_ended", "A key or secret of a machine client was ended.", id_of("client")),
    kind_of("client.withdrawn", "A machine client was withdrawn.", id_of("client")),
    kind_of(
        "client.token_issued", "A machine client was given an access token.", id_of("client"), codes("scopes")
    ),
    kind_of(
        "client.token_refused",
        "A machine client was refused an access token.",
        id_of("client?"),
        one_of(
            "reason",
            *("malformed", "unknown_client", "wrong_proof", "replayed", "expired", "scope", "withdrawn"),
        ),
    ),
    # The main job: sources, link jobs, pairs, results.
    kind_of("project.created", "A project was begun.", id_of("project")),
    kind_of(
        "project.purposes_changed",
        "It was settled for which purposes a project's joined records may be read.",
        *(id_of("project"), codes("purposes")),
    ),
    kind_of(
        "source.uploaded",
        "A file was uploaded as a source.",
        *(id_of("source"), digest("content")),
    ),
    kind_of(
        "source.measured",
        "A source was read and measured.",
        *(id_of("source"), count("rows"), count("rows_aside")),
    ),
    kind_of(
        "source.report_downloaded",
        "The quality report or the action plan of a source was downloaded.",
        *(id_of("source"), one_of("part", "quality", "action_plan")),
    ),
    kind_of("source.unreadable", "A source could not be read.", id_of("source")),
    kind_of(
        "source.reading_changed",
        "Somebody chose how a source is read, and it is measured again.",
        *(id_of("source"), codes("parts")),
    ),
    kind_of(
        "source.meanings_checked", "Somebody checked what the columns of a source mean.", id_of("source")
    ),
    kind_of("source.removed", "A source was removed.", id_of("source")),
    kind_of(
        "source.meaning_corrected",
        "Somebody corrected what a column of a source means.",
        *(id_of("source"), count("column"), code("meaning")),
    ),
    kind_of(
        "link_job.queued",
        "A link job was asked for.",
        *(id_of("job"), one_of("job_kind", "link", "dedupe", "link_and_dedupe"), count("sources")),
    ),
    kind_of("link_job.started", "A link job began.", id_of("job")),
    kind_of("link_job.cancelled", "A link job was cancelled.", id_of("job")),
    kind_of("link_job.resumed", "A link job was taken up again.", id_of("job")),
    kind_of(
        "link_job.finished",
        "A link job ended well.",
        *(id_of("job"), count("records"), count("pairs"), count("people"), digest("run?")),
    ),
    kind_of("link_job.failed", "A link job ended badly.", id_of("job"), one_of("fault", *_JOB_FAULT)),
    kind_of("run.compared", "Two runs were compared.", id_of("run"), id_of("with_run")),
    kind_of(
        "results.downloaded",
        "Results of a run were downloaded.",
        *(id_of("run"), one_of("part", *_RESULT), count("rows?"), one_of("purpose?", "project")),
        about_person=True,
    ),
    kind_of(
        "pair.viewed",
        "A clerk was shown the two records of a pair.",
        *(id_of("pair"), code("purpose")),
        about_person=True,
    ),
    kind_of(
        "pair.decided",
        "A clerk decided on a pair of records.",
        *(id_of("pair"), one_of("decision", *_WORD)),
        about_person=True,
    ),
    kind_of("pair.skipped", "A clerk left a pair to somebody else.", id_of("pair")),
    kind_of("pair.decision_undone", "A clerk took a decision back.", id_of("pair"), about_person=True),
    kind_of("pair.second_opinion_asked", "A second opinion was asked for.", id_of("pair"), about_person=True),
    kind_of(
        "pair.second_opinion_given",
        "A second opinion was given.",
        *(id_of("pair"), one_of("decision", *_WORD), flag("agrees")),
        about_person=True,
    ),
    kind_of(
        "sample.asked",
        "Somebody asked for pairs of a run to be drawn at random.",
        *(id_of("sample"), id_of("run"), count("pairs")),
    ),
    kind_of("sample.failed", "Pairs could not be drawn.", id_of("sample")),
    kind_of(
        "people.listed", "The people of a run were listed for looking them up.", id_of("run"), count("people")
    ),
    kind_of(
        "sample.drawn",
        "Pairs of a run were drawn at random for clerks to read.",
        *(id_of("sample"), id_of("run"), count("pairs")),
    ),
    kind_of(
        "model.retrained", "A model was trained anew.", id_of("model"), count("decisions"), digest("content?")
    ),
    kind_of(
        "record.purpose_stated",
        "Somebody said for which purpose they are going to read joined records.",
        *(id_of("statement"), id_of("project"), code("purpose")),
    ),
    kind_of("record.purpose_ended", "Somebody ended the reading of joined records.", id_of("statement")),
    kind_of(
        "record.searched",
        "Somebody searched for a person's joined record.",
        *(one_of("by", "identifier", "name"), count("found"), code("purpose"), id_of("statement?")),
        about_person=True,
    ),
    kind_of(
        "record.viewed",
        "A person's record was read for a stated purpose.",
        *(token("subject"), code("purpose"), id_of("statement?"), id_of("run?"), id_of("index?")),
        about_person=True,
    ),
    kind_of(
        "record.matched",
        "Somebody asked whom a person with certain details may be.",
        *(id_of("index"), count("found"), code("purpose"), id_of("statement?")),
        about_person=True,
    ),
    # The person index.
    kind_of(
        "index.change_asked",
        "A change of a person index was asked for.",
        *(id_of("index"), id_of("change"), one_of("change_kind", "build", "add", "decide", "undo")),
    ),
    kind_of(
        "index.changed",
        "A person index was changed.",
        *(id_of("index"), id_of("change"), count("version"), count("records"), count("people")),
        *(count("added"), count("removed"), count("merged"), count("split")),
    ),
    kind_of(
        "index.change_failed",
        "A change of a person index ended badly; the index is as it was.",
        *(id_of("index"), id_of("change"), one_of("fault", *_JOB_FAULT)),
    ),
    kind_of(
        "record.read_unusually",
        "Somebody opened the records of unusually many people within a day.",
        *(count("people"), count("hours")),
        alarm=True,
    ),
    kind_of(
        "table.exported",
        "A table was exported.",
        *(code("table"), count("rows"), flag("filtered")),
        about_person=True,
    ),
    # Citizens, by GOV.UK One Login.
    kind_of("citizen.signed_in", "A citizen signed in.", about_person=True),
    kind_of(
        "citizen.identity_proved",
        "A citizen proved who they are.",
        one_of("confidence", "p1", "p2", "p3"),
        codes("return_codes?"),
        about_person=True,
    ),
    kind_of(
        "citizen.identity_failed",
        "A citizen's identity was not proved.",
        code("fault"),
        codes("return_codes?"),
        about_person=True,
    ),
    kind_of(
        "citizen.signed_out",
        "A citizen's session ended.",
        one_of("by", "person", "time", "provider"),
        about_person=True,
    ),
    # Nobody is named: the person's token was made unlinkable in the same deed.
    kind_of("citizen.account_deleted", "A citizen deleted their account.", count("sessions")),
    kind_of(
        "citizen.back_channel_logout_accepted",
        "The sign-in provider ended a citizen's sessions.",
        *(token("subject?"), count("sessions")),
        about_person=True,
    ),
    kind_of("citizen.back_channel_logout_refused", "A logout message was refused.", code("fault")),
    kind_of("citizen.sign_in_refused", "An answer of the sign-in provider was refused.", code("fault")),
    # Keys, keeping and erasing.
    kind_of(
        "key.rotated",
        "A key was replaced.",
        *(code("purpose"), digest("key"), digest("before")),
    ),
    kind_of(
        "retention.applied",
        "What had been kept long enough was removed.",
        *(code("store"), count("removed"), count("held"), instant("before")),
    ),
    kind_of("retention.set", "How long something is kept was set.", code("store"), count("days")),
    kind_of(
        "legal_hold.placed", "Something must be kept until further notice.", id_of("hold"), code("store")
    ),
    kind_of("legal_hold.lifted", "A legal hold ended.", id_of("hold")),
    kind_of(
        "erasure.asked", "An erasure was asked for.", id_of("erasure"), count("records"), about_person=True
    ),
    kind_of(
        "erasure.decided",
        "An erasure was approved or refused.",
        *(id_of("erasure"), flag("approved")),
        about_person=True,
    ),
    # No subject here: naming the token that was just made unlinkable would link it to this request.
    kind_of(
        "erasure.carried_out",
        "A person's data were erased.",
        *(id_of("erasure"), count("stores"), count("removed"), count("held")),
        about_person=True,
    ),
    kind_of("backup.made", "A backup was made.", id_of("backup"), digest("content"), count("last_event")),
    kind_of(
        "backup.restored",
        "A backup was restored, and the sessions that were in it were ended.",
        *(id_of("backup"), digest("content"), count("last_event"), count("sessions?")),
    ),
    # The evidence itself, and the machine.
    kind_of("checkpoint.signed", "A checkpoint was signed.", count("size"), digest("root"), digest("key")),
    kind_of(
        "audit.exported",
        "The audit record was exported.",
        *(count("first"), count("events"), digest("manifest")),
    ),
    kind_of(
        "audit.verified",
        "The audit record was verified.",
        *(id_of("run"), count("events"), count("problems"), flag("good")),
    ),
    kind_of("audit.verification_asked", "Somebody asked that the audit record be verified.", id_of("run")),
    kind_of(
        "audit.gap_found",
        "Events of a writer are missing: they were taken out before they were sequenced.",
        *(id_of("writer"), count("expected"), count("found")),
        alarm=True,
    ),
)

EVENT_KINDS: Mapping[str, EventKind] = MappingProxyType({kind.name: kind for kind in (*_KINDS, *KINDS)})
"""Every kind of event by its name; read-only."""
