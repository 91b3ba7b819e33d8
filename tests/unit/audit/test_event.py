"""What may be recorded, and that a person's data may not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from joinedup.audit import EVENT_KINDS, AuditError, FieldType, check_fields

ACCOUNT = UUID("0b7a1f0e-63c4-4b5e-9d52-0f8f3c1d2e4a")
PERSONAL = {
    "full name": "Gwendoline Featherstonehaugh",
    "surname": "Featherstonehaugh",
    "name with apostrophe": "o'connor",
    "nino": "QQ123456C",
    "nino in small letters": "qq123456c",
    "nino with spaces": "QQ 12 34 56 C",
    "nino with dashes": "qq-12-34-56-c",
    "nhs number": "9434765919",
    "nhs number as a number": 9434765919,
    "nhs number with spaces": "943 476 5919",
    "utr": 1234567895,
    "e-mail": "gwen@example.org",
    "date of birth": "1985-03-02",
    "date of birth, day first": "02/03/1985",
    "date of birth with a prefix": "dob:1985-03-02",
    "date of birth as an instant": "1985-03-02T00:00:00.000000Z",
    "date of birth as a moment": datetime(1985, 3, 2, tzinfo=UTC),
    "postcode": "SW1A 1AA",
    "postcode in small letters": "sw1a1aa",
    "telephone": "07700900123",
    "telephone as a number": 7700900123,
    "address": "Flat 2, 14 Station Road",
    "free text": "asked about her neighbour",
    "line break": "ok\n",
    "fraction": 1.5,
    "bytes": b"abc",
    "nested": {"name": "x"},
}
# Codes without a closed list are words of the program or of an administrator's configuration. Adding one here
# means asking whether something that a person typed could reach it.
OPEN_CODES = {
    "invitation.sent.role": "roles are data",
    "role.granted.role": "roles are data",
    "role.removed.role": "roles are data",
    "role.defined.role": "a number that the program gives to an organisation's own role",
    "role.changed.role": "a number that the program gives to an organisation's own role",
    "role.withdrawn.role": "a number that the program gives to an organisation's own role",
    "access.role_reviewed.role": "roles are data",
    "sign_in.provider_refused.fault": "faults are listed in identity, a higher floor",
    "access.refused.permission": "permissions are declared with the code",
    "access.refused.reason": "the gate's own words",
    "access.refused.object_kind": "a table of ours",
    "source.meaning_corrected.meaning": "FieldKind, which stands on a higher floor",
    "pair.viewed.purpose": "purposes are data",
    "record.viewed.purpose": "purposes are data",
    "record.purpose_stated.purpose": "purposes are data",
    "record.searched.purpose": "purposes are data",
    "record.matched.purpose": "purposes are data",
    "key.rotated.purpose": "keys' purposes are listed in ports, a room that audit does not know",
    "table.exported.table": "a table of ours",
    "citizen.identity_failed.fault": "faults are listed in identity, a higher floor",
    "citizen.back_channel_logout_refused.fault": "faults are listed in identity, a higher floor",
    "citizen.sign_in_refused.fault": "faults are listed in identity, a higher floor",
    "retention.applied.store": "a store of ours",
    "retention.set.store": "a store of ours",
    "legal_hold.placed.store": "a store of ours",
}
FIELDS = [(kind.name, field) for kind in EVENT_KINDS.values() for field in kind.fields]


def a_good_value(field):
    return {
        FieldType.ID: ACCOUNT,
        FieldType.TOKEN: "t_" + "a" * 32,
        FieldType.COUNT: 3,
        FieldType.CODE: "housing.officer",
        FieldType.CODES: ["link", "read"],
        FieldType.CHOICE: field.choices[0] if field.choices else None,
        FieldType.DIGEST: "0f" * 32,
        FieldType.INSTANT: datetime(2026, 5, 1, tzinfo=UTC),
        FieldType.FLAG: False,
    }[field.type]


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_an_event_with_all_its_fields_may_be_recorded(kind):
    fields = {field.name: a_good_value(field) for field in EVENT_KINDS[kind].fields}

    checked = check_fields(kind, fields)

    assert list(checked) == sorted(fields)
    assert all(isinstance(value, str | int | bool | tuple) for value in checked.values())


@pytest.mark.parametrize("told", PERSONAL)
def test_no_field_of_any_event_takes_a_persons_data(told):
    for kind, field in FIELDS:
        fields = {each.name: a_good_value(each) for each in EVENT_KINDS[kind].fields}
        fields[field.name] = [PERSONAL[told]] if field.type is FieldType.CODES else PERSONAL[told]

        with pytest.raises(AuditError) as refused:
            check_fields(kind, fields)

        assert field.name in str(refused.value)
        assert str(PERSONAL[told]) not in str(refused.value)


def test_every_code_without_a_closed_list_has_its_reason():
    found = {f"{kind}.{field.name}" for kind, field in FIELDS if field.type is FieldType.CODE}

    assert found == set(OPEN_CODES)


def test_a_lower_case_name_passes_where_a_code_is_open_which_is_why_those_are_few():
    """The honest limit: shape alone cannot tell a short name from a code."""
    assert (
        check_fields("table.exported", {"table": "smith", "rows": 1, "filtered": False})["table"] == "smith"
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "account is missing"),
        ({"account": ACCOUNT, "role": None}, "role is missing"),
        ({"account": ACCOUNT, "role": "clerk", "Gwendoline": 1}, "1 fields that this kind"),
        ({"account": True, "role": "clerk"}, "an id"),
        ({"account": 0, "role": "clerk"}, "an id"),
        ({"account": ACCOUNT, "role": ""}, "a code"),
        ({"account": ACCOUNT, "role": "a" * 101}, "a code"),
    ],
)
def test_a_refusal_names_the_field_and_nothing_else(fields, told):
    with pytest.raises(AuditError, match=re.escape(told)) as refused:
        check_fields("role.granted", fields)

    assert "event role.granted" in str(refused.value)
    assert "Gwendoline" not in str(refused.value)


def test_a_kind_that_is_not_listed_cannot_be_recorded():
    with pytest.raises(AuditError, match="no such kind"):
        check_fields("record.burnt", {})


def test_values_are_brought_to_one_form():
    checked = check_fields(
        "invitation.sent",
        {"role": "clerk", "invitation": ACCOUNT, "until": datetime(2026, 5, 1, 11, 30, tzinfo=UTC)},
    )

    assert checked == {
        "invitation": "0b7a1f0e-63c4-4b5e-9d52-0f8f3c1d2e4a",
        "role": "clerk",
        "until": "2026-05-01T11:30:00.000000Z",
    }
    scopes = check_fields("client.token_issued", {"client": 3, "scopes": {"write", "link", "read"}})["scopes"]
    assert scopes == ("link", "read", "write")


def test_a_moment_without_its_zone_is_refused():
    with pytest.raises(AuditError, match="an instant"):
        check_fields("invitation.sent", {"role": "clerk", "invitation": 1, "until": datetime(2026, 5, 1)})


def test_every_kind_is_told_and_named_in_one_way():
    for kind in EVENT_KINDS.values():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.name)
        assert kind.what.endswith(".")
        names = [field.name for field in kind.fields]
        assert len(names) == len(set(names))
        assert all(re.fullmatch(r"[a-z_]{1,40}", name) for name in names)
        assert all(bool(field.choices) == (field.type is FieldType.CHOICE) for field in kind.fields)
    alarms = {name for name, kind in EVENT_KINDS.items() if kind.alarm}
    assert alarms >= {"break_glass.opened", "break_glass.closed", "audit.gap_found"}


def test_no_kind_about_erasure_names_the_subject():
    assert all(f.type is not FieldType.TOKEN for f in EVENT_KINDS["erasure.carried_out"].fields)
