"""The bounds of a `range` and of a slice: how far they are apart, and which name counts from one to the other."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.model import Loop, Scope
from verifier.semantics.names import reaching


def width(
    costs: Costs, low: cst.BaseExpression, high: cst.BaseExpression, scope: Scope, order: int
) -> cst.BaseExpression | None:
    """`k` where two bounds are `i` and `i + k`, or `i - k` and `i`, also by way of a name."""
    match low, high:
        case cst.Name(value=one), cst.BinaryOperation(left=cst.Name(value=two), operator=cst.Add(), right=between):
            return between if one == two else None
        case cst.BinaryOperation(left=cst.Name(value=one), operator=cst.Subtract(), right=between), cst.Name(value=two):
            return between if one == two else None
        case cst.Name(), cst.Name():
            bindings = reaching(costs.facts, high.value, scope, order) or ()
            values = [each.value for each in bindings if isinstance(each.value, cst.BinaryOperation)]
            return next((found for each in values if (found := width(costs, low, each, scope, order))), None)
        case _:
            return None


def apart(
    costs: Costs, low: cst.BaseExpression, high: cst.BaseExpression, scope: Scope, order: int
) -> cst.BaseExpression | None:
    """`k` for bounds that are at most so far apart, give or take a number: `i + 1` and `min(i + k, n) + 1`."""
    if (found := width(costs, low, high, scope, order)) is not None:
        return found
    low = _without_number(low)
    high = _without_number(high) if isinstance(_without_number(high), cst.Call | cst.BinaryOperation) else high
    bindings = reaching(costs.facts, high.value, scope, order) or () if isinstance(high, cst.Name) else ()
    if len(bindings) == 1 and isinstance(bindings[0].value, cst.Call):
        high = bindings[0].value
    match high:
        case cst.Call(func=cst.Name(value="min"), args=[_, _, *_] as args):
            ends = (apart(costs, low, arg.value, scope, order) for arg in args)
            return next((each for each in ends if each is not None), None)
        case _:
            return width(costs, low, high, scope, order)


def _without_number(node: cst.BaseExpression) -> cst.BaseExpression:
    """`i` for `i + 1`."""
    match node:
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=cst.Integer()):
            return left
        case _:
            return node


def is_index(loop: Loop, name: str) -> bool:
    """Whether a loop counts with that name: `for i in range(…)`, `for i, x in enumerate(…)`."""
    match loop.iterable, loop.target:
        case cst.Call(func=cst.Name(value="range")), cst.Name(value=target):
            return target == name
        case cst.Call(func=cst.Name(value="reversed"), args=[cst.Arg(value=cst.Call(func=cst.Name(value="range")))]), (
            cst.Name(value=target)
        ):
            return target == name
        case cst.Call(func=cst.Name(value="enumerate")), cst.Tuple(elements=[first, *_]):
            return isinstance(first.value, cst.Name) and first.value.value == name
        case _:
            return False
