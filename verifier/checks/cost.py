"""Code whose cost explodes: every cost rule over one file."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks.cost_rules import nests, pairs, starts
from verifier.checks.cost_rules.again import aggregates, invariants, sorting
from verifier.checks.cost_rules.database import queries
from verifier.checks.cost_rules.files import blocking, compiled, reading, resources, waiting
from verifier.checks.cost_rules.frames import rules as frames
from verifier.checks.cost_rules.growing import copies, flattening, growth
from verifier.checks.cost_rules.lists import joins, positions, searches, shifts, slices
from verifier.checks.cost_rules.numeric import enumerations, roots, steps
from verifier.checks.cost_rules.numeric import remainders as numbers
from verifier.checks.cost_rules.recursive import repeated as recursion
from verifier.checks.cost_rules.recursive import slices as recursive_slices
from verifier.checks.cost_rules.recursive import walks
from verifier.checks.cost_rules.regexes import patterns
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, Rules, per_file
from verifier.costs.opening import open_costs
from verifier.model import Finding, Problem

RULES: CostRules = {
    **pairs.RULES,
    **starts.RULES,
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
    **walks.RULES,
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
