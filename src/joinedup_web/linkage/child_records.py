"""Work in a child process that goes back to a run's sources: listing its people, and drawing a sample.

Like child.py it knows no Django and no database. Orders name each source's file anew, since a run's spec may be
of another machine (a restored backup, a run made at the command line).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from joinedup import linkage
from joinedup.linkage import Spec

Tell = Callable[[str, int, int], None]


def spec_of(order: dict[str, Any]) -> Spec:
    """The spec that a run went by, its sources where they lie now."""
    directory = Path(order["directory"])
    chosen = directory / "spec.toml"
    spec = linkage.load_spec(chosen if chosen.exists() else order["spec"])
    places = order["sources"]
    return replace(
        spec,
        sources=tuple(
            replace(source, path=places[source.name]["path"], read=places[source.name]["read"])
            if source.name in places
            else source
            for source in spec.sources
        ),
    )


def list_people(order: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Write the index of a run's people; return how many there are."""
    tell("listing people", 0, 0)
    written = linkage.write_person_index(order["directory"], spec_of(order))
    return {"people": written.people}


def draw_sample(order: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Draw pairs and write what clerks need of each as JSON lines; return the strata."""
    tell("drawing pairs", 0, 0)
    drawn = linkage.draw_pairs(order["directory"], size=order["size"], seed=order["seed"])
    material = linkage.pair_material(order["directory"], spec_of(order), drawn.pairs)
    with Path(order["out"]).open("w", encoding="utf-8") as file:
        for pair, stratum in zip(material, drawn.stratum, strict=True):
            file.write(json.dumps({**pair.as_dict(), "stratum": stratum}, ensure_ascii=False) + "\n")
    return {"strata": [vars(stratum) for stratum in drawn.strata]}
