"""How long a list or set gets that a function begins empty and fills itself."""

from __future__ import annotations

import libcst as cst

from verifier.costs.extents import size, turns
from verifier.costs.model import Costs, Extent, Size
from verifier.costs.objects.windows import changes, method
from verifier.costs.repeats import around
from verifier.costs.written import written
from verifier.semantics.model import Binding, BindingKind, Call, Scope, instance_class
from verifier.semantics.names import reaching

_ADDING = frozenset({"append", "add", "insert", "extend", "update"})
_MOST = 40
"""Calls looked at; a list that is filled in more places is long."""


def filled(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> Extent | None:
    """The most elements that the loops around `append` and the like can give a list; None where others fill it."""
    if not isinstance(node, cst.Name) or node.value not in costs.growing:
        return None
    bindings = [
        each
        for each in reaching(costs.facts, node.value, scope, order) or ()
        if each.kind is not BindingKind.AUGMENTED and each.kind is not BindingKind.DELETION
    ]
    begun = all(
        each.kind is BindingKind.ASSIGNMENT
        and isinstance(each.value, cst.List | cst.Set | cst.Call)
        and (each.scope.function is scope.function)
        and _begins(costs, each.value, each.scope, each.order)
        for each in bindings
    )
    if not bindings or not begun:
        return None
    adding = [call for call in changes(costs, node.value, scope) if method(call) in _ADDING]
    if not adding or len(adding) > _MOST:
        return None
    return max((_added(costs, each) for each in adding), key=lambda each: each.size)


def distinct_values(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether a list holds what is left of some values without duplicates: `sorted(set(labels))`.

    Whoever takes duplicates away has data, whatever its name is.
    """
    match node:
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, scope, order) or ()
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attribute)):
            owner = instance_class(name, scope)
            bindings = owner.attributes.get(attribute, ()) if owner is not None else ()
        case _:
            return False
    return any(each.value is not None and _without_duplicates(costs, each.value, each) for each in bindings[:_MOST])


def _without_duplicates(costs: Costs, value: cst.BaseExpression, each: Binding) -> bool:
    match value:
        case cst.Call(func=cst.Name(value="sorted" | "list" | "tuple"), args=[cst.Arg(value=inner), *_]):
            return _without_duplicates(costs, inner, each)
        case cst.Call(
            func=cst.Name(value="set" | "frozenset") | cst.Attribute(attr=cst.Name(value="fromkeys")),
            args=[cst.Arg(value=inner), *_],
        ):
            return not written(costs, inner, each.scope, each.order)
        case cst.SetComp(for_in=cst.CompFor(iter=inner)):
            return not written(costs, inner, each.scope, each.order)
        case _:
            return False


def _begins(costs: Costs, value: cst.BaseExpression, scope: Scope, order: int) -> bool:
    match value:
        case cst.Call(func=cst.Name(value="list" | "set"), args=[]):
            return True
        case cst.Call():
            return False
        case _:
            return all(not isinstance(each, cst.StarredElement) for each in getattr(value, "elements", ())) or written(
                costs, value, scope, order
            )


def _added(costs: Costs, call: Call) -> Extent:
    """How many elements one place adds in all."""
    found = [turns(costs, each) for each in around(call.loop)]
    if method(call) in {"extend", "update"} and call.node.args:
        found.append(size(costs, call.node.args[0].value, call.scope, call.order))
    return max(found, key=lambda each: each.size, default=Extent(Size.SMALL))
