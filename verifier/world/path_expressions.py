"""The folder that an expression of a file names, where literals and `__file__` tell it."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping

_DEEPEST = 12
_SAME = frozenset(
    {"abspath", "realpath", "normpath", "expanduser", "fspath", "str", "resolve", "absolute", "as_posix", "__str__"}
    | {"Path", "PurePath", "PosixPath"}
)
"""Functions and methods that leave a path the same place."""
_CONSTANTS = {"pardir": "..", "curdir": ".", "sep": "/"}


def folder(node: ast.expr, file: str, names: Mapping[str, ast.expr | None], depth: int = 0) -> str | None:
    """The path that an expression gives, relative ones as they are; None where that cannot be worked out.

    `names` has what each name is bound to; None for a name of which that is not known.
    """
    if depth > _DEEPEST:
        return None

    def inner(part: ast.expr) -> str | None:
        return folder(part, file, names, depth + 1)

    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id="__file__"):
            return file
        case ast.Name(id=name):
            value = names.get(name)
            return None if value is None else inner(value)
        case ast.Attribute(value=ast.Name(id="os") | ast.Attribute(attr="path"), attr=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Attribute(value=path, attr="parent"):
            return _above(inner(path), 1)
        case ast.Subscript(value=ast.Attribute(value=path, attr="parents"), slice=ast.Constant(value=int(number))) if (
            0 <= number < _DEEPEST
        ):
            return _above(inner(path), number + 1)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([inner(left), inner(right)])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _concatenated([inner(left), inner(right)])
        case ast.JoinedStr(values=parts):
            return _concatenated([inner(p.value if isinstance(p, ast.FormattedValue) else p) for p in parts])
        case ast.Call():
            owner = node.func.value if isinstance(node.func, ast.Attribute) and _is_method(node.func) else None
            return _called(node, inner(owner) if owner is not None else None, [*map(inner, node.args)])
        case _:
            return None


def _is_method(function: ast.expr) -> bool:
    """Whether a function is taken from a path, and not from a module as `os.path.join` is."""
    match function:
        case ast.Attribute(value=ast.Name(id="os" | "path" | "pathlib" | "osp") | ast.Attribute(attr="path")):
            return False
        case _:
            return isinstance(function, ast.Attribute)


def _called(node: ast.Call, owner: str | None, given: list[str | None]) -> str | None:
    """What a call that takes or gives paths gives; `owner` is the path that its method belongs to."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    if name in {"getcwd", "cwd"} and not given:
        return "."
    parts = [owner, *given] if _is_method(node.func) else given
    if name in {"join", "joinpath", "Path", "PurePath"}:
        return _joined(parts)
    if name == "dirname":
        return _above(parts[0], 1) if len(parts) == 1 else None
    return parts[0] if name in _SAME and parts else None


def _above(path: str | None, count: int) -> str | None:
    """The path without its last parts."""
    for _ in range(count):
        path = os.path.dirname(path) if path is not None else None  # noqa: PTH120  # `..` stays, as in the code
    return path


def _joined(parts: list[str | None]) -> str | None:
    known = [each for each in parts if each is not None]
    return os.path.join(*known) if known and len(known) == len(parts) else None  # noqa: PTH118  # likewise


def _concatenated(parts: list[str | None]) -> str | None:
    known = [each for each in parts if each is not None]
    return "".join(known) if len(known) == len(parts) else None
