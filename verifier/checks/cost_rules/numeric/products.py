"""Numbers that a loop makes ever longer although only a remainder of them is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.model import Costs, Repeat, Size
from verifier.costs.written import integer
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind, Loop, Scope, Use
from verifier.semantics.names import reaching

_LARGE = 10**8
"""A modulus from here on is there because the numbers would be too large without it."""
_MOST_BINDINGS = 50


def large(costs: Costs, modulus: cst.BaseExpression, scope: Scope, order: int) -> bool:
    """Whether a modulus is a large constant, written there or under a name."""
    value = integer(modulus)
    if value is None and isinstance(modulus, cst.Name):
        bindings = reaching(costs.facts, modulus.value, scope, order) or ()
        values = [integer(each.value) for each in bindings if each.value is not None]
        value = values[0] if len(values) == len(bindings) == 1 else None
    return value is not None and value >= _LARGE


@dataclass(frozen=True, slots=True)
class _Grown:
    """A name that a loop makes into an ever larger number."""

    name: str
    loop: Loop
    scope: Scope
    nodes: tuple[cst.CSTNode, ...]
    """Where it is made so."""


def products(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`product *= i` in a loop and `product % m` behind it, where nothing else asks for the product."""
    by_name: dict[tuple[str, int], list[Use]] = {}
    for use in parsed.facts.names:
        if isinstance(use.node, cst.Name):
            by_name.setdefault((use.node.value, id(use.scope.function)), []).append(use)
    for grown in _grown(costs):
        read = by_name.get((grown.name, id(grown.scope.function)), [])
        inside = [each for each in read if each.loop is not None and each.loop.within(grown.loop)]
        behind = [each for each in read if each.order > grown.loop.end]
        own = {id(each) for node in grown.nodes for each in descend(node)}
        if not behind or any(id(each.node) not in own for each in inside):
            continue
        modulus = _only_reduced(grown.name, behind)
        extent = turns(costs, grown.loop)
        if modulus is None or extent.size <= Size.SLOW or any(map(broken, (*grown.nodes, modulus))):
            continue
        sure = extent.grows or large(costs, modulus, behind[0].scope, behind[0].order)
        yield costly(
            rule,
            parsed,
            grown.nodes[0],
            Repeat(grown.loop, extent),
            evidence={"number": grown.name, "reduced": f"{grown.name} % {code_of(parsed, modulus)}"},
            severity=None if sure and not in_tests(parsed) else Severity.INFO,
            whole=grown.name,
            modulus=code_of(parsed, modulus),
            remedy="a remainder on every turn",
        )


def _only_reduced(name: str, behind: list[Use]) -> cst.BaseExpression | None:
    """The modulus where the first use of a product puts the remainder in its place, or all uses are remainders."""
    match behind[0].parent:
        case cst.AugAssign(target=cst.Name(value=target), operator=cst.ModuloAssign(), value=modulus) if target == name:
            return modulus
        case _:
            pass
    moduli = [
        each.parent.right
        for each in behind
        if isinstance(each.parent, cst.BinaryOperation)
        and isinstance(each.parent.operator, cst.Modulo)
        and each.parent.left is each.node
    ]
    return moduli[0] if len(moduli) == len(behind) else None


def broken(node: cst.CSTNode) -> bool:
    """Whether there are fractions in an expression: floats have no more digits however large they are."""
    return any(
        isinstance(each, cst.Float | cst.Divide) or isinstance(getattr(each, "operator", None), cst.Divide)
        for each in descend(node)
    )


