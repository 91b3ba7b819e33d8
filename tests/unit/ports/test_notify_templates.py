"""Templates hold in both languages what they promise, and addresses are brought into one form."""

from __future__ import annotations

import pytest

from joinedup.errors import ModelError, UsageError
from joinedup.ports.notify import Channel, Language, Message, delivery_address
from joinedup.ports.notify_templates import own_templates, templates_from_toml


def templates(text: str):
    return templates_from_toml(text, where="mine.toml")


def message(name: str, language: Language = Language.ENGLISH) -> Message:
    return Message(name, "a@b.uk", {}, "r-1", language=language)


def test_our_own_templates_are_in_both_languages_with_the_same_gaps():
    own = own_templates()
    names = {template.name for template in own}

    assert {"staff_invitation", "sign_in_recovery", "break_glass_alarm", "security_code"} <= names
    for name in names:
        english, welsh = (own.of(message(name, language)) for language in Language)
        assert english.gaps == welsh.gaps
        assert english.body != welsh.body
        assert "((" not in english.fill(dict.fromkeys(english.gaps, "x"), where="").body


def test_what_is_filled_in_is_never_a_gap_itself_and_a_subject_is_one_line():
    one = templates(
        '[t]\nchannel="email"\nen={subject="((a))", body="((a)) ((b))"}\ncy={subject="((a))", body="((b))"}'
    )

    filled = one.of(message("t")).fill({"a": "x\nBcc: ((b))", "b": 7}, where="")

    assert filled.subject == "x Bcc: ((b))"
    assert filled.body == "x\nBcc: ((b)) 7\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[t", "not TOML"),
        ('[t]\nchannel="pigeon"\nen={body="a"}\ncy={body="a"}', "channel"),
        ('[t]\nchannel="sms"\nen={body="a"}', "body in 'cy'"),
        ('[t]\nchannel="sms"\nen={body="((a))"}\ncy={body="a"}', "only one language has the gap a"),
        ('[t]\nchannel="email"\nen={body="a"}\ncy={body="a"}', "has a subject"),
        ('[t]\nchannel="sms"\nen={subject="s", body="a"}\ncy={body="a"}', "has none"),
        (f'[t]\nchannel="sms"\nen={{body="{"a" * 700}"}}\ncy={{body="a"}}', "at most 612"),
        ("t = 1", "channel"),
    ],
)
def test_templates_that_cannot_be_right_are_refused_by_name(text, told):
    with pytest.raises(ModelError) as refused:
        templates(text)

    assert told in str(refused.value)
    assert "mine.toml" in str(refused.value)


def test_a_departments_own_template_takes_the_place_of_ours():
    theirs = templates('[security_code]\nchannel="sms"\nen={body="((code))"}\ncy={body="((code))"}')

    joined = own_templates().joined_with(theirs)

    assert joined.of(message("security_code")).body == "((code))\n"
    assert joined.of(message("staff_invitation"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ann.Lee+x@Example.GOV.UK ", "Ann.Lee+x@example.gov.uk"),
        ("o'neil@bücher.example", "o'neil@xn--bcher-kva.example"),
    ],
)
def test_an_email_address_keeps_its_person_and_settles_its_domain(text, expected):
    assert delivery_address(text, channel=Channel.EMAIL, where="") == expected


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@", "@b.uk", "a b@c.uk", "a@b", "a..b@c.uk", ".a@c.uk", "a@-b.uk", "a@b..uk", "a@b.uk\nBcc: x@y.uk",
     "a@b@c.uk", "ann@xn--\u00e9.uk", "a" * 65 + "@b.uk", "a@" + "b." * 130 + "uk"],
)  # fmt: skip
def test_what_is_no_email_address_is_refused_unseen(text):
    with pytest.raises(UsageError) as refused:
        delivery_address(text, channel=Channel.EMAIL, where="here")

    assert len(text) < 2 or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07700 900 123", "+447700900123"),
        ("(07700) 900-123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("12345", None),
        ("7700900123", None),
        ("07700 9OO123", None),
        ("+0 7700 900123", None),
        ("", None),
    ],
)
def test_a_telephone_number_is_dialled_from_anywhere(text, expected):
    if expected is None:
        with pytest.raises(UsageError, match="not a telephone number"):
            delivery_address(text, channel=Channel.SMS, where="")
    else:
        assert delivery_address(text, channel=Channel.SMS, where="") == expected


@pytest.mark.parametrize("reference", ["", "ann@example.com", "Ann Lee", "x" * 101])
def test_a_reference_cannot_hold_a_persons_data(reference):
    with pytest.raises(UsageError, match="letters, digits"):
        Message("t", "a@b.uk", {}, reference)
