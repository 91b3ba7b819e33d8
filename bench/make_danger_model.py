"""Make the model of the second look for danger, and say how it does in five folds of its own cases.

Cases in danger: `danger_dev.toml`, written by the author of the phrases. Ordinary comments: the NHS Friends and
Family Test comments of pxtextmining (MIT), banking77's customer queries (CC BY 4.0) and short messages to other
services that `ordinary_messages.toml` frames, those left out that the phrases flag. The threshold is the one that flags
a share of held-out ordinary ones; the frames held out are whole frames, so that their likes were not learned from.

    JOINEDUP_SHARED=… python bench/make_danger_model.py [--share 0.02] [--out src/joinedup/text/data/danger_model.json]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tomllib
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from joinedup.text import look
from joinedup.text.embed import best_embedder
from text_danger import NHS, distinct

HERE = Path(__file__).parent
CLASSES = ("none", "threat_to_life", "safeguarding")
ORDINARY, HELD_OUT = 3_000, 2_000
EACH_FRAME, FRAMES_HELD_OUT = 40, 0.4
HARD = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    embedder = best_embedder()
    if embedder is None:
        sys.exit("The sentence embedder is not installed: run `make setup`.")
    cases = [
        case
        for case in tomllib.loads((HERE / "danger_dev.toml").read_text(encoding="utf-8"))["case"]
        if case["language"] == "en"
    ]
    folder = Path(os.environ["JOINEDUP_SHARED"]) / "data/text"
    rng = random.Random(given.seed)
    comments = [
        text for text in distinct([f"{folder}/nhs_fft/{name}" for name in NHS]) if 20 < len(text) < 400
    ]
    queries = distinct([f"{folder}/banking77/train.csv:text"])
    rng.shuffle(comments)
    rng.shuffle(queries)
    ordinary = [text for text in comments[:4_200] + queries[:1_000] if not look(text)]
    rng.shuffle(ordinary)
    learned, unseen = messages(rng)
    training = ordinary[:ORDINARY] + learned
    held_out = ordinary[ORDINARY : ORDINARY + HELD_OUT] + unseen
    texts = [case["text"] for case in cases] + training
    labels = np.array([CLASSES.index(case["danger"]) for case in cases] + [0] * len(training))
    vectors = np.round(embedder.encode(texts), 6)
    aside = embedder.encode(held_out)
    flagged_anyway = np.array([bool(look(case["text"])) for case in cases])
    tell_folds(vectors, labels, aside, flagged_anyway, share=given.share, seed=given.seed)
    model = fitted(vectors, labels, np.arange(len(labels)) < len(cases))
    grave = 1 - model.predict_proba(aside)[:, 0]
    # Of each kind of ordinary text no more than the share is flagged: comments, and short messages.
    kinds = np.split(grave, [len(held_out) - len(unseen)])
    threshold = max(float(np.quantile(each, 1 - given.share)) for each in kinds)
    weights = np.round(model.coef_ * 1000).astype(int).tolist()
    bias = np.round(model.intercept_ * 1000).astype(int).tolist()
    version = hashlib.sha256(json.dumps([weights, bias, threshold]).encode()).hexdigest()[:16]
    data = {
        "made_by": "bench/make_danger_model.py",
        "version": version,
        "embedder": "all-MiniLM-L6-v2",
        "threshold": round(threshold, 4),
        "bias": bias,
        "weights": weights,
    }
    if given.out:
        given.out.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    print(
        f"version {version}, threshold {threshold:.4f}, {len(cases)} cases, {len(training)} ordinary comments"
    )
    return 0


def messages(rng: random.Random) -> tuple[list[str], list[str]]:
    """Short ordinary messages to learn from, and others of frames that were not learned from; each once."""
    data = tomllib.loads((HERE / "ordinary_messages.toml").read_text(encoding="utf-8"))
    frames = [text for frame in data["frame"] for text in frame["texts"]]
    rng.shuffle(frames)
    cut = round(len(frames) * (1 - FRAMES_HELD_OUT))
    made = []
    for part in (frames[:cut], frames[cut:]):
        texts: dict[str, None] = {}
        for frame in part:
            for _ in range(EACH_FRAME):
                chosen = {name: rng.choice(words) for name, words in data["lists"].items()}
                texts[frame.format(**chosen)] = None
        made.append([text for text in texts if not look(text)])
    return made[0], made[1]


def fitted(vectors: np.ndarray, labels: np.ndarray, cases: np.ndarray) -> LogisticRegression:
    """cases: which rows are written cases; the ordinary ones among them are hard, and weigh more than comments."""
    weights = np.where(cases & (labels == 0), HARD, 1.0)
    return LogisticRegression(C=20, class_weight="balanced", max_iter=1_000).fit(vectors, labels, weights)


def tell_folds(
    vectors: np.ndarray,
    labels: np.ndarray,
    aside: np.ndarray,
    phrases: np.ndarray,
    *,
    share: float,
    seed: int,
) -> None:
    found = np.zeros(len(labels), dtype=bool)
    for inside, outside in StratifiedKFold(5, shuffle=True, random_state=seed).split(vectors, labels):
        model = fitted(vectors[inside], labels[inside], inside < len(phrases))
        threshold = np.quantile(1 - model.predict_proba(aside)[:, 0], 1 - share)
        found[outside] = 1 - model.predict_proba(vectors[outside])[:, 0] >= threshold
    cases = len(phrases)
    grave, none = labels[:cases] > 0, labels[:cases] == 0
    print(f"in five folds, English cases: the second look alone finds {found[:cases][grave].mean():.3f} "
          f"of {grave.sum()}, either look {(found[:cases] | phrases)[grave].mean():.3f} (phrases alone "
          f"{phrases[grave].mean():.3f}; many were built on these cases)")  # fmt: skip
    print(
        f"of {none.sum()} ordinary cases, chosen to mislead, the second look flags {found[:cases][none].sum()}"
    )


if __name__ == "__main__":
    sys.exit(main())
