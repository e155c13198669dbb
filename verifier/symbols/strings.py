"""Literal strings, alone or in lists, as modules write them for `__all__` and tables of names."""

from __future__ import annotations

import ast
from collections.abc import Mapping


def strings(node: ast.expr, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The strings of a literal sequence or set, or of a dictionary's keys, joined ones included; else None."""
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return _items(node.elts, known)
        case ast.Dict():
            return _items([each for each in node.keys if each is not None], known) if None not in node.keys else None
        case ast.Name():
            return known.get(node.id)
        case ast.BinOp(op=ast.Add() | ast.BitOr()):
            left = strings(node.left, known)
            right = strings(node.right, known)
            return None if left is None or right is None else left + right
        case ast.Call(func=ast.Name(id="list" | "sorted" | "tuple" | "set" | "frozenset" | "dict"), keywords=[]):
            if len(node.args) > 1:
                return None
            return strings(node.args[0], known) if node.args else ()
        case ast.Call(func=ast.Attribute(value=inner, attr="keys"), args=[], keywords=[]):
            return strings(inner, known)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="split"), args=[], keywords=[]):
            return tuple(text.split())
        case _:
            return None


def _items(nodes: list[ast.expr], known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    found: list[str] = []
    for each in nodes:
        match each:
            case ast.Constant(value=str(text)):
                found.append(text)
            case ast.Starred():
                inner = strings(each.value, known)
                if inner is None:
                    return None
                found += inner
            case ast.Name() if (named := known.get(f"={each.id}")) is not None:
                found += named
            case _:
                return None
    return tuple(found)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())
