"""What a file imports that is neither the standard library's nor the project's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from verifier.model import Import, Project, Source
from verifier.semantics.model import Facts
from verifier.semantics.positions import Positions
from verifier.world import local, stdlib
from verifier.world.import_names import curated, top

_STUB_ONLY = frozenset({"_typeshed", "__future__", "__main__"})


def imports_of(facts: Facts, positions: Positions, source: Source, project: Project) -> tuple[Import, ...]:
    """The imports of a file that are neither in the target's standard library nor part of the project."""
    found: list[Import] = []
    for site in facts.imports:
        record = site.record
        if record.level or record.unreachable or not record.module or top(record.module) in _STUB_ONLY:
            continue
        if _in_standard_library(record.module, project.python):
            continue
        if local.provides(project, source.file, record.module, 0):
            continue
        node = getattr(site.node, "name", None) or site.node
        module = getattr(site.statement, "module", None)
        found.append(replace(record, span=positions.span(module or node)))
    return tuple(found)


def used(facts: Facts, records: Sequence[Import]) -> frozenset[str]:
    """The dotted names that a file takes from its imports, as far as they are written in one piece."""
    named = {each.alias or top(each.module): each.module if each.alias else top(each.module) for each in records}
    named |= {each.alias or each.name: f"{each.module}.{each.name}" for each in records if each.name}
    found = {f"{each.module}.{each.name}" for each in records if each.name}
    for use in facts.attributes:
        match use.node:
            case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attribute)) if name in named:
                found.add(f"{named[name]}.{attribute}")
    return frozenset(found)


def module_of(record: Import) -> str:
    """The module that an import needs: with the imported name where that is a package of its own (`google.cloud`)."""
    path = f"{record.module}.{record.name}"
    return path if record.name and path in curated() else record.module


def _in_standard_library(module: str, python: tuple[int, int]) -> bool:
    return stdlib.exists(module, python) is not False and stdlib.versions(top(module)) is not None
