"""Forms on runs: one to start, two to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from joinedup_web.linkage.models import Run, Source
from joinedup_web.linkage.words import RUN_KINDS


class RunForm(forms.Form):
    """A run to start."""

    sources = forms.MultipleChoiceField(
        label="Which sources?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one source",
            "invalid_choice": "Choose from the sources that are ready",
        },
    )
    kind = forms.ChoiceField(
        label="Where may a person’s records be?",
        choices=[(code, words) for code, (words, _) in RUN_KINDS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where a person’s records may be"},
    )
    threshold = forms.FloatField(
        required=False,
        label="Link pairs from which probability? (optional)",
        help_text="A percentage above 0 and below 100, such as 95. Higher links fewer pairs and is wrong less "
        "often. Without one, the run chooses the best balance",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": "The probability must be a number, like 95"},
    )
    use_decisions = forms.BooleanField(
        required=False, label="Obey what clerks have decided about pairs", initial=True
    )

    def __init__(
        self, *args: Any, sources: Sequence[Source], based_on: Run | None = None, **options: Any
    ) -> None:
        ready = [str(source.id) for source in sources]
        first: dict[str, Any] = {
            "sources": ready,
            "kind": "dedupe" if len(ready) == 1 else "link_and_dedupe",
        }
        if based_on is not None:
            used = set(based_on.sources.values_list("name", flat=True))
            threshold = based_on.settings.get("threshold_probability")
            first = {
                "sources": [str(source.id) for source in sources if source.name in used],
                "kind": based_on.kind,
                "threshold": None if threshold is None else round(threshold * 100, 6),
                "use_decisions": based_on.settings.get("use_decisions", True),
            }
        super().__init__(*args, initial=first, **options)
        self._sources = {str(source.id): source for source in sources}
        self.fields["sources"].choices = [(str(s.id), s.name) for s in sources]  # type: ignore[attr-defined]

    def clean_threshold(self) -> float | None:
        given: float | None = self.cleaned_data["threshold"]
        if given is None:
            return None
        if not 0 < given < 100:
            raise forms.ValidationError("The probability must be above 0 and below 100")
        return given / 100

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        chosen, kind = told.get("sources") or [], told.get("kind")
        if chosen and kind == "dedupe" and len(chosen) > 1:
            self.add_error("kind", "To look within one source, choose one source only")
        elif chosen and kind in ("link", "link_and_dedupe") and len(chosen) < 2:
            self.add_error("kind", "To look across sources, choose at least 2 sources")
        return told

    def chosen(self) -> list[Source]:
        """The sources that were ticked."""
        return [self._sources[one] for one in self.cleaned_data["sources"]]

    def settings(self) -> dict[str, Any]:
        """What is kept of the run's settings."""
        told = self.cleaned_data
        kept: dict[str, Any] = {"use_decisions": told["use_decisions"]}
        if told["threshold"] is not None:
            kept["threshold_probability"] = told["threshold"]
        return kept


class CompareForm(forms.Form):
    """Two runs of one project."""

    first = forms.ChoiceField(label="First run", error_messages={"invalid_choice": "Choose a finished run"})
    second = forms.ChoiceField(label="Second run", error_messages={"invalid_choice": "Choose a finished run"})

    def __init__(self, *args: Any, runs: Sequence[Run], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(run.number), f"Run {run.number}") for run in runs]
        self.fields["first"].choices = choices  # type: ignore[attr-defined]
        self.fields["second"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("first") and told.get("first") == told.get("second"):
            self.add_error("second", "Choose two different runs")
        return told
