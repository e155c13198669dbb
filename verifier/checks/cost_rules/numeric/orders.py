"""All orders of some elements, made as a whole of which only one is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.extents import size
from verifier.costs.model import Costs, Size
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Call
from verifier.semantics.names import reaching

_WHOLE = frozenset({"sorted", "set", "list", "tuple", "frozenset", "iter"})
"""Calls that give what they are given in another container."""


def picked(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`sorted(set(permutations(items)))[k]`, `list(permutations(items)).index(x)`, `max(permutations(items))`."""
    for call in costs.calls.get("permutations", ()):
        match call.node.args:
            case [cst.Arg(value=items, star="", keyword=None)]:
                extent = size(costs, items, call.scope, call.order)
            case _:
                continue
        taken = _taken(costs, call)
        if taken is None or extent.size < Size.UNKNOWN:
            continue
        growth = f"{extent.text or 'n'}!"
        made = finding(
            rule,
            parsed,
            call.node,
            evidence={"growth": growth, "taken": code_of(parsed, taken)},
            what=code_of(parsed, call.node),
            growth=growth,
        )
        yield made if extent.grows else replace(made, severity=Severity.INFO)


def _taken(costs: Costs, call: Call) -> cst.BaseExpression | None:
    """The expression that takes one of all orders; None where that is not all that is done with them."""
    if not isinstance(call.statement, cst.BaseSmallStatement):
        return None
    for node in descend(call.statement):
        match node:
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index())]) if _is_all(value, call):
                return node
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="index"))) if _is_all(value, call):
                return node
            case cst.Call(func=cst.Name(value="min" | "max"), args=[cst.Arg(value=value, star=""), *others]) if _is_all(
                value, call
            ) and all(each.keyword is not None for each in others):
                return node
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as name)], value=value) if (
                call.scope.function is not None and _is_all(value, call)
            ):
                return name if _only_looked_up(costs, call, name.value) else None
            case _:
                pass
    return None


def _is_all(node: cst.BaseExpression, call: Call) -> bool:
    """Whether an expression is all the orders that a call makes, in whatever container, also each of them rewritten."""
    match node:
        case cst.Call() if node is call.node:
            return True
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner, star=""), *_]) if name in _WHOLE:
            return _is_all(inner, call)
        case cst.Call(func=cst.Name(value="map"), args=[_, cst.Arg(value=inner, star="")]):
            return _is_all(inner, call)
        case (
            cst.ListComp(for_in=cst.CompFor(iter=inner, ifs=[], inner_for_in=None))
            | cst.SetComp(for_in=cst.CompFor(iter=inner, ifs=[], inner_for_in=None))
            | cst.GeneratorExp(for_in=cst.CompFor(iter=inner, ifs=[], inner_for_in=None))
        ):
            return _is_all(inner, call)
        case _:
            return False


def _only_looked_up(costs: Costs, call: Call, name: str) -> bool:
    """Whether the orders that a name of a function holds are only asked for one of them, or for their number."""
    bindings = call.scope.bindings.get(name, ())
    if not bindings or any(each.kind is not BindingKind.ASSIGNMENT for each in bindings):
        return False
    measured = {id(arg) for each in costs.calls.get("len", ()) for arg in each.node.args}
    looked_up = False
    for use in costs.facts.names:
        if use.order <= call.order or not isinstance(use.node, cst.Name) or use.node.value != name:
            continue
        meant = reaching(costs.facts, name, use.scope, use.order) or ()
        if not any(each in bindings for each in meant):
            continue
        match use.parent:
            case cst.Attribute(attr=cst.Name(value="index")):
                looked_up = True
            case cst.Attribute(attr=cst.Name(value="sort")):
                pass
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index())]) if use.loop is None:
                looked_up = True
            case parent if id(parent) in measured:
                pass
            case _:
                return False
    return looked_up
