"""Forms on sources: the file, how it is read, what its columns mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from joinedup_web.design.words import size
from joinedup_web.linkage.actions import source_name
from joinedup_web.linkage.models import Source
from joinedup_web.linkage.spec import SURE_ENOUGH
from joinedup_web.linkage.words import KINDS, kind_word

TABLES = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".geojson", ".xml", ".parquet",
          ".pq", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".sqlite", ".sqlite3", ".db", ".gz", ".zip")  # fmt: skip
PAPER = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
LAYOUT_LIMIT = 100_000


def paper_can_be_read() -> bool:
    """Whether the packages that read scans are installed here."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class UploadForm(forms.Form):
    """A file to become a source, or to take a source's place.

    taken: names of the project's sources, which a new one may not have. replaces: the source whose place it takes.
    """

    file = forms.FileField(
        label="File",
        max_length=200,
        allow_empty_file=True,
        error_messages={
            "required": "Choose a file",
            "invalid": "Choose a file",
            "missing": "Choose a file",
            "max_length": "The file’s name must be 200 characters or less; give it a shorter one",
        },
    )
    name = forms.CharField(
        max_length=60,
        required=False,
        label="Name of the source (optional)",
        help_text="Records are known by it in results and decisions, so choose a name that next year’s file can "
        "bear too, such as council_tax. Without one, the file’s name is used",
        error_messages={"max_length": "The name must be 60 characters or less"},
    )
    layout = forms.FileField(
        required=False,
        label="Layout file (fixed-width files and scanned forms only)",
        help_text="A small TOML file that says where each column, or each field of the form, is",
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    def __init__(
        self, *args: Any, taken: Iterable[str] = (), replaces: Source | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._taken, self._replaces = set(taken), replaces
        endings = (*TABLES, *PAPER) if paper_can_be_read() else TABLES
        self.fields["file"].widget = forms.FileInput(attrs={"accept": ",".join(endings)})
        if replaces is not None:
            del self.fields["name"]

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        ending = Path(upload.name or "").suffix.lower()
        if getattr(upload, "is_too_large", False) or (upload.size or 0) > settings.JOINEDUP.upload_limit:
            limit = size(settings.JOINEDUP.upload_limit)
            raise forms.ValidationError(f"The file must be smaller than {limit}; split it, or pack it as .gz")
        if not upload.size:
            raise forms.ValidationError("The file is empty; choose a file with rows in it")
        if ending in PAPER and not paper_can_be_read():
            raise forms.ValidationError(
                "Scans cannot be read here: the packages that read them are not installed; type the rows into a "
                "spreadsheet, or ask whoever keeps the service"
            )
        if ending not in (*TABLES, *PAPER):
            raise forms.ValidationError(
                "The file must be CSV, Excel, OpenDocument, JSON, XML, Parquet, SQLite or fixed-width text"
            )
        return upload

    def clean_layout(self) -> str | None:
        """The layout's text."""
        upload: UploadedFile | None = self.cleaned_data.get("layout")
        if upload is None:
            return None
        if (upload.size or 0) > LAYOUT_LIMIT:
            raise forms.ValidationError("The layout file must be smaller than 100 KB")
        try:
            text = upload.read().decode("utf-8-sig")
            document = tomllib.loads(text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
            line = f" ({problem})" if isinstance(problem, tomllib.TOMLDecodeError) else ""
            raise forms.ValidationError(f"The layout file is not TOML{line}") from None
        if not document:
            raise forms.ValidationError("The layout file is empty")
        return text

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        upload = told.get("file")
        if upload is None or self._replaces is not None:
            return told
        told["name"] = source_name(told.get("name") or Path(upload.name).stem)
        if told["name"] in self._taken:
            self.add_error(
                "name",
                f"This project has a source called {told['name']}; give another name, or open that source to "
                "replace its file",
            )
        if (
            Path(upload.name).suffix.lower() in PAPER
            and not told.get("layout")
            and "layout" not in self.errors
        ):
            self.add_error("layout", "Choose a layout file that says where the fields of the form are")
        return told


class ReadingForm(forms.Form):
    """How a file is read: sheet, header row, encoding, separator, layout."""

    tables = forms.MultipleChoiceField(
        required=False,
        label="Sheets or tables",
        help_text="Those that hold the records. Several are read as one table",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the sheets of the file"},
    )
    header_row = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100_000,
        label="Row of the column names (optional)",
        help_text="The line of the file, counted from 1. Enter 0 if there are no column names",
        error_messages={
            "invalid": "The row of the column names must be a whole number, like 3",
            "min_value": "The row of the column names must be 0 or more",
            "max_value": "The row of the column names must be 100,000 or less",
        },
    )
    encoding = forms.ChoiceField(
        required=False,
        label="Encoding",
        help_text="Change this if accents or pound signs look wrong",
        choices=(
            ("", "Find out"),
            ("utf-8", "UTF-8"),
            ("cp1252", "Windows (Western European)"),
            ("utf-16", "UTF-16 (Excel’s Unicode text)"),
            ("cp850", "MS-DOS (Western European)"),
            ("iso8859-14", "Celtic (ISO 8859-14)"),
            ("cp037", "Mainframe (EBCDIC)"),
        ),
        error_messages={"invalid_choice": "Choose an encoding from the list"},
    )
    delimiter = forms.ChoiceField(
        required=False,
        label="Separator between the columns",
        choices=(("", "Find out"), (",", "Comma"), (";", "Semicolon"), ("tab", "Tab"), ("|", "Upright bar")),
        error_messages={"invalid_choice": "Choose a separator from the list"},
    )
    layout = UploadForm.base_fields["layout"]

    def __init__(self, *args: Any, source: Source, **options: Any) -> None:
        self._source = source
        kept = source.read
        chosen = source.tables or ([kept["table"]] if kept.get("table") else [])
        first = {
            "tables": chosen,
            "header_row": kept.get("header_row"),
            "encoding": kept.get("encoding", ""),
            "delimiter": {"\t": "tab"}.get(kept.get("delimiter", ""), kept.get("delimiter", "")),
        }
        super().__init__(*args, initial=first, **options)
        sheets = list(dict.fromkeys([*source.notes.get("sheets", []), *chosen]))
        is_text = source.format in ("csv", "") and not sheets
        if len(sheets) > 1:
            self.fields["tables"].choices = [(name, name) for name in sheets]  # type: ignore[attr-defined]
        else:
            del self.fields["tables"]
        if not is_text:
            del self.fields["delimiter"]
        if source.format not in ("csv", "fixed", "json", "jsonl", "xml", ""):
            del self.fields["encoding"]
        if source.format in ("parquet", "sqlite", "json", "jsonl", "xml", "fixed"):
            del self.fields["header_row"]
        if source.format not in ("fixed", "pdf", "image", "csv", "") or sheets:
            del self.fields["layout"]

    clean_layout = UploadForm.clean_layout

    def reading(self) -> tuple[dict[str, Any], list[str], list[str]]:
        """Entries of ReadOptions, the sheets where there are several, and what of it differs from before."""
        told = self.cleaned_data
        read = {name: value for name, value in self._source.read.items() if name not in self.fields}
        for name in ("header_row", "encoding", "layout"):
            if told.get(name) not in (None, ""):
                read[name] = told[name]
        if told.get("delimiter"):
            read["delimiter"] = "\t" if told["delimiter"] == "tab" else told["delimiter"]
        if "layout" in self.fields and not told.get("layout") and "layout" in self._source.read:
            read["layout"] = self._source.read["layout"]
        tables = list(self._source.tables)
        if "tables" in self.fields:
            chosen = told["tables"]
            tables = list(chosen) if len(chosen) > 1 else []
            read.pop("table", None)
            if len(chosen) == 1:
                read["table"] = chosen[0]
        before = self._source.read
        parts = [name for name in sorted({*read, *before}) if read.get(name) != before.get(name)]
        if tables != self._source.tables and "table" not in parts:
            parts.append("table")
        return read, tables, parts


class MeaningsForm(forms.Form):
    """What each column of a source means, which column is the record's own id, and whether a person is there once."""

    def __init__(self, *args: Any, source: Source, **options: Any) -> None:
        super().__init__(*args, **options)
        self._columns = [column for column, _ in source.columns]
        kinds = [(kind.value, words) for kind, words in KINDS.items()]
        for place, (column, meaning) in enumerate(source.columns):
            is_sure = meaning["confidence"] >= SURE_ENOUGH
            found = kind_word(meaning["kind"])
            unsure = [] if is_sure else [("", f"Leave out (perhaps: {found.lower()})")]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                choices=[*unsure, *kinds],
                required=is_sure,
                label=f"Meaning of {column}",
                initial=meaning.get("corrected") or (meaning["kind"] if is_sure else ""),
                error_messages={
                    "required": f"Choose what {column} means",
                    "invalid_choice": f"Choose what {column} means from the list",
                },
            )
        self.fields["id_column"] = forms.ChoiceField(
            choices=[
                ("", "None: number the rows"),
                *((f"{at}", name) for at, name in enumerate(self._columns)),
            ],
            required=False,
            label="Which column is each record’s own id?",
            help_text="It must differ in every row. Results and decisions name records by it",
            initial=str(self._columns.index(source.id_column)) if source.id_column in self._columns else "",
            error_messages={"invalid_choice": "Choose a column from the list"},
        )
        self.fields["one_record_per_person"] = forms.BooleanField(
            required=False,
            label="This source has at most one record for each person",
            help_text="Records of this source are then never joined with each other",
            initial=source.one_record_per_person,
        )

    def column_fields(self) -> list[tuple[str, forms.BoundField]]:
        """Each column with its field, in the file's order."""
        return [(column, self[f"column_{place}"]) for place, column in enumerate(self._columns)]

    def kinds(self) -> dict[str, str]:
        """Column -> kind."""
        return {column: self.cleaned_data[f"column_{place}"] for place, column in enumerate(self._columns)}

    def id_column(self) -> str | None:
        """The column of the record's own id."""
        chosen = self.cleaned_data["id_column"]
        return self._columns[int(chosen)] if chosen else None
