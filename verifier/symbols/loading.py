"""Whether a sub-module is loaded by what a file imports: nobody gets a sub-module for importing its package."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.modules import Loaded, World, deeper, load
from verifier.world import stdlib
from verifier.world.installed import Missing, Unknown

_MOST = 150
"""Modules followed at most; a file that loads more than these may have loaded anything."""
_AT_START = ("encodings", "importlib", "os", "site", "sitecustomize", "collections.abc")
"""Modules that Python itself loads before any program runs, in some way of starting it."""


def loaded_by(world: World, modules: Iterable[str], wanted: str) -> bool | None:
    """Whether importing these modules also imports the wanted one; None where a module on the way was not read."""
    if any(wanted == each or wanted.startswith(f"{each}.") for each in _AT_START):
        return None
    todo = sorted(set(modules))
    seen: set[str] = set()
    doubt = False
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        if module == wanted or module.startswith(f"{wanted}."):
            return True
        if len(seen) > _MOST:
            return None
        todo += [parent for parent in _parents(module) if parent not in seen]
        found = _imports(world, module)
        if found is None:
            doubt = True
        else:
            todo += [each for each in found if each not in seen]
    return None if doubt else False


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _imports(world: World, module: str) -> tuple[str, ...] | None:
    """What a module's source imports; None where it could not be read."""
    loaded: Loaded | Missing | Unknown | None = load(world, module)
    if isinstance(loaded, Missing):
        return ()  # `from a import b` names `a.b`, which need not be a module
    if isinstance(loaded, Unknown):
        # what is compiled in the standard library loads no module of its own that anybody names
        return () if stdlib.versions(module) is not None else None
    while loaded is not None:
        for table in loaded.tables:
            if not table.stub:
                return table.imports
        last, loaded = loaded, deeper(world, loaded)
    return () if last.distribution == STANDARD or not last.tables else None
