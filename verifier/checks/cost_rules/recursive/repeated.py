"""Recursion that solves the same parts again and again."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.recursive.links import linked
from verifier.checks.cost_rules.recursive.memoizing import decorated, memoized
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.loops.exits import exits
from verifier.costs.model import Costs
from verifier.costs.recursion.calls import SHRINKING, Recursion, Self, Step, recursions, together
from verifier.costs.recursion.depths import depth, limited
from verifier.costs.recursion.pure import gathers, pure
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.fields import descend

_PLAIN = SHRINKING | {Step.SAME, Step.FIXED, Step.MORE}
_FOLLOWING = _PLAIN | {Step.CUT}
"""In a loop over the places where it is cut, a sequence has the same parts again and again."""


def forgetful(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A pure function that calls itself twice on one path for parts that overlap, and remembers none of the results."""
    for each in recursions(costs):
        if each.node.asynchronous is not None or decorated(each) or not pure(each) or gathers(each):
            continue
        branching = _branching(each)
        reached = depth(costs, each, branching) if branching else None
        if not branching:
            branching, reached = linked(each)
        if reached is None:
            continue
        calls = " and ".join(dict.fromkeys(code_of(parsed, one.call.node) for one in branching[:2]))
        made = finding(
            rule,
            parsed,
            branching[0].call.node,
            related=tuple(_places(parsed, branching[1:], "solves parts of the same again")),
            evidence={"function": each.scope.name, "growth": f"exponential in {reached.text}", "large": reached.reason},
            name=each.scope.name,
            calls=calls,
            size=reached.text,
        )
        severity = made.severity if reached.large and not in_tests(parsed) else Severity.INFO
        yield replace(made, severity=severity, fix=memoized(parsed, each))


def _branching(each: Recursion) -> tuple[Self, ...]:
    """The calls on one path that lead to the same parts in several ways; none where that is not sure."""
    if any(isinstance(one.call.statement, cst.Expr) for one in each.selves) or _wanders(each):
        return ()
    looped = tuple(one for one in each.selves if _plain(each, one, _FOLLOWING) and _follows_loop(one))
    if looped:
        return looped
    on_path = together(each, [one for one in each.selves if _plain(each, one, _PLAIN)])
    return on_path if len(on_path) > 1 and all(one.call.loop is None for one in on_path) else ()


def _plain(each: Recursion, one: Self, steps: frozenset[Step]) -> bool:
    """Whether a call gets nothing but numbers and parts that shrink, and places of them that it remembers."""
    shrinking = {name for name, step in one.steps.items() if step in SHRINKING or step in steps - _PLAIN}
    shrinking |= {name for name, step in one.steps.items() if step is Step.MORE and limited(each, name)}
    return bool(shrinking) and all(
        step in steps or _is_one_of(each, one.arguments[name], shrinking & each.parameters.keys())
        for name, step in one.steps.items()
    )


def _is_one_of(each: Recursion, node: cst.BaseExpression, names: AbstractSet[str]) -> bool:
    """Whether an argument is a place, or what stands there in a sequence that stays the same: `i`, `values[i - 1]`."""
    match node:
        case cst.Name(value=value):
            return value in names
        case cst.Subscript(value=cst.Name(value=owner), slice=[cst.SubscriptElement(slice=cst.Index(value=index))]) if (
            owner not in each.scope.bindings or all(one.steps.get(owner) is Step.SAME for one in each.selves)
        ):
            read = {one.value for one in descend(index) if isinstance(one, cst.Name)}
            plain = not any(isinstance(one, cst.Call | cst.Subscript) for one in descend(index))
            return plain and bool(read) and read <= names
        case _:
            return False


def _follows_loop(one: Self) -> bool:
    """Whether a call in a loop gets an argument that the loop's variable decides: `f(amount - coin)`, `f(j)`."""
    loop = one.call.loop
    if loop is None or loop.target is None:
        return False
    statement = one.call.statement
    if (
        loop.kind != "comprehension"
        and isinstance(statement, cst.BaseSmallStatement)
        and id(statement) in exits(loop.node)
    ):
        return False  # the first turn that gets there is the last
    names = {each.value for each in descend(loop.target) if isinstance(each, cst.Name)}
    return any(
        isinstance(each, cst.Name) and each.value in names
        for name, argument in one.arguments.items()
        if one.steps.get(name) in _FOLLOWING - {Step.SAME, Step.FIXED}
        for each in descend(argument)
    )


def _wanders(each: Recursion) -> bool:
    """Whether a parameter goes both ways (a walk over a grid, which must mark its way) or is only ever added to."""
    for name in each.parameters:
        steps = {one.steps.get(name) for one in each.selves}
        if {Step.UP, Step.DOWN} <= steps:
            return True
        if Step.MORE in steps and Step.LESS not in steps and not limited(each, name):
            return True
    return False


def _places(parsed: Parsed, selves: tuple[Self, ...], words: str) -> Iterator[Related]:
    for one in selves:
        yield Related(parsed.source.path, parsed.positions.span(one.call.node), words)


RULES: CostRules = {"recursion-without-memo": forgetful}
