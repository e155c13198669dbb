"""Uses of what says itself that it is deprecated: the package's own decorators and warnings, read at its version."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from verifier.checks.ageing import reads
from verifier.checks.ageing.arguments import Given, concerned, given, written
from verifier.checks.ageing.wording import Told, make
from verifier.checks.guards import guarded
from verifier.checks.registry import Parsed, Rules, code_of, symbols
from verifier.model import Finding
from verifier.semantics.model import Call
from verifier.symbols import evidence
from verifier.symbols.ageing import said
from verifier.symbols.constants import fits
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import File, FileFrame
from verifier.symbols.frames import Arguments
from verifier.symbols.model import Aged, Function
from verifier.symbols.modules import OWN, Loaded, World, flush, load
from verifier.symbols.names import nested
from verifier.symbols.signatures import is_overload, refusals
from verifier.symbols.targets import targets_of
from verifier.symbols.values import ClassValue, FunctionValue, Types, path, without_none


@dataclass(frozen=True, slots=True)
class _Called:
    """A call of something, by itself or through `functools.partial`."""

    call: Call
    function: cst.BaseExpression
    arguments: Sequence[cst.Arg]
    frame: FileFrame
    partial: bool


def check(parsed: Parsed, rules: Rules, told: Collection[str]) -> Iterator[Finding]:
    """Every such use, but of names (the last of a path) that the table has told of in this file."""
    if "deprecated-api" not in rules:
        return
    file = symbols(parsed)
    for call in parsed.facts.calls:
        if not guarded(call.branch):
            yield from _call(parsed, rules, file, call, told)
    yield from reads.check(parsed, rules, told)
    flush(file.world)


def _call(parsed: Parsed, rules: Rules, file: File, call: Call, told: Collection[str]) -> Iterator[Finding]:
    frame = FileFrame(file, call.scope, call.order, call.branch)
    called = _Called(call, call.node.func, call.node.args, frame, partial=False)
    values = without_none(evaluate(call.node.func, frame))
    if values == (ClassValue("functools", "partial"),) and call.node.args and not call.node.args[0].star:
        called = _Called(call, call.node.args[0].value, call.node.args[1:], frame, partial=True)
        values = without_none(evaluate(called.function, frame))
    known = tuple(each for each in values if isinstance(each, FunctionValue | ClassValue))
    if not known or len(known) < len(values) or not all(_foreign(file.world, each) for each in known):
        return
    loaded = load(file.world, known[0].module)
    if not isinstance(loaded, Loaded) or path(known[0]).rpartition(".")[2] in told:
        return
    found = None if called.partial else _whole(file.world, called, known)
    if found is not None:
        api = code_of(parsed, called.function)
        yield make(parsed, rules, called.function, replace(found, api=api), loaded)
        if not found.documented:
            return
    for one, aged in _arguments(parsed, called, known):
        api = f"{code_of(parsed, called.function)}({written(aged, one)})"
        symbol = f"{path(known[0])}({aged.parameter})"
        yield make(parsed, rules, one.node, Told(api, symbol, aged.message, aged.documented), loaded)


def _foreign(world: World, value: FunctionValue | ClassValue) -> bool:
    """Whether what is called belongs to somebody else."""
    loaded = load(world, value.module) if value.module != OWN else None
    return isinstance(loaded, Loaded) and not loaded.local


def _whole(world: World, called: _Called, values: Types) -> Told | None:
    """What all values that a call may mean say of themselves."""
    told = [_says(world, called, each) for each in values if isinstance(each, FunctionValue | ClassValue)]
    first = told[0] if told else None
    return first if first is not None and None not in told and not _overridden(world, values) else None


def _overridden(world: World, values: Types) -> bool:
    """Whether the call of a method may reach another: what a protocol only describes says nothing of that."""
    return any(
        isinstance(each, FunctionValue)
        and each.receiver is not None
        and evidence.overridden(world, each.receiver, each.name.rpartition(".")[2])
        for each in values
    )


def _says(world: World, called: _Called, value: FunctionValue | ClassValue) -> Told | None:
    message = said.whole(world, value.module, value.name)
    if message is None and isinstance(value, FunctionValue):
        message = _overload(world, called, value)
    if message is not None:
        return Told("", path(value), message)
    message = said.documented(world, value.module, value.name)
    return Told("", path(value), message, documented=True) if message is not None else None


def _overload(world: World, called: _Called, value: FunctionValue) -> str | None:
    """What the overload that the call matches says of itself (PEP 702), or all that it may match."""
    bound = value.receiver is not None
    arguments = Arguments(called.call.node, called.frame)
    for statements in said.statements_of(world, value.module, value.name):
        overloads = [each for each in statements if isinstance(each, Function) and is_overload(each)]
        if all(each.deprecated is None for each in overloads) or arguments.shape.star or arguments.shape.stars:
            continue
        matching: list[Function] = []
        for each in overloads:
            fitting = fits(each, arguments.given(each, bound=bound))
            if fitting is False or refusals(each, arguments.shape, bound=bound):
                continue
            matching.append(each)
            if fitting:
                break
        if matching and all(each.deprecated is not None for each in matching):
            return matching[-1].deprecated
    return None


def _arguments(parsed: Parsed, called: _Called, values: Types) -> Iterator[tuple[Given, Aged]]:
    """The arguments that all functions which a call may mean say are deprecated."""
    world = called.frame.world
    found: dict[str, tuple[Given, Aged]] | None = None
    for value in values:
        assert isinstance(value, FunctionValue | ClassValue)  # noqa: S101  # the caller looked
        pairs = sorted(_of_value(parsed, called, value), key=lambda pair: not pair[1].documented)
        some = {one.parameter: (one, aged) for one, aged in pairs}
        found = some if found is None else {name: pair for name, pair in found.items() if name in some}
    if found and not _overridden(world, values):
        places = [pair for pair in found.values() if pair[1].by_place]
        yield from places[:1]
        yield from (pair for pair in found.values() if not pair[1].by_place)


def _of_value(parsed: Parsed, called: _Called, value: FunctionValue | ClassValue) -> Iterator[tuple[Given, Aged]]:
    world = called.frame.world
    aged = said.parameters(world, value.module, value.name)
    if not aged or not called.arguments:
        return
    function, bound = _signature(world, value)
    arguments = {
        each.parameter: each for each in given(called.arguments, function.parameters if function else (), bound=bound)
    }
    for each in aged:
        one = concerned(parsed, called.call, called.frame, each, arguments)
        if one is not None:
            yield one, each


def _signature(world: World, value: FunctionValue | ClassValue) -> tuple[Function | None, bool]:
    """The statement by which positional arguments are bound, and whether the first of them is there already."""
    if isinstance(value, ClassValue):
        targets = [each for each in targets_of(world, value) or () if not is_overload(each.function)]
        return (targets[-1].function, True) if targets else (None, True)
    functions = [
        each
        for statements in said.statements_of(world, value.module, value.name)
        for each in statements
        if isinstance(each, Function) and not is_overload(each)
    ] or [
        each for each in nested(world, value.module, value.name) if isinstance(each, Function) and not is_overload(each)
    ]
    return (functions[-1], value.receiver is not None) if functions else (None, False)
