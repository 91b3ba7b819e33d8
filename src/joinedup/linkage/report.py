"""The linkage report: one self-contained page that says what was done, how sure we are, and why.

Reports travel, so no identifier and no value of a record is shown unless ``show_values`` is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from joinedup.charts import Block, Bullets, Card, Notice, Section, html_report, percent, plain, signed
from joinedup.linkage.explain import Example
from joinedup.linkage.model import Model
from joinedup.linkage.report_accuracy import accuracy_section
from joinedup.linkage.report_model import model_section, training_section
from joinedup.linkage.report_pairs import (
    blocking_section,
    examples_section,
    people_section,
    weights_section,
)
from joinedup.linkage.report_run import data_section, stages_section
from joinedup.linkage.run import Estimate, Run

_DONE = {
    "dedupe": "Records that repeat a person were looked for within one source.",
    "link": "Records of the same person were looked for across sources.",
    "link_and_dedupe": "Records of the same person were looked for within and across sources.",
}


def linkage_report_html(
    run: Run,
    model: Model,
    *,
    examples: Sequence[Example] = (),
    show_values: bool = False,
    generated_on: date | None = None,
    title: str = "Linkage report",
) -> str:
    """Return the report as one HTML page (write it as UTF-8); the same input gives the same page.

    run: what was done, with counts and times. model: as used for scoring. examples: pairs to explain, in the
    order to show them. show_values: show their identifiers and values; without it only levels are shown.
    Sections without anything to say are left out.
    """
    sections = [
        _summary_section(run),
        data_section(run),
        blocking_section(run),
        weights_section(run),
        model_section(model),
        training_section(run),
        accuracy_section(
            run.accuracy,
            run.threshold_weight,
            heading="Accuracy against labels",
            basis=run.accuracy_basis,
        ),
        people_section(run),
        examples_section(examples, run.threshold_weight, show_values=show_values),
        stages_section(run),
    ]
    return html_report(
        title=title,
        lede=_lede(run),
        cards=_cards(run),
        sections=[section for section in sections if section.blocks],
        generated_on=generated_on,
        version=run.versions.get("joinedup", ""),
    )


def _lede(run: Run) -> str:
    names = [source.name for source in run.sources]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    people = run.counts.get("people", run.clusters.people if run.clusters else None)
    found = f" are {plain(people)} people" if people is not None else " were compared"
    return f"{plain(run.records)} records{' from ' * bool(names)}{listed}{found}."


def _cards(run: Run) -> list[Card]:
    cards = [Card("Records", plain(run.records), _aside(run))]
    for name, label in (("candidate_pairs", "Pairs compared"), ("links", "Pairs linked")):
        if name in run.counts:
            cards.append(Card(label, plain(run.counts[name])))
    people = run.counts.get("people", run.clusters.people if run.clusters else None)
    if people is not None:
        cards.append(Card("People", plain(people)))
    if run.threshold_weight is not None:
        chance = (
            f"probability {percent(run.threshold_probability)}"
            if run.threshold_probability is not None
            else ""
        )
        cards.append(Card("Linked from", f"{signed(run.threshold_weight)} bits", chance))
    for label, estimate in (("Precision", run.precision), ("Recall", run.recall)):
        if estimate is not None:
            cards.append(_estimate_card(label, estimate))
    if run.warnings:
        cards.append(Card("Warnings", plain(len(run.warnings)), "each with what to do"))
    return cards


def _estimate_card(label: str, estimate: Estimate) -> Card:
    remark = estimate.basis
    if estimate.low is not None and estimate.high is not None:
        interval = f"{percent(estimate.low)} to {percent(estimate.high)}"
        remark = f"{interval}, {remark}" if remark else interval
    return Card(f"{label} (estimate)", percent(estimate.value), remark)


def _aside(run: Run) -> str:
    aside = sum(source.aside for source in run.sources)
    return f"{plain(aside)} rows kept aside" if aside else ""


def _summary_section(run: Run) -> Section:
    blocks: list[Block] = []
    done = _DONE.get(run.kind)
    if done:
        blocks.append(done)
    if run.threshold_weight is not None:
        basis = f" {_sentence(run.threshold_basis)}" if run.threshold_basis else ""
        blocks.append(f"Pairs of {signed(run.threshold_weight)} bits or more were linked.{basis}")
    if run.prior is not None:
        basis = f" ({run.prior_basis})" if run.prior_basis else ""
        blocks.append(
            f"Before comparing, one pair in {plain(round(1 / run.prior))} is taken to match{basis}."
        )
    if run.blocking_recall is not None:
        value = percent(run.blocking_recall.value)
        basis = f" ({run.blocking_recall.basis})" if run.blocking_recall.basis else ""
        blocks.append(f"The blocking rules are thought to let through {value} of all matching pairs{basis}.")
    if run.confidence:
        blocks.append(Bullets(run.confidence))
    for warning in run.warnings:
        place = f"{warning.place}: " if warning.place else ""
        blocks.append(Notice(f"{place}{warning.what}. What to do: {warning.mend.rstrip('.')}.", warning=True))
    return Section("What was done, and how sure we are", blocks)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."
