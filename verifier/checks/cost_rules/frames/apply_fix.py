"""The fix for an expression that is applied row by row: the same expression on the columns."""

from __future__ import annotations

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, code, is_simple, range_of, replace_node
from verifier.costs.frames.evidence import column_of
from verifier.model import Fix
from verifier.semantics.fields import descend
from verifier.semantics.model import Call


def written_on_columns(parsed: Parsed, call: Call, function: cst.BaseExpression, *, by_row: bool) -> Fix | None:
    """`df["a"] * df["b"]` for `df.apply(lambda row: row["a"] * row["b"], axis=1)`; None for more than arithmetic."""
    match call.node.func, function:
        case (
            cst.Attribute(value=receiver),
            cst.Lambda(params=cst.Parameters(params=[cst.Param(name=cst.Name(value=name), default=None)]), body=body),
        ):
            pass
        case _:
            return None
    owner = column_of(receiver)
    plain = is_simple(receiver) or (not by_row and owner is not None and is_simple(owner[0]))
    if not plain or not _arithmetic(body, name, by_row=by_row):
        return None
    try:
        text = _with_columns(parsed, body, name, code(parsed, receiver))
        bare = isinstance(call.statement, cst.Assign) and call.statement.value is call.node
        edit = replace_node(parsed, call.node, text if bare and "\n" not in text else f"({text})")
    except Unfixable:
        return None
    return Fix("write the expression on the columns", (edit,), safe=False)


def _arithmetic(node: cst.BaseExpression, name: str, *, by_row: bool) -> bool:
    """Whether an expression is made of numbers, names, columns and operators that mean the same for columns."""
    match node:
        case cst.BinaryOperation(left=left, operator=operator, right=right):
            fine = isinstance(operator, cst.Add | cst.Subtract | cst.Multiply | cst.Divide | cst.Power)
            return fine and _arithmetic(left, name, by_row=by_row) and _arithmetic(right, name, by_row=by_row)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            fine = not isinstance(operator, cst.In | cst.NotIn | cst.Is | cst.IsNot)
            return fine and _arithmetic(left, name, by_row=by_row) and _arithmetic(right, name, by_row=by_row)
        case cst.UnaryOperation(operator=cst.Minus(), expression=inner):
            return _arithmetic(inner, name, by_row=by_row)
        case cst.Subscript(value=cst.Name(value=row)):
            return by_row and row == name and column_of(node) is not None
        case cst.Name(value=value):
            return value != name or not by_row
        case cst.Integer() | cst.Float():
            return True
        case _:
            return False


def _with_columns(parsed: Parsed, body: cst.BaseExpression, name: str, receiver: str) -> str:
    """The text of an expression with the receiver in place of the parameter."""
    start, end = range_of(parsed, body)
    if body.lpar:
        raise Unfixable("the expression has parentheses of its own")
    text, at = "", start
    for node in descend(body):
        if isinstance(node, cst.Name) and node.value == name:
            low, high = range_of(parsed, node)
            text += parsed.text[at:low] + receiver
            at = high
    return text + parsed.text[at:end]
