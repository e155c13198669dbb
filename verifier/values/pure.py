"""What constant expressions come to: operators and methods that only compute, on values of bounded size."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import libcst as cst

from verifier.values.model import LONGEST_TEXT, MOST_CONSTANTS, UNKNOWN, Value, constant

_LARGEST = 2**64
_BINARY: dict[type[cst.CSTNode], Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.BitAnd: operator.and_,
    cst.BitOr: operator.or_,
    cst.BitXor: operator.xor,
    cst.AddAssign: operator.add,
    cst.SubtractAssign: operator.sub,
    cst.MultiplyAssign: operator.mul,
    cst.DivideAssign: operator.truediv,
    cst.FloorDivideAssign: operator.floordiv,
    cst.ModuloAssign: operator.mod,
    cst.BitOrAssign: operator.or_,
}
_COMPARISONS: dict[type[cst.CSTNode], Callable[[Any, Any], Any]] = {
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.Is: operator.is_,
    cst.IsNot: operator.is_not,
    cst.In: lambda one, many: one in many,
    cst.NotIn: lambda one, many: one not in many,
}
_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "decode",
        "encode",
        "endswith",
        "find",
        "format",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "hex",
    ]
)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    f"builtins.{each.__name__}": each for each in (abs, bool, chr, float, int, len, max, min, ord, repr, str)
}
_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, UnicodeError, ValueError)


def binary(kind: type[cst.CSTNode], left: Value, right: Value) -> Value | None:
    """The result of an operator on constants; None where it cannot be told."""
    return applied(_BINARY.get(kind), (left, right))


def compared(kind: type[cst.CSTNode], left: Value, right: Value) -> Value | None:
    """The result of a comparison of constants; None where it cannot be told."""
    return applied(_COMPARISONS.get(kind), (left, right))


def method(receiver: Value, name: str, args: Sequence[Value]) -> Value | None:
    """The result of a method of constant texts and numbers; None where it cannot be told."""
    if name not in _METHODS or receiver.constants is None:
        return None
    if not all(isinstance(each, str | bytes | int | float) for each in receiver.constants):
        return None
    return applied(lambda text, *rest: getattr(text, name)(*rest), (receiver, *args))


def function(path: str, args: Sequence[Value]) -> Value | None:
    """The result of a built-in function of constants; None where it cannot be told."""
    return applied(_FUNCTIONS.get(path), args) if args else None


def applied(compute: Callable[..., Any] | None, args: Sequence[Value]) -> Value | None:
    """All that a computation can give for all that its arguments can be; None where one is unknown or it fails."""
    if compute is None or any(each.constants is None for each in args):
        return None
    choices = [each.constants or () for each in args]
    results = []
    for number, chosen in enumerate(product(*choices)):
        if number >= MOST_CONSTANTS * MOST_CONSTANTS or not all(map(_small, chosen)):
            return None
        if compute is operator.mul and not _modest(*chosen):
            return None
        try:
            results.append(compute(*chosen))
        except _ERRORS:
            return None
    distinct = {(type(each), repr(each)): each for each in results if _small(each)}
    if len(results) == 0 or len(distinct) > MOST_CONSTANTS or not all(map(_small, results)):
        return UNKNOWN
    return constant(*distinct.values())


def truth(value: Value) -> bool | None:
    """Whether a value is true; None where that depends."""
    if value.constants is None:
        return None
    answers = {bool(each) for each in value.constants}
    return answers.pop() if len(answers) == 1 else None


def _small(value: Any) -> bool:
    match value:
        case bool() | None | float():
            return True
        case int():
            return abs(value) < _LARGEST
        case str() | bytes():
            return len(value) <= LONGEST_TEXT
        case tuple() | list() | frozenset():
            return len(value) <= 200 and all(map(_small, value))  # bounded as texts are
    return False


def _modest(one: Any, other: Any) -> bool:
    """Whether a product stays small: a text or list is repeated a few times at most."""
    sizes = [len(each) if isinstance(each, str | bytes | tuple | list) else 1 for each in (one, other)]
    counts = [each if isinstance(each, int) else 1 for each in (one, other)]
    return max(sizes) * abs(counts[0] if sizes[0] == 1 else counts[1]) <= LONGEST_TEXT or max(sizes) == 1
