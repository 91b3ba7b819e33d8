"""What the linkage pages show is read by the code as it stands, and nothing of the language is left out."""

from __future__ import annotations

import dataclasses
import re
import tomllib

import pytest

from joinedup.linkage.expression import Measure, Transform
from joinedup.linkage.model import model_from_dict
from joinedup.linkage.spec import Clusters, Limits, Output, Training, spec_from_dict
from support.tree import ROOT

MODEL = (ROOT / "docs/reference/model.md").read_text()
SPEC = (ROOT / "docs/reference/spec.md").read_text()
SPLINK = (ROOT / "docs/how-to/import-a-splink-model.md").read_text()


def toml_of(page: str) -> dict:
    (block,) = re.findall(r"^```toml\n(.*?)^```", page, re.M | re.S)
    return tomllib.loads(block)


def test_the_model_shown_is_a_model_that_is_trained():
    assert model_from_dict(toml_of(MODEL)).is_trained


def test_the_specs_shown_are_specs():
    assert len(spec_from_dict(toml_of(SPEC)).sources) == 2
    assert spec_from_dict(toml_of(SPLINK)).splink_file == "splink.json"


@pytest.mark.parametrize("word", [*Transform, *Measure])
def test_every_word_of_the_language_is_told(word):
    assert f"`{word.value}(" in MODEL


@pytest.mark.parametrize(
    "entry",
    [field.name for part in (Training, Limits, Clusters, Output) for field in dataclasses.fields(part)],
)
def test_every_entry_of_a_spec_is_told(entry):
    assert f"`{entry}`" in SPEC
