"""Which Python versions have a module of the standard library, from typeshed's lists, and where those lists end."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from typeshed_client import finder

_Versions = tuple[tuple[int, int], tuple[int, int] | None]

_FIRST = (3, 0)
_OLDEST = (3, 9)
"""The oldest Python whose sub-modules typeshed still describes."""
_FORGOTTEN: Mapping[str, _Versions] = {
    # Modules removed before the oldest Python that typeshed still describes ("What's New" of 3.7 to 3.10).
    "_bootlocale": ((3, 4), (3, 9)),
    "_dummy_thread": (_FIRST, (3, 8)),
    "_dummy_threading": (_FIRST, (3, 8)),
    "dummy_threading": (_FIRST, (3, 8)),
    "formatter": (_FIRST, (3, 9)),
    "fpectl": (_FIRST, (3, 6)),
    "macpath": (_FIRST, (3, 7)),
    "macurl2path": (_FIRST, (3, 6)),
    "parser": (_FIRST, (3, 9)),
    "symbol": (_FIRST, (3, 9)),
    # Deprecated in 3.3, removed in an early 3.9 and put back.
    "xml.etree.cElementTree": (_FIRST, None),
}
_UNDESCRIBED = frozenset({"idlelib", "test", "turtledemo"})
"""Packages of every Python that typeshed leaves out."""

_PARTLY_DESCRIBED = frozenset({"ctypes.macholib", "distutils", "encodings", "lib2to3", "pydoc_data", "tkinter"})
"""Packages of which typeshed describes some sub-modules only."""

_TYPES_ONLY = "_typeshed"


def versions(module: str) -> _Versions | None:
    """First and last Python (inclusive; None: still there) with the module, None where none had it.

    The answer is that of the deepest prefix that typeshed's VERSIONS lists: a sub-module that is not listed has that of
    its package, and `exists` must be asked for it.
    """
    listed = _listed(module)
    if listed is not None:
        return listed
    top = module.partition(".")[0]
    return (_FIRST, None) if top in _UNDESCRIBED or top in sys.stdlib_module_names else None


def exists(module: str, python: tuple[int, int]) -> bool | None:
    """Whether that Python's standard library has the module; None where nothing can tell.

    False also for a name that was never part of it.
    """
    top = module.partition(".")[0]
    found = versions(module)
    if top == _TYPES_ONLY:
        return None
    if found is None:
        return None if top.startswith("_") or python > _newest() else False
    first, last = found
    if python < first or (last is not None and python > last):
        return False
    if _described(module):
        return True
    if _in_our_own(module):
        return True if python == sys.version_info[:2] or top in _UNDESCRIBED else None
    if top in _UNDESCRIBED and module == top:
        return True
    return False if knows_submodule(module) and _OLDEST <= python <= _newest() else None


def knows_submodule(module: str) -> bool:
    """Whether typeshed describes the module's package so fully that a sub-module it lacks does not exist."""
    parts = module.split(".")
    if _listed(module) is None or any(part.startswith("_") or part in {"test", "tests"} for part in parts):
        return False
    parents = {".".join(parts[:length]) for length in range(1, len(parts))}
    return parents.isdisjoint(_PARTLY_DESCRIBED | _UNDESCRIBED)


def _listed(module: str) -> _Versions | None:
    known = finder.get_typeshed_versions(_typeshed())
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in _FORGOTTEN:
            return _FORGOTTEN[name]
        if name in known:
            return known[name].min, known[name].max
    return None


def _described(module: str) -> bool:
    """Whether the module is listed by its full name, or has a stub or a folder of stubs."""
    place = _typeshed().joinpath(*module.split("."))
    listed = module in _FORGOTTEN or module in finder.get_typeshed_versions(_typeshed())
    return listed or place.with_suffix(".pyi").is_file() or (place / "__init__.pyi").is_file()


@cache
def _in_our_own(module: str) -> bool:
    """Whether the standard library of the Python that runs this program has the module, by name or by file."""
    if module in sys.stdlib_module_names:
        return True
    *parents, name = module.split(".")
    if not parents:
        return False
    folder = Path(sysconfig.get_path("stdlib")).joinpath(*parents)
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


@cache
def _typeshed() -> Path:
    return finder.find_typeshed()


@cache
def _newest() -> tuple[int, int]:
    """Return the newest Python of which typeshed lists anything; what a later one adds is not known."""
    known = finder.get_typeshed_versions(_typeshed()).values()
    return max(max(listed.min, listed.max or listed.min) for listed in known)
