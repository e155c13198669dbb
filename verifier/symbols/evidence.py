"""What else could give a name that no statement defines: assignments from outside, and subclasses."""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from verifier.semantics.guards import dotted
from verifier.semantics.model import Facts
from verifier.symbols import compiled, packages
from verifier.symbols.attributes import read
from verifier.symbols.bases import lineage
from verifier.symbols.classes import Member, member
from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.model import Class, Function
from verifier.symbols.modules import OWN, Loaded, World, load, on_platform
from verifier.symbols.names import nested, sources
from verifier.symbols.values import ClassValue, Instance, ModuleValue, Value
from verifier.world.files import read as contents
from verifier.world.installed import Missing

_PLAIN = frozenset({"str", "bytes", "bytearray", "int", "float", "complex", "bool", "list", "dict", "set", "frozenset"})
PLATFORMS = frozenset({"linux", "darwin", "win32"})
_SETTERS = frozenset({"hasattr", "getattr", "setattr", "delattr", "object"})
"""Functions that are given an attribute's name; `patch.object` is one of them."""


def stored_names(facts: Facts, world: World) -> frozenset[str]:
    """The attribute names that the file itself sets on something, or asks for with hasattr or getattr."""
    loaded = load(world, OWN)
    found = set(loaded.tables[0].stored) if isinstance(loaded, Loaded) else set()
    for call in facts.calls:
        if (dotted(call.node.func) or "").rpartition(".")[2] in _SETTERS:
            for arg in call.node.args[:2]:
                if isinstance(arg.value, cst.SimpleString):
                    found.add(str(arg.value.evaluated_value))
    return frozenset(found)


def on_another_platform(world: World, value: Value, name: str, *, calling: bool) -> bool:
    """Whether the attribute is there on another platform: such code is seldom meant for this one."""
    for platform in PLATFORMS - {world.platform}:
        if not isinstance(read(on_platform(world, platform), value, name, calling=calling), Missing):
            return True
    return False


def may_have(world: World, value: Value, name: str, *, calling: bool = False) -> bool:
    """Whether something outside a class's or module's own statements may give it the attribute."""
    try:
        return _may_have(world, value, name, calling=calling)
    except OSError:  # the rest of an archive cannot be reached: who cannot look does not accuse
        return True


def _may_have(world: World, value: Value, name: str, *, calling: bool) -> bool:
    if on_another_platform(world, value, name, calling=calling):
        return True
    match value:
        case ModuleValue():
            if _in_compiled(world, value.name, name) or _made_by_another(world, value.name, name):
                return True
            return set_elsewhere(world, value.name, name)
        case Instance():
            if not value.exact and (_mine_has(world, name) or _protocol(world, value)):
                return True
            if not value.exact and (own := packages.own_package(world.file)) and packages.defined(own, name):
                return True
            if value.module == OWN:
                return (
                    _set_by_name(world)
                    or _set_in_project(world, name)
                    or (not value.exact and not _plainly_made_here(world, value.name))
                )
            shown = compiled.shows(world, lineage(world, value.module, value.name), name)
            if shown or (shown is None and _in_compiled(world, value.module, name, value.name)):
                return True
            if set_elsewhere(world, value.module, name):
                return True
            return not value.exact and _in_subclass(world, value.module, value.name, name)
        case ClassValue():
            if set_elsewhere(world, value.module, name):
                return True
            return not value.exact and _in_subclass(world, value.module, value.name, name)
        case _:
            return True


def overridden(world: World, value: Value, method: str) -> bool:
    """Whether a call of a method may reach another one: that of a subclass, or of whatever fits a protocol."""
    try:
        return _overridden(world, value, method)
    except OSError:  # see may_have
        return True


def _overridden(world: World, value: Value, method: str) -> bool:
    if isinstance(value, ClassValue):
        value = Instance(value.module, value.name, exact=value.exact)
    if not isinstance(value, Instance) or value.exact:
        return False
    if _protocol(world, value) or _mine_has(world, method):
        return True
    if (own := packages.own_package(world.file)) and packages.defined(own, method):
        return True
    if value.module == OWN:
        return not _made_here(world, value.name) or _derived_here(world, value.name)
    return _in_subclass(world, value.module, value.name, method)


def _derived_here(world: World, name: str) -> bool:
    """Whether the file derives a class from one of its own."""
    return re.search(rf"^[ \t]*class\s+\w+\([^)]*\b{re.escape(name)}\b", world.text or "", re.MULTILINE) is not None


