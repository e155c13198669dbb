"""The trees of expressions that tables keep as text."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst


@lru_cache(maxsize=8192)
def parsed(text: str) -> cst.BaseExpression | None:
    """The tree of an expression's text; None when it is none."""
    try:
        return cst.parse_expression(text)
    except cst.ParserSyntaxError:
        return None


def callee(decorator: str) -> str:
    """The function of a decorator's text, without its arguments."""
    return decorator.partition("(")[0].strip()


def last_name(text: str) -> str:
    """The last name of a dotted text, such as `TypeAlias` of `typing.TypeAlias`."""
    return text.rpartition(".")[2]


def items(node: cst.Subscript) -> list[cst.BaseExpression]:
    """The expressions between a subscript's brackets, slices left out."""
    return [each.slice.value for each in node.slice if isinstance(each.slice, cst.Index)]
