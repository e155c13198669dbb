"""The `def` statements that a call reaches, in stub and source."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.symbols.bases import lineage
from verifier.symbols.classes import Member, member
from verifier.symbols.constructors import fields_of, opaque
from verifier.symbols.decorators import Effect, effect
from verifier.symbols.model import Function
from verifier.symbols.modules import World
from verifier.symbols.names import sources
from verifier.symbols.values import ClassValue, FunctionValue, Instance, Value

_FIRST = frozenset({"self", "cls", "mcs", "metacls"})


@dataclass(frozen=True, slots=True)
class Target:
    """One `def` that a call reaches, whether its first parameter has its argument already, and for which object."""

    function: Function
    module: str
    owner: str
    bound: bool
    receiver: Value | None
    stub: bool = False
    """A stub says it, whose body tells nothing of its `**kwargs`."""


def targets_of(world: World, value: Value) -> list[Target] | None:
    """Every statement that a call of a value reaches; None where that is not known."""
    match value:
        case FunctionValue():
            return of_function(world, value)
        case ClassValue():
            if fields_of(world, value) is not None or opaque(world, value):
                return None
            found = member(world, value.module, value.name, "__init__")
            if isinstance(found, Member) and found.base.module == "builtins" and found.base.name == "object":
                found = member(world, value.module, value.name, "__new__")
            made = Instance(value.module, value.name, exact=True)
            return of_member(world, found, made) if isinstance(found, Member) else None
        case _:
            return None


def of_function(world: World, value: FunctionValue) -> list[Target] | None:
    """Every statement of a function, in stub and source; None where one of them is decorated beyond knowing."""
    found: list[Target] = []
    bound = value.receiver is not None
    for stub, statements in sources(world, value.module, value.name):
        for each in statements:
            if not isinstance(each, Function) or effect(world, value.module, each) in {Effect.UNKNOWN, Effect.PROPERTY}:
                return None
            if bound and _written_without_object(world, each, value.receiver):
                return None
            found.append(Target(each, value.module, value.owner, bound, value.receiver, stub))
    return found or None


def of_member(world: World, found: Member, receiver: Value) -> list[Target] | None:
    """The statements of a member, called on an object; None where one of them is decorated beyond knowing."""
    targets: list[Target] = []
    stub = any(stub for stub, _ in sources(world, found.base.module, found.base.name))
    for each in found.definitions:
        kind = effect(world, found.base.module, each) if isinstance(each, Function) else Effect.UNKNOWN
        if not isinstance(each, Function) or kind in {Effect.UNKNOWN, Effect.PROPERTY}:
            return None
        bound = kind is not Effect.STATIC
        if bound and _written_without_object(world, each, receiver):
            return None
        targets.append(Target(each, found.base.module, found.base.name, bound, receiver, stub))
    return targets


def with_sources(world: World, found: Member, receiver: Value, name: str) -> list[Target] | None:
    """The statements of a constructor's method in stub and source."""
    targets = of_member(world, found, receiver)
    if targets is None:
        return None
    for _, statements in sources(world, found.base.module, f"{found.base.name}.{name}"):
        for each in statements:
            if not isinstance(each, Function) or effect(world, found.base.module, each) is Effect.UNKNOWN:
                return None
            if each not in [one.function for one in targets]:
                targets.append(Target(each, found.base.module, found.base.name, True, receiver))
    return targets


def _written_without_object(world: World, function: Function, receiver: Value | None) -> bool:
    """Whether a method is one of an interface, which are written without the object (zope.interface)."""
    first = function.parameters[0].name if function.parameters else ""
    if first in _FIRST or first.startswith("_") or not isinstance(receiver, Instance | ClassValue):
        return False
    return lineage(world, receiver.module, receiver.name).opaque
