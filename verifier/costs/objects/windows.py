"""Lists that are kept short: something is dropped whenever something is added, or when they get too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

import libcst as cst

from verifier.costs.model import Costs, text_of
from verifier.costs.repeats import around
from verifier.costs.written import integer
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Branch, Call, Loop, Scope

_CHANGING = ("append", "insert", "extend", "add", "update", "pop", "remove", "clear")
_MOST = 100
"""Calls that are looked at for one list."""
_FEW = 4
"""A loop that drops until so few are left empties a list; a larger bound is meant to hold always."""


def changes(costs: Costs, text: str, scope: Scope) -> list[Call]:
    """The calls that make a list longer or shorter: in its function, or in its class for an attribute."""
    return _changing(costs).get((_owner(text, scope), text), [])


@lru_cache(maxsize=2)
def _changing(costs: Costs) -> Mapping[tuple[int, str], list[Call]]:
    """All such calls by owner and text."""
    found: dict[tuple[int, str], list[Call]] = defaultdict(list)
    for name in _CHANGING:
        for call in costs.calls.get(name, ()):
            if isinstance(call.node.func, cst.Attribute) and (text := dotted(call.node.func.value)):
                found[_owner(text, call.scope), text].append(call)
    return found


def _owner(text: str, scope: Scope) -> int:
    function = scope.function
    if function is not None and "." in text and function.parent is not None:
        return id(function.parent)
    return id(function)


def bounded(costs: Costs, text: str, scope: Scope, branch: Branch | None, loop: Loop | None) -> bool:
    """Whether what is taken from a list is only what is too much: `if len(recent) > size: recent.pop(0)`."""
    if _guarded(costs, text, branch, loop):
        return True
    taking = [each for each in changes(costs, text, scope)[:_MOST] if method(each) in {"pop", "clear"}]
    return any(_guarded(costs, text, each.branch, each.loop) for each in taking)


def exchanged(
    costs: Costs, text: str, scope: Scope, node: cst.CSTNode, branch: Branch | None, loop: Loop | None
) -> bool:
    """Whether each turn adds one and takes one, so that the list stays as long as it was."""
    for each in changes(costs, text, scope)[:_MOST] if loop is not None else ():
        if each.branch is branch and each.loop is loop and each.node is not node and method(each) == "append":
            return not any(arg.value is node for arg in each.node.args)
    return False


def tested(text: str, loop: Loop | None) -> bool:
    """Whether a `while` around a place goes on for as long as a list has elements."""
    return any(loop.test is not None and any(_asks(text, each) for each in _parts(loop.test)) for loop in around(loop))


def emptied(text: str, loop: Loop) -> bool:
    """Whether a `while` goes on until nothing is left, and asks nothing else of the list."""
    parts = list(_parts(loop.test)) if loop.test is not None else []
    rest = [each for each in parts if not _asks(text, each)]
    return len(rest) < len(parts) and not any(
        isinstance(node, cst.Name | cst.Attribute) and dotted(node) == text for each in rest for node in descend(each)
    )


def _parts(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """What a test combines by `and` and `or`."""
    if isinstance(test, cst.BooleanOperation):
        yield from _parts(test.left)
        yield from _parts(test.right)
    else:
        yield test


def _asks(text: str, test: cst.BaseExpression) -> bool:
    """Whether a test asks if there are elements: `items`, `len(items)`, `len(items) > 1`, `items != []`."""
    match test:
        case cst.Name() | cst.Attribute():
            return dotted(test) == text
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]):
            return dotted(inner) == text
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            if isinstance(left, cst.Call):
                return _asks(text, left) and not isinstance(operator, cst.LessThan | cst.LessThanEqual)
            return dotted(left) == text and isinstance(operator, cst.NotEqual) and isinstance(right, cst.List)
        case _:
            return False


def method(call: Call) -> str:
    """The name of the method that is called."""
    return call.node.func.attr.value if isinstance(call.node.func, cst.Attribute) else ""


def _guarded(costs: Costs, text: str, branch: Branch | None, loop: Loop | None) -> bool:
    """Whether a place runs only where a list is longer than something."""
    tests = [loop.test] if loop is not None and loop.test is not None else []
    while branch is not None:
        if branch.test is not None:
            tests.append(branch.test)
        branch = branch.parent
    return any(limits(costs, text, each) for each in tests)


def limits(costs: Costs, text: str, test: cst.BaseExpression) -> bool:
    """Whether a test asks if a list has got longer than some bound."""
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            match left:
                case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]) if text_of(costs, inner) == text:
                    bound = integer(right)
                    over = isinstance(operator, cst.GreaterThan | cst.GreaterThanEqual | cst.Equal)
                    return over and (bound is None or bound > _FEW)
                case _:
                    return False
        case cst.BooleanOperation(left=left, right=right):
            return limits(costs, text, left) or limits(costs, text, right)
        case _:
            return False
