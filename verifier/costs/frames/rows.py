"""How many rows a frame or array has, and how many turns a loop takes that goes over kinds of things, not over data."""

from __future__ import annotations

import libcst as cst

from verifier.costs.extents import FEW, turns
from verifier.costs.frames.known import GROUPS, MOST, Frames, of_itself
from verifier.costs.model import Costs
from verifier.costs.written import integer, written
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_KINDS = ("columns", "features", "classes", "clusters", "categories", "folds")
"""Names of what there are seldom many of."""
_SUMMARIES = frozenset(
    {
        "head",
        "tail",
        "nlargest",
        "nsmallest",
        "describe",
        "corr",
        "cov",
        "value_counts",
        "agg",
        "aggregate",
        "mode",
        "quantile",
        "pivot_table",
        "crosstab",
        "nunique",
        "sample",
        "isnull",
    }
)
"""Methods whose result is short: a few rows, or one for each group or column."""
_MAKERS = frozenset({"zeros", "ones", "empty", "full", "arange", "linspace", "eye", "identity"})


def few(frames: Frames, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether an expression has few rows: a summary, the first of many, or rows that all stand in the file."""
    if id(node) not in frames.short:
        frames.short[id(node)] = False  # what is made from itself brings nothing new
        frames.short[id(node)] = _few(frames, node, scope, order)
    return frames.short[id(node)]


def _few(frames: Frames, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    match node:
        case cst.Name():
            bindings = [
                each
                for each in reaching(frames.costs.facts, node.value, scope, order) or ()
                if each.kind is not BindingKind.AUGMENTED
            ]
            return len(bindings) <= MOST and any(
                each.kind is BindingKind.ASSIGNMENT
                and each.value is not None
                and not of_itself(each.value, node)
                and few(frames, each.value, each.scope, each.order)
                for each in bindings
            )
        case cst.Subscript(value=value) | cst.Attribute(value=value):
            return few(frames, value, scope, order)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name)), args=args):
            if name in _SUMMARIES or name in GROUPS:
                return True
            if name in {"DataFrame", "Series", "array", "asarray"}:
                return bool(args) and _listed(frames, args[0].value, scope, order)
            if name in _MAKERS:
                return bool(args) and _small(args[0].value)
            return few(frames, value, scope, order)
        case cst.Call(func=cst.Name(value="DataFrame" | "Series" | "array"), args=[cst.Arg(value=first), *_]):
            return _listed(frames, first, scope, order)
        case _:
            return False


def _listed(frames: Frames, node: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether the rows that a frame or array is made from all stand in the file."""
    if isinstance(node, cst.Name):
        bindings = reaching(frames.costs.facts, node.value, scope, order) or ()
        if len(bindings) == 1 and isinstance(bindings[0].value, cst.Dict | cst.List):
            return node.value not in frames.costs.growing and _listed(frames, bindings[0].value, scope, order)
        return False
    if isinstance(node, cst.Dict):
        return bool(node.elements) and all(written(frames.costs, each.value, scope, order) for each in node.elements)
    return bool(getattr(node, "elements", ())) and written(frames.costs, node, scope, order)


def _small(shape: cst.BaseExpression) -> bool:
    """Whether all of an array's dimensions are small constants."""
    sizes = [each.value for each in shape.elements] if isinstance(shape, cst.Tuple | cst.List) else [shape]
    return all((found := integer(each)) is not None and found <= FEW for each in sizes)


def kinds_of_things(costs: Costs, loop: Loop) -> bool:
    """Whether a loop goes over columns, distinct values, folds or settings of an object: there are seldom many."""
    node = loop.iterable
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.args:
        node = node.args[0].value
    if isinstance(node, cst.Call) and (dotted(node.func) or "").endswith(".split"):
        return bool(node.args) and not isinstance(node.args[0].value, cst.SimpleString)
    of = turns(costs, loop).of or ""
    if of.startswith(("self.", "cls.")) or of.endswith(_KINDS) or "unique(" in of:
        return True
    bindings = reaching(costs.facts, of, loop.scope, loop.order) or () if of.isidentifier() else ()
    return any(_distinct(each.value or each.whole) for each in bindings)


def _distinct(value: cst.BaseExpression | None) -> bool:
    """`np.unique(y)`, `df["a"].unique()`, `df.columns`."""
    while isinstance(value, cst.Call | cst.Attribute | cst.Subscript):
        if isinstance(value, cst.Attribute) and value.attr.value in {"unique", "columns"}:
            return True
        value = value.func if isinstance(value, cst.Call) else value.value
    return False
