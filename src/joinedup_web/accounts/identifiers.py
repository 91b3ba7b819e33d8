"""The identifiers of public bodies, by the rules of those who give them out."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """One scheme: its field, what it is called, an example, and the shape that its codes have."""

    field: str
    name: str
    example: str
    shape: re.Pattern[str]

    def read(self, text: str) -> str | None:
        """Return a code as its scheme writes it; None where it cannot be one."""
        tidy = "".join(text.split())
        tidy = tidy.lower() if self.field == "govuk_slug" else tidy.upper()
        if self.field == "companies_house_number" and tidy.isdecimal():
            tidy = tidy.zfill(8)  # the register pads its numbers; people leave the noughts out
        return tidy if self.shape.fullmatch(tidy) else None


SCHEMES = (
    # The last part of www.gov.uk/government/organisations/...
    Scheme("govuk_slug", "GOV.UK address", "hm-land-registry", re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")),
    # ONS Code History Database: a letter for the country (J: England and Wales; K: UK), two figures for
    # the kind of entity, six for the instance.
    Scheme("gss_code", "ONS code", "E06000001", re.compile(r"[EWSNJKLM]\d{8}")),
    # NHS Organisation Data Service: letters and figures, three for most trusts, up to six for practices (X26, R1A…).
    Scheme("ods_code", "NHS organisation code", "RX1", re.compile(r"(?=[A-Z0-9]*[A-Z])[A-Z0-9]{3,6}")),
    # Companies House: eight figures, or two letters for the register and six figures (R000000x for old ones).
    Scheme(
        "companies_house_number",
        "Companies House number",
        "01234567",
        re.compile(r"\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z]|R\d{7}"),
    ),
)
