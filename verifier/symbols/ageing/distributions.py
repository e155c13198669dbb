"""Distributions whose own metadata say that nobody keeps them, or that another takes their place."""

from __future__ import annotations

import re
from email.parser import HeaderParser

from packaging.utils import canonicalize_name

from verifier.symbols.modules import Loaded, top_level
from verifier.world.files import AnyPath, entries, read

_INACTIVE = "Development Status :: 7 - Inactive"
"""A classifier of the list that every index shares (https://packaging.python.org, "Classifiers")."""
_SUMMARY = re.compile(
    r"^\W*deprecated\b\W|\b(?:is|are|was|has been|now) (?:deprecated|renamed|obsolete|superseded|discontinued)\b"
    r"|\bno longer (?:maintained|supported|developed)\b|\bunmaintained\b"
    r"|\b(?:use|install|switch to|moved to|superseded by|replaced by) [`'\"]?[\w.-]+[`'\"]? instead\b",
    re.IGNORECASE,
)


def inactive(loaded: Loaded) -> str | None:
    """What the metadata of a module's distribution say of its end; None where they say nothing or cannot be read."""
    if loaded.distribution is None or not loaded.tables or loaded.distribution == "python":
        return None
    try:
        folder = top_level(loaded).parent
        place = _metadata(folder, loaded.distribution)
        fields = HeaderParser().parsestr(read(place).decode("utf-8", "replace")) if place is not None else None
    except OSError:
        return None
    if fields is None:
        return None
    summary = " ".join((fields.get("Summary") or "").split())
    if _SUMMARY.search(summary):
        return summary
    if _INACTIVE in (fields.get_all("Classifier") or ()):
        return f"the distribution's metadata say `{_INACTIVE}`"
    return None


def _metadata(folder: AnyPath, distribution: str) -> AnyPath | None:
    for name in entries(folder):
        stem, dot, kind = name.rpartition(".")
        if dot and kind == "dist-info" and canonicalize_name(stem.partition("-")[0]) == canonicalize_name(distribution):
            return folder / name / "METADATA"
    return None
