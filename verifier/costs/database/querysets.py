"""Loops over the rows of one model, and which relations their query reads along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from verifier.costs.model import Costs, Rows
from verifier.costs.origins import arguments
from verifier.semantics.model import Binding, BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_LONGEST = 60
_DEEPEST = 8
_MOST = 4
"""Values of one name that are followed at most."""
_NO_ROWS = frozenset(
    {"values", "values_list", "dates", "datetimes", "with_entities", "dicts", "tuples", "in_bulk", "raw", "mappings"}
)
_ALONG = frozenset(
    {"select_related", "prefetch_related", "options", "prefetch", "join", "join_from", "join_related"}
    | {"annotate", "extra"}
)
_PLAIN = frozenset(
    {"filter", "exclude", "all", "order_by", "distinct", "reverse", "using", "iterator", "union", "only", "defer"}
    | {"complex_filter", "select_for_update", "none", "get_queryset", "alias", "difference", "intersection"}
)
"""Methods of Django's querysets that bring nothing along."""
_CONSUMING = (
    "list",
    "len",
    "set",
    "tuple",
    "sorted",
    "bool",
    "dict",
    "sum",
    "any",
    "all",
    "next",
    "max",
    "min",
    "enumerate",
)
_THROUGH = frozenset({"list", "enumerate", "tuple", "sorted", "reversed", "tqdm", "iter"})


@dataclass(frozen=True, slots=True)
class Chains:
    """The calls of a file by what they are called on, and the expressions that something goes through or counts."""

    outer: dict[int, cst.Call]
    """By the id of the node whose method is called."""
    consumed: frozenset[int]


def open_chains(costs: Costs) -> Chains:
    """The chains of calls of one file."""
    outer: dict[int, cst.Call] = {}
    for group in costs.calls.values():
        for call in group:
            if isinstance(call.node.func, cst.Attribute):
                outer[id(call.node.func.value)] = call.node
    consumed = {id(each.value) for name in _CONSUMING for call in costs.calls.get(name, ()) for each in call.node.args}
    return Chains(outer, frozenset({*consumed, *(id(loop.iterable) for loop in costs.facts.loops)}))


def chain(chains: Chains, node: cst.Call) -> Iterator[cst.Call]:
    """A call and those that are made, one after the other, on what it gives."""
    current: cst.Call | None = node
    while current is not None:
        yield current
        current = chains.outer.get(id(current))


def last_name(node: cst.Call) -> str:
    """The name of the function or method that is called."""
    match node.func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case _:
            return ""


def rows(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> Rows | None:
    """The rows that an expression gives when it is gone through; None where it is no query of whole rows."""
    if depth > _DEEPEST:
        return None
    match node:
        case cst.Await(expression=inner):
            return rows(costs, inner, scope, order, depth + 1)
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, scope, order) or ()
            if len(bindings) == 1 and bindings[0].kind is BindingKind.PARAMETER:
                return _handed(costs, bindings[0], depth)
            if not 0 < len(bindings) <= _MOST or any(
                each.kind is not BindingKind.ASSIGNMENT or each.value is None for each in bindings
            ):
                return None
            found = [rows(costs, each.value, each.scope, each.order, depth + 1) for each in bindings if each.value]
            return _together(found)
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner), *_]) if name in _THROUGH:
            return rows(costs, inner, scope, order, depth + 1)
        case _:
            return _chain(costs, node, scope, order, depth)


def _handed(costs: Costs, parameter: Binding, depth: int) -> Rows | None:
    """The rows that every call in the file hands in for a parameter."""
    if id(parameter) not in costs.handed:
        costs.handed[id(parameter)] = None  # functions that hand it to each other say nothing new
        given = arguments(costs, parameter)
        calls = len(costs.calls.get(parameter.scope.name, ()))
        if given and len(given) == calls and len(costs.functions.get(parameter.scope.name, ())) == 1:
            found = [rows(costs, value, site.scope, site.order, depth + 1) for site, value in given]
            costs.handed[id(parameter)] = _together(found)
    return costs.handed[id(parameter)]


def _together(found: Sequence[Rows | None]) -> Rows | None:
    """The rows that several expressions give, where all are of one model."""
    first = found[0]
    if first is None or any(each is None or each.model != first.model for each in found):
        return None
    known = [each for each in found if each is not None]
    return Rows(first.model, " ".join(each.along for each in known), all(each.django for each in known))


def _chain(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int) -> Rows | None:
    """`Book.objects.filter(…).all()`, `session.query(Book).all()`, `session.scalars(select(Book))`, `Book.select()`."""
    along: list[str] = []
    plain = True
    for _ in range(_LONGEST):
        match node:
            case (
                cst.Await(expression=inner)
                | cst.Subscript(value=inner, slice=[cst.SubscriptElement(slice=cst.Slice())])
            ):
                node = inner
            case cst.Name() if depth < _DEEPEST:
                found = rows(costs, node, scope, order, depth + 1)
                if found is None:
                    return None
                return Rows(found.model, " ".join([found.along, *along]), found.django and plain)
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name)), args=args):
                if name in _NO_ROWS:
                    return None
                if name in _ALONG:
                    along.append(" ".join(costs.facts.tree.code_for_node(each) for each in args) or "*")
                plain = plain and (name in _PLAIN or name in _ALONG)
                found = _asked(costs, name, args, value, along, scope, order, depth)
                if found is not None:
                    return found
                node = value
            case cst.Call(func=cst.Name(value="select"), args=[cst.Arg(value=cst.Name(value=model))]):
                return Rows(model, " ".join(along))
            case cst.Attribute(value=cst.Name(value=model), attr=cst.Name(value="objects" | "query" as manager)):
                if manager == "objects" and not plain:
                    along.append("*")  # a method of its own may bring anything along
                return Rows(model, " ".join(along), manager == "objects") if model[:1].isupper() else None
            case cst.Attribute(value=inner):
                node = inner
            case _:
                return None
    return None


def _asked(
    costs: Costs,
    name: str,
    args: object,
    value: cst.BaseExpression,
    along: list[str],
    scope: Scope,
    order: int,
    depth: int,
) -> Rows | None:
    """What one call of a chain asks for, where it is the one that names the model."""
    match args:
        case [cst.Arg(value=cst.Name(value=model))] if name in {"query", "select"} and model[:1].isupper():
            return Rows(model, " ".join(along))
        case [cst.Arg(value=cst.Call() | cst.Name() as inner), *_] if name in {"scalars", "execute"}:
            found = rows(costs, inner, scope, order, depth + 1)
            return Rows(found.model, " ".join([found.along, *along])) if found is not None else None
        case [] if name == "select":
            match value:
                case cst.Name(value=model) if model[:1].isupper():
                    return Rows(model, " ".join(along))
        case _:
            pass
    return None


def element(loop: Loop) -> str | None:
    """The name of the row that a loop is at."""
    match loop.target, loop.iterable:
        case cst.Name(value=name), _:
            return name
        case cst.Tuple(elements=[_, cst.Element(value=cst.Name(value=name))]), cst.Call(
            func=cst.Name(value="enumerate")
        ):
            return name
        case _:
            return None
