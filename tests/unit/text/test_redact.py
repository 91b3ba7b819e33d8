"""What is masked in a text, what is left though it looks like it, and that masks stay as they are.

Every number is made up, kept for examples by its publisher, or reckoned by hand: 943 476 5919 is the NHS data
dictionary's, 07700 900123 Ofcom's for drama, 4111… the card makers' for tests, GB29 NWBK… the IBAN registry's.
"""

from __future__ import annotations

import re

import pytest

from joinedup.text import Found, Identifier, find, mask, mask_text
from joinedup.text.redact import MASKS


def kinds(text):
    return [one.kind.value for one in find(text)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("My NI number is AB 12 34 56 C.", "My NI number is [national insurance number]."),
        ("NHS no 943 476 5919, please", "NHS no [NHS number], please"),
        ("UTR 1955839661 is mine", "UTR [taxpayer reference] is mine"),
        ("her UPN is B801200005001", "her UPN is [pupil number]"),
        ("I live in SW1A 1AA", "I live in [postcode]"),
        ("ring 07700 900123 after six", "ring [phone number] after six"),
        ("ring +44 7700 900123 after six", "ring [phone number] after six"),
        ("write to jo.bloggs@example.org", "write to [email address]"),
        ("jo dot bloggs at example dot org", "[email address]"),
        ("gwen.parrington [at] zzmail.com", "[email address]"),
        ("gwen.parrington [at] zzmail.example", "[email address]"),
        ("gwen.parrington (at) zzmail dot technology.", "[email address]."),
        ("gwen at zzmail [dot] co.uk please", "[email address] please"),
        ("gwen at zzmail [dot] example please", "[email address] please"),
        ("paid with 4111 1111 1111 1111", "paid with [card number]"),
        ("to GB29 NWBK 6016 1331 9268 19", "to [bank account number]"),
        ("sort code 20-00-00, account 55779911", "sort code [sort code], account [account number]"),
        ("my passport is 123456789", "my passport is [passport number]"),
        ("licence MORGA657054SM9IJ", "licence [driving licence number]"),
        ("my car AB12 CDE was towed", "my car [vehicle registration] was towed"),
        ("from 192.168.0.1 last night", "from [IP address] last night"),
        ("from 2001:db8::8a2e:370:7334 too", "from [IP address] too"),
        ("I was born on 12/03/1954", "I was born on [date of birth]"),
        ("born 3 March 1961 in Bangor", "born [date of birth] in Bangor"),
        ("complaint ref ABC/12345", "complaint ref [reference]"),
        ("tell @jobloggs about it", "tell [user name] about it"),
        ("Mr Patel was rude", "[name] was rude"),
        ("my name is Chidera Nwankwo", "my name is [name]"),
        ("I live at 12 High Street, Leeds LS1 4DY", "I live at [address]"),
    ],
)
def test_each_identifier_is_put_out_of_sight(text, masked):
    assert mask_text(text).text == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "fy rhif yswiriant gwladol yw AB123456C",
            "fy rhif yswiriant gwladol yw [national insurance number]",
        ),
        ("fy rhif GIG yw 943 476 5919", "fy rhif GIG yw [NHS number]"),
        ("ffoniwch 07700 900123", "ffoniwch [phone number]"),
        ("dyddiad geni 3 Mawrth 1961", "dyddiad geni [date of birth]"),
        ("cod post CF10 1AA", "cod post [postcode]"),
        ("fy enw i yw Gwen Jones", "fy enw i yw [name]"),
        ("rwy'n byw yn 4 Heol y Bont, Caernarfon", "rwy'n byw yn [address]"),
    ],
)
def test_identifiers_in_welsh_sentences_are_put_out_of_sight(text, masked):
    assert mask_text(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "10/10",
        "room 12 at 3pm",
        "I waited 2 hours and 45 minutes",
        "it cost £1,234,567",
        "£12345678 was wasted",
        "call 0300 123 4567",
        "call 0800 123 4567",
        "ring 999 or NHS 111",
        "version 10.2.3.4 fails",
        "see section 10.2.3.4",
        "my IP is 300.1.1.1",
        "isbn 9780306406157",
        "use form 12345678",
        "I came on 12/03/2025",
        "I moved in on 12/03/1954",
        "the COVID-19 jab",
        "May I ask, will you help?",
        "I saw it @ the office",
        "look at polka dot dresses",
        "be there at six.Then wait",
        "wait (at home) and ring",
        "Dear Sir or Madam",
        "A&E was full on Monday",
        "12 in the queue by 9 am",
        "mae'r swyddfa ar agor o 9 tan 5",
    ],
)
def test_what_only_looks_like_an_identifier_is_left(text):
    assert mask_text(text).text == text
    assert mask_text(text).counts == {}


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("9434765919", "9434765918", "nhs_number"),  # 11 - (299 mod 11) = 9
        ("1955839661", "2955839661", "utr"),
        ("B801200005001", "A801200005001", "upn"),
        ("GB29NWBK60161331926819", "GB29NWBK60161331926818", "iban"),
    ],
)
def test_a_check_digit_speaks_for_a_number_without_any_words(right, wrong, kind):
    assert kinds(f"it is {right}") == [kind]
    assert kind not in kinds(f"it is {wrong}")


