"""What operators give: arithmetic, comparisons, `and`, `or`, `not`, `a if b else c`."""

from __future__ import annotations

import libcst as cst

from verifier.values import guards, pure, texts
from verifier.values.model import (
    UNKNOWN,
    Value,
    constant,
)
from verifier.values.run import Run
from verifier.values.state import State


def binary(run: Run, state: State, node: cst.BinaryOperation) -> Value:
    """The value of `a + b` and the like."""
    left, right = run.evaluate(run, state, node.left), run.evaluate(run, state, node.right)
    return texts.operation(state, type(node.operator), left, right)


def unary(run: Run, state: State, node: cst.UnaryOperation) -> Value:
    """The value of `not a`, `-a`."""
    found = run.evaluate(run, state, node.expression)
    if isinstance(node.operator, cst.Not):
        answer = pure.truth(found)
        return constant(not answer) if answer is not None else UNKNOWN
    if isinstance(node.operator, cst.Minus):
        return pure.applied(lambda number: -number, (found,)) or found
    return found


def boolean(run: Run, state: State, node: cst.BooleanOperation) -> Value:
    """The value of `a and b`, `a or b`; what the left side says holds on the right."""
    left = run.evaluate(run, state, node.left)
    answer = pure.truth(left)
    stops = isinstance(node.operator, cst.Or)
    if answer is stops:
        return left
    other = state.copy()
    guards.hold(run, other, node.left, not stops)
    right = run.evaluate(run, other, node.right)
    state.merge([other])
    return right if answer is not None else state.either(left, right)


def comparison(run: Run, state: State, node: cst.Comparison) -> Value:
    """The value of a comparison."""
    left = run.evaluate(run, state, node.left)
    answers = []
    for each in node.comparisons:
        right = run.evaluate(run, state, each.comparator)
        answers.append(_compared(state, type(each.operator), left, right))
        left = right
    if len(answers) == 1 and answers[0] is not None:
        return answers[0]
    return UNKNOWN


def _compared(state: State, kind: type[cst.CSTNode], left: Value, right: Value) -> Value | None:
    held = state.contents(right)
    if held is not None and kind in {cst.In, cst.NotIn} and held.exact and left.constants is not None:
        members = list(held.items) if held.kind == "dict" else None
        if members is None:
            values = [each.constants for each in held.items.values()]
            if any(each is None or len(each) != 1 for each in values):
                return None
            members = [each[0] for each in values if each]
        return pure.compared(kind, left, constant(tuple(members)))
    return pure.compared(kind, left, right)


def conditional(run: Run, state: State, node: cst.IfExp) -> Value:
    """The value of `a if test else b`; a way that constants rule out is not taken."""
    answer = pure.truth(run.evaluate(run, state, node.test))
    results = []
    for holds, branch in ((True, node.body), (False, node.orelse)):
        if answer is not (not holds):
            way = state.copy()
            guards.hold(run, way, node.test, holds)
            results.append((run.evaluate(run, way, branch), way))
    state.merge([way for _, way in results])
    return results[0][0] if len(results) == 1 else state.either(results[0][0], results[1][0])
