"""How much personal data the masking rules find in messages whose templates somebody else wrote.

Each template is filled several times with made-up values (right check digits, the ways of writing that people
use), seeded. A value counts as covered when at least 90% of its characters are masked; a mask counts as right
when it touches a value that was planted. Kinds `name` and `address` are told beside, without a floor, and so
is the synthetic set of the presidio-research project (mostly foreign formats), where it is at hand.

    python bench/text_identifiers.py [--templates FILE] [--times 25] [--seed 7] [--leaks 3] [--presidio FILE]
        [--spacy MODEL]

A file of templates: `[[template]] text = "My NI number is {nino}"`, with the placeholders of `text_values.py`;
whatever else the text says is there to mislead. The values' ways of writing come from the rules' author.
--spacy reads with Presidio besides, where it and that spaCy model are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from joinedup.text import Found, Recogniser, find, open_presidio
from text_values import MAKERS

HERE = Path(__file__).parent
NO_FLOOR = ("name", "address")
RECALL, PRECISION = 0.98, 0.97
Planted = tuple[str, int, int]
_PLACE = re.compile(r"\{(\w+)\}")


def fill(template: str, rng: random.Random) -> tuple[str, list[Planted]]:
    """A message made from a template, and where its values stand."""
    parts: list[str] = []
    planted: list[Planted] = []
    length = at = 0
    for place in _PLACE.finditer(template):
        kind = place[1]
        if kind not in MAKERS:
            sys.exit(f"No such placeholder: {{{kind}}}. There are: {', '.join(MAKERS)}")
        value = MAKERS[kind](rng)
        parts += [template[at : place.start()], value]
        length += place.start() - at
        planted.append((kind, length, length + len(value)))
        length += len(value)
        at = place.end()
    return "".join([*parts, template[at:]]), planted


def is_covered(start: int, end: int, found: Iterable[Found]) -> bool:
    masked = sum(max(0, min(end, one.end) - max(start, one.start)) for one in found)
    return masked >= 0.9 * (end - start)


class Tally:
    """Counts by kind, and a few examples of what escaped."""

    def __init__(self) -> None:
        self.planted: Counter[str] = Counter()
        self.covered: Counter[str] = Counter()
        self.as_kind: Counter[str] = Counter()
        self.masks: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.leaks: dict[str, list[str]] = defaultdict(list)
        self.wrong: dict[str, list[str]] = defaultdict(list)
        self.messages = self.messages_leaking = 0

    def add(self, text: str, planted: list[Planted], found: tuple[Found, ...]) -> None:
        leaks = False
        for kind, start, end in planted:
            self.planted[kind] += 1
            if is_covered(start, end, found):
                self.covered[kind] += 1
                self.as_kind[kind] += any(
                    one.kind.value == kind for one in found if one.start < end and start < one.end
                )
            else:
                self.leaks[kind].append(f"{text[start:end]!r} in {text!r}")
                leaks = leaks or kind not in NO_FLOOR
        for one in found:
            self.masks[one.kind.value] += 1
            if any(one.start < end and start < one.end for _, start, end in planted):
                self.right[one.kind.value] += 1
            else:
                self.wrong[one.kind.value].append(f"{text[one.start : one.end]!r} in {text!r}")
        self.messages += 1
        self.messages_leaking += leaks

    def share(self, part: Counter[str], whole: Counter[str], *, floor: bool) -> float:
        kinds = [kind for kind in whole if (kind not in NO_FLOOR) == floor]
        total = sum(whole[kind] for kind in kinds)
        return sum(part[kind] for kind in kinds) / total if total else 1.0


def measure(path: Path, *, times: int, seed: int, more: Sequence[Recogniser]) -> Tally:
    templates = [row["text"] for row in tomllib.loads(path.read_text(encoding="utf-8"))["template"]]
    tally = Tally()
    seconds = 0.0
    for number, template in enumerate(templates):
        rng = random.Random(f"{seed}:{number}")
        for _ in range(times if _PLACE.search(template) else 1):
            text, planted = fill(template, rng)
            began = time.process_time()
            found = find(text, more=more)
            seconds += time.process_time() - began
            tally.add(text, planted, found)
    print(
        f"{path.name}: {len(templates)} templates, {tally.messages} messages, seed {seed}, "
        f"{1000 * seconds / max(1, tally.messages):.2f} ms of processor time a message"
    )
    return tally


def tell(tally: Tally, leaks: int) -> None:
    print(f"{'kind':18}{'planted':>8}{'recall':>8}{'same kind':>10}{'masks':>8}{'right':>8}")
    for kind in sorted(set(tally.planted) | set(tally.masks), key=lambda it: (it in NO_FLOOR, it)):
        planted, masks = tally.planted[kind], tally.masks[kind]
        recall = f"{tally.covered[kind] / planted:.3f}" if planted else "-"
        same = f"{tally.as_kind[kind] / planted:.3f}" if planted else "-"
        right = f"{tally.right[kind] / masks:.3f}" if masks else "-"
        print(f"{kind:18}{planted:8}{recall:>8}{same:>10}{masks:8}{right:>8}")
    for what, lists in (("escaped", tally.leaks), ("masked though nothing", tally.wrong)):
        for kind, examples in sorted(lists.items()):
            for example in examples[:leaks]:
                print(f"  {what}, {kind}: {example}")


PRESIDIO = {
    "PERSON": "name",
    "STREET_ADDRESS": "address",
    "CREDIT_CARD": "card",
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
    "EMAIL_ADDRESS": "email",
    "IP_ADDRESS": "ip_address",
    "ZIP_CODE": "postcode",
    "US_SSN": "us_ssn",
    "US_DRIVER_LICENSE": "us_driver_license",
}


def presidio(path: Path, *, more: Sequence[Recogniser]) -> Tally:
    tally = Tally()
    for row in json.loads(path.read_text(encoding="utf-8")):
        spans = row["spans"]
        planted = [
            (PRESIDIO[it["entity_type"]], it["start_position"], it["end_position"])
            for it in spans
            if it["entity_type"] in PRESIDIO
        ]
        tally.add(row["full_text"], planted, find(row["full_text"], more=more))
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--templates", type=Path, default=HERE / "text_templates_blind.toml")
    parser.add_argument("--times", type=int, default=25, help="messages made from each template")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--leaks", type=int, default=0, help="examples to print of each kind (made-up values)"
    )
    shared = os.environ.get("JOINEDUP_SHARED", "")
    default = Path(shared) / "data/text/presidio_synth/synth_dataset_v2.json" if shared else None
    parser.add_argument(
        "--presidio", type=Path, default=default, help="presidio-research's synth_dataset_v2.json"
    )
    parser.add_argument("--spacy", metavar="MODEL", help="a spaCy model's name or folder, for Presidio")
    given = parser.parse_args()
    more = [open_presidio(given.spacy)] if given.spacy else []
    tally = measure(given.templates, times=given.times, seed=given.seed, more=more)
    tell(tally, given.leaks)
    recall = tally.share(tally.covered, tally.planted, floor=True)
    precision = tally.share(tally.right, tally.masks, floor=True)
    beside = (
        tally.share(tally.covered, tally.planted, floor=False),
        tally.share(tally.right, tally.masks, floor=False),
    )
    print(
        f"identifiers: recall {recall:.4f}, precision {precision:.4f}; "
        f"messages with an identifier left in sight: {tally.messages_leaking / tally.messages:.3f}"
    )
    print(f"names and addresses (no floor): recall {beside[0]:.3f}, precision {beside[1]:.3f}")
    if given.presidio is not None and given.presidio.exists():
        print("\npresidio-research synthetic set, no floor:")
        tell(presidio(given.presidio, more=more), 0)
    met = recall >= RECALL and precision >= PRECISION
    result = {
        "claim": "UK identifiers masked in messages of another's templates",
        "value": {"recall": round(recall, 4), "precision": round(precision, 4)},
        "target": {"recall": RECALL, "precision": PRECISION},
        "met": met,
    }
    print(json.dumps(result))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
