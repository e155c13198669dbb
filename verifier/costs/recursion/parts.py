"""What a recursive function does with parts of a sequence: where it cuts, whether it ends with the sequence."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum

import libcst as cst

from verifier.costs.recursion.calls import Recursion
from verifier.costs.written import integer
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind

_DEEPEST = 4
_PLAIN_CALLS = frozenset({"max", "min", "int", "ord", "len", "abs", "float", "str", "list", "tuple", "set", "sum"})


class Cut(StrEnum):
    """What decides where a sequence is cut."""

    HALF = "half"
    SEARCHED = "searched"
    """`items.index(x)`."""
    LOOKED_UP = "looked up"
    """`position[x]`."""


def cut_of(node: cst.BaseExpression | None) -> list[cst.BaseExpression] | None:
    """The bounds of a slice that are not constants; None for anything but a slice."""
    match node:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper, step=None))]):
            return [each for each in (lower, upper) if each is not None and integer(each) is None]
        case _:
            return None


def deciding(each: Recursion, bound: cst.BaseExpression, depth: int = 0) -> tuple[str, Cut] | None:
    """What decides a bound, and the sequence in which it is searched: `i` of `i = items.index(x)`, `len(a) // 2`."""
    if depth > _DEEPEST:
        return None
    match bound:
        case cst.BinaryOperation(left=left, operator=cst.FloorDivide() | cst.RightShift(), right=right):
            small = integer(right)
            return ("", Cut.HALF) if small is not None and 1 <= small <= 4 and _measures(each, left) else None
        case cst.Call(func=cst.Name(value="int"), args=[cst.Arg(value=cst.BinaryOperation(left=left) as inner)]):
            divided = isinstance(inner.operator, cst.Divide) and _measures(each, left)
            return ("", Cut.HALF) if divided else None
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right):
            return deciding(each, left, depth + 1) or deciding(each, right, depth + 1)
        case cst.Call(func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="index" | "find"))):
            return (owner, Cut.SEARCHED)
        case cst.Subscript(
            value=cst.Name(value=owner) | cst.Attribute(attr=cst.Name(value=owner)),
            slice=[cst.SubscriptElement(slice=cst.Index(value=index))],
        ):
            return None if integer(index) is not None else (owner, Cut.LOOKED_UP)
        case cst.Name(value=name):
            bindings = each.scope.bindings.get(name, ())
            if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
                return deciding(each, bindings[0].value, depth + 1)
            return None
        case _:
            return None


def _measures(each: Recursion, node: cst.BaseExpression) -> bool:
    """Whether a number is the length of something, also by way of a name."""
    match node:
        case cst.Call(func=cst.Name(value="len")):
            return True
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract()):
            return _measures(each, left)
        case cst.Name(value=name):
            bindings = each.scope.bindings.get(name, ())
            match bindings[0].value if len(bindings) == 1 else None:
                case cst.Call(func=cst.Name(value="len")):
                    return True
        case _:
            pass
    return False


def descends(node: cst.BaseExpression, others: AbstractSet[str]) -> bool:
    """Whether an argument leads on through something else than the sequence: `tree[path[0]]`, `node.left`.

    What is only counted or collected on the way (`count + 1`, `max(best, x)`, `[*done, x]`) does not.
    """
    for each in descend(node):
        match each:
            case cst.Call(func=cst.Name(value=name)) if name in _PLAIN_CALLS:
                pass
            case cst.Call():
                return True
            case cst.Attribute(value=cst.Name(value=name)) | cst.Subscript(value=cst.Name(value=name)) if (
                name in others
            ):
                return True
            case _:
                pass
    return False


def enumerates(each: Recursion) -> bool:
    """Whether a function goes through what its own call gives, as to make all subsets, or is a generator."""
    calls = {id(one.call.node) for one in each.selves}
    named = {
        binding.name
        for bindings in each.scope.bindings.values()
        for binding in bindings
        if binding.value is not None and id(binding.value) in calls
    }
    for node in descend(each.node.body):
        match node:
            case cst.Yield():
                return True
            case cst.For(iter=iterable) | cst.CompFor(iter=iterable):
                if any(
                    id(one) in calls or (isinstance(one, cst.Name) and one.value in named) for one in descend(iterable)
                ):
                    return True
            case _:
                pass
    return False


def ends_empty(each: Recursion, name: str) -> bool:
    """Whether a function asks whether its parameter is empty, so that it goes to the end of it.

    An array or a frame has no truth.
    """
    for node in descend(each.node.body):
        match node:
            case (
                cst.If(test=test)
                | cst.IfExp(test=test)
                | cst.BooleanOperation(left=test)
                | cst.UnaryOperation(operator=cst.Not(), expression=test)
            ) if isinstance(test, cst.Name) and test.value == name:
                return True
            case cst.Comparison(
                left=cst.Name(value=value),
                comparisons=[cst.ComparisonTarget(comparator=cst.List(elements=[]) | cst.SimpleString())],
            ) if value == name:
                return True
            case _:
                pass
    return False


def measured(each: Recursion, name: str) -> bool:
    """Whether a function compares the length of a parameter."""
    return any(
        isinstance(node, cst.Comparison)
        and isinstance(node.left, cst.Call)
        and isinstance(node.left.func, cst.Name)
        and node.left.func.value == "len"
        and [isinstance(arg.value, cst.Name) and arg.value.value == name for arg in node.left.args] == [True]
        for node in descend(each.node.body)
    )
