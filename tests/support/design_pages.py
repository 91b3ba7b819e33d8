"""Addresses of the site, and beside them pages that show every part of the design, for tests alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from joinedup.charts import Bar, bar_chart
from joinedup_web.accounts.models import StaffUser
from joinedup_web.config.urls import handler400, handler403, handler404, handler500
from joinedup_web.config.urls import urlpatterns as real
from joinedup_web.design.fields import DatePartsField
from joinedup_web.design.filters import Choice, DateRange, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.rules import for_everyone

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PEOPLE = ListPage(
    title="Accounts",
    noun=("account", "accounts"),
    columns=(
        Column("email", "E-mail", sort=("email",), link=lambda user: f"/try/list?q={user.email}"),
        Column("name", "Name", sort=("name", "email")),
        Column("is_active", "Active", sort=("is_active",)),
        Column("created_at", "Created", sort=("created_at",)),
        Column("expires_at", "Expires", sort=("expires_at",)),
    ),
    filters=(
        TextSearch(fields=("name", "email"), hint="A name or an e-mail address"),
        Choice("is_active", "State", ((True, "Active"), (False, "Disabled"))),
        DateRange("created", "Created", field="created_at"),
    ),
    default_sort="email",
    empty="Nobody has an account yet.",
    empty_link=("Invite somebody", "/try/form"),
)
TABLE = ListPage(
    title="Sources",
    noun=("source", "sources"),
    columns=(Column("name", "Name", sort=("name",)), Column("rows", "Rows", sort=("rows",), numeric=True)),
)


class TryForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label="Full name", help_text="As on their pass", max_length=40)
    count = forms.IntegerField(label="How many", min_value=1)
    kind = forms.ChoiceField(label="Kind", choices=(("", "Choose"), ("a", "First"), ("b", "Second")))
    way = forms.ChoiceField(
        label="Way", choices=(("post", "Post"), ("email", "E-mail")), widget=forms.RadioSelect
    )
    roles = forms.MultipleChoiceField(
        label="Roles", choices=(("x", "Clerk"), ("y", "Analyst")), widget=forms.CheckboxSelectMultiple
    )
    agree = forms.BooleanField(label="I have read it")
    born = DatePartsField(label="Date of birth", what="The date of birth", help_text="For example, 27 3 1985")
    why = forms.CharField(label="Reason", widget=forms.Textarea)
    file = forms.FileField(label="Extract", widget=forms.FileInput({"accept": ".csv"}))
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@for_everyone("a page of the tests")
def try_list(request: HttpRequest) -> Any:
    return PEOPLE.answer(request, StaffUser.objects.all())


@for_everyone("a page of the tests")
def try_table(request: HttpRequest) -> Any:
    return TABLE.answer(request, [{"name": f"source {n}", "rows": n * 1000} for n in range(1, 121)])


@for_everyone("a page of the tests")
def try_form(request: HttpRequest) -> HttpResponse:
    form = TryForm(request.POST, request.FILES) if request.method == "POST" else TryForm()
    if form.is_bound and form.is_valid():
        messages.success(request, "It was kept")
        return render(request, "try/form.html", {"form": TryForm()})
    return render(request, "try/form.html", {"form": form})


@for_everyone("a page of the tests")
def try_parts(request: HttpRequest) -> HttpResponse:
    picture = bar_chart(title="Records in each source", bars=[Bar("First", 3.0), Bar("Second", 5.0)])
    return render(request, "try/parts.html", {"picture": picture})


@for_everyone("a page of the tests")
def try_poll(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"done": 7, "total": 10, "words": "7 of 10 stages done", "finished": False})


@for_everyone("a page of the tests")
def try_fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault on purpose, about Ethel Marker")


def make_people(number: int) -> None:
    """Accounts for lists: every tenth disabled, created an hour apart."""
    start = timezone.make_aware(timezone.datetime(2026, 1, 1))  # type: ignore[attr-defined]
    StaffUser.objects.bulk_create(
        [
            StaffUser(
                email=f"person{n:06}@example.test",
                name=f"Person {n * 7919 % number:06}",
                is_active=n % 10 != 0,
                created_at=start + timedelta(hours=n),
                password="!",
            )
            for n in range(number)
        ],
        batch_size=2000,
    )


FIRST_DAY = date(2026, 1, 1)
urlpatterns = [
    *real,
    path("try/list", try_list),
    path("try/table", try_table),
    path("try/form", try_form),
    path("try/parts", try_parts),
    path("try/poll", try_poll),
    path("try/fault", try_fault),
    path("api/try/fault", try_fault),
]
