"""The table of deprecated and removed APIs: reads rules/deprecated/ and judges a row against a version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from packaging.version import InvalidVersion, Version

from verifier import catalogue

_CALL = re.compile(r"^(?P<path>[^(]+)\((?P<parameter>\w+)(?:=(?P<value>.+))?\)$")


@dataclass(frozen=True, slots=True)
class Api:
    """One row: what is deprecated or gone, from which version of which distribution, and what replaces it."""

    distribution: str
    api: str
    path: str
    parameter: str | None
    value: str | None
    kind: str
    deprecated: str | None
    removed: str | None
    reintroduced: str | None
    replacement: str | None
    note: str | None
    reference: str

    def state(self, version: str | None) -> str | None:
        """`removed`, `deprecated`, `unknown` (no version to judge by) or None where the version has no complaint."""
        if version is None:
            return "unknown"
        try:
            have = Version(version)
        except InvalidVersion:
            return "unknown"
        # a development or candidate release of X already behaves as X does
        have = Version(have.base_version)
        if self.reintroduced and have >= Version(self.reintroduced):
            return None
        if self.removed and have >= Version(self.removed):
            return "removed"
        if self.deprecated and have >= Version(self.deprecated):
            return "deprecated"
        return None


@lru_cache(maxsize=1)
def load() -> Mapping[str, tuple[Api, ...]]:
    """Every row, by the dotted path that code would reach it by."""
    found: dict[str, list[Api]] = {}
    for _, data in catalogue.tables("deprecated"):
        for row in data["api"]:
            api = _row(data["distribution"], row)
            found.setdefault(api.path, []).append(api)
    return {path: tuple(rows) for path, rows in found.items()}


@lru_cache(maxsize=1)
def tops() -> frozenset[str]:
    """The top-level packages that the table knows something about."""
    return frozenset(path.split(".", 1)[0] for path in load())


def _row(distribution: str, row: Mapping[str, Any]) -> Api:
    match = _CALL.match(row["api"])
    value = match["value"].strip("'\"") if match and match["value"] else None
    return Api(
        distribution=distribution,
        api=row["api"],
        path=match["path"] if match else row["api"],
        parameter=match["parameter"] if match else None,
        value=value,
        kind=row["kind"],
        deprecated=row.get("deprecated"),
        removed=row.get("removed"),
        reintroduced=row.get("reintroduced"),
        replacement=row.get("replacement"),
        note=row.get("note"),
        reference=row["reference"],
    )
