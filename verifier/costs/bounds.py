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
