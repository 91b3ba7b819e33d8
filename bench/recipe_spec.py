"""The Splink recipe of `splink_recipe.py` as a job of ours: the same levels, rules and training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from joinedup.linkage.model import model_from_dict, rules_from_list
from joinedup.linkage.spec import Decision, JobKind, Output, Source, Spec, Training

FIRST, LAST, BORN, CODE, MAIL = "first_name", "surname", "date_of_birth", "postcode", "email"
YEAR = "prefix(date_of_birth, 4)"
# Splink's own patterns, which take a postcode without its space for none; ours would read it.
AREA = "^[A-Za-z]{1,2}"
OUTWARD = f"{AREA}[0-9][A-Za-z0-9]?"


def recipe_model() -> dict[str, Any]:
    """Splink's ForenameSurname, DateOfBirth, Postcode, Email and ExactMatch comparisons, in our language."""
    user = f"email_user({MAIL})"
    return {
        "comparisons": [
            {
                "name": "name",
                "levels": [
                    {"when": f"missing({FIRST}) and missing({LAST})", "missing": True},
                    {"when": f"equal(concat({FIRST}, {LAST}))", "term_frequency": f"concat({FIRST}, {LAST})"},
                    {"when": f"swapped({FIRST}, {LAST})"},
                    {"when": f"jaro_winkler({FIRST}) >= 0.92 and jaro_winkler({LAST}) >= 0.92"},
                    {"when": f"jaro_winkler({FIRST}) >= 0.88 and jaro_winkler({LAST}) >= 0.88"},
                    {"when": f"equal({LAST})", "term_frequency": LAST},
                    {"when": f"equal({FIRST})", "term_frequency": FIRST},
                    {"when": "otherwise"},
                ],
            },
            {
                "name": "born",
                "levels": [
                    {"when": f"missing({BORN})"},
                    {"when": f"equal({BORN})"},
                    {"when": f"damerau_levenshtein({BORN}) <= 1"},
                    {"when": f"days_apart({BORN}) <= 30.4375"},
                    {"when": f"days_apart({BORN}) <= 365.25"},
                    {"when": f"days_apart({BORN}) <= 3652.5"},
                    {"when": "otherwise"},
                ],
            },
            {
                "name": "postcode",
                "levels": [
                    {"when": f"missing({CODE})"},
                    {"when": f"equal({CODE})"},
                    {"when": f'equal(pattern({CODE}, "{OUTWARD} [0-9]"))'},
                    {"when": f'equal(pattern({CODE}, "{OUTWARD}"))'},
                    {"when": f'equal(pattern({CODE}, "{AREA}"))'},
                    {"when": "otherwise"},
                ],
            },
            {
                "name": "email",
                "levels": [
                    {"when": f"missing({MAIL})"},
                    {"when": f"equal({MAIL})"},
                    {"when": f"equal({user})"},
                    {"when": f"jaro_winkler({MAIL}) >= 0.88"},
                    {"when": f"jaro_winkler({user}) >= 0.88"},
                    {"when": "otherwise"},
                ],
            },
            {
                "name": "gender",
                "levels": [{"when": "missing(gender)"}, {"when": "equal(gender)"}, {"when": "otherwise"}],
            },
        ],
        "blocking_rules": [
            [FIRST, LAST],
            [LAST, BORN],
            [FIRST, BORN],
            [CODE, LAST],
            [CODE, FIRST],
            [BORN, "town"],
            [MAIL],
            [f"prefix({FIRST}, 2)", f"prefix({LAST}, 2)", YEAR],
            [f"prefix({CODE}, 4)", LAST],
            [f"prefix({CODE}, 4)", FIRST],
        ],
    }


def recipe_spec(
    inputs: Sequence[Path],
    *,
    em_pairs: int | None,
    splink_way: bool = False,
    one_to_one: bool = False,
    seed: int = 1,
) -> Spec:
    """The job: pairs and people only, as the recipe writes them.

    splink_way: hold u fixed while m is estimated and count it by chance hits alone, exactly as Splink does.
    """
    return Spec(
        kind=JobKind.DEDUPE if len(inputs) == 1 else JobKind.LINK,
        sources=tuple(
            Source(path=str(path), name=path.stem, id="record_id", one_record_per_person=one_to_one)
            for path in inputs
        ),
        seed=seed,
        model=model_from_dict(recipe_model()),
        training=Training(
            u_pairs=10_000_000,
            em_pairs=em_pairs,
            prior_rules=rules_from_list([[FIRST, LAST, BORN], [MAIL], [BORN, CODE]], where="recipe"),
            recall=0.8,
            sessions=rules_from_list([[FIRST, LAST], [BORN]], where="recipe"),
            free_u=not splink_way,
            exact_u=not splink_way,
        ),
        decision=Decision(threshold_probability=0.95),
        output=Output(joined=False, report=False),
    )
