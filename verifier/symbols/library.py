"""The files of the target's standard library: typeshed's stubs, and its source where the environment leads to it."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from typeshed_client import finder

from verifier.model import Environment, Project
from verifier.symbols.places import Place, at, joined
from verifier.world import stdlib
from verifier.world.files import AnyPath, entries
from verifier.world.installed import Missing, Unknown

NAME = "python"
"""The distribution that the standard library counts as."""
_FOR_CHECKERS = "_typeshed"


def standard(project: Project, module: str) -> Place | Missing | Unknown | None:
    """Where the module lies in the target's standard library; None for what was never part of it."""
    parts = module.split(".")
    exists = stdlib.exists(module, project.python)
    if exists is False:
        if stdlib.versions(module) is None:
            return None
        return Missing(f"{_subject(project)} has no module {module}", (), NAME, _version(project))
    stubs = (finder.find_typeshed(),) if exists or parts[0] == _FOR_CHECKERS else ()
    places = (*stubs, *_sources(project.environment, project.python))
    found = [place for folder in places if (place := at((folder,), parts))]
    if found:
        place = joined(found)
        known = replace(place, distribution=NAME, version=_version(project))
        return known if place.files else replace(known, opaque=f"no file of {_subject(project)} tells of {module}")
    if exists is None and stdlib.versions(module) is None:
        return None
    return Unknown(f"no file of {_subject(project)} tells of {module}")


def has_module(project: Project, module: str) -> bool | None:
    """Whether the target's standard library has the module; None where that is not known."""
    answer = standard(project, module)
    if isinstance(answer, Place):
        return True
    return None if isinstance(answer, Unknown) else False


def folders(project: Project, module: str) -> tuple[AnyPath, ...]:
    """Where the standard library keeps the sub-modules of one of its packages."""
    answer = standard(project, module)
    return answer.folders if isinstance(answer, Place) else ()


def _subject(project: Project) -> str:
    return f"the standard library of Python {_version(project)}"


def _version(project: Project) -> str:
    return ".".join(map(str, project.python))


@lru_cache(maxsize=64)
def _sources(environment: Environment | None, python: tuple[int, int]) -> tuple[Path, ...]:
    """The folder of the library's source: beside the packages, beside the Python below the environment, or our own."""
    name = f"python{python[0]}.{python[1]}"
    for site in environment.paths if environment else ():
        prefix = site.parents[2] if site.parent.parent.name in {"lib", "lib64"} else site.parent.parent
        home = _home(prefix / "pyvenv.cfg")
        places = [site.parent, site.parent.parent / name]
        if home is not None:
            places += [home.parent / "lib" / name, home.parent / "lib64" / name, home / "Lib"]
        for place in places:
            if {"os.py", "abc.py"} <= entries(place).keys() and place.name in {name, "Lib"}:
                return (place,)
    ours = sysconfig.get_path("stdlib")
    return (Path(ours),) if python == sys.version_info[:2] and ours else ()


def _home(configuration: Path) -> Path | None:
    try:
        lines = configuration.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    return next((Path(value.strip()) for key, _, value in pairs if key.strip().lower() == "home"), None)


def source_folders(project: Project) -> tuple[Path, ...]:
    """Where the source of the target's standard library lies; empty when that is not known."""
    return _sources(project.environment, project.python)
