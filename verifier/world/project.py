"""The project around the code, put together from its environment, its declarations and its folders."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from verifier.model import Problem, Project, Requirement
from verifier.world import declared, environment, local

_NEWEST = 15
"""The newest minor version of Python 3 that a project is taken to target."""


def load(
    start: Path, *, python: str | None, environ: Mapping[str, str], index_url: str | None, offline: bool, no_cache: bool
) -> tuple[Project, tuple[Problem, ...]]:
    """The project that a file or folder belongs to, and what of it could not be read."""
    root = local.find_root(start)
    found, problems = environment.find(root, python, environ)
    requirements, unread = declared.read(root)
    if own := declared.own_name(root):
        requirements = (*requirements, Requirement(canonicalize_name(own), "", "the project itself"))
    project = Project(
        root=root,
        python=found.python if found else target(declared.requires_python(root)),
        environment=found,
        declared=requirements,
        source_roots=local.source_roots(root),
        index_url=index_url,
        offline=offline,
        no_cache=no_cache,
    )
    return project, (*problems, *unread)


def target(requires_python: str | None) -> tuple[int, int]:
    """The Python that code without an environment is judged for: ours if the specifier allows it, else the nearest."""
    ours = sys.version_info[:2]
    try:
        allowed = SpecifierSet(requires_python or "")
    except InvalidSpecifier:
        return ours
    versions = [minor for minor in range(_NEWEST + 1) if allowed.contains(f"3.{minor}.99", prereleases=True)]
    if not versions:
        return ours
    return (3, min(versions, key=lambda minor: abs(minor - ours[1])))


def words(project: Project) -> str:
    """Which environment the code was judged against, for a person."""
    if project.environment is not None:
        return project.environment.origin
    return f"no environment found; Python {project.python[0]}.{project.python[1]} assumed"
