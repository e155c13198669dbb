"""Package indexes as Pipfile, Poetry and PDM name them in the project's own files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from verifier.distributions import Index
from verifier.world import pyproject
from verifier.world.index.settings import Gathered, Settings, index, tables_of, text_of, variable

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_PUBLIC = "pypi"
"""The name that stands for the public index where a tool's table gives no address."""


def read(root: Path, environ: Mapping[str, str]) -> Settings:
    """Return the sources of the project's tools; what is broken in these files, the readers of requirements say."""
    found = Gathered()
    if isinstance(data := pyproject.load(root, "Pipfile"), Mapping):
        _pipfile(found, data, root, environ)
    if isinstance(data := pyproject.load(root), Mapping):
        _poetry(found, data, root, environ)
        _pdm(found, data, root, environ)
    return found.settings()


def _pipfile(found: Gathered, data: Mapping[str, Any], root: Path, environ: Mapping[str, str]) -> None:
    for entry in tables_of(data.get("source")):
        one = index(_expanded(text_of(entry, "url"), environ), root, name=text_of(entry, "name"))
        if one is not None and found.default is None:
            found.default = one
        elif one is not None:
            found.extra.append(one)


def _poetry(found: Gathered, data: Mapping[str, Any], root: Path, environ: Mapping[str, str]) -> None:
    tied = _tied(pyproject.at(data, "tool", "poetry"))
    entries = tables_of(pyproject.at(data, "tool", "poetry", "source"))
    public = any(text_of(entry, "name").lower() == _PUBLIC for entry in entries)
    for entry in entries:
        one = index(text_of(entry, "url"), root, name=text_of(entry, "name"))
        if one is None:
            continue
        name = variable(one.name)
        user = environ.get(f"POETRY_HTTP_BASIC_{name}_USERNAME", "") or one.user
        password = environ.get(f"POETRY_HTTP_BASIC_{name}_PASSWORD", "") or one.password
        one = replace(one, user=user, password=password)
        match text_of(entry, "priority") or ("default" if entry.get("default") is True else "primary"):
            case "explicit":
                if names := tied.get(one.name):
                    found.extra.append(replace(one, names=names))
            case "default" | "primary" if found.default is None and not public:
                found.default = one
            case _:
                found.extra.append(one)


def _tied(table: object) -> dict[str, tuple[str, ...]]:
    """Return the dependencies that name their source, by its name."""
    groups = pyproject.at(table, "group")
    tables = [pyproject.at(table, "dependencies"), pyproject.at(table, "dev-dependencies")]
    tables += [pyproject.at(group, "dependencies") for group in (groups.values() if isinstance(groups, dict) else ())]
    tied: dict[str, tuple[str, ...]] = {}
    for dependencies in tables:
        for name, asked in dependencies.items() if isinstance(dependencies, dict) else ():
            for entry in [asked] if isinstance(asked, dict) else tables_of(asked):
                if where := text_of(entry, "source"):
                    tied[where] = (*tied.get(where, ()), canonicalize_name(name))
    return tied


def _pdm(found: Gathered, data: Mapping[str, Any], root: Path, environ: Mapping[str, str]) -> None:
    for entry in tables_of(pyproject.at(data, "tool", "pdm", "source")):
        name = text_of(entry, "name")
        flat = entry.get("type") == "find_links"
        one: Index | None = index(_expanded(text_of(entry, "url"), environ), root, name=name, flat=flat)
        if one is None:
            continue
        if flat:
            found.flat.append(one)
        elif name == _PUBLIC and found.default is None:
            found.default = one
        else:
            found.extra.append(one)


def _expanded(text: str, environ: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: environ.get(match[1], match[0]), text)
