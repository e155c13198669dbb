"""Tests in a function's body that hold because of one argument: what must be given, or with which value."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from verifier.symbols.texts import dotted

_SENTINEL = re.compile(
    r"no_?(?:default|value)|not_?(?:given|set|specified|provided)|missing|unset|sentinel|deprecat|undefined|unspecified|empty",
    re.IGNORECASE,
)
SENTINELS = frozenset({"deprecated", "DEPRECATED"})
"""Texts by which a default says that the parameter is deprecated."""
_FALSE = ("None", "False", "0", "''", "()", "[]", "{}")


@dataclass(frozen=True, slots=True)
class Guard:
    """Which argument makes a test hold; the fields are those of `Aged`."""

    parameter: str
    values: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    sure: bool = True
    without: tuple[str, ...] = ()


@dataclass(slots=True)
class Arguments:
    """A function's parameters with their defaults, and what has become of them so far."""

    defaults: Mapping[str, ast.expr | None]
    keywords: str | None
    """The name of its `**kwargs`."""
    receiver: str | None = None
    """Its `self`, where that object's attributes are what a constructor was given."""
    literals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The module's names for sequences of strings."""
    changed: set[str] = field(default_factory=set)
    taken: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Local names that hold what was taken out of `**kwargs`: the keyword, and its default's text."""

    def parameter(self, node: ast.expr) -> tuple[str, str | None] | None:
        """The parameter that an expression is the argument of, and the text of its default; None where it is none."""
        match node:
            case ast.Name(id=name) if name in self.taken and name not in self.changed:
                return self.taken[name]
            case ast.Name(id=name) if name in self.defaults and name not in self.changed and self.receiver is None:
                return name, literal(self.defaults[name])
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == self.receiver and name in self.defaults:
                return None if name in self.changed else (name, literal(self.defaults[name]))
            case ast.NamedExpr(value=value):
                return self.parameter(value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="get" | "pop"), args=args) if (
                owner == self.keywords and owner not in self.changed
            ):
                match args:
                    case [ast.Constant(value=str(name))]:
                        return name, "None"
                    case [ast.Constant(value=str(name)), default]:
                        return name, literal(default)
        return None


def literal(node: ast.expr | None) -> str | None:
    """A literal as `repr` writes it, a dotted name as it stands; None for any other expression."""
    match node:
        case None:
            return None
        case ast.Constant(value=value):
            return repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return repr(-number)
        case ast.Tuple(elts=[]) | ast.List(elts=[]) | ast.Dict(keys=[]):
            return ast.unparse(node)
        case _:
            return dotted(node)


def guards(test: ast.expr, arguments: Arguments) -> tuple[Guard, ...]:
    """The arguments each of which alone makes a test hold; none where it depends on anything else."""
    match test:
        case ast.BoolOp(op=ast.Or(), values=values):
            found = [guards(each, arguments) for each in values]
            return tuple(one for each in found for one in each) if all(found) else ()
        case ast.BoolOp(op=ast.And(), values=values):
            return _both(values, arguments)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _not(operand, arguments)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, arguments)
        case _:
            found_ = arguments.parameter(test)
            if found_ is None or found_[1] not in {None, *_FALSE} or found_[1] is None:
                return ()
            return (Guard(found_[0], silent=_FALSE, sure=False),)


def absent(test: ast.expr, arguments: Arguments) -> str | None:
    """The parameter that must not be given for a test to hold."""
    match test:
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[right]):
            found = arguments.parameter(left)
            return found[0] if found is not None and found[1] is not None and found[1] == literal(right) else None
        # seaborn's plotters keep by these names the variables that were given
        case ast.Compare(
            left=ast.Constant(value=str(name)), ops=[ast.NotIn()], comparators=[ast.Attribute(attr="variables")]
        ):
            return name
        case _:
            return None


def _both(values: Sequence[ast.expr], arguments: Arguments) -> tuple[Guard, ...]:
    """One argument that must be given while others are not; or one tested twice: `x is not a and x != "b"`."""
    found: list[Guard] = []
    without: list[str] = []
    for each in values:
        some = guards(each, arguments)
        if len(some) == 1:
            found += some
        elif (name := absent(each, arguments)) is not None:
            without.append(name)
        else:
            return ()
    if not found or any(each.parameter != found[0].parameter or each.values for each in found[1:]):
        return ()
    first = found[0]
    silent = tuple(dict.fromkeys(text for each in found for text in each.silent))
    return (replace(first, silent=silent, sure=all(each.sure for each in found), without=tuple(without)),)


def _not(operand: ast.expr, arguments: Arguments) -> tuple[Guard, ...]:
    match operand:
        # scikit-learn: `not (isinstance(x, str) and x == "deprecated")`
        case ast.BoolOp(
            op=ast.And(),
            values=[
                ast.Call(func=ast.Name(id="isinstance"), args=[one, ast.Name(id="str")]),
                ast.Compare(left=two, ops=[ast.Eq()], comparators=[ast.Constant(value=str(value))]),
            ],
        ) if value in SENTINELS:
            found = arguments.parameter(one)
            return (Guard(found[0], silent=(repr(value),)),) if found and found == arguments.parameter(two) else ()
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[right]):
            return _compared(left, ast.IsNot(), right, arguments)
        case _:
            found = arguments.parameter(operand)
            return (Guard(found[0], values=("False",), sure=False),) if found and found[1] == "True" else ()


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, arguments: Arguments) -> tuple[Guard, ...]:
    match left, op, right:
        case ast.Constant(value=str(name)), ast.In(), ast.Name(id=owner) if owner == arguments.keywords:
            return (Guard(name),) if owner not in arguments.changed else ()
    found = arguments.parameter(left)
    if found is None:
        return ()
    name, default = found
    match op, right:
        case ast.IsNot(), _:
            other = literal(right)
            plain = other == default or (other == "None" and default is None)
            if other is None or not (plain or _SENTINEL.search(other)):
                return ()
            return (Guard(name, silent=tuple(dict.fromkeys((other, default or other)))),)
        case ast.NotEq(), ast.Constant(value=value):
            if repr(value) != default and value not in SENTINELS:
                return ()
            return (Guard(name, silent=(repr(value),), sure=value in SENTINELS),)
        case ast.Eq(), ast.Constant(value=value) if repr(value) != default or value in SENTINELS:
            return (Guard(name, values=(repr(value),), sure=False),)
        case ast.Is(), ast.Constant(value=bool(value)) if repr(value) != default:
            return (Guard(name, values=(repr(value),), sure=False),)
        case ast.Is(), ast.Constant(value=None) if default not in {"None", None}:
            return (Guard(name, values=("None",), sure=False),)
        case ast.In(), ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            texts = [repr(each.value) for each in elements if isinstance(each, ast.Constant)]
            if len(texts) < len(elements) or default in texts:
                return ()
            return (Guard(name, values=tuple(texts), sure=False),)
        case ast.In(), ast.Name(id=table) if default is None and table in arguments.literals:
            return (Guard(name, values=tuple(map(repr, arguments.literals[table])), sure=False),)
        case _:
            return ()
