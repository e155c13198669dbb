"""Calls that go through a container to make one thing of it: `sum(x)`, `max(x[:i])`, `len(set(x))`, `score(x[i:j])`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from verifier.costs.elements import visited
from verifier.costs.extents import goes_far
from verifier.costs.loops.computing import gone_through
from verifier.costs.model import Costs
from verifier.costs.origins import arguments
from verifier.costs.repeats import levels
from verifier.costs.written import integer
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Call, Loop, Scope, instance_class
from verifier.semantics.names import qualify, reaching

_BUILTINS = frozenset({"sum", "max", "min"})
_MAKING = frozenset({"set", "frozenset", "list", "filter"})
_COPYING = frozenset({"set", "frozenset", "sorted", "all", "any", "reduce"})
"""Calls that are slow for a part of a sequence, and may be wanted for a whole one."""
_NAMED = frozenset(
    {"mean", "fmean", "median", "stdev", "pstdev", "variance", "pvariance", "mode", "Counter", "fsum", "prod"}
)
_OF_ARRAYS = frozenset({"mean", "sum", "max", "min", "std", "var", "median", "argmax", "argmin"})
_VIEWS = frozenset({"values", "keys", "items"})
_ITERATORS = frozenset(
    {
        "types.GeneratorType",
        "builtins.map",
        "builtins.filter",
        "builtins.zip",
        "builtins.enumerate",
        "builtins.reversed",
    }
)
_DEEPEST = 3
"""Names that are followed to the ends that they stand for."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A call, its name, what it goes through (`parts`), the container that the parts are of, and from where to where.

    `each` is what a comprehension makes of a part and asks of it; `array` says that it is numpy's loop, not Python's.
    """

    call: Call
    name: str
    parts: cst.BaseExpression
    of: cst.Name | cst.Attribute
    low: cst.BaseExpression | None = None
    high: cst.BaseExpression | None = None
    each: tuple[cst.BaseExpression, ...] = ()
    array: bool = False


def gathered(costs: Costs) -> Iterator[Gathered]:
    """Every such call of a file whose container is a name or an attribute."""
    for name in (*_BUILTINS, "len", *_COPYING, *_NAMED, *_OF_ARRAYS - _BUILTINS - _NAMED):
        for call in costs.calls.get(name, ()):
            parts = _parts(costs, call, name)
            found = _of(costs, call, name, parts) if parts is not None else None
            if found is not None and (not call.node.args or _is_numpy(costs, call)):
                found = replace(found, array=True)
            if found is None or _is_iterator(costs, found):
                continue
            is_part = found.low is not None or found.high is not None
            if is_part if name in _COPYING else not (is_part and name == "len"):
                yield found


def _parts(costs: Costs, call: Call, name: str) -> cst.BaseExpression | None:
    """What a call goes through; None where it is another function."""
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name() | cst.Attribute() as value), args=[]) if name in _OF_ARRAYS:
            own = isinstance(value, cst.Name) and instance_class(value.value, call.scope) is not None
            return None if own else value
        case cst.Call(args=[cst.Arg(star="", keyword=None), cst.Arg(value=parts, star="", keyword=None), *_]) if (
            name == "reduce"
        ):
            paths = qualify(costs.facts, call.node.func, call.scope, call.order)
            return parts if paths == ("functools.reduce",) else None
        case cst.Call(args=[cst.Arg(value=parts, star="", keyword=None), *rest]) if all(
            arg.keyword for arg in rest
        ) or (name == "sum" and len(rest) == 1 and not rest[0].star):
            paths = qualify(costs.facts, call.node.func, call.scope, call.order)
            if len(paths) != 1 or not _is_known(paths[0], name):
                return None
            return _made(parts) if name == "len" else parts
        case _:
            return None


def _is_known(path: str, name: str) -> bool:
    if path == f"builtins.{name}":
        return name in _BUILTINS | _COPYING or name == "len"
    module = path.rpartition(".")[0]
    if module == "numpy" and name not in _COPYING:
        return name in _OF_ARRAYS
    return module in {"statistics", "math", "collections"} and name in _NAMED


def _cut(costs: Costs, call: Call, parts: cst.BaseExpression) -> cst.BaseExpression:
    """`x[i:j]` for a name that a loop around the call gives it: `window = x[i:j]`."""
    bindings = reaching(costs.facts, parts.value, call.scope, call.order) if isinstance(parts, cst.Name) else None
    match bindings:
        case [Binding(value=cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice())]) as value, loop=loop)] if (
            loop is not None and call.loop is not None and call.loop.within(loop)
        ):
            return value
        case _:
            return parts


def _is_numpy(costs: Costs, call: Call) -> bool:
    return any(each.startswith("numpy.") for each in qualify(costs.facts, call.node.func, call.scope, call.order))


def _made(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """What `len` must first make a set or a list of; None where it only asks for a length."""
    match node:
        case cst.Call(func=cst.Name(value=name), args=[*_, cst.Arg(value=inner, star="", keyword=None)]) if (
            name in _MAKING
        ):
            return inner
        case cst.ListComp() | cst.SetComp():
            return node
        case _:
            return None


def _of(costs: Costs, call: Call, name: str, node: cst.BaseExpression) -> Gathered | None:
    parts = _cut(costs, call, node)
    match parts:
        case cst.Name() | cst.Attribute():
            return Gathered(call, name, parts, parts) if dotted(parts) else None
        case cst.Call(
            func=cst.Attribute(value=cst.Name() | cst.Attribute() as value, attr=cst.Name(value=view)), args=[]
        ):
            return Gathered(call, name, parts, value) if view in _VIEWS and dotted(value) else None
        case cst.Subscript(
            value=cst.Name() | cst.Attribute() as value,
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=low, upper=high, step=None))],
        ):
            return Gathered(call, name, parts, value, low, high) if dotted(value) else None
        case cst.BinaryOperation(operator=cst.Add(), left=cst.Subscript() as left, right=cst.Subscript() as right):
            before, behind = _of(costs, call, name, left), _of(costs, call, name, right)
            if before is None or behind is None or dotted(before.of) != dotted(behind.of):
                return None
            return Gathered(call, name, parts, before.of, None, before.high) if before.high and behind.low else None
        case cst.ListComp() | cst.SetComp() | cst.GeneratorExp() if parts.for_in.inner_for_in is None:
            return _comprehended(costs, call, name, parts)
        case _:
            return None


def _comprehended(
    costs: Costs, call: Call, name: str, parts: cst.ListComp | cst.SetComp | cst.GeneratorExp
) -> Gathered | None:
    """A comprehension over a container, or over the places of one: `x[j] for j in range(i)`."""
    clause = parts.for_in
    if isinstance(clause.iter, cst.Call) and dotted(clause.iter.func) == "range":
        bounds = [arg.value for arg in clause.iter.args]
        of = _indexed(parts.elt, clause.target)
        if of is None or not 1 <= len(bounds) <= 2 or clause.ifs:
            return None
        low = bounds[0] if len(bounds) == 2 else None
        return Gathered(call, name, parts, of, low, bounds[-1], (parts.elt,))
    inner = _of(costs, call, name, clause.iter)
    if inner is None or isinstance(clause.iter, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        return None
    made = (parts.elt, *(each.test for each in clause.ifs))
    return Gathered(call, name, parts, inner.of, inner.low, inner.high, made)


def handed(costs: Costs) -> Iterator[Gathered]:
    """Every call that hands a slice to a function of the file which goes through it."""
    for name, functions in costs.functions.items():
        sites = costs.calls.get(name, ()) if len(functions) == 1 else ()
        through = {path[0] for path, _ in gone_through(functions[0]) if len(path) == 1} if sites else set()
        for each in (one for name in sorted(through) for one in functions[0].bindings.get(name, ())):
            for call, given in arguments(costs, each) if each.kind is BindingKind.PARAMETER else ():
                parts = _cut(costs, call, given)
                found = _of(costs, call, name, parts) if isinstance(parts, cst.Subscript) else None
                if found is not None and call.scope.function is not functions[0]:
                    yield found


def movers(costs: Costs, each: Gathered) -> list[Loop]:
    """The nested loops, from the inside out, that move the ends of a part and go as far as the input, two at least.

    A part that is as wide on every turn has none: what moves one end moves the other too.
    """
    call = each.call
    ends = [moving(costs, end, call.scope, call.order) for end in (each.low, each.high)]
    if None in ends:
        return []
    around = [(loop, index) for loop in levels(costs, call.loop) if (index := index_of(costs, loop)) is not None]
    far = [(loop, index) for loop, index in around if goes_far(costs, loop)]
    low, high = ({index for _, index in far} & (end or frozenset()) for end in ends)
    return [loop for loop, index in far if index in low | high] if low != high and len(low | high) > 1 else []


def index_of(costs: Costs, loop: Loop) -> str | None:
    """The name that a loop counts with, one by one."""
    match loop.iterable, loop.target:
        case cst.Call(func=cst.Name(value="range"), args=args), cst.Name(value=name):
            return name if len(args) < 3 or integer(args[2].value) in {1, -1} else None
        case cst.Call(func=cst.Name(value="enumerate")), cst.Tuple(
            elements=[cst.Element(value=cst.Name(value=name)), _]
        ):
            return name
        case None, _:
            at = visited(costs, loop)
            return at.index if at is not None else None
        case _:
            return None


def moving(
    costs: Costs, node: cst.BaseExpression | None, scope: Scope, order: int, depth: int = 0
) -> frozenset[str] | None:
    """The names that an end of a slice is the sum or difference of, also by names for it; None for other code."""
    if node is None or integer(node) is not None:
        return frozenset()
    match node:
        case cst.Name(value=name):
            match reaching(costs.facts, name, scope, order):
                case [
                    Binding(kind=BindingKind.ASSIGNMENT, value=cst.BinaryOperation() | cst.Call() as value, loop=loop)
                ] if loop is not None and depth < _DEEPEST:
                    return moving(costs, value, scope, order, depth + 1)
                case _:
                    return frozenset({name})
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right):
            sides = [moving(costs, each, scope, order, depth) for each in (left, right)]
        case cst.Call(func=cst.Name(value="min" | "max"), args=args):
            sides = [moving(costs, each.value, scope, order, depth) for each in args]
        case cst.Call(func=cst.Name(value="len")):
            return frozenset()
        case _:
            return None
    return None if None in sides else frozenset[str]().union(*(each for each in sides if each is not None))


def _indexed(node: cst.BaseExpression, target: cst.BaseExpression) -> cst.Name | cst.Attribute | None:
    """`x` where an expression is `x[j]` or is made from it."""
    match node:
        case cst.Subscript(
            value=cst.Name() | cst.Attribute() as value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]
        ):
            return value if dotted(index) is not None and dotted(index) == dotted(target) else None
        case cst.BinaryOperation(left=left, right=right):
            return _indexed(left, target) or _indexed(right, target)
        case cst.Call(args=[cst.Arg(value=inner)]):
            return _indexed(inner, target)
        case _:
            return None


def _is_iterator(costs: Costs, each: Gathered) -> bool:
    """Whether what is gone through can be read once only."""
    call = each.call
    if _ITERATORS & set(costs.inference.types(each.of, call.scope, call.order)):
        return True
    bindings = reaching(costs.facts, each.of.value, call.scope, call.order) if isinstance(each.of, cst.Name) else None
    return any(
        isinstance(one.value, cst.Call) and dotted(one.value.func) in {"iter", "open", "itertools.chain", "chain"}
        for one in bindings or ()
    )
