"""What the calls in a file say of a parameter that nothing else says anything of."""

from __future__ import annotations

import re

import libcst as cst

from verifier.costs.kinds import LIST
from verifier.costs.model import Costs
from verifier.costs.origins import arguments
from verifier.costs.written import written
from verifier.semantics.model import Binding, BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_MOST = 20
_CALLED_LIST = re.compile(r"(^|_)(list|lst)(_|\d|$)|[a-z]List\d*$")


def handed_lists(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether a parameter gets a list from every call in the file, and not only lists that are written out there.

    A function that calls itself hands on what it got; an empty list is not written out where the function fills it.
    """
    parameter = _parameter(costs, node, scope, order)
    if parameter is None:
        return False
    name = parameter.name
    given = [
        (site, value)
        for site, value in arguments(costs, parameter)[:_MOST]
        if not (isinstance(value, cst.Name) and value.value == name and site.scope.function is parameter.scope)
    ]
    return all(costs.inference.types(value, site.scope, site.order) == (LIST,) for site, value in given) and not all(
        written(costs, value, site.scope, site.order) and not (_is_empty(value) and name in costs.growing)
        for site, value in given
    )


def _is_empty(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.List) and not value.elements


def asked_for_each(costs: Costs) -> dict[int, Loop]:
    """By the id of a lambda that is called for each element or row of something: that as a loop."""
    found: dict[int, Loop] = {}
    for name in ("map", "filter", "apply"):
        for call in costs.calls.get(name, ()):
            match call.node:
                case cst.Call(
                    func=cst.Name(), args=[cst.Arg(value=cst.Lambda() as each), cst.Arg(value=through), *_]
                ) if name != "apply":
                    pass
                case cst.Call(
                    func=cst.Attribute(value=cst.Subscript() as through), args=[cst.Arg(value=cst.Lambda() as each)]
                ) if name != "filter":  # a column of a frame
                    pass
                case _:
                    continue
            found[id(each)] = Loop("call", call.node, call.loop, call.scope, call.order, iterable=through)
    return found


def called_list(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether a parameter is only called a list: `names_list`, `lst`."""
    parameter = _parameter(costs, node, scope, order)
    return parameter is not None and _CALLED_LIST.search(parameter.name) is not None


def _parameter(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> Binding | None:
    """The parameter without annotation and default that a name can only be."""
    if not isinstance(node, cst.Name):
        return None
    match reaching(costs.facts, node.value, scope, order):
        case [Binding(kind=BindingKind.PARAMETER, annotation=None, value=None) as found]:
            return found
        case _:
            return None
