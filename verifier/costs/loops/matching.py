"""What a loop looks for: the equality that an element must meet, where the loop does nothing for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from verifier.costs.model import Costs, text_of
from verifier.semantics.fields import descend
from verifier.semantics.model import Call, Loop

_SEARCHING: Mapping[str, type[cst.BaseCompOp]] = {"any": cst.Equal, "all": cst.NotEqual, "sum": cst.Equal}


@dataclass(frozen=True, slots=True)
class Match:
    """An equality test with the part of the element on one side and what it must equal on the other."""

    test: cst.BaseExpression
    part: cst.BaseExpression
    key: cst.BaseExpression


def sought(loop: Loop) -> tuple[cst.BaseExpression, frozenset[str]] | None:
    """The container that a loop goes through from end to end, and the names of its element and index."""
    if loop.kind not in {"for", "comprehension"} or loop.target is None:
        return None
    names = frozenset(each.value for each in descend(loop.target) if isinstance(each, cst.Name))
    match loop.iterable:
        case cst.Name() | cst.Attribute(value=cst.Name()) as container:
            return container, names
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=cst.Name() | cst.Attribute() as inner)]):
            return inner, names
        case cst.Call(
            func=cst.Name(value="range"),
            args=[cst.Arg(value=cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=inner)]))],
        ) if isinstance(inner, cst.Name | cst.Attribute):
            return inner, names
        case cst.Call(
            func=cst.Attribute(value=cst.Name() | cst.Attribute() as inner, attr=cst.Name(value="items" | "values")),
            args=[],
        ):
            return inner, names
        case _:
            return None


def matches(
    costs: Costs,
    loop: Loop,
    names: frozenset[str],
    consumers: dict[int, Call],
    condition: cst.BaseExpression | None = None,
) -> Iterator[Match]:
    """The equalities without which a loop does nothing for an element."""
    wanted: type[cst.BaseCompOp] = cst.Equal
    test = condition
    if test is None and isinstance(loop.node, cst.For):
        test, wanted = _body(costs, loop.node, names)
    elif test is None:
        test, wanted = _clause(loop, consumers)
    for each in _conjuncts(test) if test is not None else ():
        if wanted is cst.Equal and (sides := _either(each, names)) is not None:
            yield Match(each, *sides)
        match each:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
                if isinstance(operator, wanted):
                    for part, key in ((left, right), (right, left)):
                        if _is_part(part, names) and not _reads(key, names):
                            yield Match(each, part, key)
            case _:
                pass


def _either(test: cst.BaseExpression, names: frozenset[str]) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """One part and the key of a test that one of several parts equals the key: `key in (x.first, x.last)`."""
    match test:
        case cst.Comparison(
            left=key,
            comparisons=[
                cst.ComparisonTarget(operator=cst.In(), comparator=cst.Tuple(elements=parts) | cst.List(elements=parts))
            ],
        ) if parts and all(_is_part(each.value, names) for each in parts):
            return None if _reads(key, names) else (parts[0].value, key)
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
            sides = [_either(each, names) or _equal(each, names) for each in (left, right)]
            return sides[0] if all(sides) else None
        case _:
            return None


def _equal(test: cst.BaseExpression, names: frozenset[str]) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
            for part, key in ((left, right), (right, left)):
                if _is_part(part, names) and not _reads(key, names):
                    return part, key
        case _:
            pass
    return None


def _body(costs: Costs, node: cst.For, names: frozenset[str]) -> tuple[cst.BaseExpression | None, type[cst.BaseCompOp]]:
    """The test under which a `for` does all that it does; or, negated, the one with which it goes on to the next."""
    if not isinstance(node.body, cst.IndentedBlock):
        return None, cst.Equal
    match node.body.body:
        case [cst.If(test=test, body=body, orelse=None)]:
            return (None if not _ends(body) and _indexes(costs, body, node, names) else test), cst.Equal
        case [cst.If(test=test, body=body, orelse=None), *rest] if _skips(body):
            return (None if any(_indexes(costs, each, node, names) for each in rest) else test), cst.NotEqual
        case _:
            return None, cst.Equal


def _skips(body: cst.BaseSuite) -> bool:
    match body:
        case cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Continue()])]):
            return True
        case cst.SimpleStatementSuite(body=[cst.Continue()]):
            return True
        case _:
            return False


def _ends(body: cst.BaseSuite) -> bool:
    """Whether the first match ends the search, so that what is done there is done for one pair only."""
    match body:
        case cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[*_, cst.Break() | cst.Return()])]):
            return True
        case _:
            return False


def _indexes(costs: Costs, body: cst.CSTNode, node: cst.For, names: frozenset[str]) -> bool:
    """Whether the loop's own index is a place in something else: a table that is filled for all pairs."""
    iterable = text_of(costs, node.iter)
    for each in descend(body):
        if isinstance(each, cst.Subscript) and any(_reads(part, names) for part in each.slice):
            base = text_of(costs, each.value)
            if base not in iterable:
                return True
    return False


def _clause(loop: Loop, consumers: dict[int, Call]) -> tuple[cst.BaseExpression | None, type[cst.BaseCompOp]]:
    """The condition of a comprehension with one loop, or what `any` and `all` ask of each element."""
    comprehension = loop.scope.node
    if not isinstance(loop.node, cst.CompFor) or loop.node.inner_for_in is not None:
        return None, cst.Equal
    if loop.node.ifs:
        return loop.node.ifs[0].test, cst.Equal
    call = consumers.get(id(comprehension))
    consumer = call.node.func.value if call is not None and isinstance(call.node.func, cst.Name) else ""
    if consumer in _SEARCHING and isinstance(comprehension, cst.GeneratorExp | cst.ListComp):
        return comprehension.elt, _SEARCHING[consumer]
    return None, cst.Equal


def _conjuncts(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The parts of `a and b and c`."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        yield from _conjuncts(test.left)
        yield from _conjuncts(test.right)
    else:
        yield test


def _is_part(node: cst.BaseExpression, names: frozenset[str]) -> bool:
    """Whether an expression is an element, or a field of it: `x`, `x.id`, `x["id"]`, `x.name.lower()`, `xs[i]`."""
    match node:
        case cst.Name(value=value):
            return value in names
        case cst.Attribute(value=value):
            return _is_part(value, names)
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            return _is_part(value, names) or (isinstance(value, cst.Name) and _is_part(index, names))
        case cst.Call(func=cst.Attribute(value=value), args=args):
            return _is_part(value, names) and not any(_reads(arg.value, names) for arg in args)
        case _:
            return False


def _reads(node: cst.CSTNode, names: frozenset[str]) -> bool:
    return any(isinstance(each, cst.Name) and each.value in names for each in descend(node))
