"""How often the phrases for danger speak where they should, in English and Welsh, and how often where not.

Asked twice, as the platform does: the phrases when a text arrives, then, once English texts have their vectors,
the model of the second look. A case counts as found when either flags it: a person then reads it, whatever the
kind. The cases' file:
`[[case]] text = …, language = "en" | "cy", danger = "threat_to_life" | "safeguarding" | "none"`.

    python bench/text_danger.py [--cases FILE] [--misses] [--phrases-only] [--comments FILE.csv:COLUMN …]

--comments counts how many of the distinct texts of a column of ordinary comments are flagged (with
JOINEDUP_SHARED set: the NHS Friends and Family Test comments). Those comments were looked at while the phrases
were written, so their figure speaks of building, not of new services.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

from joinedup.text import Danger, look, look_again, recognise
from joinedup.text.embed import best_embedder

HERE = Path(__file__).parent
RECALL = 0.95
NHS = ("phase1_text_data.csv:feedback", "v6framework_230831.csv:FFT answer")


def distinct(files: list[str]) -> list[str]:
    texts: set[str] = set()
    for given in files:
        path, _, column = given.rpartition(":")
        with open(path, encoding="utf-8", errors="replace", newline="") as lines:
            texts |= {row[column].strip() for row in csv.DictReader(lines)}
    return sorted(texts - {""})


def looked(texts: list[str], *, phrases_only: bool) -> list[tuple[tuple[Danger, ...], tuple[Danger, ...]]]:
    """For each text what the phrases flag, and what the second look flags (of readable texts)."""
    first = [look(text) for text in texts]
    second: list[tuple[Danger, ...]] = [()] * len(texts)
    embedder = None if phrases_only else best_embedder()
    if embedder is None:
        print("phrases only" if phrases_only else "no sentence embedder here: phrases only")
        return list(zip(first, second, strict=True))
    readable = [place for place, text in enumerate(texts) if recognise(text).is_readable]
    if readable:
        dangers = look_again(embedder.encode([texts[place] for place in readable]))
        for place, danger in zip(readable, dangers, strict=True):
            second[place] = danger
    return list(zip(first, second, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=Path, default=HERE / "danger_blind.toml")
    parser.add_argument("--misses", action="store_true", help="print what was missed or flagged for nothing")
    parser.add_argument("--phrases-only", action="store_true", help="leave the second look out")
    parser.add_argument("--comments", nargs="*", default=None, help="FILE.csv:COLUMN of ordinary comments")
    given = parser.parse_args()
    cases = tomllib.loads(given.cases.read_text(encoding="utf-8"))["case"]
    asked: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    of_kind: Counter[tuple[str, str]] = Counter()
    unread = by_phrases = 0
    both = looked([case["text"] for case in cases], phrases_only=given.phrases_only)
    for case, (first, second) in zip(cases, both, strict=True):
        key = (case["language"], case["danger"])
        dangers = first + second
        by_phrases += bool(first) and case["danger"] != "none"
        asked[key] += 1
        found[key] += bool(dangers)
        of_kind[key] += case["danger"] in [danger.kind for danger in dangers]
        missed = case["danger"] != "none" and not dangers
        unread += missed and not recognise(case["text"]).is_readable
        if given.misses and bool(dangers) == (case["danger"] == "none"):
            print(f"  {'missed' if missed else 'for nothing'}, {key}: {case['text']}")
    print(f"{given.cases.name}: {len(cases)} cases")
    print(f"{'language':10}{'danger':18}{'cases':>7}{'flagged':>9}{'same kind':>11}")
    for key in sorted(asked):
        same = f"{of_kind[key]:11}" if key[1] != "none" else ""
        print(f"{key[0]:10}{key[1]:18}{asked[key]:7}{found[key]:9}{same}")
    grave = [key for key in asked if key[1] != "none"]
    total, hits = sum(asked[key] for key in grave), sum(found[key] for key in grave)
    flagged = sum(found.values())
    by_language = {}
    for code in sorted({key[0] for key in grave}):
        keys = [key for key in grave if key[0] == code]
        by_language[code] = sum(found[key] for key in keys) / sum(asked[key] for key in keys)
    recall, precision = hits / max(1, total), hits / max(1, flagged)
    each = ", ".join(f"{code} {share:.4f}" for code, share in by_language.items())
    print(f"recall {recall:.4f} ({each}), precision {precision:.4f}")
    print(f"phrases alone, at once: recall {by_phrases / max(1, total):.4f}")
    print(f"of the missed, {unread} go to a person all the same, as text that no model can read")
    shared = os.environ.get("JOINEDUP_SHARED", "")
    comments = given.comments
    if comments is None:
        comments = [f"{shared}/data/text/nhs_fft/{name}" for name in NHS] if shared else []
    if comments:
        texts = distinct(comments)
        began = time.process_time()
        flags = looked(texts, phrases_only=given.phrases_only)
        seconds = time.process_time() - began
        first_flags = sum(bool(first) for first, _ in flags)
        either = sum(bool(first or second) for first, second in flags)
        each_ms = 1000 * seconds / len(texts)
        print(
            f"ordinary comments: of {len(texts)} the phrases flag {first_flags}, either look {either}; "
            f"{each_ms:.2f} ms of processor time each"
        )
    met = recall >= RECALL and all(share >= RECALL for share in by_language.values())
    value = {"recall": round(recall, 4), "precision": round(precision, 4)}
    value |= {f"recall_{code}": round(share, 4) for code, share in by_language.items()}
    print(
        json.dumps(
            {
                "claim": "danger flagged in phrasings not used in building",
                "value": value,
                "target": RECALL,
                "met": met,
            }
        )
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
