"""Which records are the same person: model, block, compare, estimate, score, cluster, explain, evaluate."""

from joinedup.linkage.agreement import Agreement, agreement
from joinedup.linkage.compare_runs import RunDifference, compare_people, difference_from_dict
from joinedup.linkage.decisions import read_decisions
from joinedup.linkage.drift import Drift, Sign
from joinedup.linkage.drift import summary as drift_summary
from joinedup.linkage.drift_extract import drift_of
from joinedup.linkage.evaluate import Evaluation, evaluate
from joinedup.linkage.fairness import fairness
from joinedup.linkage.fairness_report import fairness_cards, fairness_html, fairness_mends, fairness_parts
from joinedup.linkage.fairness_result import Fairness, fairness_from_dict
from joinedup.linkage.fairness_sample import SampleFairness, fairness_of_labels, fairness_of_sample
from joinedup.linkage.fairness_words import fairness_document
from joinedup.linkage.intervals import Interval, Stratum, wilson
from joinedup.linkage.model import (
    BlockingRule,
    Comparison,
    Level,
    Model,
    load_model,
    match_weight,
    model_from_dict,
)
from joinedup.linkage.person_index import PersonIndexWritten, write_person_index
from joinedup.linkage.person_lookup import PersonFound, PersonLookup
from joinedup.linkage.pipeline import LinkResult, Progress, link, link_files, spec_of_files
from joinedup.linkage.report_accuracy import write_evaluation
from joinedup.linkage.review_material import (
    ReviewMaterial,
    pair_material,
    review_material,
    write_review_material,
)
from joinedup.linkage.run import Run, load_run
from joinedup.linkage.sample import SampleRows, SampleStratum, draw_pairs, sample
from joinedup.linkage.sample_estimate import SampleEvaluation, evaluate_labels, evaluate_sample
from joinedup.linkage.sample_sources import run_sources
from joinedup.linkage.spark import SparkOptions, link_on_spark
from joinedup.linkage.spec import JobKind, Source, Spec, load_spec
from joinedup.linkage.spec_text import spec_toml
from joinedup.linkage.splink_import import model_from_splink

__all__ = [
    "Agreement",
    "BlockingRule",
    "Comparison",
    "Drift",
    "Evaluation",
    "Fairness",
    "Interval",
    "JobKind",
    "Level",
    "LinkResult",
    "Model",
    "PersonFound",
    "PersonIndexWritten",
    "PersonLookup",
    "Progress",
    "ReviewMaterial",
    "Run",
    "RunDifference",
    "SampleEvaluation",
    "SampleFairness",
    "SampleRows",
    "SampleStratum",
    "Sign",
    "Source",
    "SparkOptions",
    "Spec",
    "Stratum",
    "agreement",
    "compare_people",
    "difference_from_dict",
    "draw_pairs",
    "drift_of",
    "drift_summary",
    "evaluate",
    "evaluate_labels",
    "evaluate_sample",
    "fairness",
    "fairness_cards",
    "fairness_document",
    "fairness_from_dict",
    "fairness_html",
    "fairness_mends",
    "fairness_of_labels",
    "fairness_of_sample",
    "fairness_parts",
    "link",
    "link_files",
    "link_on_spark",
    "load_model",
    "load_run",
    "load_spec",
    "match_weight",
    "model_from_dict",
    "model_from_splink",
    "pair_material",
    "read_decisions",
    "review_material",
    "run_sources",
    "sample",
    "spec_of_files",
    "spec_toml",
    "wilson",
    "write_evaluation",
    "write_person_index",
    "write_review_material",
]
