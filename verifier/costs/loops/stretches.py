"""Where a slice begins and ends as a loop goes on: a window that moves with it, or a stretch that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.costs.extents import number
from verifier.costs.model import Costs, Done, Size
from verifier.costs.objects.doings import doings
from verifier.costs.objects.paths import path_of
from verifier.costs.origins import outside
from verifier.costs.written import integer
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Loop, Scope, ScopeKind, instance_class
from verifier.semantics.names import reaching

_DEEPEST = 3


def width_of(
    costs: Costs, low: cst.BaseExpression, high: cst.BaseExpression, loop: Loop, index: str, order: int
) -> cst.Name | None:
    """The name that says how wide a window around the index of a loop is; None for another slice, or a small width.

    `k` of `i` and `i + k`, of `i - k` and `i`, of `max(0, i - k + 1)` and `i + 1`, also by names that the loop gives.
    """
    found = [_terms(costs, each, loop, order, 0) for each in (low, high)]
    if found[0] is None or found[1] is None:
        return None
    names: dict[str, cst.Name] = {}
    for terms in found:
        own = [sign for sign, each in terms or () if each.value == index]
        if own != [1]:
            return None
        names |= {each.value: each for _, each in terms or () if each.value != index}
    if len(names) != 1:
        return None
    width = next(iter(names.values()))
    few = number(costs, width, loop.scope, order).size < Size.UNKNOWN or _is_few_by_default(costs, width, loop, order)
    return None if few else width


def _terms(
    costs: Costs, node: cst.BaseExpression, loop: Loop, order: int, depth: int
) -> list[tuple[int, cst.Name]] | None:
    """The names that an end of a slice adds (1) or takes away (-1), numbers left out; None for other code."""
    if integer(node) is not None:
        return []
    match node:
        case cst.Name():
            bindings = reaching(costs.facts, node.value, loop.scope, order) or ()
            match bindings:
                case [Binding(kind=BindingKind.ASSIGNMENT, value=value, loop=inner)] if (
                    value is not None and inner is loop and depth < _DEEPEST
                ):
                    return _terms(costs, value, loop, order, depth + 1)
                case _:
                    return [(1, node)]
        case cst.Call(func=cst.Name(value="max" | "min"), args=[cst.Arg(value=one), cst.Arg(value=two)]):
            bound, moving = (one, two) if _is_bound(one) else (two, one)
            return _terms(costs, moving, loop, order, depth + 1) if _is_bound(bound) else None
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract() as operator, right=right):
            before, behind = (_terms(costs, each, loop, order, depth + 1) for each in (left, right))
            if before is None or behind is None:
                return None
            sign = 1 if isinstance(operator, cst.Add) else -1
            return [*before, *((sign * one, name) for one, name in behind)]
        case _:
            return None


def _is_bound(node: cst.BaseExpression) -> bool:
    """An end of the sequence itself: a number, or its length."""
    match node:
        case cst.Call(func=cst.Name(value="len")):
            return True
        case cst.Name(value=name):
            return name in {"n", "length", "size", "total", "count"}
        case _:
            return integer(node) is not None


def _is_few_by_default(costs: Costs, width: cst.Name, loop: Loop, order: int) -> bool:
    """Whether a width is a parameter that is a small number unless somebody says otherwise."""
    return any(
        isinstance(each.node, cst.Param) and each.node.default is not None and (integer(each.node.default) or 0) < 100
        for each in reaching(costs.facts, width.value, loop.scope, order) or ()
    )


def is_asked(costs: Costs, low: cst.BaseExpression, high: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether both ends of a slice are read from outside, so that nothing keeps the stretches from overlapping."""
    return all(
        any(isinstance(each, cst.Name) and outside(costs, each, scope, order) for each in descend(end))
        for end in (low, high)
    )


def is_settled(costs: Costs, of: cst.Attribute, scope: Scope) -> bool:
    """Whether the methods of a class, all but `__init__`, leave an attribute of their object and its elements alone."""
    path = path_of(of)
    owner = instance_class(path[0], scope) if path is not None and len(path) == 2 else None
    if owner is None or path is None:
        return False
    return not any(
        each.path[1:2] == path[1:] and each.done is not Done.KEPT
        for name, method in _methods(costs, owner)
        for each in doings(costs).done.get((id(method), name), ())
    )


def _methods(costs: Costs, owner: Scope) -> Iterator[tuple[str, Scope]]:
    """The methods of a class that may run after it is set up, each with its name for the object."""
    for scope in costs.facts.scopes:
        if (
            scope.kind is ScopeKind.FUNCTION
            and scope.parent is owner
            and scope.name not in {"__init__", "__post_init__"}
        ):
            node = scope.node
            if isinstance(node, cst.FunctionDef) and node.params.params:
                yield node.params.params[0].name.value, scope
