"""Loops that go on for as long as there is something to read: their turns are as many as the input has parts."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from verifier.costs.loops.exits import leaving
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.costs.origins import outside
from verifier.semantics.fields import descend
from verifier.semantics.model import Loop


def with_input(costs: Costs, repeat: Repeat) -> Repeat:
    """A repeat whose loop turns as often as the input has parts, where nothing else is known of its turns.

    Loops that ask a person (`input`) turn as often as the person likes; a file that does is left alone.
    """
    if repeat.extent.grows or costs.calls.get("input") or not _reads_on(costs, repeat.loop):
        return repeat
    return replace(repeat, extent=Extent(Size.OUTSIDE, "the parts that are read"))


def _reads_on(costs: Costs, loop: Loop) -> bool:
    """`while chunk := file.read(n)`, and `while True` with `chunk = file.read(n)` and `if not chunk: break`."""
    node = loop.node
    if not isinstance(node, cst.While) or not isinstance(node.body, cst.IndentedBlock):
        return False
    tests = [node.test]
    tests += [
        each.test
        for each in node.body.body
        if isinstance(each, cst.If)
        and (leaving(each.body.body) or (each.orelse is not None and leaving(each.orelse.body.body)))
    ]
    return any(_is_read(costs, each, loop) for test in tests for each in descend(test))


def _is_read(costs: Costs, node: cst.CSTNode, loop: Loop) -> bool:
    """Whether a part of a test is what the loop itself reads from outside."""
    match node:
        case cst.NamedExpr(value=value):
            return outside(costs, value, loop.scope, loop.order)
        case cst.Name(value=name):
            found = [each for each in loop.scope.bindings.get(name, ()) if each.loop is loop and each.value is not None]
            return any(each.value is not None and outside(costs, each.value, each.scope, each.order) for each in found)
        case _:
            return False
