"""Where a module lies that a file imports: in the project itself, the standard library, or the environment."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from verifier.model import Environment, Project
from verifier.symbols import library
from verifier.symbols.places import Place, at, beside, joined, same
from verifier.world import local, provision, stdlib
from verifier.world.files import AnyPath, entries
from verifier.world.installed import Found, Missing, Unknown, locate

_NEVER_SHADOWED = frozenset(
    {*sys.builtin_module_names, "_typeshed", "abc", "codecs", "collections", "contextlib", "enum", "functools", "io"}
    | {"keyword", "operator", "os", "re", "site", "stat", "types", "typing", "warnings"}
)
"""Modules that Python itself needs before, or as soon as, any program runs: a file of that name would break it."""


@dataclass(slots=True, eq=False)
class Search:
    """Who looks for modules, the project and the file that imports them, and what was found out on the way."""

    project: Project
    file: Path | None
    holders: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    """By a top-level name: the project's own folders that hold it."""
    installed: dict[str, Place | Missing | Unknown] = field(default_factory=dict)
    """What the environment has, stub packages aside."""


def find(search: Search, module: str) -> Place | Missing | Unknown:
    """Where a module lies that the file imports; where several may be meant, all of them as one place."""
    if not all(part.isidentifier() for part in module.split(".")):
        return Unknown(f"{module} is no module name")
    outside = _outside(search, module)
    if module.partition(".")[0] in _NEVER_SHADOWED:
        return outside
    nearest, inner = _own(search, module.split("."))
    if isinstance(outside, Place):
        nearest, inner = ([each for each in one if not same(each, outside)] for one in (nearest, inner))
        # A folder without modules of its own never comes before a module elsewhere.
        nearest = [each for each in nearest if each.files or each.opaque] if outside.files else nearest
        if nearest and outside.distribution == library.NAME:
            return Unknown(f"{module} may be the project's own or the standard library's")
        return _one(module, nearest) if len(nearest) > 1 else joined([*nearest, outside, *inner])
    if nearest:
        return _one(module, nearest)
    if inner:
        return Unknown(f"{module} may be a module beside the file, or one that is not installed")
    mine = local.provides(search.project, search.file, module, 0)
    return Unknown(f"{module} is the project's own") if mine else outside


def _one(module: str, places: list[Place]) -> Place | Unknown:
    if len(places) > 1 and any(place.files for place in places):
        return Unknown(f"{module} may be any of {len(places)} modules of the project")
    place = joined(places)
    return place if place.files or place.opaque is None else Unknown(place.opaque)


def _own(search: Search, parts: list[str]) -> tuple[list[Place], list[Place]]:
    """The project's modules of that name, and those which only a program started inside their package would import."""
    nearest: dict[tuple[AnyPath, ...], Place] = {}
    inner: dict[tuple[AnyPath, ...], Place] = {}
    if parts[0] not in search.holders:
        search.holders[parts[0]] = local.holders(search.project, search.file, parts[0])
    for folder in search.holders[parts[0]]:
        place = at((folder,), parts)
        if place is not None:
            in_package = any(name.startswith("__init__.") for name in entries(folder))
            (inner if in_package else nearest).setdefault((*place.files, *place.folders), replace(place, local=True))
    return list(nearest.values()), list(inner.values())


def _outside(search: Search, module: str) -> Place | Missing | Unknown:
    """Where the module lies outside the project; an installed one never takes the standard library's place."""
    project = search.project
    standard = library.standard(project, module)
    if isinstance(standard, Place) and module != "typing_extensions":
        return standard
    top = module.partition(".")[0]
    if standard is not None and top != module and stdlib.exists(top, project.python):
        return standard
    found = _installed(search, project.environment, module)
    if isinstance(standard, Place):
        # Its stub describes the newest release, and lies with the standard library's only for checkers' convenience.
        if isinstance(found, Place):
            return replace(found, files=(*standard.files[:1], *found.files))
        return replace(standard, opaque=f"which {module} is installed is not known")
    if isinstance(found, Place) or standard is None:
        return found
    return standard if project.environment is not None else Unknown(f"not installed, and {_why(standard)}")


def _why(answer: Missing | Unknown) -> str:
    return answer.evidence if isinstance(answer, Missing) else answer.why


def _installed(search: Search, environment: Environment | None, module: str) -> Place | Missing | Unknown:
    """Where the environment has the module: a stub package (PEP 561), a stub beside it, its source."""
    if environment is None:
        return Unknown("not installed")
    place = _at_run_time(search, environment, module)
    stubs = _stub_package(environment, module.split("."))
    if isinstance(place, Unknown) or stubs is None:
        return place
    if isinstance(place, Missing):
        return stubs
    return replace(joined([place, stubs]), files=(*stubs.files, *place.files))


def _at_run_time(search: Search, environment: Environment, module: str) -> Place | Missing | Unknown:
    known = search.installed.get(module)
    if known is None:
        known = search.installed[module] = _inside(search, environment, module) or _located(environment, module)
    return known


def _inside(search: Search, environment: Environment, module: str) -> Place | None:
    """The module as a file in its package; None where that has to be asked of the whole environment."""
    parent, _, name = module.rpartition(".")
    package = _at_run_time(search, environment, parent) if parent else None
    if not isinstance(package, Place) or not (package.files or package.opaque):
        return None
    place = at(package.folders, [name]) if package.folders else None
    if place is None or not (place.files or place.opaque):
        return None
    return replace(place, distribution=package.distribution, version=package.version)


def _located(environment: Environment, module: str) -> Place | Missing | Unknown:
    found = locate(environment, module)
    if not isinstance(found, Found):
        return found
    if found.file is None:
        place = at(provision.search_path(environment, module), module.split("."))
        place = Place((), place.folders if place else (), package=True)
    else:
        place = beside(found.file.parent, found.file.name.partition(".")[0])
    return replace(place, distribution=found.distribution, version=found.version)


def _stub_package(environment: Environment, parts: list[str]) -> Place | None:
    """The module in a distribution of nothing but stubs, whose folder is called after the package."""
    name = f"{parts[0]}-stubs"
    for path in provision.stub_path(environment, parts[0]):
        if entries(path).get(name):
            place = at((path,), [name, *parts[1:]])
            if place is not None and place.files:
                return replace(place, opaque=None)
    return None
