"""The table of deprecated and removed APIs: reads rules/deprecated/ and judges a row against a version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Literal

from packaging.version import InvalidVersion, Version

from verifier import catalogue

_CALL = re.compile(r"^(?P<path>[^(]+)\((?P<parameter>\w+)(?:=(?P<value>.+))?\)$")
_ALWAYS = "builtins"
"""What every file uses without an import."""

Rows = Mapping[str, tuple["Api", ...]]
"""Rows by the dotted path that code would reach them by."""


@dataclass(frozen=True, slots=True)
class Api:
    """One row: what is deprecated or gone, from which version of which distribution, and what replaces it."""

    distribution: str
    api: str
    path: str
    parameter: str | None
    value: str | None
    """As it is written, without the quotes of a text."""
    textual: bool
    """Whether that value is a text, and no name or number."""
    kind: str
    deprecated: str | None
    removed: str | None
    reintroduced: str | None
    replacement: str | None
    note: str | None
    reference: str | None
    fix: Literal["safe", "unsafe"] | None
    rewrite: str | None
    """See `checks/rewrites/`."""
    rewrite_dict: str | None
    """The same where the first argument is a dict, for which the other would be wrong."""
    telling: bool
    """Whether nothing else that is in use has a method of this name."""
    multiple: bool
    """Whether a number may stand before the value, as in `15min`."""
    without: str | None
    """The parameter whose absence makes the use a deprecated one."""
    beside: tuple[str, ...]
    """Parameters of which one must be given too, for the row to mean anything."""

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


@dataclass(frozen=True, slots=True)
class Index:
    """Rows by what a use of them shows: the last part of a name, or a keyword."""

    rows: Rows
    names: Rows
    """Those without a parameter, by the last part of their path."""
    callees: Rows
    """Those with a parameter, likewise."""
    keywords: Rows
    """Those with a parameter, by its name."""


@lru_cache(maxsize=128)
def index(tops: frozenset[str]) -> Index:
    """The rows of the tables that know one of some top-level packages, and of builtins."""
    rows = load(tops)
    names: dict[str, list[Api]] = {}
    callees: dict[str, list[Api]] = {}
    keywords: dict[str, list[Api]] = {}
    for api in chain.from_iterable(rows.values()):
        last = api.path.rpartition(".")[2]
        if api.parameter is None:
            names.setdefault(last, []).append(api)
        else:
            callees.setdefault(last, []).append(api)
            keywords.setdefault(api.parameter, []).append(api)
    return Index(rows, *({key: tuple(some) for key, some in each.items()} for each in (names, callees, keywords)))


@lru_cache(maxsize=128)
def load(tops: frozenset[str] | None = None) -> Rows:
    """The rows of the tables that know one of some top-level packages, or every row; those of builtins always."""
    names = _files()
    chosen = set(names) if tops is None else {*tops & names.keys(), _ALWAYS}
    found: dict[str, list[Api]] = {}
    for name in sorted({file for top in chosen for file in names[top]}):
        for api in _rows(name):
            found.setdefault(api.path, []).append(api)
    return {path: tuple(rows) for path, rows in found.items()}


def tops() -> frozenset[str]:
    """The top-level packages that the table knows something about."""
    return frozenset(_files())


@cache
def tops_of(distributions: frozenset[str]) -> frozenset[str]:
    """The top-level packages of some distributions, given by normalised name, as far as a table is called so."""
    return frozenset(top for top, names in _files().items() if not distributions.isdisjoint(names))


def loads(module: str) -> bool:
    """Whether importing its top-level package is known to load a module, whatever can be read of the package."""
    found = _loaded().get(module.partition(".")[0], ())
    return any(f"{module}.".startswith(f"{each}.") for each in found)


@cache
def _loaded() -> Mapping[str, tuple[str, ...]]:
    heads = [head for _, head in catalogue.heads("deprecated") if "loads" in head]
    return {head["module"].partition(".")[0]: tuple(head["loads"]) for head in heads}


@cache
def _files() -> Mapping[str, tuple[str, ...]]:
    """The tables, by the top-level packages that their heads name, those whose functions give their objects too."""
    found: dict[str, list[str]] = {}
    for name, head in catalogue.heads("deprecated"):
        for path in (head["module"], *head.get("aliases", ()), *head.get("through", ())):
            found.setdefault(path.partition(".")[0], []).append(name)
    return {top: tuple(dict.fromkeys(names)) for top, names in found.items()}


@cache
def _rows(name: str) -> tuple[Api, ...]:
    return rows_of(catalogue.bare_table(f"deprecated/{name}"))


def rows_of(table: Mapping[str, Any]) -> tuple[Api, ...]:
    """The rows of one table's data, in order."""
    return tuple(_row(table["distribution"], row) for row in table["api"])


def _row(distribution: str, row: Mapping[str, Any]) -> Api:
    match = _CALL.match(row["api"])
    value = match["value"].strip("'\"") if match and match["value"] else None
    return Api(
        distribution=distribution,
        api=row["api"],
        path=match["path"] if match else row["api"],
        parameter=match["parameter"] if match else None,
        value=value,
        textual=bool(match and (match["value"] or "").startswith("'")),
        kind=row["kind"],
        deprecated=row.get("deprecated"),
        removed=row.get("removed"),
        reintroduced=row.get("reintroduced"),
        replacement=row.get("replacement"),
        note=row.get("note"),
        reference=row.get("reference"),
        fix=row.get("fix"),
        rewrite=row.get("rewrite"),
        rewrite_dict=row.get("rewrite-dict"),
        telling=row.get("telling", False),
        multiple=row.get("multiple", False),
        without=row.get("without"),
        beside=tuple(row.get("beside", ())),
    )
