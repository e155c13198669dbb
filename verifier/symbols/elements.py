"""What loops, unpacking, subscripts, `with` and `await` take out of a value."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from verifier.symbols import attributes, constants, hints, results
from verifier.symbols.bases import is_enum
from verifier.symbols.frames import Arguments, Frame
from verifier.symbols.modules import World
from verifier.symbols.values import ClassValue, Instance, Special, Types, Value, any_of, join, without_none

_ITERATORS = frozenset({"Iterator", "Iterable", "Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator"})
_AWAITED = {"Coroutine": 2, "CoroutineType": 2, "Awaitable": 0, "Future": 0, "Task": 0}
"""Which type argument `await` gives."""


def iterate(world: World, types: Types, *, asynchronous: bool = False) -> Types:
    """What a loop over any of these values binds."""
    joined: Types | None = None
    for each in without_none(types):
        found = _element(world, each, asynchronous=asynchronous)
        if not found:
            return ()
        joined = found if joined is None else join(joined, found)
    return joined or ()


def _element(world: World, value: Value, *, asynchronous: bool) -> Types:
    if isinstance(value, ClassValue):
        if is_enum(world, value.module, value.name):
            return (Instance(value.module, value.name, exact=True),)
        return ()
    if not isinstance(value, Instance):
        return ()
    if value.name == "tuple" and value.module == "builtins":
        return any_of([each for each in value.args if each != (Special("..."),)])
    if value.name in _ITERATORS and value.args:
        return value.args[0]
    before, after = ("__aiter__", "__anext__") if asynchronous else ("__iter__", "__next__")
    iterators = call_method(world, value, before)
    joined: Types | None = None
    for each in iterators:
        if isinstance(each, Instance) and each.name in _ITERATORS and each.args:
            found = each.args[0]
        else:
            found = call_method(world, each, after)
            found = awaited(found) if asynchronous else found
        joined = found if joined is None else join(joined, found)
    return joined or ()


def entered(world: World, types: Types, *, asynchronous: bool = False) -> Types:
    """What `with` binds for any of these values."""
    joined: Types | None = None
    for each in without_none(types):
        found = call_method(world, each, "__aenter__" if asynchronous else "__enter__")
        found = awaited(found) if asynchronous else found
        joined = found if joined is None else join(joined, found)
    return joined or ()


def unpacked(world: World, types: Types, index: int, count: int) -> Types:
    """The element of that index when any of these values is unpacked into so many targets (no starred one)."""
    joined: Types | None = None
    for each in types:
        if isinstance(each, Instance) and each.name == "tuple" and each.module == "builtins":
            variable = each.args[-1:] == ((Special("..."),),)
            found = each.args[0] if variable else each.args[index] if len(each.args) == count else ()
        else:
            found = _element(world, each, asynchronous=False)
        if not found:
            return ()
        joined = found if joined is None else join(joined, found)
    return joined or ()


def item(node: cst.Subscript, value: Value, frame: Frame, depth: int) -> Types:
    """What a subscript takes out of a value; of a class, the class with those type arguments."""
    world = frame.world
    inner = [each.slice for each in node.slice]
    if isinstance(value, ClassValue):
        args = tuple(hints.annotate(each.value, frame, depth) for each in inner if isinstance(each, cst.Index))
        return (replace(value, args=args),)
    if not isinstance(value, Instance):
        return ()
    if len(inner) == 1 and isinstance(inner[0], cst.Slice):
        sliceable = {"list", "str", "bytes", "bytearray"}
        return (value,) if value.module == "builtins" and value.name in sliceable else ()
    if value.name == "tuple" and value.module == "builtins" and len(inner) == 1 and isinstance(inner[0], cst.Index):
        if value.args[-1:] == ((Special("..."),),):
            return value.args[0]
        index = constants.integer(inner[0].value)
        return value.args[index] if index is not None and -len(value.args) <= index < len(value.args) else ()
    if len(inner) != 1 or not isinstance(inner[0], cst.Index):
        return ()
    call = cst.Call(cst.Name("__getitem__"), [cst.Arg(inner[0].value)])
    return call_method(world, value, "__getitem__", Arguments(call, frame, depth))


def call_method(world: World, value: Value, name: str, arguments: Arguments | None = None) -> Types:
    """What calling a method of a value gives."""
    answer = attributes.read(world, value, name)
    if not isinstance(answer, tuple) or len(answer) != 1:
        return ()
    return results.result(world, answer[0], arguments)


def awaited(types: Types) -> Types:
    """What `await` gives for any of these values."""
    found: Types | None = None
    for each in types:
        index = _AWAITED.get(each.name) if isinstance(each, Instance) else None
        if index is None or not isinstance(each, Instance) or len(each.args) <= index:
            return ()
        found = each.args[index] if found is None else join(found, each.args[index])
    return found or ()
