"""Whether a module has a name, and what defines it: statements, stars, `__getattr__`, sub-modules; stubs first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from verifier.symbols.known import known_paths, left_out
from verifier.symbols.model import Class, Definition, Import, Table
from verifier.symbols.modules import Loaded, World, deeper, load, submodule, submodules
from verifier.world.installed import Missing, Unknown

_DEEPEST = 24
"""Imports of imports followed at most."""


@dataclass(frozen=True, slots=True)
class Defined:
    """The statements that give a name its value, all of one module; none where it exists but nothing is known of it."""

    module: str
    definitions: tuple[Definition, ...]
    name: str = ""
    """The qualified name within the module; empty for a module itself."""

    @property
    def is_module(self) -> bool:
        """Whether the name stands for a module."""
        return not self.name


Answer = tuple[Defined, ...] | Missing | Unknown
"""Each of the things that a name may stand for; several where a condition decides."""


def find(world: World, module: str, name: str, depth: int = 0) -> Answer:
    """What `module.name` is after following imports; Missing when all that could define it was read and does not."""
    key = (module, name)
    known = world.names.get(key)
    if known is None:
        world.names[key] = Unknown(f"{module}.{name} is defined in a circle")
        known = world.names[key] = _find(world, module, name, depth)
    return known


def _find(world: World, module: str, name: str, depth: int) -> Answer:
    loaded: Loaded | Missing | Unknown | None = load(world, module)
    if isinstance(loaded, Missing):
        return Unknown(f"{module} is missing")
    if isinstance(loaded, Unknown):
        return loaded
    if depth > _DEEPEST:
        return Unknown(f"{module}.{name} is imported over too many modules")
    doubt: Unknown | None = None
    read: Loaded | None = None
    while loaded is not None:
        read = loaded
        for table in loaded.tables:
            answer = _in_table(world, table, name, depth)
            if isinstance(answer, tuple):
                return answer
            doubt = doubt or answer
        inside = submodule(world, loaded, name) if loaded.package else False
        if inside or any(name in table.made for table in loaded.tables):
            return (Defined(f"{module}.{name}", ()),)
        if inside is None:
            doubt = doubt or Unknown(f"whether {module} has a module {name} cannot be told")
        loaded = deeper(world, loaded)
    assert read is not None  # noqa: S101  # the loop ran at least once
    if doubt is not None:
        return doubt
    if name in left_out().get(module, ()):
        return (Defined(module, (), name),)
    if name.startswith("_") and (name.endswith("__") or all(table.stub for table in read.tables)):
        return Unknown(f"{name} is private or the language's own")
    if any(f"{module}.".startswith(f"{each}.") for each in known_paths()["open-modules"]):
        return Unknown(f"{module} is given names from elsewhere")
    if not read.tables:
        return Unknown(f"{module} is a namespace package")
    return _missing(world, read, name)


def _in_table(world: World, table: Table, name: str, depth: int) -> tuple[Defined, ...] | Unknown | None:
    """What one file says of a name: what it is, why that cannot be told, or None: nothing."""
    if definitions := table.names.get(name):
        return _follow(world, table.module, name, definitions, depth)
    doubt: Unknown | None = None
    for star in reversed(table.stars):
        answer = _from_star(world, star, name, depth)
        if isinstance(answer, tuple):
            return answer
        doubt = doubt or answer
    for copied in table.copied:
        answer = _from_star(world, copied, name, depth, every=True)
        if isinstance(answer, tuple):
            return answer
        doubt = doubt or answer
    if any(name.startswith(each) for each in table.beginnings):
        doubt = doubt or Unknown(f"{table.module} is given names that begin like {name}")
    fallback = table.fallback
    if fallback is not None:
        if name in fallback.names:
            return (Defined(table.module, (), name),)
        if name not in fallback.gone and not fallback.closed:
            doubt = doubt or Unknown(f"{table.module} answers names with __getattr__")
    if table.open is not None and table.module not in left_out():
        doubt = doubt or Unknown(f"{table.module}: {table.open}")
    return doubt


def _from_star(
    world: World, star: str, name: str, depth: int, *, every: bool = False
) -> tuple[Defined, ...] | Unknown | None:
    """What a star import of a module brings for a name (language reference, "The import statement").

    With `every`, the names that a star leaves out count too.
    """
    loaded = load(world, star)
    if isinstance(loaded, Missing | Unknown):
        return Unknown(f"{star} was not read")
    exports = next((table.exports for table in loaded.tables if table.exports is not None), None)
    if every:
        pass
    elif exports is not None:
        if name not in exports:
            return None
    elif name.startswith("_"):
        return None
    answer = find(world, star, name, depth + 1)
    if isinstance(answer, Missing):
        return None
    unlisted = exports is None and any("__all__" in table.names for table in loaded.tables)
    if world.proving and unlisted and not (world.trusting and _is_listed(world, answer)):
        return Unknown(f"what {star} gives to a star import is not written there")
    return answer


def _is_listed(world: World, answer: Answer) -> bool:
    """Whether the modules that define a thing list it for star imports, which those above most often pass on."""
    if not isinstance(answer, tuple):
        return False
    loaded = [(each, load(world, each.module)) for each in answer]
    return all(
        isinstance(module, Loaded) and any(each.name in (table.exports or ()) for table in module.tables)
        for each, module in loaded
    )


def _follow(world: World, module: str, name: str, definitions: Sequence[Definition], depth: int) -> tuple[Defined, ...]:
    """Definitions with the imports among them replaced by what they import."""
    own = tuple(each for each in definitions if not isinstance(each, Import))
    found: list[Defined] = [Defined(module, own, name)] if own else []
    for each in definitions:
        if isinstance(each, Import):
            found += imported(world, each, depth) or [Defined(module, (), name)]
    return tuple(found)


def is_submodule(world: World, package: Loaded, name: str) -> bool:
    """Whether a package's attribute of that name is there only because the sub-module of that name was imported."""
    loaded: Loaded | None = package
    while loaded is not None:
        for table in loaded.tables:
            if _in_table(world, table, name, 0) is not None:
                return False
            inner = f"{package.module}.{name}"
            if any(each == inner or each.startswith(f"{inner}.") for each in table.imports):
                return False
        loaded = deeper(world, loaded)
    return bool(submodule(world, package, name))