def _grown(costs: Costs) -> Iterator[_Grown]:
    """Names that begin as an integer and are multiplied or added up to ever longer ones on the turns of a loop."""
    for each in costs.facts.augmented:
        match each.node:
            case cst.AugAssign(target=cst.Name(value=name), operator=cst.MultiplyAssign()) as node:
                wanting: frozenset[int | None] = frozenset({None, 0})
            case cst.AugAssign(target=cst.Name(value=name), operator=cst.AddAssign()) as node if any(
                map(_rises, summands(node.value))
            ):
                wanting = frozenset({None})
            case _:
                continue
        if each.loop is not None and _begins(each.scope, name, each.loop, (each,), wanting):
            yield _Grown(name, each.loop, each.scope, (node,))
    for scope in costs.facts.scopes:
        for name, bindings in scope.bindings.items():
            for each in bindings:
                if each.loop is None or not isinstance(each.value, cst.BinaryOperation):
                    continue
                wanting = frozenset({None, 0} if isinstance(each.value.operator, cst.Multiply) else {None})
                if _scaled(each.value, name) and _begins(scope, name, each.loop, (each,), wanting):
                    yield _Grown(name, each.loop, scope, (each.value,))
                yield from _neighbours(scope, each, each.loop)


def _rises(node: cst.BaseExpression) -> bool:
    """Whether an expression is a power whose exponent is no constant."""
    return (
        isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Power) and integer(node.right) is None
    )


def _scaled(node: cst.BaseExpression, name: str) -> bool:
    """Whether an expression has a name times something in it: `n * i`, `value * 31 + digit`, `value << 8 | byte`."""
    match node:
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract() | cst.BitOr(), right=right):
            return _scaled(left, name) or _scaled(right, name)
        case cst.BinaryOperation(left=left, operator=cst.Multiply(), right=right):
            return any(
                isinstance(one, cst.Name) and one.value == name and integer(other) not in {0, 1, -1}
                for one, other in ((left, right), (right, left))
            )
        case cst.BinaryOperation(left=cst.Name(value=value), operator=cst.LeftShift(), right=right):
            return value == name and integer(right) != 0
        case _:
            return False


def _neighbours(scope: Scope, total: Binding, loop: Loop) -> Iterator[_Grown]:
    """Two names of which one becomes the sum of both and the other takes its place, as Fibonacci's numbers do."""
    match total.value:
        case cst.BinaryOperation(left=cst.Name(value=one), operator=cst.Add(), right=cst.Name(value=other)):
            pass
        case _:
            return
    moving = {total.name: total}
    for name in {one, other} - {total.name}:
        for each in scope.bindings.get(name, ())[:_MOST_BINDINGS]:
            if each.loop is loop and isinstance(each.value, cst.Name) and each.value.value in {one, other, total.name}:
                moving[name] = each
    if one == other or not {one, other} <= moving.keys():
        return
    nodes = tuple(each.value for each in moving.values() if each.value is not None)
    for name in (one, other):
        if _begins(scope, name, loop, tuple(moving.values()), frozenset({None})):
            yield _Grown(name, loop, scope, nodes)


def _begins(scope: Scope, name: str, loop: Loop, growing: tuple[Binding, ...], wanting: frozenset[int | None]) -> bool:
    """Whether a name has no other values up to the end of a loop than integers written before it, and additions."""
    bindings = scope.bindings.get(name, ())
    if len(bindings) > _MOST_BINDINGS:
        return False
    others = [each for each in bindings if each not in growing and each.order <= loop.end]
    first = [each for each in others if not (each.loop is not None and each.loop.within(loop))]
    added = [each for each in others if each.kind is BindingKind.AUGMENTED and each not in first]
    zero_will_do = wanting if not added else wanting - {0}
    return (
        len(first) + len(added) == len(others)
        and bool(first)
        and all(
            each.kind is BindingKind.ASSIGNMENT and each.value is not None and integer(each.value) not in zero_will_do
            for each in first
        )
        and all(
            isinstance(each.node, cst.AugAssign) and isinstance(each.node.operator, cst.AddAssign | cst.SubtractAssign)
            for each in added
        )
    )


def summands(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The parts of a number whose remainders make its own: `a` and `b` of `a + b`, `a * b`, `sum(a * b for …)`."""
    match node:
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Subtract() | cst.Multiply(), right=right):
            yield from summands(left)
            yield from summands(right)
        case cst.Call(
            func=cst.Name(value="sum"), args=[cst.Arg(value=cst.GeneratorExp(elt=each) | cst.ListComp(elt=each))]
        ):
            yield from summands(each)
        case _:
            yield node
