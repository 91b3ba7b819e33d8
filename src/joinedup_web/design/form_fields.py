"""Turns a field of a Django form into the parameters of the GOV.UK component that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from joinedup_web.design.fields import PARTS, DatePartsWidget, texts_of

Params = dict[str, Any]
PASSED_ON = (
    "autocomplete",
    "inputmode",
    "spellcheck",
    "autocapitalize",
    "pattern",
    "prefix",
    "suffix",
    "rows",
)


def component_of(bound: BoundField, options: Mapping[str, Any]) -> tuple[str, Params]:
    """Return which component shows a field ("input", "radios" …), and its parameters.

    options: label, label_size (s, m, l, xl), page_heading (the label is the page's h1), hint, hint_html, classes,
    width (characters of an input), inline and small (radios, checkboxes), hints ({value: words}), conditional
    ({value: html}), value, hide_label, error, and what inputs take: autocomplete, inputmode, prefix, suffix, rows …
    """
    widget = bound.field.widget
    if isinstance(widget, forms.HiddenInput):
        return "hidden", {"name": bound.html_name, "value": _value(bound, options), "id": bound.id_for_label}
    kind = _kind(widget)
    params: Params = {"id": bound.auto_id, "name": bound.html_name, "classes": options.get("classes", "")}
    hint = options.get("hint") or bound.help_text
    if options.get("hint_html"):
        params["hint"] = {"html": options["hint_html"]}
    elif hint:
        params["hint"] = {"text": str(hint)}
    error = options.get("error") or message_of(bound)
    if error:
        params["errorMessage"] = {"text": error, "visuallyHiddenText": _("Error")}
    for name in PASSED_ON:
        given = options.get(name, widget.attrs.get(name))
        if given is not None:
            params[name] = {"text": given} if name in {"prefix", "suffix"} else given
    if kind in {"radios", "checkboxes", "date"}:
        return kind, params | _group(bound, kind, options)
    params["label"] = _heading(bound, options, "govuk-label")
    if kind == "checkbox":
        return "checkboxes", _one_box(bound, options, params)
    if kind == "select":
        params["items"] = _choices(bound, options, "selected")
        return kind, params
    if kind == "file":
        params["attributes"] = {name: widget.attrs[name] for name in ("accept",) if name in widget.attrs}
        params["multiple"] = getattr(widget, "allow_multiple_selected", False)
        params["javascript"] = options.get("javascript", False)
        return kind, params
    if kind == "password":
        return kind, params
    params["value"] = _value(bound, options)
    if kind == "input":
        params["type"] = getattr(widget, "input_type", "text")
        if params["type"] == "number":  # the Design System: digits without the traps of type=number
            params |= {"type": "text", "inputmode": params.get("inputmode", "numeric")}
        if options.get("width"):
            params["classes"] = f"{params['classes']} govuk-input--width-{options['width']}".strip()
    return kind, params


def error_list(form: forms.BaseForm, more: Iterable[Mapping[str, str]] = ()) -> list[Params]:
    """Return the lines of the error summary, each leading to its field, in the order of the fields."""
    lines: list[Params] = [{"text": str(words)} for words in form.non_field_errors()]
    for bound in form:
        if bound.errors:
            lines.append({"text": message_of(bound), "href": f"#{_first_box(bound)}"})
    return lines + [dict(line) for line in more]


def message_of(bound: BoundField) -> str:
    """The first error of a field, empty where there is none. Django's "This field is required." names the field."""
    problems = bound.errors.as_data()
    if not problems:
        return ""
    said = str(bound.errors[0])
    if problems[0].code != "required" or said != str(forms.Field.default_error_messages["required"]):
        return said
    words = str(bound.label)
    if not words[1:2].isupper():  # NHS number keeps its letters
        words = words[:1].lower() + words[1:]
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return _("Tick the box: %(what)s") % {"what": str(bound.label)}
    if isinstance(bound.field.widget, forms.FileInput | forms.Select | forms.RadioSelect):
        return _("Select %(what)s") % {"what": words}
    return _("Enter %(what)s") % {"what": words}


def _kind(widget: forms.Widget) -> str:
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (DatePartsWidget, "date"),
        (forms.CheckboxSelectMultiple, "checkboxes"),  # which Django derives from RadioSelect
        (forms.RadioSelect, "radios"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.PasswordInput, "password"),
    )
    return next((name for kind, name in kinds if isinstance(widget, kind)), "input")


