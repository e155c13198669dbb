"""What an expression may stand for, as far as files can tell: modules, classes, instances, functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """An imported module."""

    name: str


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class itself, by the module that defines it and its qualified name there; `args` are its type arguments."""

    module: str
    name: str
    args: tuple[Types, ...] = ()
    exact: bool = True
    """Not a subclass of it, which `type[…]` allows."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class; `exact` when the class itself was called, so that no subclass can be meant."""

    module: str
    name: str
    args: tuple[Types, ...] = ()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function or method; `receiver` is what it was taken from, when that becomes its first argument."""

    module: str
    name: str
    receiver: Value | None = None
    owner: str = ""
    """The qualified name of the class whose statement holds the method."""


@dataclass(frozen=True, slots=True)
class Special:
    """A form of the typing module (`Optional`, `Literal`, …), or a type variable (`T` of module `m`)."""

    name: str
    module: str = "typing"
    variable: bool = False


Value: TypeAlias = ModuleValue | ClassValue | Instance | FunctionValue | Special
Types: TypeAlias = tuple[Value, ...]
"""The values that an expression may have; empty when one of them is unknown."""

NONE = Instance("types", "NoneType")
TYPING = frozenset({"typing", "typing_extensions", "_typeshed"})
"""The modules whose names are forms of the type system rather than classes."""


def builtin(name: str, *args: Types, exact: bool = True) -> Instance:
    """An instance of a class of builtins."""
    return Instance("builtins", name, args, exact)


def join(left: Types, right: Types) -> Types:
    """What is one or the other; unknown when one of them is."""
    return tuple(dict.fromkeys(left + right)) if left and right else ()


def any_of(parts: Iterable[Types]) -> Types:
    """What is one of several; unknown when one of them is."""
    joined: Types | None = None
    for each in parts:
        joined = each if joined is None else join(joined, each)
    return joined or ()


def without_none(types: Types) -> Types:
    """The values that are not None: what an attribute or a call can mean."""
    return tuple(each for each in types if each != NONE)


def class_of(value: Value) -> tuple[ClassValue, ...]:
    """The class of an object; a class itself stands for its own."""
    match value:
        case Instance():
            return (ClassValue(value.module, value.name, value.args, exact=value.exact),)
        case ClassValue():
            return (value,)
        case _:
            return ()


def path(value: Value) -> str:
    """The dotted path of a value, for messages and tables."""
    match value:
        case ModuleValue():
            return value.name
        case _:
            return f"{value.module}.{value.name}"
