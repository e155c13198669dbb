"""The members of classes: what defines an attribute, or that nothing does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from verifier.symbols import compiled
from verifier.symbols.bases import Base, Lineage, lineage, remade
from verifier.symbols.known import known_paths, left_out
from verifier.symbols.model import Class, Definition, Function, Variable
from verifier.symbols.modules import World
from verifier.symbols.names import nearest, nested, sources
from verifier.symbols.trees import callee, last_name
from verifier.world.installed import Missing, Unknown

_UNSAID = (Variable("", 0),)
_MACHINERY = re.compile(r"_abc_impl$|_is_(?:runtime_)?protocol$|_[a-zA-Z]\w*?__\w*[a-zA-Z0-9]_?$")
"""What `abc` and `typing` set on classes, and how names that begin with two underscores look from outside."""
_ANSWERING = ("__getattr__", "__getattribute__")


@dataclass(frozen=True, slots=True)
class Member:
    """What defines an attribute: the base that holds it and its statements."""

    base: Base
    definitions: tuple[Definition, ...]


def member(
    world: World, module: str, name: str, attribute: str, *, calling: bool = False, after: tuple[str, str] | None = None
) -> Member | Missing | Unknown:
    """What `attribute` is on an object of a class; `after` skips the order up to and with that class, for `super()`.

    With `calling`, a class whose fallback answers only data (columns, keys) counts as one without a fallback.
    """
    line = lineage(world, module, name)
    bases = line.bases
    if after is not None:
        index = next((i for i, each in enumerate(bases) if (each.module, each.name) == after), None)
        if index is None:
            return Unknown(f"{after[1]} is no base of {name}")
        bases = bases[index + 1 :]
    for index, base in enumerate(bases):
        for statement in base.statements:
            own, given = statement.members.get(attribute, ()), statement.attributes.get(attribute, ())
            if given and (setting := _property(bases[index:], attribute)):
                return setting
            if found := (*own, *given):
                return Member(base, found if _said_once(found, bases[index + 1 :], attribute) else _UNSAID)
    if found_in_source := _in_source(world, bases, attribute):
        return found_in_source
    if line.opaque:
        return Unknown(line.open or f"{name} may be made into anything")
    root = nested(world, "builtins", "object")
    for each in root:
        if isinstance(each, Class) and attribute in each.members:
            return Member(Base("builtins", "object", (each,)), each.members[attribute])
    return _absent(world, replace(line, bases=bases), module, name, attribute, calling=calling)


def _property(bases: Sequence[Base], attribute: str) -> Member | None:
    """The property that an assignment to the object's attribute goes to: it comes before what objects hold."""
    for base in bases:
        for statement in base.statements:
            if found := statement.members.get(attribute):
                mine = tuple(each for each in found if isinstance(each, Function) and _is_property(each))
                return Member(base, mine) if len(mine) == len(found) else None
    return None


def _is_property(function: Function) -> bool:
    """Whether a method is read as an attribute that nobody can put another value over."""
    return any(last_name(each) in {"property", "abstractproperty", "setter"} for each in function.decorators)


def _said_once(found: Sequence[Definition], above: Sequence[Base], attribute: str) -> bool:
    """Whether a value without annotation is given in one class only; methods of several may each assign another."""
    if not all(isinstance(each, Variable) and each.annotation is None for each in found):
        return True
    return not any(attribute in s.attributes or attribute in s.members for base in above for s in base.statements)


def _in_source(world: World, bases: Sequence[Base], attribute: str) -> Member | None:
    """The attribute in the source beside a stub: stubs leave things out."""
    for base in bases:
        for stub, statements in sources(world, base.module, base.name):
            if stub:
                continue
            for statement in statements:
                if isinstance(statement, Class):
                    found = (*statement.members.get(attribute, ()), *statement.attributes.get(attribute, ()))
                    if found:
                        return Member(base, tuple(found))
    return None


def _absent(world: World, line: Lineage, module: str, name: str, attribute: str, *, calling: bool) -> Missing | Unknown:
    if _MACHINERY.match(attribute) or any(
        attribute in left_out().get(f"{base.module}.{base.name}", ()) for base in line.bases
    ):
        return Unknown(f"{attribute} is there although no file tells")
    closed = calling and any(f"{each.module}.{each.name}" in known_paths()["closed-for-calls"] for each in line.bases)
    if line.open and not closed:
        return Unknown(line.open)
    if closed and any(
        answering in statement.members
        for base in line.bases
        if f"{base.module}.{base.name}" not in known_paths()["closed-for-calls"]
        for statement in base.statements
        for answering in _ANSWERING
    ):
        return Unknown("a class among the bases answers attributes itself")
    if not closed:
        for base in line.bases:
            if f"{base.module}.{base.name}" in known_paths()["open"]:
                return Unknown(f"{base.name} has attributes that no file names")
            for statement in base.statements:
                for answering in _ANSWERING:
                    if any(
                        not (isinstance(each, Variable) and each.value == "None")
                        for each in statement.members.get(answering, ())
                    ):
                        return Unknown(f"{base.name}.{answering} may answer it")
    if not closed and (why := _open_in_source(world, line)):
        return Unknown(why)
    if attribute.startswith(("get_", "set_")) and _has_aliases(world, line):
        return Unknown(f"{attribute} may be an alias that a decorator makes")
    if attribute.startswith("__") or (attribute.startswith("_") and _may_leave_out(world, line, attribute)):
        return Unknown(f"{attribute} is private or the language's own")
    near = nearest(attribute, _public(line))
    looked = ", ".join(f"{each.module}.{each.name}" for each in line.bases)
    return Missing(f"{module}.{name} has no {attribute} (read {looked})", near)


def _open_in_source(world: World, line: Lineage) -> str | None:
    """Why the source beside a stub may give one of the classes more than the stub says."""
    for base in line.bases:
        files = dict(sources(world, base.module, base.name))
        if True not in files or f"{base.module}.{base.name}" in known_paths()["closed"]:
            continue
        for statement in files.get(False, ()):
            if isinstance(statement, Class) and (why := statement.open or remade(world, base.module, statement)):
                return f"{base.name}: {why}"
    return None


def _has_aliases(world: World, line: Lineage) -> bool:
    """Whether a decorator of matplotlib's gives one of the classes accessors under other names."""
    return any(
        isinstance(each, Class) and any(last_name(callee(text)) == "define_aliases" for text in each.decorators)
        for base in line.bases
        for _, statements in sources(world, base.module, base.name)
        for each in statements
    )


def _may_leave_out(world: World, line: Lineage, attribute: str) -> bool:
    """Whether one of the classes may have a private name although no stub says so: stubs leave private names out."""
    stubs = any(stub for base in line.bases for stub, _ in sources(world, base.module, base.name))
    return stubs and compiled.shows(world, line, attribute) is not False


def names_of(world: World, module: str, name: str) -> frozenset[str]:
    """Every public attribute that the class and its bases name."""
    return _public(lineage(world, module, name))


def _public(line: Lineage) -> frozenset[str]:
    found = {each for base in line.bases for s in base.statements for each in (*s.members, *s.attributes)}
    return frozenset(each for each in found if not each.startswith("_"))