def _set_by_name(world: World) -> bool:
    """Whether the file sets attributes by names that it does not write."""
    return re.search(r"\bsetattr\(\s*[^,]+,\s*(?![\"'])", world.text or "") is not None


def _set_in_project(world: World, name: str) -> bool:
    """Whether another file of the package that the checked file lies in sets such an attribute."""
    folder = packages.own_package(world.file)
    return folder is not None and packages.stored(folder, name)


def _made_by_another(world: World, module: str, name: str) -> bool:
    """Whether another file of a package may make a sub-module of that name as it runs (`sys.modules`)."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or not loaded.package or loaded.distribution == STANDARD:
        return False
    return any(packages.makes_module(folder, name) for folder in packages.nearest(world, module))


def _protocol(world: World, value: Instance) -> bool:
    """Whether a class says only what its objects can do at least (PEP 544, and the abstract classes of `typing`)."""
    if value.module in {"typing", "typing_extensions", "_typeshed", "abc", "collections.abc", "numbers"}:
        return True
    statements = [each for each in nested(world, value.module, value.name) if isinstance(each, Class)]
    return any(text.partition("[")[0].rpartition(".")[2] == "Protocol" for each in statements for text in each.bases)


def _plainly_made_here(world: World, name: str) -> bool:
    """Whether the file makes objects of its class that are no other's: its `__new__` could choose a subclass."""
    found = member(world, OWN, name, "__new__")
    own = isinstance(found, Member) and found.base.module != "builtins"
    return not own and _made_here(world, name) and not _derived_here(world, name)


def _made_here(world: World, name: str) -> bool:
    """Whether the file itself calls a class of its own, so that its objects need no subclass to exist."""
    return re.search(rf"(?<![\w.]){re.escape(name)}\(", re.sub(r"class\s+\w+\(", "", world.text or "")) is not None


def _mine_has(world: World, name: str) -> bool:
    """Whether a class of the checked file, whose objects may stand for any other's, has the attribute."""
    loaded = load(world, OWN)
    if not isinstance(loaded, Loaded):
        return True
    return any(name in each.members or name in each.attributes for each in _classes(loaded))


def _classes(loaded: Loaded) -> Iterable[Class]:
    todo = [each for table in loaded.tables for found in table.names.values() for each in found]
    while todo:
        each = todo.pop()
        if isinstance(each, Class):
            yield each
            todo += [inner for found in each.members.values() for inner in found]


def set_elsewhere(world: World, module: str, name: str) -> bool:
    """Whether any file of the module's distribution assigns an attribute of that name to something."""
    return any(packages.stored(folder, name) for folder in packages.nearest(world, module))


def _in_subclass(world: World, module: str, name: str, attribute: str) -> bool:
    """Whether a class of the same distribution that derives from this one, however far, may have the attribute."""
    if module == "builtins" and name in _PLAIN:
        return False  # whoever says `str` means what every string can do
    folders = packages.folders(world, module)
    return not folders or any(
        packages.in_subclass(folder, name, attribute, _mention(world, module)) for folder in folders
    )


def _mention(world: World, module: str) -> str:
    """The word that a file of the same distribution has when it has to do with a module's classes."""
    loaded = load(world, module)
    standard = isinstance(loaded, Loaded) and loaded.distribution == STANDARD
    return module.partition(".")[0] if standard and module != "builtins" else ""


def only_in_stub(world: World, module: str, name: str) -> bool:
    """Whether nothing but a stub says what a function outside the standard library takes: it is compiled."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or loaded.distribution == STANDARD:
        return False
    return all(stub for stub, _ in sources(world, module, name))


def only_by_place(world: World, module: str, name: str) -> bool:
    """Whether a stub gives a compiled function positional-only parameters, whose real names nobody can read."""
    functions = [each for _, found in sources(world, module, name) for each in found if isinstance(each, Function)]
    return any(
        parameter.kind == "/" and parameter.name != "self" for each in functions for parameter in each.parameters
    )


def _in_compiled(world: World, module: str, name: str, known: str = "") -> bool:
    """Whether a compiled module may have a name that its stub leaves out: the name's letters are in the file.

    A file without even the letters of what the stub is known to have is no witness: it only loads another one.
    """
    file = compiled.file(world, module)
    if file is None:
        return False
    try:
        letters = contents(file)
    except OSError:
        return True
    return name.encode() in letters or known.rpartition(".")[2].encode() not in letters
