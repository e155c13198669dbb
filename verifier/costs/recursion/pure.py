"""Whether a function that calls itself only computes: it changes nothing, reads nothing anew and collects nothing."""

from __future__ import annotations

import libcst as cst

from verifier.costs.recursion.calls import Recursion
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind

_TAKING = frozenset({"pop", "popleft", "popitem", "send", "read", "readline", "choice", "random", "randint", "shuffle"})
_ASKING = frozenset({"next", "input", "open", "print", "setattr", "exec", "eval"})
_CHANGED = (cst.Yield, cst.Await, cst.Global, cst.Nonlocal, cst.Del, cst.NamedExpr)


def pure(each: Recursion) -> bool:
    """Whether a function stores into nothing, calls nothing for its effect, and is no generator."""
    return not any(_acts(node) for node in descend(each.node.body))


def _acts(node: cst.CSTNode) -> bool:
    match node:
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString() | cst.Ellipsis()):
            return False
        case cst.Expr():
            return True
        case cst.AssignTarget(target=target) | cst.AugAssign(target=target) | cst.AnnAssign(target=target):
            return any(isinstance(one, cst.Subscript | cst.Attribute) for one in _targets(target))
        case cst.Call(func=cst.Name(value=name)):
            return name in _ASKING
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))):
            return name in _TAKING
        case cst.In() | cst.NotIn():
            return False
        case _:
            return isinstance(node, _CHANGED)


def _targets(node: cst.CSTNode) -> list[cst.CSTNode]:
    if isinstance(node, cst.Tuple | cst.List):
        return [one for element in node.elements for one in _targets(element.value)]
    return [node]


def gathers(each: Recursion) -> bool:
    """Whether a function returns a container that it fills: all ways are asked for, so none is walked in vain."""
    for node in descend(each.node.body):
        if isinstance(node, cst.Return) and node.value is not None and _container(each, node.value):
            return True
    return False


def _container(each: Recursion, value: cst.BaseExpression) -> bool:
    shown = (cst.List, cst.Set, cst.Dict, cst.ListComp, cst.SetComp, cst.DictComp)
    looked_up = {id(node.value) for node in descend(value) if isinstance(node, cst.Subscript)}
    for node in descend(value):
        if isinstance(node, shown) and id(node) not in looked_up:
            return True
        if isinstance(node, cst.Name):
            for binding in each.scope.bindings.get(node.value, ()):
                if binding.kind is BindingKind.ASSIGNMENT and isinstance(binding.value, shown):
                    return True
    return False