def imported(world: World, statement: Import, depth: int = 0) -> list[Defined]:
    """What an import binds; empty when that cannot be told."""
    if statement.attribute is None:
        return [Defined(statement.module, ())]
    answer = find(world, statement.module, statement.attribute, depth + 1)
    if isinstance(answer, tuple):
        return list(answer)
    # `from . import part` in the package's own file asks the package for what is only then being defined
    inner = f"{statement.module}.{statement.attribute}"
    return [Defined(inner, ())] if isinstance(load(world, inner), Loaded) else []


def nested(world: World, module: str, qualified: str) -> tuple[Definition, ...]:
    """The statements of a qualified name in a module's own files, `Outer.Inner` included; stub before source."""
    loaded: Loaded | Missing | Unknown | None = load(world, module)
    while isinstance(loaded, Loaded):
        for table in loaded.tables:
            found = _nested(table, qualified)
            if found:
                return found
        loaded = deeper(world, loaded)
    return ()


def sources(world: World, module: str, qualified: str) -> Iterator[tuple[bool, tuple[Definition, ...]]]:
    """Every file's statements of a qualified name, each with whether the file is a stub."""
    loaded: Loaded | Missing | Unknown | None = load(world, module)
    seen: set[str] = set()
    while isinstance(loaded, Loaded):
        for table in loaded.tables:
            if table.file not in seen:
                seen.add(table.file)
                if found := _nested(table, qualified):
                    yield table.stub, found
        loaded = deeper(world, loaded)


def _nested(table: Table, qualified: str) -> tuple[Definition, ...]:
    first, *rest = qualified.split(".")
    found = table.names.get(first, ())
    for part in rest:
        found = tuple(inner for each in found if isinstance(each, Class) for inner in each.members.get(part, ()))
    return found


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names most like one that does not exist, best first."""
    return tuple(get_close_matches(name, sorted(set(names)), n=3, cutoff=0.7))


def _missing(world: World, read: Loaded, name: str) -> Missing:
    names = {each for table in read.tables for each in table.names if not each.startswith("_")}
    if read.package:
        names |= submodules(world, read)
    near = nearest(name, names)
    subject = f"{read.distribution} {read.version}: " if read.distribution else ""
    files = " and ".join(table.file for table in read.tables)
    return Missing(f"{subject}{read.module} has no {name} (read {files})", near, read.distribution, read.version)
