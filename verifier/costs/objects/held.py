"""What an object holds: numbers from outside, and containers in which its methods look up places."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs, text_of
from verifier.costs.origins import outside
from verifier.costs.recursion.calls import Recursion
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call, Scope, ScopeKind

_OWN = frozenset({"self", "cls"})


def number_of_attribute(costs: Costs, node: cst.BaseExpression, scope: Scope) -> str | None:
    """The text of an attribute of the object in an expression whose value the constructor gets from outside."""
    owner = _class(scope)
    if owner is None:
        return None
    for each in descend(node):
        match each:
            case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=attribute)):
                for binding in owner.attributes.get(attribute, ()):
                    if binding.value is not None and _from_outside(costs, owner, binding.value, binding.scope):
                        return text_of(costs, each)
            case _:
                pass
    return None


def _class(scope: Scope | None) -> Scope | None:
    while scope is not None and scope.kind is not ScopeKind.CLASS:
        scope = scope.parent
    return scope


def _from_outside(costs: Costs, owner: Scope, value: cst.BaseExpression, scope: Scope) -> bool:
    if outside(costs, value, scope, 10**9):
        return True
    parameter = scope.bindings.get(value.value, ()) if isinstance(value, cst.Name) else ()
    if len(parameter) != 1 or parameter[0].kind is not BindingKind.PARAMETER or scope.name != "__init__":
        return False
    return any(_gives_outside(costs, call, scope, parameter[0].name) for call in costs.calls.get(owner.name, ()))


def _gives_outside(costs: Costs, call: Call, constructor: Scope, name: str) -> bool:
    """Whether a call of a class gives a parameter of its constructor something from outside, stars included."""
    node = constructor.node
    params = [each.name.value for each in node.params.params] if isinstance(node, cst.FunctionDef) else []
    for index, arg in enumerate(call.node.args):
        for_it = arg.keyword.value == name if arg.keyword else params[1:][index : index + 1] == [name]
        if (arg.star or for_it) and outside(costs, arg.value, call.scope, call.order):
            return True
    return False


def places(each: Recursion, name: str) -> str | None:
    """The container of an object in which a method looks up a place that a parameter says, or whose elements it takes.

    What an object holds is data, not a number written into a call.
    """
    if each.scope.parent is None or each.scope.parent.kind is not ScopeKind.CLASS:
        return None
    for node in descend(each.node.body):
        match node:
            case cst.Subscript(value=cst.Attribute() as held, slice=[cst.SubscriptElement(slice=cst.Index(value=at))]):
                pass
            case cst.Comparison(
                left=at, comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=held)]
            ):
                pass
            case cst.For(iter=cst.Attribute() as held, body=at):
                pass
            case _:
                continue
        text = dotted(held) or ""
        if text.partition(".")[0] in _OWN and not text.rpartition(".")[2].isupper() and _reads(at, name):
            return text
    return None


def _reads(node: cst.CSTNode, name: str) -> bool:
    return any(isinstance(each, cst.Name) and each.value == name for each in descend(node))
