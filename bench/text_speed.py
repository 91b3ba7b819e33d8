"""How long 100,000 comments take, stage by stage: mask, embed, sentiment and tags, themes.

    python bench/text_speed.py [--comments 100000] [--repeats 3] [--seed 1] [--processes 2] [--stages themes ...]

Comments are made of sentences of real NHS feedback (JOINEDUP_SHARED/data/text): as many sentences as a real comment
has, drawn from all comments, and one in twenty with an identifier in it from the development templates. The tagger
is learned before, from the v6 codebook, and not counted; neither is compiling, which setting up does. Stages:

mask        language, danger and masking, each comment by itself, in as many processes as told
embed       MiniLM by onnxruntime (where it is not set up: TF-IDF and SVD, and the figures say so)
understand  sentiment and tags, given the vectors
themes      draft themes of all comments, three runs

The time of a stage is the median of the repeats, on the wall's clock; CPU seconds and this process's highest memory
are told beside. Ends with one JSON line; `met`: all stages together under 480 seconds for 100,000 comments on two
processors. Fewer comments are told as they are, never multiplied up.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import re
import resource
import statistics
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from joinedup.text import fit_tags, look, mask_text, open_sentiment, recognise
from joinedup.text.embed import best_embedder
from joinedup.text.themes import draft_themes, word_vectors
from text_values import MAKERS

STAGES = ("mask", "embed", "understand", "themes")
LIMIT_SECONDS, LIMIT_COMMENTS = 480, 100_000
LEAST_OF_A_TAG = 50
_AT_ONCE = 500


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comments", type=int, default=LIMIT_COMMENTS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    options = parser.parse_args()
    texts = comments(options.comments, options.seed)
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(texts):,} comments, {len(set(texts)):,} distinct, {words:.1f} words on average")

    runs: dict[str, list[float]] = {stage: [] for stage in STAGES if stage in options.stages}
    used: dict[str, list[float]] = {stage: [] for stage in runs}
    masked, vectors = texts, None
    embedder = best_embedder()
    needs_vectors = {"understand", "themes"} & set(runs)
    tagger = _tagger(embedder) if "understand" in runs else None
    sentiment = open_sentiment(embedder=embedder)
    told: dict[str, Any] = {}
    _small_run()
    clock = _Clock(runs, used)
    for _ in range(options.repeats):
        if "mask" in runs:
            masked, told["in_danger"] = clock.time("mask", _mask, texts, options.processes)
        if "embed" in runs or (needs_vectors and vectors is None):
            vectors = clock.time("embed", _embed, embedder, masked, options.seed)
        if tagger is not None:
            clock.time("understand", _understand, sentiment, tagger, masked, vectors)
        if "themes" in runs:
            found = clock.time("themes", partial(draft_themes, seed=options.seed), masked, vectors)
            told |= {"themes": len(found.themes), "without_theme": round(found.noise_share, 4)}
    seconds = {stage: round(statistics.median(each), 1) for stage, each in runs.items()}
    for stage, value in seconds.items():
        print(
            f"  {stage:11} {value:7.1f} s, {len(texts) / value:8,.0f} comments a second, "
            f"{statistics.median(used[stage]):7.1f} CPU s"
        )
    whole = round(sum(seconds.values()), 1)
    print(
        json.dumps(
            {
                "claim": "text_speed",
                "comments": len(texts),
                "distinct": len(set(texts)),
                "words": round(words, 1),
                "embedder": None if embedder is None else embedder.name,
                "seconds": seconds,
                "whole": whole,
                "repeats": options.repeats,
                "seed": options.seed,
                **told,
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "processors": len(os.sched_getaffinity(0))
                if hasattr(os, "sched_getaffinity")
                else os.cpu_count(),
                "load_at_end": round(os.getloadavg()[0], 1),
                "python": platform.python_version(),
                "met": set(runs) == set(STAGES) and len(texts) >= LIMIT_COMMENTS and whole < LIMIT_SECONDS,
            }
        )
    )


def comments(many: int, seed: int) -> list[str]:
    """Comments made of real sentences; the same seed gives the same."""
    draw = random.Random(seed)
    real = [_spaced(row["FFT answer"]) for row in _rows("nhs_fft/v6framework_230831.csv")]
    real += [_spaced(row["feedback"]) for row in _rows("nhs_fft/phase1_text_data.csv")]
    parts = [re.split(r"(?<=[.!?])\s+", text) for text in real if text and text != "Did not answer"]
    pool = [sentence for sentences in parts for sentence in sentences]
    templates = [
        each["text"]
        for each in tomllib.loads((Path(__file__).parent / "text_templates_dev.toml").read_text("utf-8"))[
            "template"
        ]
    ]
    made = []
    for _ in range(many):
        said = draw.choices(pool, k=len(draw.choice(parts)))
        if draw.random() < 0.05:
            said.append(re.sub(r"\{(\w+)\}", lambda place: MAKERS[place[1]](draw), draw.choice(templates)))
        made.append(" ".join(said))
    return made


def _mask(texts: list[str], processes: int) -> tuple[list[str], int]:
    batches = [texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE)]
    if processes == 1:
        done = [_mask_batch(batch) for batch in batches]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            done = list(pool.map(_mask_batch, batches))
    return [text for batch, _ in done for text in batch], sum(flags for _, flags in done)


def _mask_batch(texts: list[str]) -> tuple[list[str], int]:
    masked, flags = [], 0
    for text in texts:
        flags += bool(look(text, language=recognise(text).code))
        masked.append(mask_text(text).text)
    return masked, flags


def _embed(embedder: Any, texts: list[str], seed: int) -> Any:
    return word_vectors(texts, seed=seed) if embedder is None else embedder.encode(texts)


def _understand(sentiment: Any, tagger: Any, texts: list[str], vectors: Any) -> None:
    sentiment.predict(texts, vectors=vectors)
    tagger.predict(texts, vectors=vectors)


def _tagger(embedder: Any) -> Any:
    rows = _rows("nhs_fft/v6framework_230831.csv")
    kinds = [
        kind
        for kind in list(rows[0])[11:]
        if kind != "Labelling not possible"
        and sum(row[kind] not in ("", "0") for row in rows) >= LEAST_OF_A_TAG
    ]
    rows = [row for row in rows if row["FFT answer"].strip()][:3000]
    tags = [[kind for kind in kinds if row[kind] not in ("", "0")] for row in rows]
    return fit_tags([_spaced(row["FFT answer"]) for row in rows], tags, embedder=embedder, seed=1)


def _small_run() -> None:
    """What is compiled or read on first use."""
    draw = np.random.default_rng(1).standard_normal((60, 8)).astype(np.float32)
    draft_themes([f"text {i}" for i in range(60)], draw, seed=1)
    _mask_batch(["Call 020 7946 0018"])


@dataclass(frozen=True)
class _Clock:
    """Keeps the seconds and CPU seconds of the stages that are asked for."""

    runs: dict[str, list[float]]
    used: dict[str, list[float]]

    def time(self, stage: str, work: Callable[..., Any], *given: Any) -> Any:
        began, cpu = time.perf_counter(), _cpu()
        result = work(*given)
        if stage in self.runs:
            self.runs[stage].append(time.perf_counter() - began)
            self.used[stage].append(_cpu() - cpu)
        return result


def _cpu() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _rows(name: str) -> list[dict[str, str]]:
    shared = Path(os.environ.get("JOINEDUP_SHARED", "../shared"))
    with (shared / "data" / "text" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


if __name__ == "__main__":
    main()
