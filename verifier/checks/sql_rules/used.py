"""What becomes of a list of rows: whether the first, the last, a few or only their number is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import libcst as cst

from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Call, Facts, Use
from verifier.semantics.names import visible


class Used(StrEnum):
    """How much of a list is used."""

    FIRST = "the first is used"
    LAST = "the last is used"
    SOME = "the first few are used"
    COUNTED = "their number is used"
    ASKED = "it is asked whether there is one"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Uses:
    """What becomes of the results of some calls."""

    taken: dict[int, Used]
    """By the identity of an expression of which an item or a slice is taken."""
    counted: frozenset[int]
    """Expressions that `len()` gets."""
    none: frozenset[int]
    """Those of them whose number is only compared with 0."""
    bound: dict[int, Binding]
    names: dict[str, list[Use]]

    def of(self, facts: Facts, call: Call) -> Used:
        """What alone is used of a call's result."""
        node = id(call.node)
        if node in self.taken:
            return self.taken[node]
        if node in self.counted:
            return Used.ASKED if node in self.none else Used.COUNTED
        binding = self.bound.get(node)
        if binding is None or len(binding.scope.bindings.get(binding.name, ())) != 1:
            return Used.MORE
        seen = {self._one(each) for each in self.names.get(binding.name, ()) if _same(facts, each, binding)}
        if len(seen) > 1:
            seen.discard(Used.ASKED)
        return seen.pop() if len(seen) == 1 else Used.MORE

    def _one(self, use: Use) -> Used:
        if id(use.node) in self.counted:
            return Used.ASKED if id(use.node) in self.none else Used.COUNTED
        match use.parent:
            case cst.Subscript() as parent if parent.value is use.node:
                return _part(parent)
            case cst.If() | cst.UnaryOperation(operator=cst.Not()) | cst.Assert():
                return Used.ASKED
            case cst.IfExp(test=test) if test is use.node:
                return Used.ASKED
            case cst.BooleanOperation(left=left) if left is use.node:
                return Used.ASKED
            case _:
                return Used.MORE


def uses(facts: Facts, fetched: Sequence[Call]) -> Uses:
    """What becomes of the results of these calls."""
    taken: dict[int, Used] = {}
    wanted = {id(each.node) for each in fetched}
    for statement in {id(each.statement): each.statement for each in fetched}.values():
        for node in descend(statement):
            if isinstance(node, cst.Subscript):
                inner = _awaited(node.value)
                if id(inner) in wanted:
                    taken[id(inner)] = _part(node)
    bound: dict[int, Binding] = {}
    for scope in facts.scopes:
        for group in scope.bindings.values():
            for each in group:
                value = _awaited(each.value)
                if each.kind is BindingKind.ASSIGNMENT and id(value) in wanted:
                    bound[id(value)] = each
    held = {each.name for each in bound.values()}
    names: dict[str, list[Use]] = {}
    for use in facts.names:
        if isinstance(use.node, cst.Name) and use.node.value in held:
            names.setdefault(use.node.value, []).append(use)
    counts = {
        id(call.node): id(inner)
        for call in facts.calls
        if isinstance(call.node.func, cst.Name) and call.node.func.value == "len" and len(call.node.args) == 1
        if id(inner := _awaited(call.node.args[0].value)) in wanted
        or (isinstance(inner, cst.Name) and inner.value in held)
    }
    none = {
        counts[id(each.node.left)]
        for each in facts.comparisons
        if isinstance(each.node, cst.Comparison) and id(each.node.left) in counts and _with_nothing(each.node)
    }
    return Uses(taken, frozenset(counts.values()), frozenset(none), bound, names)


def _part(node: cst.Subscript) -> Used:
    """What a subscript takes of a list."""
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))]:
            return Used.FIRST
        case [
            cst.SubscriptElement(
                slice=cst.Index(value=cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer(value="1")))
            )
        ]:
            return Used.LAST
        case [cst.SubscriptElement(slice=cst.Slice(lower=None, upper=cst.Integer() | cst.Name(), step=None))]:
            return Used.SOME
        case _:
            return Used.MORE


def _with_nothing(node: cst.Comparison) -> bool:
    """Whether a number is compared with 0, or asked to be less than 1."""
    match node.comparisons:
        case [cst.ComparisonTarget(comparator=cst.Integer(value="0"))]:
            return True
        case [
            cst.ComparisonTarget(operator=cst.LessThan() | cst.GreaterThanEqual(), comparator=cst.Integer(value="1"))
        ]:
            return True
        case _:
            return False


def _awaited(node: cst.BaseExpression | None) -> cst.BaseExpression | None:
    return node.expression if isinstance(node, cst.Await) else node


def _same(facts: Facts, use: Use, binding: Binding) -> bool:
    found = visible(facts, binding.name, use.scope)
    return found is not None and found[0] is binding.scope
