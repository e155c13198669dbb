"""Two loops over one sequence, one inside the other, that compare its elements pair by pair."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.registry import Parsed, Rules, finding
from verifier.model import Finding, Related
from verifier.semantics.loops import Sequence, sequence, small_value
from verifier.semantics.model import Loop, Use


def pair_loops(parsed: Parsed, rules: Rules) -> Iterator[Finding]:
    """A finding for each inner loop in which two elements of one sequence are compared."""
    rule = rules.get("nested-pair-loop")
    if rule is None:
        return
    for inner in parsed.facts.loops:
        found = _outer(parsed, inner)
        if found is None:
            continue
        outer, first, second = found
        if small_value(parsed.facts, _as_expression(first.text), inner.scope, inner.order):
            continue
        comparison = next((each for each in _inside(parsed, inner) if _compares(each, first, second)), None)
        if comparison is not None:
            yield finding(
                rule,
                parsed,
                _header(inner),
                related=(
                    Related(parsed.source.path, parsed.positions.span(_header(outer)), "the outer loop over it"),
                    Related(parsed.source.path, parsed.positions.span(comparison.node), "the test of each pair"),
                ),
                evidence={"growth": f"len({first.text}) ** 2"},
                sequence=first.text,
            )


def _outer(parsed: Parsed, inner: Loop) -> tuple[Loop, Sequence, Sequence] | None:
    """The nearest loop around one that visits the same sequence."""
    second = sequence(parsed.facts, inner)
    outer = inner.parent
    while second is not None and outer is not None:
        first = sequence(parsed.facts, outer)
        if first is not None and first.text == second.text:
            return outer, first, second
        outer = outer.parent
    return None


def _inside(parsed: Parsed, loop: Loop) -> Iterator[Use]:
    for use in parsed.facts.comparisons:
        if loop.order < use.order <= loop.end and use.loop is not None and use.loop.within(loop):
            yield use


def _compares(use: Use, first: Sequence, second: Sequence) -> bool:
    """Whether a comparison has an element of each loop on its two sides, or their sum or difference on one."""
    node = use.node
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return False
    if isinstance(node.comparisons[0].operator, cst.NotEqual):
        return False  # `if home != away` leaves the diagonal out of a table that is wanted in full
    sides = (node.left, node.comparisons[0].comparator)
    reads = [(_reads(side, first), _reads(side, second)) for side in sides]
    across = (reads[0][0] and reads[1][1]) or (reads[0][1] and reads[1][0])
    summed = any(
        both == (True, True) and isinstance(side, cst.BinaryOperation) for both, side in zip(reads, sides, strict=True)
    )
    return across or summed


def _reads(node: cst.CSTNode, visited: Sequence) -> bool:
    """Whether an expression reads the element that a loop is at."""
    match node:
        case cst.Name(value=value):
            return value == visited.element
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            base = cst.Module([]).code_for_node(value).strip()
            if base == visited.text and isinstance(index, cst.Name) and index.value == visited.index:
                return True
            return _reads(value, visited)
        case cst.Attribute(value=value):
            return _reads(value, visited)
        case cst.BinaryOperation(left=left, right=right, operator=cst.Add() | cst.Subtract() | cst.Multiply()):
            return _reads(left, visited) or _reads(right, visited)
        case cst.Call(func=func, args=args):
            return _reads(func, visited) or any(_reads(arg.value, visited) for arg in args)
        case _:
            return False


def _as_expression(text: str) -> cst.BaseExpression:
    return cst.parse_expression(text)


def _header(loop: Loop) -> cst.CSTNode:
    """What to point at: the loop's iterable."""
    return loop.iterable or loop.node
