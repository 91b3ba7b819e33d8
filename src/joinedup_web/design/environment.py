"""The Jinja environment of all pages: GOV.UK components, our macros, translations, addresses and assets."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader

from joinedup_web.design import pictures, words
from joinedup_web.design.context import address_if, footer_links
from joinedup_web.design.form_fields import component_of, error_list


def address(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a view by name, with its arguments."""
    return reverse(name, args=args, kwargs=kwargs)


def environment(**options: Any) -> Environment:
    """Return the environment; Django calls it with its own loader."""
    # The upstream templates call components without parameters, which only ChainableUndefined lets pass.
    options["undefined"] = ChainableUndefined
    options["autoescape"] = True
    options["trim_blocks"] = options["lstrip_blocks"] = True
    options["extensions"] = ["jinja2.ext.i18n", "jinja2.ext.do"]
    loader = options.pop("loader")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(loader=ChoiceLoader([loader, govuk]), **options)  # noqa: S701 - autoescape is on
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext,
        ngettext=translation.ngettext,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
        newstyle=True,
    )
    made.globals.update(
        static=static,
        url=address,
        address_if=address_if,
        chart_table=pictures.chart_table,
        component_of=component_of,
        error_list=error_list,
        footer_links=footer_links,
        get_messages=get_messages,
        service_name=settings.JOINEDUP.service_name,
        contact=settings.JOINEDUP.contact,
        crown=settings.JOINEDUP.crown,
        is_demonstration=settings.JOINEDUP.is_demonstration,
    )
    made.filters.update(words.FILTERS)
    return made
