"""Recursion over linked objects that reaches the same object in more than one way."""

from __future__ import annotations

import libcst as cst

from verifier.costs.natures import few_by_nature
from verifier.costs.recursion.calls import Recursion, Self, Step, together
from verifier.costs.recursion.depths import Depth

_STAYING = frozenset({Step.SAME, Step.FIXED})


def linked(each: Recursion) -> tuple[tuple[Self, ...], Depth | None]:
    """`f(node.left)` with `f(node.left.left)` on one path, and how deep that goes; none where nothing overlaps."""
    if any(isinstance(one.call.statement, cst.Expr) or one.call.loop is not None for one in each.selves):
        return (), None
    for name in each.parameters:
        on_path = together(each, [one for one in each.selves if _chain(one, name)])
        ways = {_chain(one, name): one for one in on_path}
        for way, one in ways.items():
            for cut in range(1, len(way)):
                first = ways.get(way[:cut])
                if first is not None and way[cut:] in ways:
                    few = few_by_nature(name) or any(map(few_by_nature, way))
                    return (first, one), Depth(f"the depth of {name}", large=not few, reason=f"each level of {name}")
    return (), None


def _chain(one: Self, name: str) -> tuple[str, ...]:
    """The attributes that lead from a parameter to the argument for it, where nothing else is new; empty if none."""
    if any(step not in _STAYING for other, step in one.steps.items() if other != name):
        return ()
    return chain_of(one.arguments.get(name), name) or ()


def chain_of(node: cst.BaseExpression | None, name: str) -> tuple[str, ...] | None:
    """The attributes that lead from a name to an expression, empty for the name itself; None for anything else."""
    found: list[str] = []
    while isinstance(node, cst.Attribute):
        found.insert(0, node.attr.value)
        node = node.value
    return tuple(found) if isinstance(node, cst.Name) and node.value == name else None
