"""The rules about frames and arrays, each in a module of its own."""

from __future__ import annotations

from verifier.checks.cost_rules.frames import applying as frame_apply
from verifier.checks.cost_rules.frames import elements as frame_elements
from verifier.checks.cost_rules.frames import filters as frame_filters
from verifier.checks.cost_rules.frames import growth as frame_growth
from verifier.checks.cost_rules.frames import rows as frame_rows
from verifier.checks.cost_rules.reporting import CostRules

RULES: CostRules = {
    **frame_growth.RULES,
    **frame_rows.RULES,
    **frame_apply.RULES,
    **frame_elements.RULES,
    **frame_filters.RULES,
}
