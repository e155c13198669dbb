"""How many turns a loop takes and how many elements a thing has, as far as the file says."""

from __future__ import annotations

import re
from dataclasses import replace

import libcst as cst

from verifier.costs.bounds import apart, is_index, width
from verifier.costs.loops.whiles import follows_links, goes_on, halves
from verifier.costs.model import Costs, Extent, Size, text_of
from verifier.costs.origins import given, outside
from verifier.costs.written import integer, written
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Loop, Scope
from verifier.semantics.names import reaching

FEW = 64
"""A `range` with constant bounds is no cost up to this many turns; what is written out in full is never one."""
_DEEPEST = 8
_SMALL = Extent(Size.SMALL)
_SLOW_CALLS = frozenset({"sqrt", "isqrt", "log", "log2", "log10", "bit_length", "cbrt"})
_SAME_SIZE = frozenset(
    {
        "list",
        "tuple",
        "sorted",
        "reversed",
        "enumerate",
        "iter",
        "tqdm",
        "set",
        "frozenset",
        "map",
        "filter",
        "deque",
        "array",
    }
)
"""Calls whose result has as many elements as an argument, or fewer."""
_VIEWS = frozenset({"items", "keys", "values", "copy", "split", "splitlines", "strip", "lower", "upper", "tolist"})
_EMPTY = frozenset({"empty", "is_empty", "isEmpty", "isempty"})
_PATTERN = re.compile(r"(regex|pattern|(^|_)(re|rx|pat))$", re.IGNORECASE)
"""Names of compiled regular expressions, which cut another text and not themselves."""
_CONVERSIONS = frozenset({"int", "float", "round", "abs", "ceil", "floor"})


def turns(costs: Costs, loop: Loop) -> Extent:
    """How many turns a loop takes at most."""
    key = id(loop)
    if key not in costs.extents:
        costs.extents[key] = Extent(Size.UNKNOWN)  # what asks for itself meanwhile is not known
        costs.extents[key] = _turns(costs, loop)
    return costs.extents[key]


def goes_far(costs: Costs, loop: Loop) -> bool:
    """Whether a loop goes as far as the input, and not only through a window of a width that nobody knows."""
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=low), cst.Arg(value=high), *_]):
            between = apart(costs, low, high, loop.scope, loop.order)
            if between is not None and not number(costs, between, loop.scope, loop.order).grows:
                return False
        case _:
            pass
    return turns(costs, loop).grows


def _turns(costs: Costs, loop: Loop) -> Extent:
    if loop.iterable is not None:
        return size(costs, loop.iterable, loop.scope, loop.order)
    if follows_links(loop):
        return Extent(Size.LENGTH, "the number of links")
    if loop.test is None or halves(costs, loop):
        return Extent(Size.UNKNOWN if loop.test is None else Size.SLOW)
    return _while(costs, loop, goes_on(loop) or loop.test)


def _while(costs: Costs, loop: Loop, test: cst.BaseExpression) -> Extent:
    """As many turns as the test has room for: `i < n`, `low < high`, `queue`."""
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            if isinstance(operator, cst.Equal | cst.In | cst.NotIn | cst.Is | cst.IsNot):
                return Extent(Size.UNKNOWN)
            if isinstance(operator, cst.LessThan | cst.LessThanEqual) and _is_few(right):
                return _SMALL
            sides = [number(costs, each, loop.scope, loop.order) for each in (left, right)]
            return max(sides, key=lambda each: (each.size, each.of is not None))
        case cst.Name(value="True"):
            return Extent(Size.UNKNOWN)
        case cst.Name() | cst.Attribute():
            text = text_of(costs, test)
            if text in costs.growing or text in costs.shrinking:
                return Extent(Size.LENGTH, f"len({text})", text, frozenset({text}))
            return Extent(Size.UNKNOWN, text)
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]):
            return size(costs, inner, loop.scope, loop.order)
        case cst.UnaryOperation(
            operator=cst.Not(),
            expression=cst.Call(func=cst.Attribute(value=queue, attr=cst.Name(value=asked)), args=[]),
        ) if asked in _EMPTY:
            text = text_of(costs, queue)
            return Extent(Size.LENGTH, f"len({text})", text, frozenset({text}))
        case _:
            return Extent(Size.UNKNOWN)


def _is_few(node: cst.BaseExpression) -> bool:
    """A written limit: `len(parts) < 3`."""
    limit = integer(node)
    return limit is not None and abs(limit) <= FEW


