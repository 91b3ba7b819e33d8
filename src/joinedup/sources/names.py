"""Column names as files give them, made fit: no name missing, none twice."""

from __future__ import annotations

from collections.abc import Sequence

from joinedup.sources.header import is_sure_header


def fit_names(found: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return usable column names and the notes that say what was changed.

    An empty name becomes `column_3` (its place), a repeated one gets `_2`, `_3`…; white space is one space.

    >>> fit_names(["id", "", "name", "name"])[0]
    ['id', 'column_2', 'name', 'name_2']
    """
    names: list[str] = []
    notes: list[str] = []
    taken = {" ".join(_clean(name).split()) for name in found}
    used: set[str] = set()
    for place, name in enumerate(found, start=1):
        wanted = " ".join(_clean(name).split())
        if not wanted:
            wanted = _free(f"column_{place}", used | taken)
            notes.append(f"column {place} has no name: called {wanted}")
        elif wanted in used:
            wanted = _free(wanted, used | taken)
            notes.append(f"column {place} repeats a name: called {wanted}")
        used.add(wanted)
        names.append(wanted)
    if len(notes) > 10:
        notes = [*notes[:10], f"and {len(notes) - 10} more columns without a name of their own"]
    return names, notes


def one_of_columns(names: Sequence[str]) -> str:
    """Return "one of: id, name" for an error; where the names may be somebody's data, how many there are.

    >>> one_of_columns(["SMITH", "ANN", "19800101"])
    'one of its 3 columns (their names look like data: see that the file has a row of names)'
    """
    if is_sure_header(names):
        return f"one of: {', '.join(names)}"
    count = "its 1 column" if len(names) == 1 else f"its {len(names)} columns"
    return f"one of {count} (their names look like data: see that the file has a row of names)"


def _clean(name: str) -> str:
    name = name.encode("utf-8", "replace").decode("utf-8")
    return name.replace("\ufeff", "").replace("\0", "")


def _free(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}_{number}" in taken:
        number += 1
    return f"{wanted}_{number}"
