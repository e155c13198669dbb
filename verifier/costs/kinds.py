"""Which built-in container an expression is: by its type where that is known, else by what is done with it."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Scope
from verifier.semantics.names import reaching

LIST, TEXT, BYTES, TUPLE = "builtins.list", "builtins.str", "builtins.bytes", "builtins.tuple"
TEXT_NAMES = frozenset({"str", "string", "text", "word", "sentence"})
"""Names of parameters that hold text, as their authors call them."""
DEQUE = "collections.deque"
_GIVING_LISTS = frozenset({"tolist", "to_list", "readlines", "splitlines", "fetchall"})
"""Methods that give a list whatever they are called on."""
_AT_END = 10**9
"""Later than any place of the walk: what a name holds when its function is over."""
_OF_LISTS = ("append", "sort", "insert", "extend", "reverse")


def is_list(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether an expression is surely a list: nothing else is assigned to it, or only a list has the methods called."""
    found = costs.inference.types(node, scope, order)
    if found:
        return found == (LIST,)
    return (
        _used_as_list(costs, node, scope, order)
        or _returned_list(costs, node, scope, order)
        or _list_or_none(costs, node, scope, order)
    )


def is_text(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether an expression is surely a str or bytes."""
    found = costs.inference.types(node, scope, order)
    return bool(found) and set(found) <= {TEXT, BYTES}


def is_sequence(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether an expression is surely a list, tuple, str or bytes, so that a slice of it is a copy."""
    found = costs.inference.types(node, scope, order)
    return (
        bool(found) and set(found) <= {LIST, TEXT, BYTES, TUPLE} if found else _used_as_list(costs, node, scope, order)
    )


def _list_or_none(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """A parameter that is None by default, gets a list then and is filled: `if seen is None: seen = []`."""
    if not isinstance(node, cst.Name) or node.value not in costs.growing:
        return False
    bindings = reaching(costs.facts, node.value, scope, order) or ()
    given = [each for each in bindings if each.kind is BindingKind.PARAMETER]
    rest = [each for each in bindings if each.kind is not BindingKind.PARAMETER]
    return (
        len(given) == 1
        and given[0].annotation is None
        and isinstance(given[0].value, cst.Name)
        and given[0].value.value == "None"
        and bool(rest)
        and all(costs.inference.binding(each) == (LIST,) for each in rest)
    )


def _returned_list(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether a name holds what a function of the file gives, which is always a list."""
    bindings = reaching(costs.facts, node.value, scope, order) or () if isinstance(node, cst.Name) else ()
    match [each.value for each in bindings]:
        case [cst.Call(func=cst.Attribute(attr=cst.Name(value=name)))] if name in _GIVING_LISTS:
            return True
        case [cst.Call(func=cst.Name(value=name))]:
            functions = costs.functions.get(name, ())
        case _:
            return False
    if len(functions) != 1 or not isinstance(functions[0].node, cst.FunctionDef):
        return False
    given = [each.value for each in descend(functions[0].node.body) if isinstance(each, cst.Return)]
    return bool(given) and all(
        each is not None and costs.inference.types(each, functions[0], _AT_END) == (LIST,) for each in given
    )


def _used_as_list(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """A parameter that the same function sorts, inserts into or reverses; `append` alone could be a deque's."""
    if not isinstance(node, cst.Name):
        return False
    bindings = reaching(costs.facts, node.value, scope, order) or ()
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.PARAMETER:
        return False
    return any(
        isinstance(call.node.func, cst.Attribute)
        and dotted(call.node.func.value) == node.value
        and call.scope.function is scope.function
        for name in _OF_LISTS[1:]
        for call in costs.calls.get(name, ())
    )
