"""Which fields of a libcst node class carry meaning, in source order; the rest is white space and punctuation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import libcst as cst

_PUNCTUATION = frozenset(
    {
        "leading_lines",
        "lines_after_decorators",
        "header",
        "footer",
        "lpar",
        "rpar",
        "lbracket",
        "rbracket",
        "lbrace",
        "rbrace",
        "comma",
        "semicolon",
        "colon",
        "equal",
        "dot",
        "operator",
        "asynchronous",
        "indent",
        "trailing_whitespace",
        "newline",
        "first_colon",
        "second_colon",
        "star",
        "slash",
        "separator",
        "keyword",
        "start",
        "end",
        "value_text",
    }
)


@cache
def semantic_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The names of the fields of a node class that a walk must follow."""
    return tuple(
        each.name for each in fields(kind) if each.name not in _PUNCTUATION and not each.name.startswith("whitespace")
    )


def descend(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it, in source order, white space and punctuation left out."""
    yield node
    for name in semantic_fields(type(node)):
        value = getattr(node, name)
        for child in value if isinstance(value, list | tuple) else (value,):
            if isinstance(child, cst.CSTNode):
                yield from descend(child)
