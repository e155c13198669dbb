"""What an expression's value is made from, as far as that is settled by names and by calls that only compute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.objects.harmless import repeatable
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Scope, ScopeKind
from verifier.semantics.names import qualify, reaching

_DEEPEST = 6
_PURE = frozenset(
    {"open", "getenv", "get", "join", "Path", "str", "int", "expanduser", "dirname", "abspath", "resolve", "escape"}
    | {"map", "filter"}
)
"""Calls that give the same for the same, as those of `os.environ`, `os.path` and `pathlib` do."""


@dataclass(frozen=True, slots=True)
class Place:
    """An expression with where it is evaluated."""

    node: cst.BaseExpression
    scope: Scope
    order: int


def class_of(scope: Scope | None) -> Scope | None:
    """The class that a scope stands in."""
    while scope is not None and scope.kind is not ScopeKind.CLASS:
        scope = scope.parent
    return scope


def roots(costs: Costs, place: Place, depth: int = 0) -> Iterator[Binding | None]:
    """The bindings that decide an expression's value, simple assignments followed; None for what nobody knows."""
    node = place.node
    if depth > _DEEPEST:
        yield None
        return
    match node:
        case cst.SimpleString() | cst.Integer() | cst.Float():
            return
        case cst.Name():
            for each in reaching(costs.facts, node.value, place.scope, place.order) or ():
                yield from _of_binding(costs, each, depth)
            return
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            yield from _stored(node, name, place)
            parts: list[cst.BaseExpression] = [value]
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            parts = [value, index]
        case cst.BinaryOperation(left=left, right=right) | cst.ConcatenatedString(left=left, right=right):
            parts = [left, right]
        case cst.UnaryOperation(expression=inner):
            parts = [inner]
        case cst.BooleanOperation(left=left, right=right):
            parts = [left, right]
        case cst.FormattedString(parts=pieces):
            parts = [each.expression for each in pieces if isinstance(each, cst.FormattedStringExpression)]
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Set(elements=elements):
            parts = [each.value for each in elements]
        case cst.Dict(elements=pairs):
            parts = [part for each in pairs if isinstance(each, cst.DictElement) for part in (each.key, each.value)]
        case cst.Call(func=func, args=args) if _computes(costs, node, place):
            receiver = [func.value] if isinstance(func, cst.Attribute) else []
            parts = [*receiver, *(each.value for each in args)]
        case cst.GeneratorExp() | cst.ListComp() | cst.SetComp():
            yield from _of_comprehension(costs, node, place, depth)
            return
        case _:
            yield None
            return
    for part in parts:
        yield from roots(costs, Place(part, place.scope, place.order), depth + 1)


def _computes(costs: Costs, node: cst.Call, place: Place) -> bool:
    """Whether a call gives the same for the same, and what it is given is no container that the file fills."""
    if any((dotted(each.value) or "") in costs.growing | costs.shrinking for each in node.args):
        return False
    match node.func:
        case cst.Attribute(value=cst.Name(), attr=cst.Name(value=name)) if not node.args and name not in _PURE:
            return False  # `time.time()`
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name in _PURE or repeatable(costs, node, place.scope) or _made(costs, node, name, place)
        case _:
            return False


def _made(costs: Costs, node: cst.Call, name: str, place: Place) -> bool:
    """Whether a call makes an object of an imported class, as `FileSystemLoader(folder)` does."""
    if not name[:1].isupper() or name.isupper():
        return False
    paths = qualify(costs.facts, node.func, place.scope, place.order)
    return bool(paths) and not any(each.startswith(("<local>", "builtins.", ".")) for each in paths)


def _of_comprehension(
    costs: Costs, node: cst.GeneratorExp | cst.ListComp | cst.SetComp, place: Place, depth: int
) -> Iterator[Binding | None]:
    """What a comprehension goes through, and what its element is made from besides its own variables."""
    clause = node.for_in
    if clause.inner_for_in is not None or dotted(clause.iter) in costs.growing | costs.shrinking:
        yield None
        return
    own = {each.value for each in (clause.target, *descend(clause.target)) if isinstance(each, cst.Name)}
    yield from roots(costs, Place(clause.iter, place.scope, place.order), depth + 1)
    for part in (node.elt, *(each.test for each in clause.ifs)):
        for each in (part, *descend(part)):
            if isinstance(each, cst.Name) and each.value not in own:
                yield from roots(costs, Place(each, place.scope, place.order), depth + 1)
            elif isinstance(each, cst.Call) and not _computes(costs, each, place):
                yield None


def _of_binding(costs: Costs, each: Binding, depth: int) -> Iterator[Binding | None]:
    """A binding, or what the value that it gives is made from where that is simple."""
    if each.kind in {BindingKind.ASSIGNMENT, BindingKind.WITH} and each.value is not None:
        deeper = list(roots(costs, Place(each.value, each.scope, each.order), depth + 1))
        if None not in deeper:
            yield from deeper
            return
    yield each


def _stored(node: cst.Attribute, name: str, place: Place) -> Iterator[Binding]:
    """What the methods of its class assign to an attribute of `self` in a loop."""
    here = class_of(place.scope)
    if here is not None and dotted(node.value) in {"self", "cls"}:
        for each in here.attributes.get(name, ()):
            if each.loop is not None and each.scope.function is place.scope.function:
                yield each
