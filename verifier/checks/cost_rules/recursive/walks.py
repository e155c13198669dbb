"""Recursion over a tree that on each level calls another recursion over all that lies below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.recursive.links import chain_of
from verifier.checks.cost_rules.recursive.memoizing import decorated
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.model import Costs
from verifier.costs.natures import few_by_nature
from verifier.costs.origins import arguments
from verifier.costs.recursion.calls import Recursion, recursions
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.fields import descend


def walks(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`height(node.left)` in a recursion over `node.left` and `node.right`."""
    trees = [(each, name) for each in recursions(costs) if (name := _tree(each)) is not None]
    for inner, below in trees:
        for outer, name in trees:
            if inner is outer:
                continue
            found = (
                (call, given)
                for call, given in arguments(costs, inner.parameters[below])
                if call.scope.function is outer.scope and call.loop is None and chain_of(given, name) is not None
            )
            for call, given in list(found)[:1]:
                made = finding(
                    rule,
                    parsed,
                    call.node,
                    related=(Related(parsed.source.path, parsed.positions.span(outer.selves[0].call.node), "deeper"),),
                    evidence={"walks": inner.scope.name, "from each level of": outer.scope.name},
                    call=code_of(parsed, call.node),
                    part=code_of(parsed, given),
                    name=outer.scope.name,
                )
                few = few_by_nature(code_of(parsed, given)) or in_tests(parsed)
                yield replace(made, severity=Severity.INFO if few else made.severity)


def _tree(each: Recursion) -> str | None:
    """The parameter of which a function visits two parts or more, down to where there is none; nothing else changes."""
    if decorated(each):
        return None
    for name in each.parameters:
        ways = {chain_of(one.arguments.get(name), name) for one in each.selves}
        same = all(
            isinstance(node, cst.Name) and node.value == other
            for one in each.selves
            for other, node in one.arguments.items()
            if other != name
        )
        if same and len(ways) > 1 and all(ways) and _stops(each.node, name):
            return name
    return None


def _stops(function: cst.FunctionDef, name: str) -> bool:
    """Whether a function asks if its parameter is there at all."""
    for each in descend(function.body):
        match each:
            case (
                cst.UnaryOperation(operator=cst.Not(), expression=cst.Name(value=asked))
                | cst.If(test=cst.Name(value=asked))
                | cst.IfExp(test=cst.Name(value=asked))
            ) if asked == name:
                return True
            case cst.Comparison(
                left=cst.Name(value=asked),
                comparisons=[
                    cst.ComparisonTarget(
                        operator=cst.Is() | cst.IsNot() | cst.Equal(), comparator=cst.Name(value="None")
                    )
                ],
            ) if asked == name:
                return True
            case _:
                pass
    return False


RULES: CostRules = {"walk-in-recursion": walks}
