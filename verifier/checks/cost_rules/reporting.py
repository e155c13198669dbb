"""Findings about cost: the growth in words, and the loop that makes it so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import libcst as cst

from verifier.checks.registry import Parsed, finding
from verifier.costs.model import Costs, Repeat, text_of
from verifier.costs.objects.windows import changes
from verifier.model import Finding, Fix, Related, Rule, Severity
from verifier.semantics.model import Loop, Scope

CostRule = Callable[[Parsed, Costs, Rule], Iterator[Finding]]
CostRules = Mapping[str, CostRule]
"""By the name of the rule."""


def costly(
    rule: Rule,
    parsed: Parsed,
    where: cst.CSTNode,
    repeat: Repeat,
    *,
    also: tuple[Related, ...] = (),
    evidence: Mapping[str, object] | None = None,
    severity: Severity | None = None,
    fix: Fix | None = None,
    **fields: str,
) -> Finding:
    """A finding at a place with the loop that repeats it; the loop's size is `{turns}` in the rule's message."""
    said = {**(evidence or {}), "repeated": repeat.extent.text or "each turn"}
    made = finding(
        rule,
        parsed,
        where,
        related=(*repeating(parsed, repeat), *also),
        evidence=said,
        **{"turns": repeat.extent.text or "the number of turns", **fields},
    )
    return replace(made, severity=severity or made.severity, fix=fix)


def growth(costs: Costs, repeat: Repeat, container: cst.BaseExpression, scope: Scope) -> str:
    """How the time grows where a container is gone through on every turn: a product, unless both grow together."""
    text, turns = text_of(costs, container), repeat.extent.text or "the number of turns"
    growing = (*changes(costs, text, scope), *scope.bindings.get(text, ()))
    together = repeat.extent.of == text or text in repeat.extent.names
    together = together or any(each.loop is not None and each.loop.within(repeat.loop) for each in growing)
    return f"quadratic in {turns}" if together or repeat.via is not None else f"len({text}) times {turns}"


def repeating(parsed: Parsed, repeat: Repeat) -> tuple[Related, ...]:
    """The loop, and the call in it through which it repeats a place in another function."""
    found = [Related(parsed.source.path, parsed.positions.span(header(repeat.loop)), "the loop that repeats it")]
    if repeat.via is not None:
        found.append(Related(parsed.source.path, parsed.positions.span(repeat.via.node), "the call in it"))
    return tuple(found)


def header(loop: Loop) -> cst.CSTNode:
    """What to point at: the loop's iterable or test."""
    return loop.iterable or loop.test or loop.node
