"""What calls give: objects of the class that is called, or what a function's annotation or only `return` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import libcst as cst

from verifier.symbols import attributes, constants, defined, expressions, generics, hints
from verifier.symbols.bases import Base, lineage
from verifier.symbols.classes import Member, member
from verifier.symbols.decorators import Effect, effect, makes_context
from verifier.symbols.frames import Arguments
from verifier.symbols.known import known_paths
from verifier.symbols.model import Function
from verifier.symbols.modules import World, stores, trusted
from verifier.symbols.names import nested, sources
from verifier.symbols.signatures import is_overload, refusals
from verifier.symbols.trees import parsed
from verifier.symbols.values import TYPING, ClassValue, FunctionValue, Instance, Types, Value, builtin

_PLAIN = frozenset({"builtins", "numpy", "types"})


def result(world: World, value: Value, arguments: Arguments | None) -> Types:
    """What calling a value gives."""
    match value:
        case ClassValue():
            return _constructed(world, value, arguments)
        case FunctionValue() if f"{value.module}.{value.name}" not in known_paths()["makers"]:
            return _function_result(world, value, arguments)
        case Instance():
            answer = attributes.read(world, value, "__call__")
            if isinstance(answer, tuple) and len(answer) == 1 and isinstance(answer[0], FunctionValue):
                return result(world, answer[0], arguments)
            return ()
        case _:
            return ()


def _constructed(world: World, value: ClassValue, arguments: Arguments | None) -> Types:
    if value.module in {*TYPING, "enum"} or (value.module == "builtins" and value.name in {"type", "super"}):
        return ()
    made = Instance(value.module, value.name, value.args, exact=value.exact)
    found = member(world, value.module, value.name, "__new__")
    if not isinstance(found, Member) or (found.base.module, found.base.name) == ("builtins", "object"):
        return (_with_arguments(world, made, arguments),)
    functions = [each for each in found.definitions if isinstance(each, Function)]
    if not functions or any(each.returns is None for each in functions):
        return ()
    qualified = f"{found.base.name}.__new__"
    some = _function_result(world, FunctionValue(found.base.module, qualified, made, found.base.name), arguments)
    stub = all(one for one, _ in sources(world, found.base.module, found.base.name))
    # `__new__` in a source may give back an object of another class than the annotation's
    return tuple(replace(each, exact=stub) if isinstance(each, Instance) else each for each in some)


def _with_arguments(world: World, made: Instance, arguments: Arguments | None) -> Instance:
    """An instance with the type arguments that its constructor's arguments decide."""
    names = generics.type_parameters(world, made.module, made.name)
    if made.args or not names or arguments is None:
        return made
    found = member(world, made.module, made.name, "__init__")
    if not isinstance(found, Member) or found.base.name != made.name:
        return made
    functions = [each for each in found.definitions if isinstance(each, Function)]
    solved: dict[str, Types] = {}
    for each in functions:
        if not refusals(each, arguments.shape, bound=True):
            solved = generics.solve(world, found.base.module, each, arguments, bound=True)
            break
    return replace(made, args=tuple(solved.get(name, ()) for name in names)) if solved else made


def _function_result(world: World, value: FunctionValue, arguments: Arguments | None) -> Types:
    functions = [each for each in nested(world, value.module, value.name) if isinstance(each, Function)]
    overloads = [each for each in functions if is_overload(each)]
    bound = value.receiver is not None
    if value.module.partition(".")[0] == "numpy" and not bound and not _plain_arguments(value, arguments):
        return ()
    if (row := _row(value, arguments)) is not None:
        return row
    joined: dict[Value, None] = {}
    meant = _candidates(overloads, arguments, bound=bound) if overloads else [(each, False) for each in functions]
    for each, sure in meant:
        some = returned(world, value.module, each, value.owner, value.receiver, arguments)
        if not some:
            return ()
        joined.update(dict.fromkeys(some))
        if sure:
            break
    hidden = arguments is not None and (arguments.shape.star or arguments.shape.stars)
    return () if hidden and len(joined) > 1 else tuple(joined)


def _row(value: FunctionValue, arguments: Arguments | None) -> Types | None:
    """What `plt.subplots(1, 3)` gives, whose annotation says `Any` for a row of axes: a figure and a sequence."""
    if arguments is None or (value.module, value.name) != ("matplotlib.pyplot", "subplots"):
        return None
    sizes: dict[str, int | None] = {"nrows": 1, "ncols": 1}
    for name, each in zip(sizes, arguments.node.args, strict=False):
        if each.keyword is None and not each.star:
            sizes[name] = constants.integer(each.value)
    for each in arguments.node.args:
        if each.star or (each.keyword is not None and each.keyword.value in {"squeeze", "subplot_kw"}):
            return None
        if each.keyword is not None and each.keyword.value in sizes:
            sizes[each.keyword.value] = constants.integer(each.value)
    rows, columns = sizes.values()
    if rows is None or columns is None or (rows > 1) == (columns > 1):
        return None
    axes = Instance("matplotlib.axes._axes", "Axes")
    figure = Instance("matplotlib.figure", "Figure")
    return (builtin("tuple", (figure,), (Instance("typing", "Sequence", ((axes,),)),)),)


