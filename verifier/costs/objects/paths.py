"""Paths such as `("self", "rows", "[]")`: which object an expression leads to, and by which name of which scope."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.guards import dotted
from verifier.semantics.model import Scope
from verifier.semantics.names import normal, visible

ELEMENT = "[]"
"""A step of a path: any element of the container so far."""
_THROUGH = frozenset({"enumerate", "reversed", "sorted", "zip", "list", "tuple", "set", "iter", "filter"})
_VIEWS = frozenset({"items", "values", "copy"})


def path_of(node: cst.CSTNode) -> tuple[str, ...] | None:
    """`("self", "rows", "[]")` for `self.rows[i]`; None for what is no chain of names, attributes and elements."""
    steps: list[str] = []
    while True:
        match node:
            case cst.Name(value=name):
                return (normal(name), *reversed(steps))
            case cst.Attribute(value=inner, attr=cst.Name(value=name)):
                steps.append(name)
                node = inner
            case cst.Subscript(value=inner) if not any(isinstance(each.slice, cst.Slice) for each in node.slice):
                steps.append(ELEMENT)
                node = inner
            case _:
                return None


def owner_of(costs: Costs, name: str, scope: Scope) -> int:
    """The scope that a name belongs to, by id; zero for a name that the file does not bind."""
    found = visible(costs.facts, name, scope)
    return id(found[0]) if found is not None else 0


def sources(value: cst.CSTNode | None) -> list[tuple[str, ...]]:
    """The paths whose object or elements an expression hands out: `x`, `enumerate(x)`, `x.items()`, `a or b`."""
    match value:
        case None:
            return []
        case cst.Call(func=cst.Name(value=name), args=args) if name in _THROUGH:
            return [path for arg in args for path in sources(arg.value)]
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name))) if name in _VIEWS:
            return sources(inner)
        case cst.IfExp(body=left, orelse=right) | cst.BooleanOperation(left=left, right=right):
            return [*sources(left), *sources(right)]
        case cst.Subscript(value=inner) if dotted(inner) is not None:
            return [(*(path_of(inner) or ()), ELEMENT)]
        case _:
            path = path_of(value)
            return [path] if path is not None else []
