"""What a function's own checks say of its parameters: it raises where they are of another class."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

_Class = Callable[[ast.expr], str | None]
"""The text of an expression that means the same outside the function; None for any other."""


def classes(body: Sequence[ast.stmt], name: str, line: int, text: _Class) -> str | None:
    """The classes, as an annotation, that a parameter must be of for the function to come to a line.

    Only statements of the function's own block count: whatever comes after them has passed them.
    """
    for statement in body:
        if statement.lineno >= line:
            return None
        for each in _passed(statement):
            match each:
                case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=checked), kinds]) if checked == name:
                    return _annotation(kinds, text)
    return None


def _passed(statement: ast.stmt) -> Iterator[ast.expr]:
    """The tests that hold after a statement."""
    match statement:
        case ast.Assert(test=test):
            yield from _all(test)
        case ast.If(test=test, body=[*_, ast.Raise()], orelse=[]):
            for each in test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else (test,):
                if isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.Not):
                    yield from _all(each.operand)


def _all(test: ast.expr) -> Iterator[ast.expr]:
    """The parts of a conjunction."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for each in test.values:
            yield from _all(each)
    else:
        yield test


def _annotation(kinds: ast.expr, text: _Class) -> str | None:
    """A union of the classes that `isinstance` is given."""
    if isinstance(kinds, ast.Tuple):
        parts = [_annotation(each, text) for each in kinds.elts]
        return " | ".join(each for each in parts if each) if parts and all(parts) else None
    return text(kinds) if isinstance(kinds, ast.Name | ast.Attribute | ast.BinOp) else None