def test_a_long_number_whose_check_digit_fails_is_hidden_as_a_reference_all_the_same():
    assert kinds("it is 9434765918") == ["case_reference"]


def test_words_beside_a_mistyped_number_say_what_it_is():
    assert kinds("my NHS number is 943 476 5918") == ["nhs_number"]
    assert kinds("my UTR is 2955839661") == ["utr"]


@pytest.mark.parametrize("code", ["ab123456c", "AB-12-34-56-C", "AB.12.34.56.C", "A B 12 34 56 C"])
def test_a_national_insurance_number_is_found_however_it_is_written(code):
    assert kinds(f"my national insurance number is {code}") == ["nino"]


def test_digits_of_other_widths_and_other_dashes_hide_nothing():
    assert kinds("ring ０７７００　９００１２３") == ["phone"]
    assert kinds("ring 07700–900–123") == ["phone"]


def test_a_date_of_birth_is_told_by_words_or_by_being_long_ago():
    assert kinds("12/03/1954") == ["date_of_birth"]
    assert kinds("12/03/2024") == []
    assert kinds("my son was born on 12/03/2024") == ["date_of_birth"]


def test_a_reason_never_holds_the_thing_itself():
    text = "AB123456C, 943 476 5919, jo@example.org, SW1A 1AA, 07700 900123, 4111 1111 1111 1111"

    for one in find(text):
        assert one.why
        assert text[one.start : one.end] not in one.why
        assert not re.search(r"\d", one.why.replace("255", "").replace("version 6", ""))


def test_counts_are_by_kind():
    masked = mask_text("jo@example.org and al@example.org, 07700 900123")

    assert masked.counts == {"email": 2, "phone": 1}
    assert masked.text == "[email address] and [email address], [phone number]"


@pytest.mark.parametrize("kind", list(Identifier))
def test_a_mask_is_left_alone_wherever_it_stands(kind):
    for text in (MASKS[kind], f"my number is {MASKS[kind]}", f"ref {MASKS[kind]} born {MASKS[kind]}!"):
        assert mask_text(text).text == text


def test_masking_twice_is_masking_once():
    text = "Jo Bloggs, 12/03/1984, 12 High Street, Leeds LS1 4DY, ref FB/2026/551, dob 1.1.80 AB123456C 07700 900123"
    once = mask_text(text)

    assert mask_text(once.text).text == once.text
    assert mask_text(once.text).counts == {}


def test_of_two_spans_that_overlap_the_first_is_masked_and_none_beyond_the_text():
    found = [Found(0, 5, Identifier.NAME), Found(3, 8, Identifier.PHONE), Found(6, 99, Identifier.PHONE)]

    assert mask("Brian rang", found).text == "[name] rang"


class _Wardens:
    """A recogniser that a department installed: it knows its own words, and some spans that are none."""

    def find(self, text):
        place = text.find("Zaphod")
        yield Found(place, place + 6, Identifier.NAME, "a warden")
        yield Found(0, len(text) + 5, Identifier.NAME, "beyond the end")
        yield Found(-3, 2, Identifier.NAME, "before the beginning")
        yield Found(4, 4, Identifier.NAME, "empty")
        yield Found(place + 3, len(text), Identifier.NAME, "across another")


def test_a_department_s_recogniser_adds_to_the_rules_and_cannot_undo_them():
    text = "tell Zaphod on 07700 900123"

    assert mask_text(text, more=[_Wardens()]).text == "tell [name] [name] [phone number]"


class _Says:
    """A recogniser that takes the same words for a name wherever they stand."""

    def __init__(self, *names):
        self.names = names

    def find(self, text):
        return [
            Found(text.find(it), text.find(it) + len(it), Identifier.NAME) for it in self.names if it in text
        ]


def test_what_the_rules_saw_of_a_name_leaves_the_rest_of_it_to_a_recogniser():
    text = "It was Mary Jones zaphod's team"
    assert mask_text(text).text == "It was [name] zaphod's team"

    assert mask_text(text, more=[_Says("Mary Jones zaphod")]).text == "It was [name] [name]'s team"
    assert mask_text("It was Mary Jones's", more=[_Says("Mary Jones's")]).text == "It was [name]'s"


def test_recognisers_leave_a_mask_and_each_other_alone():
    text = "[name] told Zaphod Beeble so"

    masked = mask_text(text, more=[_Says("name"), _Says("[name] told Zaphod"), _Says("Zaphod Beeble")])

    assert masked.text == "[name] [name] [name] so"
    assert masked.counts == {"name": 2}


@pytest.mark.parametrize(
    "text", ["", " ", "[", "]", "[[]]", "\ue000", "\x00", "[name", "﷽", "İİİ 07700 900123"]
)
def test_odd_texts_are_read_without_harm(text):
    masked = mask_text(text).text
    assert mask_text(masked).text == masked


def test_places_are_those_of_the_text_even_after_letters_that_grow_in_lower_case():
    text = "İİİ 07700 900123"
    (one,) = find(text)

    assert text[one.start : one.end] == "07700 900123"
