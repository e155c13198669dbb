"""Functions of the file: their bodies are run with the arguments of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from verifier.values.model import (
    UNKNOWN,
    Contents,
    Function,
    Names,
    Value,
    constant,
    tainted,
)
from verifier.values.run import DEEPEST_CALLS, Run, Step
from verifier.values.state import State


@dataclass(frozen=True, slots=True)
class Arguments:
    """The values of a call: by position, by keyword, and what `*` and `**` may bring."""

    positions: Sequence[Value]
    words: Mapping[str, Value]
    more: Value | None = None

    def all(self) -> list[Value]:
        """Every value that is handed over."""
        return [*self.positions, *self.words.values(), *([self.more] if self.more else ())]


def follow(run: Run, state: State, node: cst.CSTNode, function: Function, args: Arguments) -> Value:
    """Run the body of a function of the file with these arguments and return what it returns."""
    number = id(function.node)
    again = run.active.count(number)
    if run.exhausted or len(run.active) >= DEEPEST_CALLS or again > 1:
        return tainted(taint for each in args.all() for taint in state.depends(each))
    if again:
        args = _any_turn(args)
    inner = State(Names(_bound(run, state, function, args), function.closure), state.heap, state.loops)
    run.active.append(number)
    run.calls.append(Step(node, name_of(function)))
    try:
        if isinstance(function.node, cst.Lambda):
            return run.evaluate(run, inner, function.node.body)
        run.returned.append([])
        left, run.left = run.left, []
        end = run.execute(run, inner, function.node.body)
        run.left = left
        results = run.returned.pop()
    finally:
        run.active.pop()
        run.calls.pop()
    if end is not None:
        results.append((constant(None), end))
    if not results:
        state.dead = True
        return UNKNOWN
    value, last = results[0]
    for other, point in results[1:]:
        last.heap |= {key: held for key, held in point.heap.items() if key not in last.heap}
        value = last.either(value, other)
        last.merge([point])
    state.heap = last.heap
    return value


def _any_turn(args: Arguments) -> Arguments:
    """The arguments of a call of a function by itself: what changes from call to call is not known."""
    return replace(
        args,
        positions=[replace(each, constants=None) for each in args.positions],
        words={name: replace(each, constants=None) for name, each in args.words.items()},
    )


def name_of(function: Function) -> str:
    """The name of a function, for a reader."""
    return function.node.name.value if isinstance(function.node, cst.FunctionDef) else "<lambda>"


def _bound(run: Run, state: State, function: Function, args: Arguments) -> dict[str, Value]:
    params = function.node.params
    names = [each.name.value for each in (*params.posonly_params, *params.params)]
    values = dict(zip(names, args.positions, strict=False))
    rest = list(args.positions[len(names) :])
    known = {*names, *(each.name.value for each in params.kwonly_params)}
    values |= {name: value for name, value in args.words.items() if name in known}
    outside = State(Names({}, function.closure), state.heap, state.loops)
    for each in (*params.posonly_params, *params.params, *params.kwonly_params):
        if each.name.value not in values:
            default = run.evaluate(run, outside, each.default) if each.default is not None else UNKNOWN
            values[each.name.value] = default if args.more is None else state.either(default, args.more)
    if isinstance(params.star_arg, cst.Param):
        values[params.star_arg.name.value] = state.new(Contents("list", dict(enumerate(rest))))
    if params.star_kwarg is not None:
        others = {name: value for name, value in args.words.items() if name not in known}
        values[params.star_kwarg.name.value] = state.new(Contents("dict", others, args.more))
    return values
