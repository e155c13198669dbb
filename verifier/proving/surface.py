"""What a release offers to its users: public names of its public modules, members of its classes, and parameters."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.distributions import Indexes
from verifier.proving import releases
from verifier.proving.releases import Release
from verifier.symbols.ageing.said import parameters, said, whole
from verifier.symbols.bases import lineage
from verifier.symbols.decorators import Effect, effect
from verifier.symbols.defined import values
from verifier.symbols.model import Class, Definition, Function
from verifier.symbols.modules import Loaded, World, flush, load, submodules
from verifier.symbols.names import Defined, find
from verifier.symbols.raising import all_gone
from verifier.symbols.values import ClassValue, FunctionValue, Value
from verifier.world import provision

_SKIPPED = re.compile(
    r"(?:^|\.)(?:_\w*|tests?|testing|conftest|vendor(?:ed)?|vendored_packages|extern(?:al|als)?|third_party|compat|"
    r"examples?|benchmarks?|setup)(?:\.|$)"
)
"""Modules that no documentation names."""
_MOST_MODULES = 4000
_MOST_HEIRS = 3
"""Classes for which an inherited method is offered one by one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that code may use: its path (with the parameter in brackets), kind, and what it really is."""

    api: str
    kind: str
    thing: str
    """Module and qualified name of the definition, the same for every path that leads to it."""
    says: str | None = None
    """The message of its deprecation."""
    raises: bool = False
    """All that it does is raise."""


def surface(indexes: Indexes, release: Release, modules: Sequence[str], tops: Sequence[str] = ()) -> tuple[Offer, ...]:
    """What the modules of a release offer; without modules, all public ones below its top-level packages.

    Raises OSError where the release cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="verify-rules-") as folder:
        world = releases.world_at(indexes, release, Path(folder))
        releases.begin(world, {each.partition(".")[0] for each in (*modules, *tops)}, ())
        listed = list(modules) or [each for top in tops for each in _modules(world, top)]
        heirs: dict[str, list[str]] = {}
        found = [offer for module in listed for offer in _of_module(world, module, release.distribution, heirs)]
        flush(world)
        if (why := releases.unread(world, release.distribution)) is not None:
            raise releases.UnavailableError(f"{release.distribution} {release.version}: {why}")
        return tuple(dict.fromkeys(found))


def top_levels(indexes: Indexes, release: Release) -> tuple[str, ...]:
    """The public top-level packages of a release."""
    with tempfile.TemporaryDirectory(prefix="verify-rules-") as folder:
        world = releases.world_at(indexes, release, Path(folder))
        environment = world.project.environment
        if environment is None:
            return ()
        releases.begin(world, {release.distribution.replace("-", "_")}, ())
        provision.version_of(environment, release.distribution)
        found = provision.top_levels(environment, release.distribution)
        return tuple(sorted(each for each in found if not _SKIPPED.search(each)))


def _modules(world: World, module: str, depth: int = 0) -> Iterator[str]:
    """A public module and those below it."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or depth > 8:
        return
    yield module
    for name in sorted(submodules(world, loaded)) if loaded.package else ():
        inner = f"{module}.{name}"
        if not _SKIPPED.search(inner):
            yield from _modules(world, inner, depth + 1)


def _of_module(world: World, module: str, distribution: str, heirs: dict[str, list[str]]) -> Iterator[Offer]:
    loaded = load(world, module)
    if not isinstance(loaded, Loaded):
        return
    yield Offer(module, "module", module)
    for name in _names(loaded):
        answer = find(world, module, name)
        if not isinstance(answer, tuple):
            continue
        for each in answer[:1]:
            if each.is_module or not _is_own(world, each, distribution):
                continue
            yield from _of_thing(world, f"{module}.{name}", each, values(world, answer), heirs)


def _names(loaded: Loaded) -> list[str]:
    """The names that a module is meant to offer: its `__all__`, else what it defines (a package: imports, too)."""
    found: dict[str, None] = {}
    for table in loaded.tables:
        if table.exports is not None:
            found.update(dict.fromkeys(table.exports))
            continue
        for name, definitions in table.names.items():
            defined = any(isinstance(each, Function | Class) for each in definitions)
            if defined or table.package:
                found[name] = None
        if table.fallback is not None:
            found.update(dict.fromkeys(table.fallback.names))
    return [each for each in found if not each.startswith("_")]


def _is_own(world: World, thing: Defined, distribution: str) -> bool:
    loaded = load(world, thing.module)
    return isinstance(loaded, Loaded) and loaded.distribution == distribution


def _of_thing(
    world: World, path: str, thing: Defined, types: Sequence[Value], heirs: dict[str, list[str]]
) -> Iterator[Offer]:
    key = f"{thing.module}.{thing.name}"
    match types:
        case [ClassValue() as value, *_]:
            yield Offer(path, "class", key, whole(world, thing.module, thing.name))
            yield from _of_class(world, path, value, heirs)
        case [FunctionValue(), *_]:
            message, raises = whole(world, thing.module, thing.name), all_gone(world, thing.module, thing.definitions)
            yield Offer(path, "function", key, message, raises)
            yield from _parameters(world, path, thing.module, thing.name, thing.definitions)
        case _:
            # what only the module's `__getattr__` answers may warn as it does
            message = None if thing.definitions else said(world, thing.module, thing.name)
            yield Offer(path, "attribute", key, message)


def _of_class(world: World, path: str, value: ClassValue, heirs: dict[str, list[str]]) -> Iterator[Offer]:
    line = lineage(world, value.module, value.name)
    home = value.module.partition(".")[0]
    seen: set[str] = set()
    for base in line.bases:
        if base.module.partition(".")[0] != home:
            continue
        own = (base.module, base.name) == (value.module, value.name)
        for statement in base.statements:
            for name, definitions in {**statement.attributes, **statement.members}.items():
                if name in seen or (name.startswith("_") and name != "__init__"):
                    continue
                seen.add(name)
                key = f"{base.module}.{base.name}.{name}"
                mine = heirs.setdefault(key, [])
                if path not in mine:
                    mine.append(path)
                if own or len(mine) <= _MOST_HEIRS:
                    yield from _member(world, path, base.module, f"{base.name}.{name}", tuple(definitions))


def _member(world: World, path: str, module: str, name: str, definitions: Sequence[Definition]) -> Iterator[Offer]:
    last, key = name.rpartition(".")[2], f"{module}.{name}"
    functions = [each for each in definitions if isinstance(each, Function)]
    if last == "__init__":
        yield from _parameters(world, path, module, name, functions)
        return
    if not functions or effect(world, module, functions[0]) is Effect.PROPERTY:
        yield Offer(f"{path}.{last}", "attribute", key, whole(world, module, name) if functions else None)
        return
    yield Offer(f"{path}.{last}", "method", key, whole(world, module, name), all_gone(world, module, definitions))
    yield from _parameters(world, f"{path}.{last}", module, name, functions)


def _parameters(world: World, path: str, module: str, name: str, definitions: Sequence[Definition]) -> Iterator[Offer]:
    warned = {each.parameter: each.message for each in parameters(world, module, name) if not each.values}
    found: dict[str, None] = {}
    for each in definitions:
        for one in each.parameters if isinstance(each, Function) else ():
            if one.kind in {"", "k"} and not one.name.startswith("_") and one.name not in {"self", "cls"}:
                found[one.name] = None
    for parameter in (*found, *(each for each in warned if each and each not in found)):
        yield Offer(f"{path}({parameter})", "parameter", f"{module}.{name}({parameter})", warned.get(parameter))
