"""The uses that models which read text are put to: the closed list that switches, uses and records refer to.

A use that is not listed here is not made. Each has a switch (an organisation may turn it off), a purpose that is
kept with every use, and an entry in the AI register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Feature:
    """One use of a model.

    what: what it does, in a sentence that staff read. purpose: what for, as kept with each use (at most 100 letters).
    without: what happens while it is off. default_on: whether it runs where an organisation has said nothing.
    is_language_model: whether it asks a model outside this installation; such a use also needs one configured.
    may_switch_off: False where people would be less safe without it; the switch then says why and stays on.
    """

    code: str
    name: str
    what: str
    purpose: str
    without: str
    default_on: bool = True
    is_language_model: bool = False
    may_switch_off: bool = True


def _by_code(*features: Feature) -> Mapping[str, Feature]:
    return MappingProxyType({feature.code: feature for feature in features})


FEATURES: Mapping[str, Feature] = _by_code(
    Feature(
        "mask",
        "Masking personal data",
        "Finds National Insurance numbers, telephone numbers, names and the like in a comment and hides them",
        "Hide personal data before anybody reads a comment",
        "It cannot be switched off: nothing of a comment is kept readable, or read by a model, before it is masked",
        may_switch_off=False,
    ),
    Feature(
        "language",
        "Recognising the language",
        "Tells whether a comment is in English, Welsh or another language",
        "Give comments that a model cannot read to people",
        "Every comment counts as one that no model can read, and goes to people",
    ),
    Feature(
        "danger",
        "Looking for danger",
        "Looks for threats to life and signs of harm, and raises a flag with the duty person",
        "Tell the duty person at once where somebody may be in danger",
        "It cannot be switched off: a person answers each flag, and a missed one may cost a life",
        may_switch_off=False,
    ),
    Feature(
        "sentiment",
        "Sentiment",
        "Says whether a comment is negative, neutral or positive",
        "Show how people feel about a service over time",
        "Comments bear no sentiment; figures that need it are left out",
    ),
    Feature(
        "route",
        "Routing to teams",
        "Suggests the team a comment is for, or says that it cannot tell",
        "Bring a comment to the team that can act on it",
        "People choose the team of every comment",
    ),
    Feature(
        "tag",
        "Tagging",
        "Suggests tags of the service's codebook for a comment",
        "Count what people write about",
        "People tag comments by hand",
    ),
    Feature(
        "themes",
        "Draft themes",
        "Groups the comments of an analysis into draft themes for people to edit and sign off",
        "Draft the themes of many comments for people to sign off",
        "People make every theme by hand",
    ),
    Feature(
        "theme_drafts",
        "Draft themes by a language model",
        "Asks the configured language model for draft themes, and which masked comments bear them",
        "Draft themes with a language model for people to sign off",
        "Draft themes come from groups of similar comments, made on this machine",
        default_on=False,
        is_language_model=True,
    ),
)


def feature(code: str) -> Feature:
    """The feature of a code. KeyError for a code that is not listed: a use that no record knows is a fault of ours."""
    return FEATURES[code]
