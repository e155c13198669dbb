"""What a `while` does with the numbers that its test reads."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Loop

_FAST = (
    cst.FloorDivideAssign,
    cst.DivideAssign,
    cst.MultiplyAssign,
    cst.RightShiftAssign,
    cst.LeftShiftAssign,
    cst.ModuloAssign,
)


def halves(costs: Costs, loop: Loop) -> bool:
    """Whether a `while` divides or multiplies what its test reads, or searches by halves: few turns."""
    names = set(tested(loop))
    for each in costs.facts.augmented:
        if each.loop is not loop or not isinstance(each.node, cst.AugAssign):
            continue
        if dotted(each.node.target) in names and isinstance(each.node.operator, _FAST):
            return True
    return any(
        each.loop is loop and _is_part(each.value) and (each.kind is not BindingKind.AUGMENTED or _reads(each, names))
        for name in names | {"mid", "middle", "m"}
        for each in loop.scope.bindings.get(name, ())
    )


def _reads(each: Binding, names: set[str]) -> bool:
    """Whether what is added to a name is a part of what the test reads, `low += (high - low) // 2`, and not another."""
    return each.value is not None and any(
        isinstance(node, cst.Name) and node.value in names for node in descend(each.value)
    )


def follows_links(loop: Loop) -> bool:
    """Whether a `while` goes along a linked list: `while node: …; node = node.next`."""
    for name in tested(loop):
        for each in loop.scope.bindings.get(name, ()):
            match each.value:
                case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="next" | "nxt" | "next_node")) if (
                    owner == name and each.loop is loop
                ):
                    return True
                case _:
                    pass
    return False


def goes_on(loop: Loop) -> cst.BaseExpression | None:
    """The test of a `while`, also where it is `while True: if not items: break`, without what is joined by `and`."""
    test = loop.test
    match test, loop.node:
        case (
            cst.Name(value="True") | cst.Integer(value="1"),
            cst.While(
                body=cst.IndentedBlock(
                    body=[
                        cst.If(
                            test=cst.UnaryOperation(operator=cst.Not(), expression=asked),
                            body=cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Break() | cst.Return()])]),
                            orelse=None,
                        ),
                        *_,
                    ]
                )
            ),
        ):
            return asked
        case cst.BooleanOperation(left=left), _:
            return left
        case _:
            return test


def tested(loop: Loop) -> Iterator[str]:
    """The names that a loop's test reads."""
    if loop.test is not None:
        yield from (each.value for each in descend(loop.test) if isinstance(each, cst.Name))


def walks(costs: Costs, loop: Loop) -> bool:
    """Whether a `while` goes on for as long as a container has the next number: `while x + length in numbers`."""
    match goes_on(loop):
        case cst.Comparison(
            left=cst.Name() | cst.BinaryOperation() as left, comparisons=[cst.ComparisonTarget(operator=cst.In())]
        ):
            stepped = set(counters(costs, loop))
            return any(isinstance(each, cst.Name) and each.value in stepped for each in descend(left))
        case _:
            return False


def counters(costs: Costs, loop: Loop) -> Iterator[str]:
    """The names that a `while` tests and moves on by steps: `i` of `while i < n: …; i += 1`."""
    names = set(tested(loop))
    for each in costs.facts.augmented:
        if each.loop is not loop or each.name not in names or not isinstance(each.node, cst.AugAssign):
            continue
        if isinstance(each.node.operator, cst.AddAssign | cst.SubtractAssign):
            yield each.name


def restarts(inner: Loop, outer: Loop) -> bool:
    """Whether what a `while` counts with is set again inside an outer loop before it begins."""
    return any(
        each.loop is not None
        and each.loop.within(outer)
        and not each.loop.within(inner)
        and each.order <= inner.order
        and each.kind is not BindingKind.AUGMENTED
        for name in tested(inner)
        for each in inner.scope.bindings.get(name, ())
    )


def _is_part(value: cst.BaseExpression | None) -> bool:
    """`(low + high) // 2`, `n // 2`, `x >> 1`, `a % b`."""
    match value:
        case cst.BinaryOperation(operator=cst.FloorDivide() | cst.Divide() | cst.RightShift() | cst.Modulo()):
            return True
        case cst.BinaryOperation(operator=cst.Add() | cst.Subtract(), left=left, right=right):
            return _is_part(left) or _is_part(right)
        case cst.Call(func=cst.Name(value="int"), args=[cst.Arg(value=inner)]):
            return _is_part(inner)
        case _:
            return False
