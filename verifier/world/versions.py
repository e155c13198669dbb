"""Which version of a distribution the code will run with."""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from verifier.model import Project
from verifier.world import provision


def version_of(project: Project, distribution: str) -> str | None:
    """The version of a distribution that the project runs: installed, or pinned by an exact requirement."""
    if distribution == "python":
        return ".".join(map(str, project.python))
    if project.environment is not None:
        version = provision.version_of(project.environment, distribution)
        if version is not None:
            return version
    for each in project.declared:
        if each.name == distribution:
            try:
                pins = [one.version for one in SpecifierSet(each.specifier) if one.operator in {"==", "==="}]
            except InvalidSpecifier:
                continue
            if pins and "*" not in pins[0]:
                return pins[0]
    return None