def _plain_arguments(value: FunctionValue, arguments: Arguments | None) -> bool:
    """Whether a numpy function gets nothing that would make the result its own (NEP 18: a Series stays a Series)."""
    if arguments is None or value.name in known_paths()["array-makers"]:
        return True
    for each in arguments.node.args:
        types = expressions.evaluate(each.value, arguments.frame, arguments.depth + 1)
        if not types or any(
            not isinstance(one, Instance) or one.module.partition(".")[0] not in _PLAIN for one in types
        ):
            return False
    return True


def _candidates(overloads: list[Function], arguments: Arguments | None, *, bound: bool) -> list[tuple[Function, bool]]:
    """The overloads that a call may mean, in order, each with whether it surely fits where they differ."""
    if arguments is None:
        return [(each, False) for each in overloads]
    shape = arguments.shape
    left = [each for each in overloads if not refusals(each, shape, bound=bound)]
    given = [arguments.given(each, bound=bound) for each in left]
    left_given = [(f, g) for f, g in zip(left, given, strict=True) if constants.fits(f, g) is not False]
    deciding = _deciding([function for function, _ in left_given])
    whole = not shape.star and not shape.stars
    return [(function, whole and _sure(function, names, deciding)) for function, names in left_given]


def _deciding(overloads: list[Function]) -> frozenset[str]:
    """The parameters by whose annotations overloads differ."""
    ways: dict[str, set[str | None]] = {}
    for function in overloads:
        for parameter in function.parameters:
            ways.setdefault(parameter.name, set()).add(parameter.annotation)
    return frozenset(name for name, allowed in ways.items() if len(allowed) > 1)


def _sure(function: Function, given: Mapping[str, cst.BaseExpression], deciding: frozenset[str]) -> bool:
    """Whether an overload is the one meant: where they differ, its arguments fit, and its defaults are literals."""
    if constants.fits(function, {name: each for name, each in given.items() if name in deciding}) is not True:
        return False
    left_out = [each for each in function.parameters if each.name in deciding - given.keys() and each.kind in {"", "k"}]
    return all(constants.only_literals(each.annotation) for each in left_out if not each.required)


def returned(
    world: World,
    module: str,
    function: Function,
    owner: str,
    receiver: Value | None,
    arguments: Arguments | None = None,
) -> Types:
    """What one statement of a function gives back, by its annotation or its only `return`."""
    kind = effect(world, module, function)
    if kind is Effect.UNKNOWN:
        return ()
    text = function.returns if function.returns is not None else function.result
    node = parsed(text) if text is not None else None
    if node is None or (function.returns is not None and not trusted(world, module)):
        return ()
    solved: dict[str, Types] = {}
    if receiver is not None:
        if isinstance(receiver, Instance | ClassValue) and owner:
            base = _base_of(world, receiver, module, owner)
            if base is not None:
                solved |= generics.substitution(world, base, receiver)
        first = function.parameters[0].annotation if function.parameters else None
        if first is not None and first.isidentifier():
            solved[first] = (receiver,)
    if arguments is not None and function.returns is not None:
        solved |= generics.solve(world, module, function, arguments, bound=receiver is not None)
    if function.returns is not None:
        types = hints.annotate(node, defined.ModuleFrame(world, module, owner, receiver, solved))
        if function.decorates != "same" and any(isinstance(each, ClassValue) and not each.exact for each in types):
            # `type[Base]` may be a class that the body makes: its base there is a parameter, so that no text tells
            return ()
    elif function.generator or stores(world, module, "__class__"):
        return ()
    else:
        hidden = frozenset(each.name for each in function.parameters) - {"self", "cls"}
        types = expressions.evaluate(node, defined.ModuleFrame(world, module, owner, receiver, solved, hidden))
    if function.is_async and not function.generator:
        return (Instance("typing", "Coroutine", ((), (), types)),)
    if makes_context(world, module, function):
        inner = tuple(one for each in types if isinstance(each, Instance) and each.args for one in each.args[0])
        return (Instance("contextlib", "_GeneratorContextManager", (inner, (), ())),)
    return types


def _base_of(world: World, receiver: Instance | ClassValue, module: str, owner: str) -> Base | None:
    for each in lineage(world, receiver.module, receiver.name).bases:
        if (each.module, each.name) == (module, owner):
            return each
    return None
