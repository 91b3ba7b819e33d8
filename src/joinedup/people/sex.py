"""A person's sex as recorded: common words and NHS codes to one writing; other values are kept."""

from __future__ import annotations

import re
from functools import cache

from joinedup.people.data_file import rows_of
from joinedup.people.distinct import Distinct, Verdict, judge_each
from joinedup.people.kinds import FieldOptions
from joinedup.values.judged import Judged, missing, valid

_DECIMAL = re.compile(r"[0-9]+\.0+")


@cache
def sex_words() -> dict[str, str]:
    """Ways of writing a sex, each with its standard writing; an empty one means not stated."""
    return {row["written"]: row["standard"] for row in rows_of("sex")}


def judge_sexes(found: Distinct, options: FieldOptions) -> Verdict:
    """Each distinct text once; there are few."""
    return judge_each(found.texts.to_pylist(), judge_sex)


def judge_sex(text: str) -> Judged:
    """Judge one written sex: "male", "female", "indeterminate", or what was written.

    >>> judge_sex("F").value, judge_sex("2.0").value, judge_sex("Non-binary").value, judge_sex("0").reason
    ('female', 'female', 'non-binary', 'not_stated')
    """
    bare = " ".join(text.lower().split()).strip(" .")
    if _DECIMAL.fullmatch(bare):
        bare = bare.partition(".")[0]
    standard = sex_words().get(bare)
    if standard is None:
        return valid(bare, "unlisted_value") if bare else missing()
    return valid(standard) if standard else missing("not_stated")
