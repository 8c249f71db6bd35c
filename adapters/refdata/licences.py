"""Which documents may be taken, and the sentence that must go with them.

The Open Game License wants its whole text and a list of product identity carried along, which no answer of an API
does; Creative Commons licences want attribution. So a document is taken when it is under one of the latter, even if it
is offered under the OGL too, and refused when it is under the OGL alone.
"""

from __future__ import annotations

from typing import Any

from adapters.refdata.entry import clean

TAKEN = {"cc-by-40": "CC-BY-4.0", "cc-by-4.0": "CC-BY-4.0", "cc0": "CC0-1.0", "cc0-1.0": "CC0-1.0"}
"""Licences we take, by their names in the sources."""

LEGAL_CODE = "https://creativecommons.org/licenses/by/4.0/legalcode"

SRD_52 = (
    "This work includes material from the System Reference Document 5.2 (“SRD 5.2”) by Wizards of the Coast LLC, "
    "available at https://www.dndbeyond.com/srd. The SRD 5.2 is licensed under the Creative Commons Attribution 4.0 "
    f"International License, available at {LEGAL_CODE}."
)
SRD_51 = (
    "This work includes material taken from the System Reference Document 5.1 (“SRD 5.1”) by Wizards of the Coast LLC "
    "and available at https://dnd.wizards.com/resources/systems-reference-document. The SRD 5.1 is licensed under the "
    f"Creative Commons Attribution 4.0 International License available at {LEGAL_CODE}."
)
WORDED = {"srd-2024": SRD_52, "srd-2014": SRD_51, "srd": SRD_51}
"""Attributions whose wording the licensor prescribes, by open5e's document key."""


class RefusedLicence(ValueError):
    """A document that may not be taken; the message gives the reason."""


def taken(licences: Any) -> str:
    """The licence a document is taken under. Raises `RefusedLicence` with the reason."""
    names = [str(each).casefold() for each in licences] if isinstance(licences, list) else []
    for name in names:
        if name in TAKEN:
            return TAKEN[name]
    if not names:
        raise RefusedLicence("no licence is stated; only CC-BY-4.0 and CC0 documents are taken")
    shown = ", ".join(clean(each)[:40] for each in names[:5])
    if all(name.startswith("ogl") for name in names):
        raise RefusedLicence(
            f"it is under the Open Game License alone ({shown}), which cannot be honoured in answers of an API; "
            "only CC-BY-4.0 and CC0 documents are taken"
        )
    raise RefusedLicence(f"its licence ({shown}) is not CC-BY-4.0 or CC0")


def attribution(key: str, title: str, author: str, publisher: str, url: str, licence: str) -> str:
    """The sentence for a document: as prescribed where it is, else title, author, publisher, source and licence."""
    if key in WORDED:
        return WORDED[key]
    by = f" by {author}" if author else ""
    where = f", {url}" if url else ""
    return f"“{title}”{by} ({publisher or 'publisher unknown'}{where}), licensed under {licence}."
