"""Theme drafts against a human codebook, beside k-means that is told how many themes there are.

    python bench/text_themes.py [--seeds 1 2 3 4 5] [--develop] [--places] [--json]

Comments: NHS Friends and Family Test, framework v6 (JOINEDUP_SHARED/data/text, MIT), each text once (case and spaces
aside), with exactly one human label, "Not assigned" and "Labelling not possible" left out, of labels that at least
30 comments bear. Peer: k-means on the same embeddings with k = the number of labels (ten starts a seed). Ours
is given neither the labels nor their number. A text without a theme counts as in a group of its own kind. The measure
is adjusted mutual information (arithmetic mean), and the normalised one that others print. Per seed the difference
on the same vectors; its 95% interval is Student's over the seeds, and a bootstrap of the comments (500 draws,
the first seed's drafts) tells what another set of comments might have given.

--places: as well, where new comments go once themes are signed off; see `placed`.
--develop: the same on the two sets that settings were chosen on (NHS phase 1 sub-categories, every comment's first
kind; banking77's test set), whose figures are no evidence. Ends with one JSON line with `met`.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import platform
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

from joinedup.text.embed import best_embedder
from joinedup.text.themes import draft_themes, fit_places, word_vectors

SEEDS = (1, 2, 3, 4, 5)
LEAST_OF_A_LABEL = 30
NO_LABELS = ("Not assigned", "Labelling not possible")
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 10: 2.262}  # 97.5% points by number of seeds


@dataclass(frozen=True)
class Coded:
    """Texts with one label each."""

    name: str
    texts: list[str]
    labels: NDArray[np.int64]

    @property
    def codebook(self) -> int:
        return len(np.unique(self.labels))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument(
        "--develop", action="store_true", help="the sets that settings were chosen on as well"
    )
    parser.add_argument(
        "--places", action="store_true", help="how well new comments go to signed-off themes as well"
    )
    parser.add_argument("--json", action="store_true", help="the last line alone")
    options = parser.parse_args()
    sets = [nhs_v6()] + ([nhs_phase_1(), banking77()] if options.develop else [])
    found = [measured(coded, options.seeds, tell=not options.json) for coded in sets]
    if options.places:
        for precision in (0.8, 0.9):
            print(json.dumps(placed(nhs_v6(), options.seeds, precision)))
    print(json.dumps({**found[0], "python": platform.python_version(), "developed_on": found[1:]}))


def row(seeds: list[int] | None = None) -> dict[str, Any]:
    """The figures of the NHS v6 comments, with `met`."""
    return measured(nhs_v6(), seeds or list(SEEDS), tell=False)


def measured(coded: Coded, seeds: list[int], *, tell: bool) -> dict[str, Any]:
    """Both sides on one set of vectors, seed by seed."""
    embedder = best_embedder()
    vectors = word_vectors(coded.texts, seed=0) if embedder is None else embedder.encode(coded.texts)
    if tell:
        by = "words alone (no embedder here)" if embedder is None else embedder.name
        print(f"{coded.name}: {len(coded.texts):,} comments, {coded.codebook} labels, vectors by {by}")
    peer, ours = [], []
    for seed in seeds:
        told = KMeans(coded.codebook, n_init=10, random_state=seed).fit_predict(vectors)
        drafts = draft_themes(coded.texts, vectors, seed=seed)
        as_many = KMeans(len(drafts.themes), n_init=10, random_state=seed).fit_predict(vectors)
        peer.append({**_scores(coded.labels, told), "as_many": _scores(coded.labels, as_many)["ami"]})
        ours.append({**_scores(coded.labels, drafts.assigned), "themes": len(drafts.themes)})
        ours[-1] |= {"noise": drafts.noise_share, "variance": drafts.variance}
        if seed == seeds[0]:
            between = _bootstrap(coded.labels, drafts.assigned, told)
        if tell:
            print(
                f"  seed {seed}: AMI {ours[-1]['ami']:.3f} with {len(drafts.themes)} themes, "
                f"noise {drafts.noise_share:.1%}, runs alike {drafts.variance:.2f}; "
                f"k-means given {coded.codebook}: {peer[-1]['ami']:.3f}, "
                f"given our number: {peer[-1]['as_many']:.3f}"
            )
    gains = [one["ami"] - other["ami"] for one, other in zip(ours, peer, strict=True)]
    half = (
        STUDENT.get(len(gains), 1.96) * statistics.stdev(gains) / math.sqrt(len(gains))
        if len(gains) > 1
        else math.inf
    )
    gain = statistics.mean(gains)
    most_themes, most_noise = max(o["themes"] for o in ours), max(o["noise"] for o in ours)
    result = {
        "claim": "theme_drafts",
        "set": coded.name,
        "comments": len(coded.texts),
        "codebook": coded.codebook,
        "embedder": None if embedder is None else embedder.name,
        "seeds": seeds,
        "ami": _mean(ours, "ami"),
        "peer_ami": _mean(peer, "ami"),
        "peer_ami_with_our_number": _mean(peer, "as_many"),
        "nmi": _mean(ours, "nmi"),
        "peer_nmi": _mean(peer, "nmi"),
        "gain": round(gain, 4),
        "gain_low": round(gain - half, 4),
        "gain_high": round(gain + half, 4),
        "gain_by_comments": between,
        "least_gain": round(min(gains), 4),
        "most_themes": most_themes,
        "most_noise": round(most_noise, 4),
        "met": min(gains) > 0 and gain - half > 0 and most_themes <= 2 * coded.codebook and most_noise < 0.2,
    }
    if tell:
        print(
            f"  mean AMI {result['ami']:.3f} against {result['peer_ami']:.3f}: {gain:+.3f} "
            f"({gain - half:+.3f} to {gain + half:+.3f} over seeds; "
            f"{between[0]:+.3f} to {between[1]:+.3f} over comments)"
        )
    return result


def placed(coded: Coded, seeds: list[int], precision: float) -> dict[str, Any]:
    """New comments to signed-off themes: means over seeds.

    A random half of the comments with their labels, but for five labels drawn at random, is what people signed off; the
    other half is placed. right: of the placed comments whose label is among the themes. strange: of the five labels.
    """
    embedder = best_embedder()
    vectors = word_vectors(coded.texts, seed=0) if embedder is None else embedder.encode(coded.texts)
    shares: dict[str, list[float]] = {
        "placed": [],
        "right_of_known": [],
        "strange_placed": [],
        "right_of_all": [],
    }
    for seed in seeds:
        draw = np.random.default_rng(seed)
        order = draw.permutation(len(coded.texts))
        half = len(order) // 2
        unknown = draw.choice(coded.codebook, 5, replace=False)
        learn = order[:half][~np.isin(coded.labels[order[:half]], unknown)]
        test, labels = order[half:], coded.labels[order[half:]]
        themes = {
            int(n): np.flatnonzero(coded.labels[learn] == n).tolist() for n in np.unique(coded.labels[learn])
        }
        got, _ = fit_places(vectors[learn], themes, seed=seed).place(vectors[test], precision=precision)
        put, known = got >= 0, ~np.isin(labels, unknown)
        shares["placed"].append(float(put[known].mean()))
        shares["right_of_known"].append(float((got == labels)[put & known].mean()))
        shares["strange_placed"].append(float(put[~known].mean()))
        shares["right_of_all"].append(float((got == labels)[put].mean()))
    told = {name: round(statistics.mean(each), 3) for name, each in shares.items()}
    return {"claim": "theme_places", "set": coded.name, "precision": precision, "seeds": seeds, **told}


def nhs_v6() -> Coded:
    """NHS v6: rows with one label."""
    rows = _rows("nhs_fft/v6framework_230831.csv")
    kinds = list(rows[0])[11:]
    found = [(row["FFT answer"], [kind for kind in kinds if row[kind] not in ("", "0")]) for row in rows]
    return _coded("NHS v6", found)


def nhs_phase_1() -> Coded:
    """NHS phase 1: one of 44 sub-categories each."""
    rows = _rows("nhs_fft/phase1_text_data.csv")
    return _coded("NHS phase 1", [(row["feedback"], [row["subcategory"]]) for row in rows])


def banking77() -> Coded:
    """banking77's test set: one of 77 intents each."""
    return _coded("banking77", [(row["text"], [row["category"]]) for row in _rows("banking77/test.csv")])


