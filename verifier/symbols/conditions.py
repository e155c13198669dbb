"""The tests of module-level `if` statements that only depend on the target's version and platform."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from verifier.symbols.texts import dotted

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_CHECKER = frozenset({"TYPE_CHECKING", "MYPY"})
_NAMES: Mapping[str, bool] = {"PY2": False, "PY3": True}


@dataclass(frozen=True, slots=True)
class Target:
    """The Python that the module is read for."""

    python: tuple[int, int]
    platform: str

    @property
    def os_name(self) -> str:
        """What `os.name` is there."""
        return "nt" if self.platform == "win32" else "posix"


@dataclass(frozen=True, slots=True)
class State:
    """How certain it is that a statement runs."""

    conditional: bool = False
    typing_only: bool = False

    def maybe(self) -> State:
        """The same, under a condition."""
        return self if self.conditional else replace(self, conditional=True)

    def typing(self) -> State:
        """The same, for type checkers only."""
        return self if self.typing_only else replace(self, typing_only=True)


def evaluate(node: ast.expr, target: Target, truths: Mapping[str, bool], *, checker: bool) -> bool | None:
    """Whether a test holds; None where that depends on more than the target. `checker`: as a type checker sees it."""
    match node:
        case ast.Constant():
            return bool(node.value)
        case ast.UnaryOp(op=ast.Not()):
            inner = evaluate(node.operand, target, truths, checker=checker)
            return None if inner is None else not inner
        case ast.BoolOp():
            results = [evaluate(each, target, truths, checker=checker) for each in node.values]
            decisive = isinstance(node.op, ast.Or)
            if decisive in results:
                return decisive
            return None if None in results else not decisive
        case ast.Name() | ast.Attribute():
            name = (dotted(node) or "").rpartition(".")[2]
            if name in _CHECKER:
                return checker
            if isinstance(node, ast.Name) and name in truths:
                return truths[name]
            return _NAMES.get(name)
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return False
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(value(left, target), op, value(right, target))
        case ast.Call(func=ast.Attribute(value=receiver, attr="startswith"), args=[argument], keywords=[]):
            text, prefix = value(receiver, target), value(argument, target)
            return text.startswith(prefix) if isinstance(text, str) and isinstance(prefix, str | tuple) else None
        case _:
            return None


def _compare(left: object, op: ast.cmpop, right: object) -> bool | None:
    compare = _COMPARE.get(type(op))
    if left is None or right is None or compare is None:
        return None
    if (
        isinstance(left, tuple)
        and isinstance(right, tuple)
        and min(len(left), len(right)) > 2
        and left[:2] == right[:2]
    ):
        return None  # the micro version decides
    try:
        return bool(compare(left, right))
    except TypeError:
        return None


def value(node: ast.expr, target: Target) -> object:
    """The value of a constant, or of what the target decides; None for anything else."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple() | ast.List() | ast.Set():
            items = [value(each, target) for each in node.elts]
            return None if None in items else tuple(items)
        case ast.Name() | ast.Attribute():
            return _known(dotted(node) or "", target)
        case ast.Subscript(value=inner, slice=index):
            whole = value(inner, target)
            return _item(whole, index) if isinstance(whole, tuple) else None
        case _:
            return None


def _known(name: str, target: Target) -> object:
    major, minor = target.python
    match name.removeprefix("_").removeprefix("sys."):
        case "version_info":
            return (major, minor, 99, "final", 0)
        case "version_info.major":
            return major
        case "version_info.minor":
            return minor
        case "hexversion":
            return major << 24 | minor << 16 | 99 << 8 | 0xF0
        case "platform":
            return target.platform if name.endswith("sys.platform") else None
        case "os.name":
            return target.os_name
        case "implementation.name":
            return "cpython"
        case _:
            return None


def _item(whole: tuple[object, ...], index: ast.expr) -> object:
    match index:
        case ast.Constant(value=int(number)) if number in {0, 1}:
            return whole[number]
        case ast.Slice(lower=None | ast.Constant(value=0), upper=ast.Constant(value=int(upper)), step=None):
            return whole[:upper] if upper > 0 else None
        case _:
            return None
