"""Expressions whose value is one piece of text or one number, by the methods that make it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.semantics.fields import semantic_fields
from verifier.semantics.infer import Inference
from verifier.semantics.model import Facts, Scope

SCALARS = frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes"})
_MAKE_TEXT = frozenset(
    {
        *("hexdigest", "isoformat", "strftime", "strip", "lstrip", "rstrip", "lower", "upper", "title", "casefold"),
        *("removeprefix", "removesuffix", "decode", "capitalize", "total_seconds", "timestamp", "as_posix", "zfill"),
    }
)
"""Methods that give text or a number and are no column's or frame's own."""
_DEEPEST = 4


def scalar(
    facts: Facts, inference: Inference, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0
) -> bool:
    """Whether an expression surely gives one piece of text or one number, through functions of the file."""
    types = inference.types(node, scope, order)
    if types:
        return set(types) <= SCALARS
    match node:
        case cst.FormattedString():
            return True
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) if name in _MAKE_TEXT:
            return True
        case cst.Call(
            func=cst.Name(value=name) | cst.Attribute(value=cst.Name(value="self" | "cls"), attr=cst.Name(value=name))
        ) if depth < _DEEPEST:
            return _returns_one(facts, inference, name, depth)
        case _:
            return False


def _returns_one(facts: Facts, inference: Inference, name: str, depth: int) -> bool:
    """Whether the one function of a name returns nothing but such values."""
    # verify: ignore[VER507] a few functions deep
    found = [each for each in facts.scopes if each.name == name and isinstance(each.node, cst.FunctionDef)]
    if len(found) != 1 or not isinstance(found[0].node, cst.FunctionDef):
        return False
    node = found[0].node
    if node.asynchronous is not None:
        return False
    values = list(_returned(node.body))
    return bool(values) and all(
        each is not None and scalar(facts, inference, each, found[0], _END, depth + 1) for each in values
    )


_END = 1 << 60
"""A point of the walk after everything."""


def _returned(node: cst.CSTNode) -> Iterator[cst.BaseExpression | None]:
    """What the function around a node returns; a `yield` gives None."""
    match node:
        case cst.FunctionDef() | cst.Lambda() | cst.ClassDef():
            return
        case cst.Return(value=value):
            yield value
        case cst.Yield():
            yield None
        case _:
            for name in semantic_fields(type(node)):
                value = getattr(node, name)
                for child in value if isinstance(value, list | tuple) else (value,):
                    if isinstance(child, cst.CSTNode):
                        yield from _returned(child)
