"""Make the sentiment models that come with the package, from comments whose feeling people told.

    python bench/make_sentiment_model.py [--seed 1]

Learned from two sets of NHS Friends and Family Test comments that NHS England published under MIT: one with a five-step
feeling (steps 1 and 2 count as positive, 4 and 5 as negative) and what the person ticked; and an earlier one, whose
people coded how good or bad what each comment tells of is. Writes src/joinedup/text/data/sentiment.zip (words and
vectors) and sentiment_words.zip (words alone). No comment is in them: only words and runs of letters that several
comments have, and weights. How good they are on comments that were held out is told by text_quality.py, whose
models are fitted in the same way.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from joinedup.text.embed import best_embedder
from joinedup.text.sentiment_learning import Felt, fit_sentiment
from text_data import Kept, nhs_levels, nhs_tags

DATA = Path(__file__).parent.parent / "src" / "joinedup" / "text" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    embedder = best_embedder()
    if embedder is None:
        sys.exit("The model with vectors needs the embedder: make setup")
    felt = [Felt(one.text, one.question, one.step, one.satisfaction) for one in nhs_tags() if one.label]
    hints = nhs_levels(without=[])
    for name, chosen in (("sentiment.zip", Kept(embedder)), ("sentiment_words.zip", None)):
        model = fit_sentiment(felt, embedder=chosen, seed=seed, hints=hints)
        content = model.to_bytes()
        (DATA / name).write_bytes(content)
        print(f"{name}: {model.name}, version {model.version}, {len(content):,} bytes")


if __name__ == "__main__":
    main()