def _rows(name: str) -> list[dict[str, str]]:
    shared = Path(os.environ.get("JOINEDUP_SHARED", "../shared"))
    with (shared / "data" / "text" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _coded(name: str, found: list[tuple[str, list[str]]]) -> Coded:
    seen: set[str] = set()
    kept = []
    for text, labels in found:
        text = re.sub(r"\s+", " ", text).strip()
        if not text or text.casefold() in seen:
            continue
        seen.add(text.casefold())
        if len(labels) == 1 and labels[0] not in NO_LABELS:
            kept.append((text, labels[0]))
    often = Counter(label for _, label in kept)
    kept = [(text, label) for text, label in kept if often[label] >= LEAST_OF_A_LABEL]
    _, labels = np.unique([label for _, label in kept], return_inverse=True)
    return Coded(name, [text for text, _ in kept], labels)


def _scores(labels: NDArray[Any], groups: NDArray[Any]) -> dict[str, float]:
    return {
        "ami": float(adjusted_mutual_info_score(labels, groups)),
        "nmi": float(normalized_mutual_info_score(labels, groups)),
    }


def _mean(runs: list[dict[str, float]], name: str) -> float:
    return round(statistics.mean(run[name] for run in runs), 4)


def _bootstrap(labels: NDArray[Any], ours: NDArray[Any], peer: NDArray[Any]) -> list[float]:
    draw = np.random.default_rng(0)
    gains = []
    for _ in range(500):
        at = draw.integers(0, len(labels), len(labels))
        gains.append(
            adjusted_mutual_info_score(labels[at], ours[at])
            - adjusted_mutual_info_score(labels[at], peer[at])
        )
    return [round(float(limit), 4) for limit in np.quantile(gains, [0.025, 0.975])]


if __name__ == "__main__":
    main()
