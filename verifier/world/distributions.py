"""Which distributions an environment has, and which of them provides an import name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PathDistribution
from pathlib import Path

from packaging.utils import canonicalize_name

from verifier.model import Environment
from verifier.world.files import entries
from verifier.world.import_names import possible

_MODULE_SUFFIXES = (".py", ".so", ".pyd", ".pyi")


@dataclass(frozen=True, slots=True)
class _Installed:
    """A distribution by its normalised name, and the folder (or file) of its metadata."""

    name: str
    version: str
    metadata: Path


def distributions(environment: Environment) -> Mapping[str, str]:
    """Normalised name and version of each distribution; the first on the path wins, as for an import."""
    return {name: found.version for name, found in _installed(environment.paths, _stamp(environment.paths)).items()}


def distribution_of(environment: Environment, top_level: str) -> tuple[str, str] | None:
    """Normalised name and version of the distribution that provides this import name, dotted for namespace packages."""
    stamp = _stamp(environment.paths)
    installed = _installed(environment.paths, stamp)
    likely: _Installed | None = None
    for candidate in possible(top_level):
        if found := installed.get(candidate):
            match _provides(found, top_level):
                case True:
                    return found.name, found.version
                case None:
                    likely = likely or found
    for found in _providers(environment.paths, stamp).get(top_level.split(".", maxsplit=1)[0], ()):
        if "." not in top_level or _provides(found, top_level):
            return found.name, found.version
    return (likely.name, likely.version) if likely else None


def top_levels(environment: Environment, distribution: str) -> frozenset[str]:
    """The importable names at the top of a distribution's files."""
    found = _installed(environment.paths, _stamp(environment.paths)).get(distribution)
    return frozenset(_top_levels(found.metadata)) if found else frozenset()


def _stamp(paths: tuple[Path, ...]) -> tuple[int, ...]:
    """Numbers that change when something is installed or removed."""
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


@lru_cache(maxsize=8)
def _installed(paths: tuple[Path, ...], _changed: tuple[int, ...]) -> Mapping[str, _Installed]:
    found: dict[str, _Installed] = {}
    for path in paths:
        for entry in sorted(entries(path)):
            stem, dot, kind = entry.rpartition(".")
            if dot and kind in {"dist-info", "egg-info"} and (one := _identity(path / entry, stem, kind)):
                found.setdefault(one.name, one)
    return found


def _identity(metadata: Path, stem: str, kind: str) -> _Installed | None:
    """Name and version from the metadata folder's own name, from the file in it only where that says too little."""
    name, dash, version = stem.partition("-")
    if kind == "egg-info":
        version = re.sub(r"-py\d.*", "", version)
    if dash and version and "-" not in version:
        return _Installed(canonicalize_name(name), version, metadata)
    told = PathDistribution(metadata).metadata
    if "Name" not in told:
        return None
    return _Installed(canonicalize_name(told["Name"]), told["Version"] or "", metadata)


def _provides(found: _Installed, module: str) -> bool | None:
    """Whether the distribution's own list of files has the module; None where it has no list, or an editable one."""
    if (record := _record(found.metadata)) is not None:
        path = re.escape(module.replace(".", "/"))
        if re.search(rf'^(?:\.\./)*"?{path}(?:/|\.(?:py|pyi|so|pyd|abi3|cpython|cp\d))', record, re.MULTILINE):
            return True
    names = _lines(found.metadata / "top_level.txt")
    if names is not None and module.split(".", maxsplit=1)[0] in names:
        return True if "." not in module or record is None else None
    editable = record is not None and ("__editable__" in record or re.search(r"^[^/,\n]+\.pth,", record, re.MULTILINE))
    return None if editable or (record is None and names is None) else False


@lru_cache(maxsize=8)
def _providers(paths: tuple[Path, ...], changed: tuple[int, ...]) -> Mapping[str, tuple[_Installed, ...]]:
    """Every top-level import name and the distributions that install files under it."""
    providers: dict[str, dict[_Installed, None]] = {}
    for found in _installed(paths, changed).values():
        for name in _top_levels(found.metadata):
            providers.setdefault(name, {})[found] = None
    return {name: tuple(owners) for name, owners in providers.items()}


def _top_levels(metadata: Path) -> set[str]:
    names = set(_lines(metadata / "top_level.txt") or ())
    for first, slash in re.findall(r'^(?:\.\./)?"?([^/,"\n]+)(/?)', _record(metadata) or "", re.MULTILINE):
        if slash:
            names.add(first)
        elif first.endswith(_MODULE_SUFFIXES):
            names.add(first.split(".")[0])
    return {name for name in names if name.isidentifier() and name != "__pycache__"}


def _record(metadata: Path) -> str | None:
    """Return the list of installed files, as wheels or as the older `setup.py install` write it."""
    for name in ("RECORD", "installed-files.txt"):
        try:
            return (metadata / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return None


def _lines(file: Path) -> list[str] | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return None
