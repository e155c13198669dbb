"""What a condition says about the code below it: type checking only, another Python, another platform, optional."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

_IMPORT_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_DEVICES = tuple(f"{each}.is_available" for each in ("cuda", "mps", "xpu", "hpu", "npu"))
"""Tests for hardware, which say nothing of modules (`torch.cuda.is_available`)."""
SWALLOWING = frozenset({"suppress", "raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage"})
"""Context managers that take an exception of their body, by their last name."""
_COMPARE: dict[type[cst.BaseCompOp], Callable[[Any, Any], Any]] = {
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What holds in the body of an `if` and what in its `else`."""

    typing_only: bool = False
    optional: bool = False
    truth: bool | None = None


def condition(test: cst.BaseExpression, python: tuple[int, int]) -> Guard:
    """What an `if` test says for the target Python; `truth` is None when that cannot be told."""
    name = dotted(test)
    if name in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"}:
        return Guard(typing_only=True)
    if name in {"six.PY2", "PY2"}:
        return Guard(truth=False)
    if name in {"six.PY3", "PY3"}:
        return Guard(truth=True)
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        inner = condition(test.expression, python)
        return Guard(optional=inner.optional, truth=None if inner.truth is None else not inner.truth)
    if isinstance(test, cst.BooleanOperation):
        return _both(test, python)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        return _comparison(test, python)
    if isinstance(test, cst.Call) and dotted(test.func) == "sys.platform.startswith":
        return Guard(optional=True)
    return Guard(optional=_asks_for_module(test))


def catches_import_error(node: cst.Try) -> bool:
    """Whether one of the handlers takes a failed import."""
    for handler in node.handlers:
        kind = handler.type
        if kind is None:
            return True
        kinds = [element.value for element in kind.elements] if isinstance(kind, cst.Tuple) else [kind]
        if any(dotted(each) in _IMPORT_FAILURES for each in kinds):
            return True
    return False


def swallows(node: cst.With) -> bool:
    """Whether a `with` may take an exception of its body, so that the rest of it need not run."""
    calls = [each.item for each in node.items if isinstance(each.item, cst.Call)]
    return any((dotted(each.func) or "").rpartition(".")[2] in SWALLOWING for each in calls)


def suppresses_import_error(node: cst.With) -> bool:
    """Whether a `with` lets an import in its body fail: `suppress(ImportError)`."""
    calls = [each.item for each in node.items if isinstance(each.item, cst.Call)]
    suppressing = [each for each in calls if (dotted(each.func) or "").rpartition(".")[2] == "suppress"]
    return any(dotted(arg.value) in _IMPORT_FAILURES for each in suppressing for arg in each.args)


def dotted(node: cst.CSTNode) -> str | None:
    """`a.b.c` as text when the expression is just names and dots."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    parts.append(node.value)
    return ".".join(reversed(parts))


def _both(test: cst.BooleanOperation, python: tuple[int, int]) -> Guard:
    left, right = condition(test.left, python), condition(test.right, python)
    optional = left.optional or right.optional
    deciding = isinstance(test.operator, cst.Or)
    if deciding in {left.truth, right.truth}:
        return Guard(optional=optional, truth=deciding)
    known = left.truth is not None and right.truth is not None
    typing_only = not deciding and (left.typing_only or right.typing_only)
    return Guard(typing_only, optional, not deciding if known else None)


def _comparison(test: cst.Comparison, python: tuple[int, int]) -> Guard:
    left, target = test.left, test.comparisons[0]
    compare = _COMPARE.get(type(target.operator))
    if dotted(left) in {"sys.platform", "os.name", "platform.system"}:
        return Guard(optional=True)
    if isinstance(left, cst.Call) and dotted(left.func) == "platform.system":
        return Guard(optional=True)
    if dotted(left) == "__name__" or compare is None:
        return Guard(optional=_asks_for_module(test))
    if _is_version(left):
        wanted = _version(target.comparator)
        if wanted is not None:
            return Guard(truth=compare((*python, 99)[: max(len(wanted), 1)], wanted))
    index = _version_part(left)
    if index is not None and isinstance(target.comparator, cst.Integer):
        return Guard(truth=compare(python[index], int(target.comparator.value, 0)))
    return Guard(optional=_asks_for_module(test))


def _is_version(node: cst.BaseExpression) -> bool:
    """`sys.version_info`, or `sys.version_info[:2]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        lower = node.slice[0].slice.lower
        return lower is None and _is_version(node.value)
    return dotted(node) in {"sys.version_info", "version_info"}


def _version(node: cst.BaseExpression) -> tuple[int, ...] | None:
    if not isinstance(node, cst.Tuple):
        return None
    parts = [element.value for element in node.elements]
    if not parts or not all(isinstance(part, cst.Integer) for part in parts):
        return None
    return tuple(int(part.value, 0) for part in parts if isinstance(part, cst.Integer))


def _version_part(node: cst.BaseExpression) -> int | None:
    name = dotted(node)
    if name in {"sys.version_info.major", "version_info.major"}:
        return 0
    if name in {"sys.version_info.minor", "version_info.minor"}:
        return 1
    if isinstance(node, cst.Subscript) and dotted(node.value) in {"sys.version_info", "version_info"}:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.Integer) and index.value.value in {"0", "1"}:
            return int(index.value.value)
    return None


def _asks_for_module(test: cst.BaseExpression) -> bool:
    """Whether a test looks for a module before it is imported (`find_spec`), or for a HAS_X flag."""
    if isinstance(test, cst.Comparison):
        return _asks_for_module(test.left)
    if isinstance(test, cst.BooleanOperation):
        return _asks_for_module(test.left) or _asks_for_module(test.right)
    if isinstance(test, cst.Call):
        name = dotted(test.func) or ""
        if name.endswith(_DEVICES):
            return False
        words = ("find_spec", "find_loader", "available", "installed", "has_")
        return any(word in name.rsplit(".", 1)[-1].lower() for word in words)
    name = (dotted(test) or "").rsplit(".", 1)[-1].upper()
    return name.startswith(("HAS_", "HAVE_", "_HAS_", "_HAVE_", "USE_")) or name.endswith("_AVAILABLE")
