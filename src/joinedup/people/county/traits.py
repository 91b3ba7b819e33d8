"""What is true of each person, for whoever asks whom a linkage fails: never part of an extract."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joinedup.people.county.names import SEXES
from joinedup.people.county.observe import iso_dates
from joinedup.people.county.population import Population

# By TRADITIONS: the words say which language a name is from, and nothing about who bears it.
TRADITION_WORDS = (
    "English",
    "Welsh",
    "Scottish or Irish",
    "Punjabi",
    "Hindi or Gujarati",
    "Urdu or Bengali",
    "Polish or east European",
    "West African",
    "Chinese",
    "Arabic",
)
TRAITS = ("sex", "date_of_birth", "naming_tradition", "no_fixed_address")


def traits(block: Population) -> pa.Table:
    """One row a person, all text: cluster, sex (M, F), date_of_birth (YYYY-MM-DD), naming_tradition (words),
    no_fixed_address (yes, no)."""
    return pa.table(
        {
            "cluster": pa.array(block.person).cast(pa.string()),
            "sex": pa.array(SEXES).take(pa.array(block.sex)),
            "date_of_birth": iso_dates(block.born),
            "naming_tradition": pa.array(TRADITION_WORDS).take(pa.array(block.tradition)),
            "no_fixed_address": pa.array(["no", "yes"]).take(
                pa.array(block.no_fixed_address.astype(np.int64))
            ),
        }
    )
