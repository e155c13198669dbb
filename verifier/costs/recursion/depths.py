"""How deep a recursion may go, as far as the calls from outside it and the tests for its end say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from verifier.costs.extents import number, size, turns
from verifier.costs.model import Costs
from verifier.costs.objects.held import number_of_attribute, places
from verifier.costs.origins import arguments, left_to_callers
from verifier.costs.recursion.calls import SHRINKING, Recursion, Self, Step
from verifier.costs.written import integer, written
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Branch, Call, Scope, ScopeKind
from verifier.semantics.names import reaching

SHALLOW = 25
"""Two to the power of this many calls still end within seconds."""
_DEEPEST = 3
_DECIDING = SHRINKING | {Step.CUT, Step.MORE}


@dataclass(frozen=True, slots=True)
class Depth:
    """What decides how deep a recursion goes; `large` where the file shows that it is much, for the `reason`."""

    text: str
    large: bool
    reason: str | None = None


def depth(costs: Costs, each: Recursion, selves: Sequence[Self]) -> Depth:
    """The depth of a recursion through some calls of itself."""
    found: Depth | None = None
    heavy = _heavy(costs, each, selves)
    for name in each.parameters:
        steps = {one.steps.get(name) for one in selves}
        if not steps & _DECIDING:
            continue
        for one in _depths(costs, each, name, steps, heavy):
            if one.large:
                return one
            found = found or one
        found = found or Depth(name, large=False)
        if (held := places(each, name)) is not None:
            return Depth(found.text, large=True, reason=held)
    return found or Depth("its arguments", large=False)


def limited(each: Recursion, name: str) -> bool:
    """Whether a function compares a parameter with something that is no constant, so that it cannot grow on."""
    return any(integer(bound) is None for bound in _ends(each, name))


def _heavy(costs: Costs, each: Recursion, selves: Sequence[Self]) -> bool:
    """Whether a recursion is no formula of mathematics, which is asked for small numbers: then any number may come.

    It goes through a container on each level, or it is part of a function or class and two of its parameters move.
    """
    if any(one.call.loop is not None and turns(costs, one.call.loop).grows for one in selves):
        return True
    moving = {name for one in selves for name, step in one.steps.items() if step in _DECIDING}
    owner = each.scope.parent
    return len(moving) > 1 and owner is not None and owner.kind in {ScopeKind.FUNCTION, ScopeKind.CLASS}


def _depths(costs: Costs, each: Recursion, name: str, steps: set[Step | None], heavy: bool) -> Iterator[Depth]:
    if steps & {Step.REST, Step.CUT}:
        yield resting(costs, each, name)
    if steps & {Step.DOWN, Step.LESS, Step.WITHIN}:
        outer = _outer(costs, each, name)
        for call, node in outer:
            yield _from_number(costs, node, call.scope, call.order, name)
            if heavy and (asked := _asked(costs, each, node, call.scope, call.order)) is not None:
                yield asked
        if heavy and not outer and (asked := _of_caller(each.parameters[name])) is not None:
            yield asked
    if steps & {Step.UP, Step.WITHIN, Step.MORE}:
        for bound in _ends(each, name):
            yield _from_bound(costs, each, bound, name)
            if heavy and (asked := _asked(costs, each, bound, each.scope, 10**9)) is not None:
                yield asked


def _outer(costs: Costs, each: Recursion, name: str) -> list[tuple[Call, cst.BaseExpression]]:
    """What the calls of a recursion from outside it give for a parameter."""
    found = arguments(costs, each.parameters[name])
    return [(call, node) for call, node in found if call.scope.function is not each.scope]


def _asked(costs: Costs, each: Recursion, node: cst.BaseExpression, scope: Scope, order: int) -> Depth | None:
    """The depth that a number says which another function of the file is given by whoever calls it."""
    match node:
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract(), right=right) if (
            integer(right) is not None
        ):
            return _asked(costs, each, left, scope, order)
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, scope, order) or ()
        case _:
            return None
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.PARAMETER or bindings[0].scope is each.scope:
        return None
    return None if arguments(costs, bindings[0]) else _of_caller(bindings[0])


def _of_caller(parameter: Binding) -> Depth | None:
    """The depth that a parameter of a public function says which the file does not call; none for a `level`."""
    if not left_to_callers(parameter):
        return None
    return Depth(parameter.name, large=True, reason=f"{parameter.name}, whatever {parameter.scope.name} is asked for")


def _example(call: Call, node: cst.BaseExpression) -> bool:
    """Whether a call under `if __name__ == "__main__"` gives what is written right there, only to show the function."""
    branch: Branch | None = call.branch
    while branch is not None and not (isinstance(branch.test, cst.Comparison) and _is_own_name(branch.test.left)):
        branch = branch.parent
    return branch is not None and isinstance(node, cst.SimpleString | cst.List | cst.Tuple)


def _is_own_name(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "__name__"


def resting(costs: Costs, each: Recursion, name: str) -> Depth:
    """The depth of a recursion that takes elements from a sequence: its length, unless only written ones are given."""
    outer = [(call, node) for call, node in _outer(costs, each, name) if not _example(call, node)]
    text = f"len({name})"
    for call, node in outer:
        extent = size(costs, node, call.scope, call.order)
        if extent.grows:
            return Depth(text, large=True, reason=extent.text or text)
    return Depth(text, large=not outer, reason=None if outer else text)


def _from_number(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, name: str, deeper: int = 0) -> Depth:
    """How large a number is with which a recursion begins, also by way of the parameters of its callers."""
    value = _constant(costs, node, scope, order)
    if value is not None:
        return Depth(name, large=value > SHALLOW, reason=str(value))
    extent = number(costs, node, scope, order)
    found = Depth(name, large=extent.grows, reason=extent.text or name)
    if found.large:
        return found
    if (attribute := number_of_attribute(costs, node, scope)) is not None:
        return Depth(name, large=True, reason=attribute)
    bindings = reaching(costs.facts, node.value, scope, order) or () if isinstance(node, cst.Name) else ()
    if len(bindings) != 1 or deeper > _DEEPEST:
        return found
    if bindings[0].kind is BindingKind.LOOP and (loop := bindings[0].loop) is not None:
        among = turns(costs, loop)
        plain = isinstance(loop.iterable, cst.Name | cst.Attribute) and isinstance(loop.target, cst.Name)
        return Depth(name, large=among.grows and plain, reason=f"each of {among.of or among.text}")
    if bindings[0].kind is BindingKind.PARAMETER:
        for call, argument in arguments(costs, bindings[0]):
            if call.scope.function is not scope.function:
                further = _from_number(costs, argument, call.scope, call.order, name, deeper + 1)
                if further.large:
                    return further
    return found


def _constant(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> int | None:
    """The largest integer that an argument is known to be: written, named, or the last of a `range`."""
    value = integer(node)
    if value is not None or not isinstance(node, cst.Name):
        return value
    bindings = reaching(costs.facts, node.value, scope, order) or ()
    if len(bindings) != 1:
        return None
    only = bindings[0]
    if only.kind is BindingKind.ASSIGNMENT and only.value is not None:
        return integer(only.value)
    match only.loop.iterable if only.kind is BindingKind.LOOP and only.loop is not None else None:
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=last)] | [_, cst.Arg(value=last), *_]):
            return integer(last)
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            values = [integer(one.value) for one in elements]
            return max((one for one in values if one is not None), default=None)
        case _:
            return None


def _ends(each: Recursion, name: str) -> Iterator[cst.BaseExpression]:
    """What a function compares a parameter with, as in `i == len(items)`, and how far a `range` goes from it on."""
    for node in descend(each.node.body):
        match node:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
                if isinstance(operator, cst.In | cst.NotIn | cst.Is | cst.IsNot):
                    continue
                for side, other in ((left, right), (right, left)):
                    if any(isinstance(one, cst.Name) and one.value == name for one in _operands(side)):
                        yield other
            case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=first), cst.Arg(value=last), *_]):
                if any(isinstance(one, cst.Name) and one.value == name for one in _operands(first)):
                    yield last
            case _:
                pass


def _operands(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    yield node
    if isinstance(node, cst.BinaryOperation):
        yield from _operands(node.left)
        yield from _operands(node.right)


def _from_bound(costs: Costs, each: Recursion, bound: cst.BaseExpression, name: str) -> Depth:
    if integer(bound) is not None:
        return Depth(name, large=(integer(bound) or 0) > SHALLOW, reason=str(integer(bound)))
    extent = number(costs, bound, each.scope, 10**9)
    text = extent.text or name
    if (attribute := number_of_attribute(costs, bound, each.scope)) is not None:
        return Depth(text, large=True, reason=attribute)
    if extent.grows and not _few(costs, each, bound):
        return Depth(text, large=True, reason=text)
    if isinstance(bound, cst.Name) and (binding := each.parameters.get(bound.value)) is not None:
        for call, node in arguments(costs, binding):
            if call.scope.function is not each.scope:
                found = _from_number(costs, node, call.scope, call.order, bound.value)
                if found.large:
                    return found
    return Depth(text, large=False)


def _few(costs: Costs, each: Recursion, bound: cst.BaseExpression) -> bool:
    """Whether the length in a bound is of a parameter for which the file only gives written containers."""
    match bound:
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=cst.Name(value=name))]) if (
            name in each.parameters
        ):
            outer = [
                (call, node)
                for call, node in arguments(costs, each.parameters[name])
                if call.scope.function is not each.scope
            ]
            return bool(outer) and all(written(costs, node, call.scope, call.order) for call, node in outer)
        case _:
            return False
