"""How pages call the kinds, states and stages that the library and the tables name by codes."""

from __future__ import annotations

from collections.abc import Mapping

from joinedup.people import FieldKind
from joinedup_web.linkage.models import RunState, SourceState

KINDS: Mapping[FieldKind, str] = {
    FieldKind.FULL_NAME: "Full name",
    FieldKind.FIRST_NAME: "First name",
    FieldKind.MIDDLE_NAME: "Middle name",
    FieldKind.SURNAME: "Surname",
    FieldKind.DATE_OF_BIRTH: "Date of birth",
    FieldKind.SEX: "Sex",
    FieldKind.NINO: "National Insurance number",
    FieldKind.NHS_NUMBER: "NHS number",
    FieldKind.UPN: "Unique pupil number (UPN)",
    FieldKind.UTR: "Unique taxpayer reference (UTR)",
    FieldKind.POSTCODE: "Postcode",
    FieldKind.UPRN: "Unique property reference number (UPRN)",
    FieldKind.PHONE: "Telephone number",
    FieldKind.EMAIL: "Email address",
    FieldKind.ADDRESS_LINE: "Address line",
    FieldKind.TOWN: "Town or city",
    FieldKind.IDENTIFIER: "The record’s own id",
    FieldKind.CATEGORY: "One of a few values",
    FieldKind.TEXT: "Free text",
    FieldKind.NUMBER: "A number",
    FieldKind.DATE: "Another date",
    FieldKind.UNKNOWN: "Not known",
}

RUN_KINDS: Mapping[str, tuple[str, str]] = {
    "link_and_dedupe": (
        "Within and across sources",
        "A person may be in one source more than once, and in several sources. Choose this if you are not sure.",
    ),
    "link": (
        "Across sources only",
        "Each source lists a person once. Records of one source are never joined with each other.",
    ),
    "dedupe": ("Within one source", "Find people who are listed more than once in a single source."),
}

DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "completeness": ("Completeness", "How much is filled in"),
    "uniqueness": ("Uniqueness", "How many rows are not repeats"),
    "consistency": ("Consistency", "Whether what must agree does agree"),
    "timeliness": ("Timeliness", "Whether the data are recent enough"),
    "validity": ("Validity", "How many values are in their right form"),
    "accuracy": ("Accuracy", "How many values are true, by a sample"),
}

FORMATS: Mapping[str, str] = {
    "csv": "CSV or other delimited text",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "xml": "XML",
    "fixed": "Fixed-width text",
    "parquet": "Parquet",
    "sqlite": "SQLite database",
    "xlsx": "Excel workbook",
    "xlsb": "Excel binary workbook",
    "xls": "Excel 97–2003 workbook",
    "ods": "OpenDocument spreadsheet",
    "pdf": "Scanned PDF",
    "image": "Scanned image",
}

SOURCE_STANDING: Mapping[str, str] = {
    SourceState.UPLOADED: "waiting",
    SourceState.MEASURING: "working",
    SourceState.READY: "good",
    SourceState.FAILED: "bad",
    SourceState.REMOVED: "neutral",
}

RUN_STANDING: Mapping[str, str] = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "working",
    RunState.CANCELLING: "attention",
    RunState.CANCELLED: "neutral",
    RunState.FAILED: "bad",
    RunState.FINISHED: "good",
}

# In the order in which a run goes through them, by the words of the library's progress.
STAGES: tuple[tuple[str, str], ...] = (
    ("read and standardise", "Read and standardise the sources"),
    ("encode", "Prepare the values for comparing"),
    ("train", "Learn how much each field tells"),
    ("block", "Find pairs that are worth comparing"),
    ("compare and score", "Compare and weigh the pairs"),
    ("cluster", "Gather records into people"),
    ("write", "Write the results"),
    ("note what was seen", "Note what the data look like"),
    ("report", "Write the report"),
    ("gathering pairs to review", "Gather the pairs to review"),
)


def sure(confidence: float) -> str:
    """How sure a found meaning is, in a word."""
    if confidence >= 0.9:
        return "Very sure"
    if confidence >= 0.7:
        return "Fairly sure"
    return "Unsure" if confidence >= 0.5 else "Not sure enough to compare"


def kind_word(code: str) -> str:
    """What a column means, for people."""
    return KINDS[FieldKind(code)]