def size(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> Extent:
    """How many elements an expression gives when it is gone through."""
    if depth > _DEEPEST:
        return Extent(Size.UNKNOWN)
    if written(costs, node, scope, order):
        return _SMALL
    deeper = depth + 1
    match node:
        case cst.Call(func=cst.Name(value="range"), args=args) if args:
            return _range(costs, [arg.value for arg in args], scope, order, deeper)
        case cst.Call(func=cst.Name(value="zip"), args=args) if args:
            return min((size(costs, arg.value, scope, order, deeper) for arg in args), key=lambda each: each.size)
        case cst.Call(func=cst.Name(value=name), args=[*_, last]) if name in _SAME_SIZE:
            inner = node.args[0] if name not in {"map", "filter"} else last
            return size(costs, inner.value, scope, order, deeper)
        case cst.Call(
            func=cst.Attribute(value=value, attr=cst.Name(value="split" | "findall" | "finditer")),
            args=[cst.Arg(value=searched, keyword=None), *_],
        ) if _PATTERN.search(text_of(costs, value)):
            return size(costs, searched, scope, order, deeper)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))) if name in _VIEWS:
            return size(costs, value, scope, order, deeper)
        case cst.Call(func=cst.Name(value="str" | "bin" | "hex" | "oct")):
            return Extent(Size.SLOW, text_of(costs, node))  # the digits of a number
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Slice() as cut)]):
            return _slice(costs, value, cut, scope, order, deeper)
        case (
            cst.ListComp(for_in=cst.CompFor(iter=inner, inner_for_in=None))
            | cst.GeneratorExp(for_in=cst.CompFor(iter=inner, inner_for_in=None))
        ):
            return size(costs, inner, scope, order, deeper)
        case cst.BinaryOperation(left=cst.List(elements=elements), operator=cst.Multiply(), right=times) if elements:
            return number(costs, times, scope, order, deeper)
        case cst.Name():
            return _named(costs, node, scope, order, deeper)
        case _:
            known = Size.OUTSIDE if outside(costs, node, scope, order) else Size.LENGTH
            text = text_of(costs, node)
            return Extent(known, f"len({text})", text, _names(node))


def number(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> Extent:
    """How large a number is, such as the bound of a `range`."""
    if depth > _DEEPEST:
        return Extent(Size.UNKNOWN)
    constant = integer(node)
    if constant is not None:
        return _SMALL if abs(constant) <= FEW else Extent(Size.FIXED, text_of(costs, node))
    deeper = depth + 1
    match node:
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]):
            return size(costs, inner, scope, order, deeper)
        case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner), *_]) if name in _CONVERSIONS:
            found = number(costs, inner, scope, order, deeper)
            if found.size is Size.UNKNOWN and outside(costs, inner, scope, order):
                return replace(found, size=Size.OUTSIDE, text=text_of(costs, node))
            return found
        case cst.Call(func=cst.Name(value="min"), args=[_, _, *_] as args):
            return min((number(costs, arg.value, scope, order, deeper) for arg in args), key=lambda each: each.size)
        case cst.Call(func=cst.Name(value="max"), args=[_, _, *_] as args):
            return max((number(costs, arg.value, scope, order, deeper) for arg in args), key=lambda each: each.size)
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))) if name in _SLOW_CALLS:
            return Extent(Size.SLOW, text_of(costs, node))
        case cst.BinaryOperation(operator=cst.Power(), right=cst.Float()):
            return Extent(Size.SLOW, text_of(costs, node))
        case cst.BinaryOperation(left=left, operator=cst.Modulo(), right=right):
            return number(costs, right, scope, order, deeper)
        case cst.BinaryOperation(left=left, right=right):
            sides = [number(costs, each, scope, order, deeper) for each in (left, right)]
            return max(sides, key=lambda each: (each.size, each.of is not None))
        case cst.Name():
            return _number_of_name(costs, node, scope, order, deeper)
        case cst.Subscript(value=cst.Attribute(value=value, attr=cst.Name(value="shape"))):
            return Extent(Size.LENGTH, text_of(costs, node), text_of(costs, value), _names(node))
        case _:
            known = Size.OUTSIDE if outside(costs, node, scope, order) else Size.UNKNOWN
            return Extent(known, text_of(costs, node), None, _names(node))


