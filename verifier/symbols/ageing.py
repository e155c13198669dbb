"""What a function or class says of its own deprecation: by a decorator, or by a warning whenever it is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from verifier.symbols.reading import Def
from verifier.symbols.texts import last_part

_DECORATORS = frozenset({"deprecated", "deprecate", "_deprecated", "deprecated_function", "deprecated_class"})
"""Decorators that say it of the whole: PEP 702, and those of numpy, scikit-learn, matplotlib, sympy and others."""
_CATEGORY = re.compile(r"(?:Deprecat|Future|RemovedIn|Removed)\w*Warning$")
_INSTEAD = frozenset({"alternative", "instead", "replacement"})
_TOLD = _INSTEAD | {"message", "reason", "extra"}
_WARNING = frozenset({"warn", "warn_explicit"})
_LIMIT = 300
_PLAIN = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)


def of_function(node: Def) -> str | None:
    """The message of a function that is deprecated as a whole; empty where it has none that can be read."""
    said = _decorated(node.decorator_list)
    return said if said is not None else _warned(node.body)


def of_class(node: ast.ClassDef) -> str | None:
    """The message of a class that is deprecated as a whole; what its `__init__` says is the method's."""
    return _decorated(node.decorator_list)


def _decorated(decorators: Sequence[ast.expr]) -> str | None:
    for each in decorators:
        call = each if isinstance(each, ast.Call) else None
        if last_part(call.func if call else each) in _DECORATORS:
            return _message(call) if call else ""
    return None


def _message(call: ast.Call) -> str:
    """What a decorator is told, in one line."""
    words = [_text(each) for each in call.args[:2]]
    words += [
        f"use {text}" if each.arg in _INSTEAD else text
        for each in call.keywords
        if each.arg in _TOLD and (text := _text(each.value))
    ]
    return " ".join("; ".join(word for word in words if word).split())[:_LIMIT]


def _warned(body: Sequence[ast.stmt]) -> str | None:
    """The message of a warning that every call gives: it stands before anything that may end the call."""
    for each in body:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and _warns(each.value):
            found = _text(each.value.args[0]) if each.value.args else ""
            return " ".join(found.split())[:_LIMIT]
        if not isinstance(each, _PLAIN) and any(_ends(inner) for inner in ast.walk(each)):
            return None
        if any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(each)):
            return None
    return None


def _warns(call: ast.Call) -> bool:
    """Whether a call is `warnings.warn(text, a kind of deprecation)`."""
    if last_part(call.func) not in _WARNING:
        return False
    named = [each.value for each in call.keywords if each.arg == "category"]
    category = call.args[1] if len(call.args) > 1 else named[0] if named else None
    return category is not None and _CATEGORY.search(last_part(category) or "") is not None


def _ends(node: ast.AST) -> bool:
    return isinstance(node, ast.Return | ast.Raise)


def _text(node: ast.expr) -> str:
    """The literal text of a message, what is put into it as an ellipsis."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) for part in parts)
        case ast.FormattedValue():
            return "…"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case ast.BinOp(left=left, op=ast.Mod()) | ast.Call(func=ast.Attribute(value=left, attr="format")):
            return _text(left)
        case _:
            return ""
