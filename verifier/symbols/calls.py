"""Whether a call of a function, method or class must fail on its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.symbols.attributes import read
from verifier.symbols.classes import Member, member
from verifier.symbols.constructors import fields_of, opaque
from verifier.symbols.decorators import added_keywords, relaxed
from verifier.symbols.forwarding import accepted
from verifier.symbols.model import Parameter
from verifier.symbols.modules import World
from verifier.symbols.names import nested
from verifier.symbols.signatures import Refusal, RefusalKind, Shape, is_overload, named, refusals, refused, takes_any
from verifier.symbols.targets import Target, of_function, with_sources
from verifier.symbols.values import ClassValue, FunctionValue, Instance, Value

_ORDER = (RefusalKind.KEYWORD, RefusalKind.BY_NAME, RefusalKind.POSITIONAL, RefusalKind.TWICE, RefusalKind.MISSING)
"""Of several reasons, the one that says most comes first."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call fails: why, on which function, defined where, and what it would accept."""

    refusal: Refusal
    function: str
    module: str
    line: int
    accepts: tuple[str, ...]
    through: tuple[str, ...] = ()
    """The functions that the keyword was passed on to, none of which takes it."""


def check(world: World, value: Value, shape: Shape) -> Refused | None:
    """Why a call must fail, None when it may work or that cannot be told."""
    match value:
        case FunctionValue():
            return _judge(world, of_function(world, value), shape)
        case ClassValue():
            return _constructor(world, value, shape)
        case Instance():
            answer = read(world, value, "__call__")
            if isinstance(answer, tuple) and len(answer) == 1 and isinstance(answer[0], FunctionValue):
                return check(world, answer[0], shape)
            return None
        case _:
            return None


def _judge(world: World, targets: Sequence[Target] | None, shape: Shape) -> Refused | None:
    """The refusal that all statements of a function agree on."""
    if not targets:
        return None
    verdicts: list[Refused] = []
    overloaded = {each.stub for each in targets if is_overload(each.function)}
    sourced = any(not each.stub for each in targets)
    closed = {each.stub for each in targets if not is_overload(each.function) and not takes_any(each.function)}
    for each in targets:
        if each.stub in closed and is_overload(each.function) and takes_any(each.function):
            continue  # what runs is the implementation, and that says what it takes
        if each.stub and sourced and takes_any(each.function) and not is_overload(each.function):
            continue  # its source says what becomes of the keywords
        if each.stub in overloaded and not is_overload(each.function) and takes_any(each.function):
            continue  # the overloads before it say what it takes
        verdict = _refusal(world, each, shape)
        if verdict is None:
            return None
        verdicts.append(verdict)
    if not verdicts:
        return None
    if all(each.refusal.kind is RefusalKind.POSITIONAL for each in verdicts) and any(
        relaxed(world, each.module, each.function) for each in targets
    ):
        return None
    kinds = {(each.refusal.kind, each.refusal.name) for each in verdicts}
    if len(kinds) == 1:
        return max(verdicts, key=lambda each: each.refusal.most)
    keywords = [each for each in verdicts if each.refusal.kind is RefusalKind.KEYWORD]
    named_by_any = {name for each in verdicts for name in each.accepts}
    unknown = [each for each in keywords if each.refusal.name not in named_by_any]
    return unknown[0] if unknown else None


def _refusal(world: World, target: Target, shape: Shape) -> Refused | None:
    function = target.function
    if not added_keywords(world, target.module, function).isdisjoint(shape.keywords):
        return None
    found = refusals(function, shape, bound=target.bound)
    accepts = tuple(each.name for each in function.parameters[target.bound :] if each.kind in {"", "k"})
    name = f"{target.owner}.{function.name}" if target.owner else function.name
    if found:
        first = min(found, key=lambda each: _ORDER.index(each.kind))
        return Refused(first, name, target.module, function.line, accepts)
    if takes_any(function):
        for keyword in shape.keywords:
            if keyword not in named(function):
                through: list[str] = []
                if accepted(world, target, keyword, through, shape.keywords) is False:
                    refusal = Refusal(RefusalKind.KEYWORD, keyword)
                    return Refused(refusal, name, target.module, function.line, accepts, tuple(through))
    return None


def _constructor(world: World, value: ClassValue, shape: Shape) -> Refused | None:
    if opaque(world, value):
        return None
    fields = fields_of(world, value)
    if fields is not None:
        return _refused_by_fields(value, fields, shape)
    receiver = Instance(value.module, value.name, exact=True)
    verdicts: list[Refused | None] = []
    for name in ("__init__", "__new__"):
        found = member(world, value.module, value.name, name)
        if not isinstance(found, Member):
            return None
        if (found.base.module, found.base.name) != ("builtins", "object"):
            verdicts.append(_judge(world, with_sources(world, found, receiver, name), shape))
    if not verdicts:
        return _refused_by_object(world, value, shape)
    return verdicts[0] if all(verdicts) else None


def _refused_by_object(world: World, value: ClassValue, shape: Shape) -> Refused | None:
    """A class without a constructor of its own takes no arguments."""
    if shape.keywords:
        refusal = Refusal(RefusalKind.KEYWORD, shape.keywords[0])
    elif shape.positional:
        refusal = Refusal(RefusalKind.POSITIONAL, "", 0, shape.positional)
    else:
        return None
    line = next((each.line for each in nested(world, value.module, value.name)), 0)
    return Refused(refusal, value.name, value.module, line, ())


def _refused_by_fields(value: ClassValue, parameters: tuple[Parameter, ...], shape: Shape) -> Refused | None:
    found = refused(parameters, shape, bound=False)
    if not found:
        return None
    accepts = tuple(each.name for each in parameters)
    return Refused(found[0], value.name, value.module, 0, accepts)
