"""What pyproject.toml and Pipfile declare, in the standard tables and in those of the common project tools."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from verifier.model import Problem, ProblemKind, Requirement
from verifier.world import poetry, requirement_files

_NOT_PACKAGES = frozenset({"source", "requires", "pipenv", "scripts"})


def load(root: Path, name: str = "pyproject.toml") -> Mapping[str, Any] | Problem | None:
    """Return the data of a TOML file in root, None where there is no such file, a Problem where it is broken."""
    try:
        return tomllib.loads((root / name).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Problem(name, ProblemKind.IO, f"{name} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return Problem(name, ProblemKind.ENCODING, f"{name} is no UTF-8 text (byte {error.start})")
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, or a number of thousands of digits
        return Problem(name, ProblemKind.SYNTAX, f"{name} is broken: {error}")


def read(root: Path) -> Iterator[Requirement | Problem]:
    """Every requirement in pyproject.toml and Pipfile, and a Problem for each part that is broken."""
    match load(root):
        case Problem() as problem:
            yield problem
        case Mapping() as data:
            yield from _standard(data)
            yield from _tools(data, root)
    match load(root, "Pipfile"):
        case Problem() as problem:
            yield problem
        case Mapping() as data:
            for section, packages in data.items():
                if section not in _NOT_PACKAGES and isinstance(packages, dict):
                    yield from poetry.requirements(packages, "Pipfile")


def at(data: object, *keys: str) -> Any:
    """Return the value under nested keys, None where any of them is absent or holds no table."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _standard(data: Mapping[str, Any]) -> Iterator[Requirement | Problem]:
    yield from _texts(at(data, "project", "dependencies"), "[project] dependencies")
    yield from _groups(at(data, "project", "optional-dependencies"), "[project.optional-dependencies]")
    # Groups that include others need no resolving: every group is read.
    yield from _groups(at(data, "dependency-groups"), "[dependency-groups]")
    yield from _texts(at(data, "build-system", "requires"), "[build-system] requires")


def _tools(data: Mapping[str, Any], root: Path) -> Iterator[Requirement | Problem]:
    tool = at(data, "tool")
    yield from _texts(at(tool, "uv", "dev-dependencies"), "[tool.uv] dev-dependencies")
    yield from _groups(at(tool, "pdm", "dev-dependencies"), "[tool.pdm.dev-dependencies]")
    for name, environment in _tables(at(tool, "hatch", "envs")):
        for key in ("dependencies", "extra-dependencies"):
            yield from _texts(at(environment, key), f"[tool.hatch.envs.{name}] {key}")
    groups = [group for _, group in _tables(at(tool, "poetry", "group"))]
    for table in (at(tool, "poetry"), *groups):
        for key in ("dependencies", "dev-dependencies"):
            if isinstance(found := at(table, key), dict):
                yield from poetry.requirements(found, "pyproject.toml")
    seen: set[Path] = set()
    for name in dynamic_files(data):
        yield from requirement_files.read_file(root / name, root, seen)


def dynamic_files(data: Mapping[str, Any]) -> Iterator[str]:
    """Return the requirements files that setuptools is told to read (`dependencies = {file = …}`)."""
    dynamic = at(data, "tool", "setuptools", "dynamic")
    optional = [group for _, group in _tables(at(dynamic, "optional-dependencies"))]
    for table in (at(dynamic, "dependencies"), *optional):
        files = at(table, "file")
        yield from (name for name in (files if isinstance(files, list) else [files]) if isinstance(name, str))


def _tables(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        yield from ((name, table) for name, table in value.items() if isinstance(table, dict))


def _groups(value: object, where: str) -> Iterator[Requirement | Problem]:
    if isinstance(value, dict):
        for name, texts in value.items():
            yield from _texts(texts, f"{where} {name}")
    elif value is not None:
        yield Problem("pyproject.toml", ProblemKind.SYNTAX, f"pyproject.toml: {where} is no table")


def _texts(value: object, where: str) -> Iterator[Requirement | Problem]:
    if value is None:
        return
    if not isinstance(value, list):
        yield Problem("pyproject.toml", ProblemKind.SYNTAX, f"pyproject.toml: {where} is no list")
        return
    for item in value:
        if isinstance(item, str) and "{" not in item:
            yield from requirement_files.parse(item, "pyproject.toml", f"pyproject.toml: {where}")
