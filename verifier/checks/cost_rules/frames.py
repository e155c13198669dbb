"""The rules about frames and arrays, each in a module of its own."""

from __future__ import annotations

from verifier.checks.cost_rules import frame_apply, frame_elements, frame_filters, frame_growth, frame_rows
from verifier.checks.cost_rules.reporting import CostRules

RULES: CostRules = {
    **frame_growth.RULES,
    **frame_rows.RULES,
    **frame_apply.RULES,
    **frame_elements.RULES,
    **frame_filters.RULES,
}
