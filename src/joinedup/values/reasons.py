"""Every reason that a judged value can carry: a short code for machines, and words for people.

The order is part of the format: a column stores the position of its code. Add new codes at the end.
"""

from __future__ import annotations

REASONS: dict[str, str] = {
    # missing
    "empty": "nothing was written",
    "missing_word": "a word or number that stands for 'no value'",
    "not_stated": "the person's answer was not recorded or not stated",
    "repeated_digit": "one digit repeated, which stands for 'no value'",
    # mended
    "spacing": "spaces were put where they belong",
    "punctuation": "stray punctuation was removed",
    "decimal_tail": "a spreadsheet's '.0' was removed",
    "leading_zero": "a leading zero that a spreadsheet had dropped was put back, or an extra one removed",
    "ocr_by_check_digit": "look-alike characters were exchanged; the check digit proves the result",
    "ocr_zero_eight": "one 0 and 8 were exchanged; the check digit allows only this exchange",
    "ocr_by_position": "look-alike characters were exchanged; the format allows only this reading",
    "title_removed": "a title was removed",
    "suffix_removed": "a suffix or letters after the name were removed",
    "note_removed": "a remark in brackets was removed",
    "two_digit_year": "the century was added by the stated rule",
    "excel_serial": "a spreadsheet's day number was turned into its date",
    "scheme_removed": "a prefix such as 'mailto:' or 'tel:' was removed",
    "typo_listed": "a spelling listed as a certain mistake was corrected",
    "reordered": "'Surname, First' was put in spoken order",
    "letter_suffix_removed": "a letter that is not part of the number was removed",
    "encoding_mended": "characters broken by a wrong encoding were put back",
    # invalid
    "wrong_length": "not the right number of characters",
    "wrong_characters": "holds characters that do not belong there",
    "wrong_format": "not in the expected form",
    "check_digit": "the check digit does not agree",
    "check_digit_ambiguous": "the check digit does not agree, and more than one look-alike reading would",
    "prefix_not_used": "begins with letters that are never issued",
    "suffix_not_used": "ends with a letter that is never issued",
    "temporary_number": "a temporary number, not one that stays with the person",
    "area_not_used": "no postcode area of this name exists",
    "position_ambiguous": "more than one reading of its look-alike characters is possible",
    "impossible_date": "no such day exists",
    "ambiguous_order": "day and month could be either way round, and the column does not tell",
    "partial_date": "only part of a date was given",
    "two_digit_year_unknown": "the year has two digits and no rule for the century was stated",
    "in_future": "later than the date it was judged on",
    "not_a_date": "not a date",
    "no_letters": "holds no letters",
    "not_a_number": "not a number",
    "number_not_allocated": "not a number of the United Kingdom's numbering plan",
    "no_at_sign": "not an address: needs one @",
    "bad_domain": "the part after @ cannot be a domain",
    "bad_local_part": "the part before @ is not well formed",
    "year_out_of_range": "the year cannot be a year of birth",
    # cautions: the value is valid and kept
    "test_number": "from a range kept for tests",
    "unissued_range": "its check digit agrees, but it is outside the ranges known to be issued",
    "suffix_missing": "the last letter is missing",
    "temporary_upn": "a temporary pupil number",
    "pseudo_postcode": "a made-up postcode that stands for a place or for none",
    "special_postcode": "a postcode outside the geographic scheme",
    "placeholder_date": "a date often entered in place of an unknown one",
    "very_old": "more than 120 years before the date it was judged on",
    "likely_typo": "the domain looks like a misspelling of a common one; it was not changed",
    "unlisted_value": "not one of the listed values; kept as written",
    "digit_in_name": "a digit inside a name",
    "single_letter": "a single letter",
    "premium_number": "a number of a kind that people are not reached at",
}

REASON_CODES: tuple[str, ...] = tuple(REASONS)
REASON_INDEX: dict[str, int] = {code: position for position, code in enumerate(REASON_CODES)}


def reason_words(code: str) -> str:
    """The words for a reason's code.

    >>> reason_words("check_digit")
    'the check digit does not agree'
    """
    return REASONS[code]
