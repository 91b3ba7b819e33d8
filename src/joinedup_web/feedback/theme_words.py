"""Words about analyses and themes that several pages share."""

from __future__ import annotations

from joinedup_web.feedback.models import Analysis, FittedModel, JobState

METHODS = {"clusters": "Groups of like comments", "language_model": "Language model"}
LANGUAGES = {
    "cy": "Welsh",
    "en": "English",
    "und": "Language not recognised",
    "pl": "Polish",
    "ur": "Urdu",
    "ar": "Arabic",
    "fr": "French",
    "es": "Spanish",
    "pa": "Punjabi",
    "ro": "Romanian",
    "bn": "Bengali",
    "gu": "Gujarati",
    "it": "Italian",
    "pt": "Portuguese",
    "zh": "Chinese",
    "so": "Somali",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "de": "German",
}
STANCES = {"against": "Critical or against", "mixed": "Neither or both", "for": "Pleased or for"}
STAGES = {
    "starting": "Starting",
    "reading": "Reading the comments",
    "grouping": "Grouping like comments",
    "sentiment": "Reading whether comments are pleased",
    "asking the language model": "Asking the language model",
}


def progress_words(analysis: Analysis) -> str:
    """How far an analysis is, in a sentence."""
    if analysis.state == JobState.WAITING:
        return "Waiting for its turn."
    if analysis.state == JobState.RUNNING:
        stage = STAGES.get(str(analysis.counts.get("stage", "")), "Under way")
        done, total = analysis.counts.get("done", 0), analysis.counts.get("total", 0)
        return f"{stage}: {done:,} of {total:,}." if total else f"{stage}."
    return f"{JobState(analysis.state).label}."


def agreement_words(analysis: Analysis) -> str:
    """How alike the drafts of several runs were, and what that means."""
    agreement = analysis.variance.get("agreement")
    if agreement is None:
        return ""
    runs = analysis.variance.get("runs", 0)
    if analysis.method == "language_model":
        return (
            f"A sample of comments was given to the model twice, in another order: {agreement:.0%} of its marks were "
            "the same."
        )
    verdict = (
        "The themes hardly depend on chance."
        if agreement >= 0.75
        else "Some themes could have been drawn otherwise."
        if agreement >= 0.45
        else "Much of this could have been drawn otherwise: read the comments before you rely on a theme."
    )
    return f"The comments were grouped {runs} times; the groups agree by {agreement:.0%} (100% is complete). {verdict}"


def figures_words(model: FittedModel) -> str:
    """How good a service's own model was on comments that it had not seen while it learnt."""
    told = model.figures
    if not told.get("texts"):
        return "Not known yet: too few comments to measure it on"
    texts = f"measured on {told['texts']:,} comments"
    if model.feature == "tag":
        value, low, high = told["samples_f1"]
        return (
            f"F1 of a comment’s tags {value:.2f} (95% interval {low:.2f} to {high:.2f}), mean F1 of the tags "
            f"{told['macro_f1']:.2f}; {texts}"
        )
    value, low, high = told["macro_f1"]
    right = "" if told["right"] is None else f", and was right about {told['right']:.0%} of those"
    return (
        f"mean F1 of the teams {value:.2f} (95% interval {low:.2f} to {high:.2f}); it named a team for "
        f"{told['named']:.0%}{right}; {texts}"
    )
