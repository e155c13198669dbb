"""What becomes of a thing that is opened: whether each turn keeps its own."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call, Scope, ScopeKind
from verifier.semantics.names import visible

_KEEPING = ("append", "add", "put", "submit", "setdefault", "Thread", "Process", "push", "enter_context")
_SETTING = ("update", "set", "mount")
Held = frozenset[tuple[int, str]]
"""Names by the id of their scope."""


def held(costs: Costs) -> Held:
    """The names whose object is put into a container, an attribute or another object, yielded, or made up by itself."""
    return frozenset(_held(costs))


def _held(costs: Costs) -> Iterator[tuple[int, str]]:
    for use in costs.facts.names:
        if isinstance(use.node, cst.Name) and _puts(use.parent):
            yield id(use.scope), use.node.value
    for name in _KEEPING:
        for call in costs.calls.get(name, ()):
            yield from (
                (id(call.scope), each.value.value) for each in call.node.args if isinstance(each.value, cst.Name)
            )
    for name in _SETTING:
        for call in costs.calls.get(name, ()):
            if all(_same_for_all(costs, each.value, call.scope) for each in call.node.args):
                continue
            yield id(call.scope), (dotted(call.node.func) or "").partition(".")[0]
    for store in costs.facts.stores:
        yield id(store.scope), (dotted(store.node) or "").partition(".")[0]


def _same_for_all(costs: Costs, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an expression is made from constants, the module's names and attributes of `self` alone."""
    names = {each.value for each in (node, *descend(node)) if isinstance(each, cst.Name)}
    asked = {each.attr.value for each in (node, *descend(node)) if isinstance(each, cst.Attribute)}
    found = [visible(costs.facts, name, scope) for name in names - asked - {"self"}]
    return all(each is None or each[0].kind is ScopeKind.MODULE for each in found)


def _puts(parent: cst.CSTNode) -> bool:
    match parent:
        case cst.Assign(targets=targets):
            return any(isinstance(each.target, cst.Attribute | cst.Subscript) for each in targets)
        case cst.Element() | cst.DictElement() | cst.Yield():
            return True
        case _:
            return False


def kept(call: Call, names: Held) -> bool:
    """Whether what a call gives is kept for each turn: put into a list, a mapping, an object, a thread."""
    match call.statement:
        case cst.Expr(value=cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=args)):
            return name in _KEEPING and any(each.value is call.node for each in args)
        case cst.Assign(targets=targets, value=value) if value is call.node or isinstance(value, cst.Await):
            return any(
                isinstance(each.target, cst.Attribute | cst.Subscript)
                or (isinstance(each.target, cst.Name) and (id(call.scope), each.target.value) in names)
                for each in targets
            )
        case cst.With(items=items):
            bound = [each.asname.name for each in items if each.item is call.node and each.asname is not None]
            return any(isinstance(each, cst.Name) and (id(call.scope), each.value) in names for each in bound)
        case _:
            return False


def handed_on(call: Call) -> bool:
    """Whether a function returns what a call in it gives, itself or in something that is made with it."""
    function = call.scope.function
    if function is None or not isinstance(function.node, cst.FunctionDef):
        return True
    match call.statement:
        case cst.Assign(targets=targets):
            names = {each.target.value for each in targets if isinstance(each.target, cst.Name)}
        case cst.With(items=items):
            bound = [each.asname.name for each in items if each.asname is not None]
            names = {each.value for each in bound if isinstance(each, cst.Name)}
        case _:
            return True
    for node in descend(function.node.body):
        if isinstance(node, cst.Return | cst.Yield) and node.value is not None:
            parts = [node.value, *descend(node.value)]
            asked = {id(each.value) for each in parts if isinstance(each, cst.Attribute)}
            if any(isinstance(each, cst.Name) and each.value in names and id(each) not in asked for each in parts):
                return True
    return False