def _range(costs: Costs, bounds: list[cst.BaseExpression], scope: Scope, order: int, depth: int) -> Extent:
    numbers = [integer(each) for each in bounds]
    known = [each for each in numbers if each is not None]
    if len(known) == len(numbers):
        turns_ = len(range(*known)) if len(known) < 3 or known[2] else 0
        return _SMALL if turns_ <= FEW else Extent(Size.FIXED, str(turns_))
    found = [number(costs, each, scope, order, depth) for each in bounds[:2]]
    if len(bounds) == 3 and numbers[2] is None:
        step = number(costs, bounds[2], scope, order, depth)
        if step.size is not Size.SMALL:
            return Extent(Size.SLOW, "", None, step.names)  # the multiples of each number: a sieve, n log n in all
    between = width(costs, bounds[0], bounds[1], scope, order) if len(bounds) > 1 else None
    if between is not None:
        return number(costs, between, scope, order, depth)
    between = apart(costs, bounds[0], bounds[1], scope, order) if len(bounds) > 1 else None
    if between is not None and (near := number(costs, between, scope, order, depth)).size <= Size.FIXED:
        return near
    return max(found, key=lambda each: (each.size, each.of is not None))


def _slice(costs: Costs, value: cst.BaseExpression, cut: cst.Slice, scope: Scope, order: int, depth: int) -> Extent:
    whole = size(costs, value, scope, order, depth)
    if cut.upper is None:
        return whole
    if cut.lower is None or integer(cut.lower) is not None:
        upper = integer(cut.upper)
        return _SMALL if upper is not None and 0 <= upper <= FEW else whole
    between = width(costs, cut.lower, cut.upper, scope, order)
    if between is None:
        return whole
    found = number(costs, between, scope, order, depth)
    return found if found.size <= Size.FIXED else replace(whole, text=text_of(costs, between))


def _named(costs: Costs, node: cst.Name, scope: Scope, order: int, depth: int) -> Extent:
    """The size of what a name holds: known by its one value where that is a range, a copy or a view."""
    bindings = reaching(costs.facts, node.value, scope, order) or ()
    text = node.value
    known = Size.OUTSIDE if outside(costs, node, scope, order) else Size.LENGTH
    whole = Extent(known, f"len({text})", text, frozenset({text}))
    if len(bindings) == 1 and node.value not in costs.growing:
        each = bindings[0]
        if each.kind is BindingKind.ASSIGNMENT and isinstance(
            each.value, cst.Call | cst.BinaryOperation | cst.ListComp
        ):
            inner = size(costs, each.value, each.scope, each.order, depth)
            if inner.size in {Size.FIXED, Size.SLOW, Size.UNKNOWN}:
                return inner
    return whole


def _number_of_name(costs: Costs, node: cst.Name, scope: Scope, order: int, depth: int) -> Extent:
    bindings = reaching(costs.facts, node.value, scope, order) or ()
    found = [_number_of(costs, each, depth) for each in bindings if each.kind is not BindingKind.AUGMENTED]
    if not found:
        return Extent(Size.UNKNOWN, node.value, None, frozenset({node.value}))
    most = max(found, key=lambda each: (each.size, each.of is not None))
    if most.size in {Size.SMALL, Size.SLOW}:
        return most
    if most.of is not None or most.depends is not None:
        return replace(most, names=most.names | {node.value})
    return replace(most, text=node.value, names=frozenset({node.value}))


def _number_of(costs: Costs, each: Binding, depth: int) -> Extent:
    """How large the number is that one binding gives."""
    unknown = Extent(Size.UNKNOWN)
    if each.kind is BindingKind.LOOP and each.loop is not None:
        if is_index(each.loop, each.name):
            return replace(turns(costs, each.loop), depends=each.loop)
        return Extent(Size.OUTSIDE if given(costs, each) else Size.UNKNOWN, each.name)
    if each.value is not None and each.kind in {BindingKind.ASSIGNMENT, BindingKind.ATTRIBUTE, BindingKind.PATTERN}:
        found = number(costs, each.value, each.scope, each.order, depth)
        if found.size is not Size.UNKNOWN:
            return found
    return Extent(Size.OUTSIDE) if given(costs, each) else unknown


def _names(node: cst.CSTNode) -> frozenset[str]:
    """The names that an expression reads."""
    if isinstance(node, cst.Name):
        return frozenset({node.value})
    return frozenset(each.value for each in descend(node) if isinstance(each, cst.Name))
