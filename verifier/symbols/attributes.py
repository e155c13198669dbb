"""What an attribute of a value is: of a module, a class, or an object of one."""

from __future__ import annotations

from verifier.symbols import defined, expressions, generics, hints, results
from verifier.symbols.bases import Base, is_enum, lineage
from verifier.symbols.classes import Member, member
from verifier.symbols.decorators import Effect, effect
from verifier.symbols.model import Class, Definition, Function, Import, Variable
from verifier.symbols.modules import World, stores
from verifier.symbols.names import find, imported
from verifier.symbols.trees import last_name, parsed
from verifier.symbols.values import (
    TYPING,
    ClassValue,
    FunctionValue,
    Instance,
    ModuleValue,
    Types,
    Value,
    class_of,
    without_none,
)
from verifier.world.installed import Missing, Unknown


def attributes(world: World, types: Types, name: str) -> Types:
    """What an attribute of any of these values may be."""
    found: dict[Value, None] = {}
    for each in without_none(types):
        answer = read(world, each, name)
        if not isinstance(answer, tuple) or not answer:
            return ()
        found.update(dict.fromkeys(answer))
    return tuple(found)


def read(world: World, value: Value, name: str, *, calling: bool = False) -> Types | Missing | Unknown:
    """What an attribute of a value is; the empty tuple where it exists and nothing more is known."""
    match value:
        case ModuleValue():
            answer = find(world, value.name, name)
            return defined.values(world, answer) if isinstance(answer, tuple) else answer
        case Instance():
            found = member(world, value.module, value.name, name, calling=calling)
            return member_types(world, found, name, value) if isinstance(found, Member) else found
        case ClassValue():
            return _of_class(world, value, name)
        case _:
            return Unknown("functions take any attribute")


def _of_class(world: World, value: ClassValue, name: str) -> Types | Missing | Unknown:
    found = member(world, value.module, value.name, name)
    if isinstance(found, Member):
        return member_types(world, found, name, value)
    plain = ("abc", "ABCMeta") if value.module in TYPING else ("builtins", "type")
    module, kind = lineage(world, value.module, value.name).metaclass or plain
    higher = member(world, module, kind, name)
    if isinstance(higher, Member):
        return member_types(world, higher, name, Instance(module, kind))
    return higher if isinstance(higher, Unknown) else found


def member_types(world: World, found: Member, name: str, receiver: Instance | ClassValue) -> Types:
    """What a class's attribute is when taken from an object or the class."""
    joined: dict[Value, None] = {}
    base = found.base
    for definition in found.definitions:
        some = _member_type(world, base, definition, name, receiver)
        if not some:
            return ()
        joined.update(dict.fromkeys(some))
    return tuple(joined)


def _member_type(world: World, base: Base, definition: Definition, name: str, receiver: Instance | ClassValue) -> Types:
    qualified = f"{base.name}.{name}"
    match definition:
        case Function():
            kind = effect(world, base.module, definition)
            if kind is Effect.PROPERTY and isinstance(receiver, Instance):
                return results.returned(world, base.module, definition, base.name, receiver)
            if kind in {Effect.PROPERTY, Effect.UNKNOWN}:
                return ()
            bound: Value | None = receiver if isinstance(receiver, Instance) else None
            if kind is Effect.CLASS:
                bound = class_of(receiver)[0]
            if name == "__new__":
                bound = None
            return (FunctionValue(base.module, qualified, None if kind is Effect.STATIC else bound, base.name),)
        case Class():
            return (ClassValue(base.module, qualified),)
        case Variable():
            line = lineage(world, receiver.module, receiver.name)
            said = definition.annotation is None and definition in base.values(name)
            if said and (line.open or stores(world, base.module, name)):
                return ()  # what a class body says may be replaced by a metaclass, a decorator or other code
            return _member_variable(world, base, definition, receiver)
        case Import():
            some = defined.values(world, imported(world, definition))
            return () if any(isinstance(each, FunctionValue) for each in some) else some


def _member_variable(world: World, base: Base, variable: Variable, receiver: Instance | ClassValue) -> Types:
    frame = defined.ModuleFrame(world, base.module, base.name, receiver, generics.substitution(world, base, receiver))
    text = variable.annotation
    if text is not None and last_name(text) not in {"Final", "ClassVar"}:
        node = parsed(text)
        types = hints.annotate(node, frame) if node is not None else ()
    elif is_enum(world, receiver.module, receiver.name):
        return (Instance(receiver.module, receiver.name, exact=True),)
    else:
        node = parsed(variable.value) if variable.value is not None else None
        types = expressions.evaluate(node, frame) if node is not None else ()
    for each in types:
        if isinstance(each, Instance) and _may_be_descriptor(world, each):
            return ()
        if isinstance(each, FunctionValue):
            return ()
    return types


def _may_be_descriptor(world: World, value: Instance) -> bool:
    """Whether a class attribute of that class gives something else when it is read (Descriptor HowTo Guide)."""
    if lineage(world, value.module, value.name).opaque:
        return True
    methods = ("__get__", "__set__", "__delete__")
    return any(isinstance(member(world, value.module, value.name, each), Member) for each in methods)
