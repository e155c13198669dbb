"""Chains of attributes and calls, as `session.query(User).filter_by(email=email).first()`, one step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from verifier.semantics.model import Binding, BindingKind, Facts, Scope
from verifier.semantics.names import reaching

_LONGEST = 60


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One name of a chain, with the call of it and the expression that ends with it."""

    name: str
    node: cst.BaseExpression
    call: cst.Call | None = None

    @property
    def args(self) -> Sequence[cst.Arg]:
        """The arguments of the call."""
        return self.call.args if self.call is not None else ()


def steps(node: cst.BaseExpression) -> list[Step]:
    """The steps of a chain from its root; empty where it does not begin with a name."""
    found: list[Step] = []
    while len(found) < _LONGEST:
        match node:
            case cst.Await(expression=inner):
                node = inner
            case cst.Subscript(value=inner):
                found.append(Step("[]", node))
                node = inner
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name))):
                found.append(Step(name, node, node))
                node = inner
            case cst.Attribute(value=inner, attr=cst.Name(value=name)):
                found.append(Step(name, node))
                node = inner
            case cst.Call(func=cst.Name(value=name)):
                return [Step(name, node, node), *reversed(found)]
            case cst.Name(value=name):
                return [Step(name, node), *reversed(found)]
            case _:
                return []
    return []


def receiver(call: cst.Call) -> cst.Call | None:
    """The call that a call's method belongs to, through attributes, subscripts and `await`."""
    node: cst.BaseExpression = call.func
    while True:
        match node:
            case cst.Attribute(value=inner) | cst.Subscript(value=inner) | cst.Await(expression=inner):
                node = inner
            case cst.Call():
                return node
            case _:
                return None


def unwrapped(node: cst.BaseExpression | None) -> cst.BaseExpression | None:
    """An expression without `await` and subscripts around it."""
    while isinstance(node, cst.Await | cst.Subscript):
        node = node.expression if isinstance(node, cst.Await) else node.value
    return node


def bound_once(facts: Facts, name: str, scope: Scope, order: int) -> Binding | None:
    """The one binding with a value that a name has at a point; None where there are several, or none."""
    found = reaching(facts, name, scope, order) or ()
    if len(found) != 1 or found[0].kind is not BindingKind.ASSIGNMENT or found[0].value is None:
        return None
    return found[0] if found[0].order < order or found[0].scope is not scope else None


Read = tuple[cst.Name, cst.CSTNode, int]
"""Where a name is read, what it is an operand of there, and the order number of the read."""


@dataclass(slots=True)
class Uses:
    """How the names that chains are bound to are used afterwards."""

    bound: dict[int, Binding]
    """By the identity of the value's node."""
    read: dict[tuple[str, int], list[Read]]
    """Each read of a name, by the name and the identity of the function around it, 0 for all functions."""

    def of(self, binding: Binding) -> Sequence[Read]:
        """The reads after a binding."""
        function = binding.scope.function
        found = self.read.get((binding.name, id(function) if function is not None else 0), ())
        return [each for each in found if each[2] > binding.order] if function is not None else found


def open_uses(facts: Facts) -> Uses:
    """How names are bound and read in a file."""
    bound: dict[int, Binding] = {}
    for scope in facts.scopes:
        for bindings in scope.bindings.values():
            for each in bindings:
                if each.kind is BindingKind.ASSIGNMENT and (value := unwrapped(each.value)) is not None:
                    bound[id(value)] = each
    read: dict[tuple[str, int], list[Read]] = {}
    for use in facts.names:
        if isinstance(use.node, cst.Name):
            for place in (0, id(use.scope.function)):
                read.setdefault((use.node.value, place), []).append((use.node, use.parent, use.order))
    return Uses(bound, read)
