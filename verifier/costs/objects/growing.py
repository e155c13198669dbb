"""Whether a thing that grows in a loop keeps what earlier turns gave it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TypeVar

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Branch, BranchKind, Call, Loop, Scope, Use
from verifier.semantics.names import reaching

_Placed = TypeVar("_Placed", Use, Call)
_KEEPING = frozenset(
    {"reset_index", "drop_duplicates", "sort_values", "sort_index", "fillna", "astype", "copy", "set_index", "rename"}
)


def remade(costs: Costs, target: cst.BaseExpression, scope: Scope, order: int, loop: Loop) -> bool:
    """Whether a turn of a loop begins the thing anew, cuts it, or sets it to something that is not made from it.

    What is set on the first turn only (`if df is None: df = part`) does not count.
    """
    return any(
        each.loop is not None
        and each.loop.within(loop)
        and each.kind not in {BindingKind.AUGMENTED, BindingKind.DELETION}
        and not _keeps(each, dotted(target) or "")
        and not _first(each, loop)
        for each in _bindings(costs, target, scope, order)
    )


def _bindings(costs: Costs, target: cst.BaseExpression, scope: Scope, order: int) -> list[Binding]:
    match target:
        case cst.Name(value=name):
            found = reaching(costs.facts, name, scope, order) or ()
            return [each for each in found if each.scope.function is scope.function]
        case cst.Attribute(attr=cst.Name(value=name)):
            here: Scope | None = scope
            while here is not None and name not in here.attributes:
                here = here.parent
            return [each for each in here.attributes[name] if each.scope.function is scope.function] if here else []
        case _:
            return []


def _keeps(binding: Binding, text: str) -> bool:
    """Whether the value of a binding is made from all of the thing: itself with more, or in another order."""
    value = binding.value
    while isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute) and dotted(value.func) != text:
        if dotted(value.func.value) == text:
            return value.func.attr.value in _KEEPING or value.func.attr.value in {"append", "_append"}
        if value.args and _among(value.args[0].value, text):
            return True
        if value.func.attr.value not in _KEEPING:
            return False
        value = value.func.value
    return False


def _among(node: cst.BaseExpression, text: str) -> bool:
    """Whether a thing is an argument, or one of the parts of a list of them."""
    parts = [each.value for each in node.elements] if isinstance(node, cst.List | cst.Tuple) else [node]
    return any(dotted(each) == text for each in parts)


def _first(binding: Binding, loop: Loop) -> bool:
    """Whether a binding is there for the first turn: under `if df is None`, `if i == 0`, `except NameError`."""
    branch: Branch | None = binding.branch
    while branch is not None and branch.node is not loop.node:
        if branch.kind is BranchKind.EXCEPT or (branch.test is not None and _asks_for_first(branch.test)):
            return True
        branch = branch.parent
    return False


def _asks_for_first(test: cst.BaseExpression) -> bool:
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return _asks_for_first(inner)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]) if (
            not isinstance(left, cst.BinaryOperation)
        ):
            if isinstance(operator, cst.Is | cst.IsNot):
                return isinstance(right, cst.Name) and right.value == "None"
            return isinstance(right, cst.Integer) and right.value == "0"
        case cst.Name():
            return True
        case cst.Attribute(attr=cst.Name(value="empty")):
            return True
        case _:
            return False


def used_up(costs: Costs, target: cst.BaseExpression, scope: Scope, order: int, loop: Loop) -> bool:
    """Whether a loop reads the thing, not only its size, elsewhere than where it grows: each turn needs it whole."""
    text = dotted(target)
    own = {
        id(node)
        for each in _bindings(costs, target, scope, order)
        if each.value is not None and each.loop is not None and each.loop.within(loop)
        for node in descend(each.value)
    }
    own |= {
        id(arg.value) for call in between(costs.calls.get("len", ()), loop.order, loop.end) for arg in call.node.args
    }
    uses = costs.facts.names if isinstance(target, cst.Name) else costs.facts.attributes
    return any(
        dotted(use.node) == text and id(use.node) not in own and not _measured(use)
        for use in between(uses, loop.order, loop.end)
    )


def between(items: Sequence[_Placed], low: int, high: int) -> Sequence[_Placed]:
    """The uses or calls that the walk met behind one order number and up to another."""
    return items[bisect_right(items, low, key=_order) : bisect_right(items, high, key=_order)]


def _order(item: Use | Call) -> int:
    return item.order


def _measured(use: Use) -> bool:
    """Whether a use only asks for the size, compares, or stores into a part."""
    match use.parent:
        case cst.Attribute(attr=cst.Name(value=attr)):
            return attr in {"shape", "size", "empty", "loc", "at", "index"} or attr in _KEEPING
        case cst.Comparison() | cst.UnaryOperation() | cst.If() | cst.While():
            return True
        case _:
            return False
