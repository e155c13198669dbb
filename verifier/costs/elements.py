"""Which elements of which sequences an expression reads, by the variables of the loop that is at them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.costs.loops.whiles import counters
from verifier.costs.model import Costs, Visited, text_of
from verifier.semantics.model import BindingKind, Loop, Scope
from verifier.semantics.names import reaching


def visited(costs: Costs, loop: Loop) -> Visited | None:
    """What a loop is at on each turn: its index, its element, and the sequence where the loop itself names it."""
    if loop.iterable is None or loop.target is None:
        index = next(counters(costs, loop), None)
        return Visited(None, index) if index is not None else None
    target = loop.target
    match loop.iterable:
        case cst.Call(func=cst.Name(value="reversed"), args=[cst.Arg(value=cst.Call() as inner)]) | (
            cst.Call(func=cst.Name(value="range")) as inner
        ) if isinstance(target, cst.Name):
            args = inner.args
            stop = args[1].value if len(args) > 1 else args[0].value if args else None
            measured = measures(costs, stop, loop.scope, loop.order) if stop is not None else None
            return Visited(text_of(costs, measured) if measured is not None else None, target.value)
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=inner), *_]):
            if isinstance(target, cst.Tuple) and len(target.elements) == 2:
                first, second = (each.value for each in target.elements)
                index = first.value if isinstance(first, cst.Name) else None
                return Visited(text_of(costs, unsliced(inner)), index, names_in(second))
            return None
        case cst.Name() | cst.Attribute() | cst.Subscript() as inner:
            base = unsliced(inner)
            if isinstance(base, cst.Name | cst.Attribute):
                return Visited(text_of(costs, base), None, names_in(target))
            return None
        case _:
            return None


def measures(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> cst.BaseExpression | None:
    """`x` when an expression is `len(x)`, `len(x) - 1`, or a name bound to one of them."""
    match node:
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]):
            return inner
        case cst.BinaryOperation(left=left, operator=cst.Subtract() | cst.Add(), right=cst.Integer() | cst.Name()):
            return measures(costs, left, scope, order)
        case cst.Name():
            bindings = reaching(costs.facts, node.value, scope, order) or ()
            if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
                value = bindings[0].value
                if isinstance(value, cst.Call | cst.BinaryOperation):
                    return measures(costs, value, bindings[0].scope, bindings[0].order)
            return None
        case _:
            return None


def names_in(target: cst.BaseExpression) -> frozenset[str]:
    """The names that a loop's target, or a part of it, gives an element or its parts: `row`, `(start, end)`."""
    match target:
        case cst.Name(value=name):
            return frozenset({name})
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return frozenset[str]().union(*(names_in(each.value) for each in elements))
        case _:
            return frozenset()


def unsliced(node: cst.BaseExpression) -> cst.BaseExpression:
    """`x` for `x[i + 1:]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        return node.value
    return node


def reads(costs: Costs, node: cst.CSTNode, at: Visited) -> frozenset[str]:
    """The sequences, as text, from whose element at a loop's position an expression is made."""
    return frozenset(_reads(costs, node, at))


def _reads(costs: Costs, node: cst.CSTNode, at: Visited) -> Iterator[str]:
    match node:
        case cst.Name(value=value):
            if value in at.elements and at.text is not None:
                yield at.text
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            if at.index is not None and near(index, at.index):
                yield text_of(costs, value)
            yield from _reads(costs, value, at)
        case cst.IfExp(test=test, body=body, orelse=orelse):
            for each in (test, body, orelse):
                yield from _reads(costs, each, at)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(comparator=right)]):
            yield from _reads(costs, left, at)
            yield from _reads(costs, right, at)
        case cst.Attribute(value=value) | cst.UnaryOperation(expression=value) | cst.Subscript(value=value):
            yield from _reads(costs, value, at)
        case cst.BinaryOperation(left=left, right=right):
            yield from _reads(costs, left, at)
            yield from _reads(costs, right, at)
        case cst.Call(func=func, args=args):
            yield from _reads(costs, func, at)
            for arg in args:
                yield from _reads(costs, arg.value, at)
        case _:
            pass


def near(index: cst.BaseExpression, name: str) -> bool:
    """Whether an index is the loop's own, give or take something: `i`, `i + 1`, `n - i`."""
    match index:
        case cst.Name(value=value):
            return value == name
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right):
            return near(left, name) or near(right, name)
        case _:
            return False
