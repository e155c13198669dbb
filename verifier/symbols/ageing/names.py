"""Names that are deprecated where they are read: by `__getattr__`, as properties, or as what wraps another."""

from __future__ import annotations

import ast

from verifier.symbols.ageing import decorators
from verifier.symbols.ageing.texts import ASKED
from verifier.symbols.classes import Member, member
from verifier.symbols.model import Class, Definition, Function, Variable
from verifier.symbols.modules import Loaded, World, deeper, load
from verifier.symbols.names import sources
from verifier.symbols.trees import callee, last_name
from verifier.symbols.values import ClassValue, Instance
from verifier.world.installed import Missing, Unknown

_READ = frozenset(
    {
        "property",
        "cached_property",
        "cache_readonly",
        "classproperty",
        "abstractproperty",
        "lazy_property",
        "memoized_property",
    }
)


def answered(world: World, module: str, name: str) -> str | None:
    """What a module's `__getattr__` says when it is asked for a name (PEP 562); None where it says nothing."""
    loaded: Loaded | Missing | Unknown | None = load(world, module)
    found: str | None = None
    while isinstance(loaded, Loaded):
        for table in loaded.tables:
            if not all(each.typing_only for each in table.names.get(name, ())):
                return None
            for each in table.names.get("__getattr__", ()):
                found = found if found is not None else _answered(each, name)
        loaded = deeper(world, loaded)
    return found


def _answered(definition: Definition, name: str) -> str | None:
    match definition:
        case Function(parameters=(first, *_)):
            said = [each for each in definition.aged if each.parameter == first.name and repr(name) in each.values]
            return said[0].message.replace(ASKED, name) if said else None
        case Class():
            # matplotlib's way: a class with a property for each name
            methods = [each for each in definition.members.get(name, ()) if isinstance(each, Function)]
            return methods[0].deprecated if len(methods) == 1 else None
        case _:
            return None


def read_as(world: World, module: str, qualified: str) -> str | None:
    """What is said of a name that a deprecating wrapper made, or that the module's `__getattr__` answers."""
    if "." not in qualified and (message := answered(world, module, qualified)) is not None:
        return message
    for stub, statements in sources(world, module, qualified):
        if not stub and statements and not any(getattr(each, "conditional", False) for each in statements):
            said = [_wrapped(each) for each in statements]
            if said[0] is not None and None not in said:
                return said[0]
    return None


def _wrapped(definition: Definition) -> str | None:
    """The message of `name = deprecated("…")(function)` or `name = deprecated("…", function)`."""
    if not isinstance(definition, Variable) or not definition.value or "eprecat" not in definition.value:
        return None
    try:
        tree = ast.parse(definition.value, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    match tree:
        case ast.Call(func=ast.Call() as inner):
            return decorators.whole(inner)
        case ast.Call():
            return decorators.whole(tree)
        case _:
            return None


def attribute(world: World, value: Instance | ClassValue, name: str) -> str | None:
    """What is said when an attribute of an object is read: by its property, or by what the class body wraps it in."""
    found = member(world, value.module, value.name, name)
    if not isinstance(found, Member) or not found.definitions:
        return None
    said: list[str | None] = []
    for each in found.definitions:
        match each:
            case Function() if isinstance(value, Instance) and any(
                last_name(callee(d)) in _READ for d in each.decorators
            ):
                said.append(each.deprecated)
            case Variable():
                said.append(_wrapped(each))
            case _:
                return None
    return said[0] if None not in said else None
