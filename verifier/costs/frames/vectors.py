"""Code that works on one row or element, and has an expression that works on all of them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.guards import dotted
from verifier.semantics.model import Scope
from verifier.semantics.names import qualify

_ELEMENTWISE = re.compile(
    r"builtins\.(abs|round|min|max|pow)"
    r"|pandas\.(isna|isnull|notna|notnull)"
    r"|(math|numpy)\.(sqrt|square|pow(er)?|exp(m1)?|log(2|10|1p)?|a?(sin|cos|tan)h?|arc(sin|cos|tan)2?|atan2|hypot"
    r"|radians|degrees|deg2rad|rad2deg|floor|ceil|trunc|r?int|round_?|fabs|abs(olute)?|sign|maximum|minimum|clip"
    r"|isnan|isfinite|isinf|where|add|subtract|multiply|divide|logical_(and|or|not))"
)
"""Functions of one number that NumPy has for whole arrays."""
_CONVERSIONS = frozenset(
    {"builtins.float", "builtins.int", "builtins.bool", "builtins.str", "pandas.to_datetime", "pandas.to_numeric"}
)
"""Calls with a counterpart for a whole column (`astype`), which is seldom much faster."""
_REDUCTIONS = frozenset(
    {"numpy.sum", "numpy.dot", "numpy.linalg.norm", "numpy.mean", "numpy.inner", "numpy.max", "numpy.vdot", "math.dist"}
)
_TEXTS = frozenset({"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "replace", "startswith"})
_COMPARED = (cst.Equal, cst.NotEqual, cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)


@dataclass(frozen=True, slots=True)
class At:
    """What one turn is at; `reads` gives the name of what an expression takes from it, None where it takes nothing."""

    costs: Costs
    scope: Scope
    order: int
    reads: Callable[[cst.BaseExpression], str | None]
    follow: Callable[[str], bool]
    """Whether a function of the file, by its name, only works on its arguments in the same way."""
    reducing: bool = False
    """Whether functions that sum up a row are a part of the work: in a loop inside a loop."""


@dataclass(slots=True, eq=False)
class Seen:
    """What the code of one turn was seen to do; it grows while the code is read."""

    fields: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """Names read that the turn is not at."""
    work: int = 0
    """Operators, tests and calls of numeric functions."""
    texts: bool = False
    """Text is made or a type is converted, at which a whole column is not much faster."""


def named(names: Iterable[str]) -> Callable[[cst.BaseExpression], str | None]:
    """Reads the names of parameters, each of which is an element."""
    known = frozenset(names)
    return lambda node: node.value if isinstance(node, cst.Name) and node.value in known else None


def elementwise(node: cst.BaseExpression, at: At, seen: Seen) -> bool:
    """Whether the same can be written for all rows or elements at once; `seen` takes down what it does."""
    read = at.reads(node)
    if read is not None:
        seen.fields.add(read)
        return True
    match node:
        case cst.Name(value=name):
            seen.names.add(name)
            return True
        case cst.Integer() | cst.Float() | cst.SimpleString():
            return True
        case cst.Attribute(value=value):
            owner = dotted(value)
            seen.names.add((owner or "").partition(".")[0])
            return owner is not None
        case cst.BinaryOperation(left=left, right=right):
            seen.work += 1
            formats = isinstance(node.operator, cst.Modulo) and not isinstance(right, cst.Integer | cst.Float)
            seen.texts |= formats or isinstance(left, cst.SimpleString) or isinstance(right, cst.SimpleString)
            return elementwise(left, at, seen) and elementwise(right, at, seen)
        case cst.BooleanOperation(left=left, right=right):
            return elementwise(left, at, seen) and elementwise(right, at, seen)
        case cst.UnaryOperation(expression=inner):
            return elementwise(inner, at, seen)
        case cst.Comparison(left=left, comparisons=targets):
            seen.work += 1
            return elementwise(left, at, seen) and all(
                isinstance(each.operator, _COMPARED) and elementwise(each.comparator, at, seen) for each in targets
            )
        case cst.IfExp(test=test, body=body, orelse=orelse):
            seen.work += 1
            return all(elementwise(each, at, seen) for each in (test, body, orelse))
        case cst.Call():
            return _call(node, at, seen)
        case cst.FormattedString(parts=parts):
            seen.texts = True
            return all(
                isinstance(each, cst.FormattedStringText)
                or (isinstance(each, cst.FormattedStringExpression) and elementwise(each.expression, at, seen))
                for each in parts
            )
        case _:
            return False


def _call(node: cst.Call, at: At, seen: Seen) -> bool:
    if any(arg.star for arg in node.args):
        return False
    paths = qualify(at.costs.facts, node.func, at.scope, at.order)
    known = len(paths) == 1 and (
        _ELEMENTWISE.fullmatch(paths[0]) is not None
        or paths[0] in _CONVERSIONS
        or (at.reducing and paths[0] in _REDUCTIONS)
    )
    if known:
        seen.work += paths[0] not in _CONVERSIONS
        seen.texts |= paths[0] in _CONVERSIONS
        return all(elementwise(arg.value, at, seen) for arg in node.args)
    match node.func:
        case cst.Name(value=name) if at.follow(name):
            seen.work += 1
            return all(elementwise(arg.value, at, seen) for arg in node.args)
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in _TEXTS:
            seen.texts = True
            return at.reads(value) is not None and all(elementwise(arg.value, at, seen) for arg in node.args)
        case _:
            return False
