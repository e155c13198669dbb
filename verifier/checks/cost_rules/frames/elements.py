"""Loops over the elements of an array that do what an expression on whole arrays does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.frames.rows import OTHER
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed
from verifier.costs.extents import turns
from verifier.costs.frames.evidence import Kind
from verifier.costs.frames.known import Frames, kind, open_frames
from verifier.costs.frames.rows import few
from verifier.costs.frames.turn import columns, works
from verifier.costs.frames.vectors import At
from verifier.costs.loops.following import follower
from verifier.costs.model import Costs, Extent, Repeat, Size
from verifier.model import Finding, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_COMPILING = ("jit", "numba", "cython", "kernel", "vectorize", "compile", "stencil", "pythran")
"""Parts of the names of decorators that compile a function, in which a loop over elements is fast."""


def elements(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`for i in range(len(a)): total += a[i] * b[i]` on arrays, and two such loops that fill a matrix."""
    frames = open_frames(costs)
    if frames is None or in_tests(parsed):
        return
    reported: set[int] = set()
    follow = follower(costs)
    for loop in costs.facts.loops:
        if id(loop.parent) in reported:
            reported.add(id(loop))
            continue
        if not isinstance(loop.node, cst.For) or (index := _index(loop.node)) is None or _compiled(loop.scope):
            continue
        names = {index, *_inner(loop.node.body.body)}
        sure: set[str] = set()
        reads = _reader(frames, loop, frozenset(names), sure)
        turn = works(loop.node.body.body, At(costs, loop.scope, loop.order, reads, follow, reducing=len(names) > 1))
        extent = _extent(costs, loop)
        if turn is None or not turn.seen.work or not sure or extent.size <= Size.SLOW:
            continue
        reported.add(id(loop))
        yield costly(
            rule,
            parsed,
            loop.node.iter,
            Repeat(loop, extent),
            evidence={"class": Kind.ARRAY.value, "arrays": columns(turn), "loops": len(names)},
            severity=None if extent.grows else Severity.INFO,
            arrays=columns(turn),
        )


def _index(node: cst.For) -> str | None:
    """The variable of `for i in range(…)`."""
    match node:
        case cst.For(target=cst.Name(value=name), iter=cst.Call(func=cst.Name(value="range")), orelse=None):
            return name
        case _:
            return None


def _inner(body: Sequence[cst.CSTNode]) -> Iterator[str]:
    """The variables of the loops directly inside a loop, and inside those."""
    for each in body:
        if isinstance(each, cst.For) and (name := _index(each)) is not None:
            yield name
            yield from _inner(each.body.body)


def _compiled(scope: Scope) -> bool:
    """Whether a function, or one around it, is compiled by its decorator."""
    here: Scope | None = scope
    while here is not None:
        if isinstance(here.node, cst.FunctionDef):
            for each in here.node.decorators:
                made = each.decorator.func if isinstance(each.decorator, cst.Call) else each.decorator
                if any(part in (dotted(made) or "jit").lower() for part in _COMPILING):
                    return True
        here = here.parent
    return False


def _extent(costs: Costs, loop: Loop) -> Extent:
    """How many turns a loop takes, one for each row of an array also in `height, width = image.shape`."""
    extent = turns(costs, loop)
    match loop.iterable:
        case cst.Call(args=[cst.Arg(value=cst.Name(value=name))]) if extent.size is Size.UNKNOWN:
            bindings = reaching(costs.facts, name, loop.scope, loop.order) or ()
            whole = bindings[0].whole if len(bindings) == 1 else None
            if isinstance(whole, cst.Attribute) and whole.attr.value == "shape":
                return replace(extent, size=Size.LENGTH, text=name)
        case _:
            pass
    return extent


def _reader(
    frames: Frames, loop: Loop, names: frozenset[str], sure: set[str]
) -> Callable[[cst.BaseExpression], str | None]:
    """What reads an element, or a row, of an array at the place of the loops: `a[i]`, `a[i, j]`, `a[i - 1]`.

    `sure` takes the names of arrays; where two loops work on one, a parameter beside it is taken for another.
    """

    def reads(node: cst.BaseExpression) -> str | None:
        keys: list[cst.BaseSlice] = []
        while isinstance(node, cst.Subscript):
            keys += [each.slice for each in node.slice]
            node = node.value
        found = [_place(each, names) for each in keys]
        if None in found or not any(found) or not isinstance(node, cst.Name):
            return None
        known = kind(frames, node, loop.scope, loop.order)
        if known is Kind.ARRAY and not few(frames, node, loop.scope, loop.order):
            sure.add(node.value)
        elif known is not None or len(names) < 2 or not _parameter(frames, node, loop):
            return None
        return node.value + (OTHER if "other" in found else "")

    return reads


def _parameter(frames: Frames, node: cst.Name, loop: Loop) -> bool:
    bindings = reaching(frames.costs.facts, node.value, loop.scope, loop.order) or ()
    return len(bindings) == 1 and bindings[0].kind is BindingKind.PARAMETER and bindings[0].annotation is None


def _place(key: cst.BaseSlice, names: frozenset[str]) -> str | None:
    """Where an index points: "here", "other", or "" for a fixed one; None where that is not known."""
    match key:
        case cst.Index(value=cst.Name(value=name)):
            return "here" if name in names else None
        case cst.Index(value=cst.Integer()):
            return ""
        case cst.Index(
            value=cst.BinaryOperation(
                left=cst.Name(value=name), operator=cst.Add() | cst.Subtract(), right=cst.Integer()
            )
        ):
            return "other" if name in names else None
        case _:
            return None


RULES: CostRules = {"array-element-loop": elements}
