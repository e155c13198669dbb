"""Code whose cost explodes: every cost rule over one file."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks.cost_rules import (
    aggregates,
    blocking,
    compiled,
    copies,
    enumerations,
    flattening,
    frames,
    growth,
    invariants,
    joins,
    nests,
    numbers,
    pairs,
    patterns,
    positions,
    queries,
    reading,
    recursion,
    recursive_slices,
    resources,
    roots,
    searches,
    shifts,
    slices,
    sorting,
    steps,
    waiting,
)
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, Rules, per_file
from verifier.costs.opening import open_costs
from verifier.model import Finding, Problem

RULES: CostRules = {
    **pairs.RULES,
    **nests.RULES,
    **steps.RULES,
    **enumerations.RULES,
    **searches.RULES,
    **shifts.RULES,
    **positions.RULES,
    **joins.RULES,
    **slices.RULES,
    **growth.RULES,
    **flattening.RULES,
    **sorting.RULES,
    **copies.RULES,
    **aggregates.RULES,
    **invariants.RULES,
    **queries.RULES,
    **frames.RULES,
    **recursion.RULES,
    **recursive_slices.RULES,
    **patterns.RULES,
    **numbers.RULES,
    **roots.RULES,
    **resources.RULES,
    **compiled.RULES,
    **reading.RULES,
    **blocking.RULES,
    **waiting.RULES,
}


@per_file("cost")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """All cost rules over one file."""
    costs = open_costs(parsed.facts, parsed.inference)
    for name, function in RULES.items():
        if (rule := rules.get(name)) is not None:
            yield from function(parsed, costs, rule)
