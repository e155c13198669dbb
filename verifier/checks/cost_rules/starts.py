"""Sums, least and greatest values of a part of a sequence that begin anew from where the outer loop stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import libcst as cst

from verifier.checks.cost_rules.pairs import Pair, pairs, severity_of
from verifier.checks.cost_rules.reporting import CostRules, costly, header
from verifier.checks.registry import Parsed
from verifier.costs.elements import near, reads
from verifier.costs.extents import turns
from verifier.costs.model import Costs, Repeat, text_of
from verifier.model import Finding, Rule
from verifier.semantics.fields import descend
from verifier.semantics.model import Binding, BindingKind

_ADDING = (cst.AddAssign, cst.MultiplyAssign, cst.BitXorAssign)
_MOST = 100
"""Assignments to one name that are looked at."""


def stretches(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each inner loop that gathers a sequence again from where the outer loop stands."""
    told: set[int] = set()
    for each, value in chain(_added(costs), _chosen(costs)):
        inner = each.loop
        if inner is None or id(inner) in told:
            continue
        for pair in pairs(costs, inner):
            sequences = reads(costs, value, pair.second) - reads(costs, value, pair.first)
            if _starts_at(pair) and sequences and _reset(each.name, pair) and not _fills(costs, pair, sequences):
                told.add(id(inner))
                yield costly(
                    rule,
                    parsed,
                    header(inner),
                    Repeat(pair.outer, turns(costs, pair.outer)),
                    severity=severity_of(parsed, costs, pair, min(sequences)),
                    sequence=min(sequences),
                )
                break


def _added(costs: Costs) -> Iterator[tuple[Binding, cst.BaseExpression]]:
    """`total += x[j]`, and for `if x[j] == 0: zeros += 1` the condition."""
    for each in costs.facts.augmented:
        if each.value is None or not isinstance(each.node, cst.AugAssign):
            continue
        if isinstance(each.node.operator, _ADDING):
            yield each, each.value
        if isinstance(each.value, cst.Integer) and each.branch is not None and each.branch.test is not None:
            yield each, each.branch.test


def _chosen(costs: Costs) -> Iterator[tuple[Binding, cst.BaseExpression]]:
    """`low = min(low, x[j])`."""
    for name in ("min", "max"):
        for call in costs.calls.get(name, ()):
            if call.loop is None or not isinstance(call.statement, cst.Assign) or len(call.node.args) != 2:
                continue
            for arg, other in (call.node.args, call.node.args[::-1]):
                for each in (
                    call.scope.bindings.get(arg.value.value, ())[:_MOST] if isinstance(arg.value, cst.Name) else ()
                ):
                    if each.value is call.node and each.loop is call.loop:
                        yield each, other.value


def _fills(costs: Costs, pair: Pair, sequences: frozenset[str]) -> bool:
    """Whether the outer loop makes what the inner one reads: dynamic programming looks back by nature."""
    for node in descend(pair.outer.node):
        match node:
            case (
                cst.AssignTarget(target=cst.Subscript(value=base))
                | cst.AugAssign(target=cst.Subscript(value=base))
                | cst.Call(func=cst.Attribute(value=base, attr=cst.Name(value="append")))
            ) if text_of(costs, base) in sequences:
                return True
            case _:
                pass
    return False


def _starts_at(pair: Pair) -> bool:
    """Whether the inner loop begins or ends where the outer one is: `range(i, n)`, `range(i + 1)`, `x[i:]`."""
    index = pair.first.index
    match pair.inner.iterable:
        case cst.Call(func=cst.Name(value="range"), args=args) if index is not None:
            return any(near(arg.value, index) for arg in args[:2])
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice(lower=lower, upper=upper))]) if (
            index is not None
        ):
            return any(side is not None and near(side, index) for side in (lower, upper))
        case _:
            return False


def _reset(name: str, pair: Pair) -> bool:
    """Whether a sum begins anew on each turn of the outer loop."""
    return any(
        each.kind is BindingKind.ASSIGNMENT and each.loop is not None and each.loop.within(pair.outer)
        for each in pair.inner.scope.bindings.get(name, ())
    )


RULES: CostRules = {"sum-from-every-start": stretches}
