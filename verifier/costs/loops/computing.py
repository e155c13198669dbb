"""Functions of a file that only work something out of what they are given, and what they go through to do so."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.objects.harmless import repeatable
from verifier.costs.objects.paths import path_of
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Scope, ScopeKind
from verifier.semantics.names import visible

_DEEPEST = 2
_FINE = frozenset({"property", "staticmethod"})
_FILLING = frozenset({"append", "add", "extend", "insert", "update", "setdefault", "sort"})
_ACTING = (cst.Yield, cst.Await, cst.Global, cst.Nonlocal, cst.Del, cst.NamedExpr, cst.With, cst.Try, cst.While)
_WRAPPERS = frozenset({"enumerate", "sorted", "set", "list", "tuple", "reversed", "zip", "map", "filter"})
_MAKING = frozenset({"sorted", "set", "list", "dict", "Counter", "defaultdict", "deque", "reversed", "zip"})
_VIEWS = frozenset({"items", "keys", "values"})
_GATHERING = frozenset({"sum", "max", "min", "sorted", "set", "frozenset", "dict", "Counter", "mean", "median"})


def computes(costs: Costs, function: Scope, depth: int = 0) -> bool:
    """Whether a function surely gives the same again for the same arguments, and does nothing besides.

    It may fill containers of its own; of its object it only reads attributes.
    """
    known = costs.computing
    if id(function) not in known:
        known[id(function)] = False  # one that calls itself is left to the rules about recursion
        known[id(function)] = _computes(costs, function, depth)
    return known[id(function)]


def _computes(costs: Costs, function: Scope, depth: int) -> bool:
    node = function.node
    if (
        not isinstance(node, cst.FunctionDef)
        or node.asynchronous is not None
        or function.kind is not ScopeKind.FUNCTION
    ):
        return False
    if any(not isinstance(each.decorator, cst.Name) or each.decorator.value not in _FINE for each in node.decorators):
        return False
    return all(_is_fine(costs, each, function, depth) for each in descend(node.body))


def _is_fine(costs: Costs, node: cst.CSTNode, function: Scope, depth: int) -> bool:
    match node:
        case cst.FunctionDef() | cst.ClassDef():
            return False
        case cst.Name(value=name):
            return not _may_change(costs, name, function)
        case cst.AssignTarget(target=target) | cst.AugAssign(target=target) | cst.AnnAssign(target=target):
            return _is_own(target, function)
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method))) if (
            method in _FILLING and _is_local(name, function)
        ):
            return True
        case cst.Call(func=cst.Name(value=name)) if len(costs.functions.get(name, ())) == 1 and depth < _DEEPEST:
            return computes(costs, costs.functions[name][0], depth + 1)
        case cst.Call():
            return repeatable(costs, node, function)
        case _:
            return not isinstance(node, _ACTING)


def _may_change(costs: Costs, name: str, function: Scope) -> bool:
    """Whether a name is a variable of the module or of a function around, to which something else may be assigned."""
    found = visible(costs.facts, name, function)
    if found is None or found[0].function is function:
        return False
    kinds = {each.kind for each in found[1]}
    fixed = {BindingKind.IMPORT, BindingKind.FUNCTION, BindingKind.CLASS}
    return not kinds <= fixed and not (name.isupper() and len(found[1]) == 1)


def _is_own(target: cst.CSTNode, function: Scope) -> bool:
    """Whether a target is a name of the function, or an element of what such a name holds."""
    match target:
        case cst.Name():
            return True
        case cst.Subscript(value=cst.Name(value=name)):
            return _is_local(name, function)
        case cst.Tuple(elements=elements):
            return all(_is_own(each.value, function) for each in elements)
        case _:
            return False


def _is_local(name: str, function: Scope) -> bool:
    """Whether the function itself makes what a name holds: a display, a comprehension or a call."""
    made = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp, cst.Call)
    found = [each for each in function.bindings.get(name, ()) if each.kind is not BindingKind.AUGMENTED]
    return bool(found) and all(isinstance(each.value, made) for each in found)


def gone_through(function: Scope) -> Iterator[tuple[tuple[str, ...], cst.BaseExpression]]:
    """The parameters, or attributes of the object, whose elements a function goes through each time it is called."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return
    for each in descend(node.body):
        match each:
            case cst.For(iter=inner) | cst.CompFor(iter=inner):
                found = _container(inner)
            case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner, star=""), *_]) if name in _GATHERING:
                found = _container(inner)
            case _:
                continue
        path = path_of(found) if found is not None else None
        if found is None or path is None or len(path) > 2 or "[]" in path:
            continue
        match function.bindings.get(path[0], ()):
            case [Binding(kind=BindingKind.PARAMETER)]:
                yield path, found
            case _:
                pass


def gives_container(function: Scope) -> bool:
    """Whether a function may return a new list, set or dictionary, which its caller may want for itself."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return True
    return any(
        isinstance(each, cst.Return) and each.value is not None and _is_container(each.value, function)
        for each in descend(node.body)
    )


def _is_container(value: cst.BaseExpression, function: Scope) -> bool:
    shown = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)
    match value:
        case cst.Name(value=name):
            found = function.bindings.get(name, ())
            return any(each.value is not None and _is_container(each.value, function) for each in found)
        case cst.Call(func=cst.Name(value=name)):
            return name in _MAKING
        case _:
            return isinstance(value, shown)


def _container(node: cst.BaseExpression) -> cst.BaseExpression | None:
    match node:
        case cst.Name() | cst.Attribute():
            return node
        case cst.Call(func=cst.Name(value=name), args=[*_, cst.Arg(value=inner)]) if name in _WRAPPERS:
            return _container(inner)
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name)), args=[]) if name in _VIEWS:
            return _container(inner)
        case _:
            return None


def read_of(function: Scope, name: str) -> set[tuple[str, ...]]:
    """The attributes that a function reads of the object in a name, as paths; the name itself where it is handed on."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return set()
    found: set[tuple[str, ...]] = set()
    inside: set[int] = set()
    for each in descend(node.body):
        match each:
            case cst.Attribute(value=cst.Name(value=root) as owner, attr=cst.Name(value=attribute)) if root == name:
                inside.add(id(owner))
                found.add((name, attribute))
            case cst.Name(value=root) if root == name and id(each) not in inside:
                found.add((name,))
            case _:
                pass
    return found
