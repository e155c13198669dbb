"""Ways that are walked one step at a time, so that the size of a number decides the turns."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.reporting import CostRules, costly, header
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.model import Costs, Repeat, Size
from verifier.model import Finding, Rule
from verifier.semantics.fields import descend
from verifier.semantics.model import BindingKind, Loop


def steps(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`for _ in range(distance): x += dx; visited.add((x, y))`, where each distance comes from the data."""
    for loop in parsed.facts.loops:
        length = _length(loop)
        if length is None or loop.parent is None or not _from_data(loop, length):
            continue
        moved = _moved(costs, loop)
        if moved and _keeps(costs, loop, moved):
            extent = turns(costs, loop.parent)
            if extent.size > Size.SLOW:
                yield costly(rule, parsed, header(loop), Repeat(loop.parent, extent), length=code_of(parsed, length))


def _length(loop: Loop) -> cst.Name | None:
    """`n` of `for _ in range(n)`, where the body does not read which turn it is."""
    match loop.node, loop.iterable:
        case (
            cst.For(target=cst.Name(value=turn), body=body),
            cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=cst.Name() as length)]),
        ):
            read = any(isinstance(each, cst.Name) and each.value == turn for each in descend(body))
            return None if read else length
        case _:
            return None


def _from_data(loop: Loop, length: cst.Name) -> bool:
    """Whether a number is one of those that the loop around goes through."""
    return any(
        each.loop is loop.parent and each.kind in {BindingKind.LOOP, BindingKind.ASSIGNMENT}
        for each in loop.scope.bindings.get(length.value, ())
    )


def _moved(costs: Costs, loop: Loop) -> set[str]:
    """The names that each turn moves on by what the loop does not change."""
    bound = {
        each.name for group in loop.scope.bindings.values() for each in group if each.loop and each.loop.within(loop)
    }
    found: set[str] = set()
    for each in costs.facts.augmented:
        if each.loop is loop and each.name and isinstance(each.node, cst.AugAssign) and each.value is not None:
            added = {node.value for node in descend(each.value) if isinstance(node, cst.Name)}
            if isinstance(each.node.operator, cst.AddAssign | cst.SubtractAssign) and not added & bound:
                found.add(each.name)
    return found


def _keeps(costs: Costs, loop: Loop, moved: set[str]) -> bool:
    """Whether every step's place is put into a container."""
    return any(
        call.loop is loop
        and len(call.node.args) == 1
        and any(isinstance(node, cst.Name) and node.value in moved for node in descend(call.node.args[0].value))
        for name in ("add", "append")
        for call in costs.calls.get(name, ())
    )


RULES: CostRules = {"walked-step-by-step": steps}