def _value(bound: BoundField, options: Mapping[str, Any]) -> Any:
    value = options.get("value", bound.value())
    shown = None if value is None else bound.field.widget.format_value(value)
    return "" if shown is None else shown  # Django shows an empty text as None


def _heading(bound: BoundField, options: Mapping[str, Any], base: str) -> Params:
    words = str(options.get("label", bound.label))
    size = options.get("label_size") or ("l" if options.get("page_heading") else "")
    classes = f"{base}--{size}" if size else ""
    if options.get("hide_label"):
        classes = "govuk-visually-hidden"
    return {"text": words, "classes": classes, "isPageHeading": bool(options.get("page_heading"))}


def _group(bound: BoundField, kind: str, options: Mapping[str, Any]) -> Params:
    made: Params = {"fieldset": {"legend": _heading(bound, options, "govuk-fieldset__legend")}}
    if kind == "date":
        made["fieldset"]["role"] = "group"
        made["items"] = _date_boxes(bound)
        return made
    made["idPrefix"] = bound.auto_id
    made["items"] = _choices(bound, options, "checked")
    style = [f"govuk-{kind}--{name}" for name in ("inline", "small") if options.get(name)]
    made["classes"] = " ".join([options.get("classes", ""), *style]).strip()
    return made


def _choices(bound: BoundField, options: Mapping[str, Any], mark: str) -> list[Params]:
    value = options.get("value", bound.value())
    chosen = {str(one) for one in value} if isinstance(value, list | tuple | set) else {str(value)}
    if value is None:
        chosen = {""}
    hints, conditional = options.get("hints") or {}, options.get("conditional") or {}
    items: list[Params] = []
    for code, words in bound.field.choices:  # type: ignore[attr-defined]
        if code in (None, "") and mark == "checked":
            continue  # Django's empty choice has no place among radios
        item: Params = {"value": str(code), "text": str(words), mark: str(code) in chosen}
        if code in hints:
            item["hint"] = {"text": hints[code]}
        if code in conditional:
            item["conditional"] = {"html": conditional[code]}
        items.append(item)
    return items


def _one_box(bound: BoundField, options: Mapping[str, Any], params: Params) -> Params:
    item: Params = {
        "value": "on",
        "text": str(options.get("label", bound.label)),
        "checked": bool(bound.value()),
    }
    if "hint" in params:
        item["hint"] = params.pop("hint")
    del params["label"]
    return params | {"idPrefix": bound.auto_id, "items": [item]}


def _date_boxes(bound: BoundField) -> list[Params]:
    texts = texts_of(bound.value())
    wrong = _wrong_parts(bound)
    boxes: list[Params] = []
    for part, text in zip(PARTS, texts, strict=True):
        classes = f"govuk-input--width-{4 if part == 'year' else 2}"
        if part in wrong:
            classes += " govuk-input--error"
        name = f"{bound.html_name}-{part}"
        label = {"day": _("Day"), "month": _("Month"), "year": _("Year")}[part]
        box = {"id": f"{bound.auto_id}-{part}", "name": name, "label": label, "value": text}
        boxes.append(box | {"classes": classes})
    return boxes


def _wrong_parts(bound: BoundField) -> tuple[str, ...]:
    for problem in bound.errors.as_data():
        params = getattr(problem, "params", None) or {}
        return tuple(params.get("parts", PARTS))
    return ()


def _first_box(bound: BoundField) -> str:
    if isinstance(bound.field.widget, DatePartsWidget):
        return f"{bound.auto_id}-{(_wrong_parts(bound) or PARTS)[0]}"
    return bound.auto_id
