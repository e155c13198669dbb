"""Loops three deep and more, each as long as the input says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from verifier.checks.cost_rules.reporting import CostRules, costly, header
from verifier.checks.registry import Parsed
from verifier.costs.extents import turns
from verifier.costs.model import Costs, Repeat, Size
from verifier.costs.repeats import levels
from verifier.model import Finding, Rule

_DEEP = 3


def nests(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for the innermost of three or more loops that multiply, once for each outermost loop."""
    told: set[int] = set()
    for inner in reversed(parsed.facts.loops):
        if inner.parent is None or inner.parent.parent is None:
            continue
        chain = levels(costs, inner)
        if len(chain) < _DEEP or chain[0] is not inner or id(chain[-1]) in told:
            continue
        told.add(id(chain[-1]))
        extents = [turns(costs, each) for each in reversed(chain)]
        growth = " · ".join(each.text or "…" for each in extents)
        outermost = Repeat(chain[-1], replace(extents[0], text=growth))
        if any(each.size is not Size.OUTSIDE for each in extents):
            continue  # work on three dimensions is often what is asked for
        yield costly(
            rule,
            parsed,
            header(inner),
            outermost,
            evidence={"growth": growth},
            depth=str(len(chain)),
        )


RULES: CostRules = {"loops-three-deep": nests}
