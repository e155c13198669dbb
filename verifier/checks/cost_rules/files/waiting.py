"""Requests that wait for each other without need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import libcst as cst

from verifier.checks.cost_rules.files.places import called
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.files import reads_by_name
from verifier.costs.loops.awaits import ordered, own, reads
from verifier.costs.model import Costs, Repeat, text_of
from verifier.costs.natures import few_by_nature
from verifier.costs.repeats import around, sites
from verifier.model import Finding, Rule
from verifier.semantics.model import BindingKind, BranchKind, Loop, Scope, Use

_REQUESTS = tuple(
    f"{module}.{name}" for module in ("requests", "httpx") for name in ("get", "head", "post", "put", "delete")
)
_PORTIONS = re.compile(r"batch|chunk|page|window|attempt|retr|step|stage", re.IGNORECASE)
_TOGETHER = re.compile(r"gather|create_task|ensure_future|start_soon|submit|TaskGroup")


def requests(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each request without a session that a loop over a collection sends."""
    if in_tests(parsed):
        return
    for call, _ in called(parsed, costs, _REQUESTS):
        if isinstance(getattr(call.scope.function, "node", None), cst.FunctionDef) and _asynchronous(
            call.scope.function
        ):
            continue
        loop = next((each for each in around(call.loop) if each.kind != "while" and turns(costs, each).grows), None)
        if loop is not None:
            repeat = Repeat(loop, turns(costs, loop))
            yield costly(rule, parsed, call.node, repeat, call=code_of(parsed, call.node.func))


def _asynchronous(function: Scope | None) -> bool:
    return (
        function is not None and isinstance(function.node, cst.FunctionDef) and function.node.asynchronous is not None
    )


def awaits(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each loop over a collection that awaits answers which do not depend on earlier turns."""
    if in_tests(parsed):
        return
    names: Mapping[tuple[int, str], list[Use]] | None = None
    for loop in parsed.facts.loops:
        if loop.kind == "while" or not _asynchronous(loop.scope.function) or not turns(costs, loop).grows:
            continue
        if _in_portions(costs, loop):
            continue
        nodes = _body(loop)
        if nodes is None or ordered(nodes):
            continue
        found = reads(costs, nodes, loop.scope)
        if not found or not _of_element(loop, found[0]) or _together(parsed, costs, loop):
            continue
        names = reads_by_name(costs) if names is None else names
        if not _carries(loop, names):
            repeat = Repeat(loop, turns(costs, loop))
            yield costly(rule, parsed, found[0], repeat, call=code_of(parsed, found[0].func))


def _body(loop: Loop) -> list[cst.CSTNode] | None:
    """The nodes that run on every turn of a loop; None for one that is asynchronous itself."""
    match loop.node:
        case cst.For(asynchronous=None, body=body):
            return list(own(body))
        case cst.CompFor(asynchronous=None, inner_for_in=None):
            match loop.scope.node:
                case cst.ListComp(elt=element) | cst.SetComp(elt=element):
                    return list(own(element))
                case cst.DictComp(key=key, value=value):
                    return [*own(key), *own(value)]
                case _:
                    return None
        case _:
            return None


def _in_portions(costs: Costs, loop: Loop) -> bool:
    """Whether a loop goes through portions that are taken one after the other on purpose, or through a few things."""
    text = " ".join(text_of(costs, each) for each in (loop.target, loop.iterable) if each is not None)
    return _PORTIONS.search(text) is not None or few_by_nature(text)


def _of_element(loop: Loop, call: cst.Call) -> bool:
    """Whether what is asked for is made from the loop's element, or from what a turn made of it."""
    bound = {
        each.name
        for group in loop.scope.bindings.values()
        for each in group
        if each.loop is not None and each.loop.within(loop)
    }
    return any(isinstance(each, cst.Name) and each.value in bound for arg in call.args for each in own(arg.value))


def _together(parsed: Parsed, costs: Costs, loop: Loop) -> bool:
    """Whether the function of a loop runs several times at once already."""
    function = loop.scope.function
    return function is not None and any(
        isinstance(site.statement, cst.BaseSmallStatement)
        and _TOGETHER.search(parsed.facts.tree.code_for_node(site.statement)) is not None
        for site in sites(costs, function)
    )


def _carries(loop: Loop, names: Mapping[tuple[int, str], list[Use]]) -> bool:
    """Whether a turn reads what an earlier one left in a name."""
    for name, group in loop.scope.bindings.items():
        inside = [each for each in group if each.loop is not None and each.loop.within(loop)]
        if not inside or inside[0].kind is BindingKind.LOOP:
            continue
        first = inside[0]
        maybe = first.branch is not None and first.branch.kind in {BranchKind.IF, BranchKind.EXCEPT}
        for use in names.get((id(loop.scope.function), name), ()):
            if loop.order < use.order <= loop.end and (use.order < first.order or (maybe and len(group) > len(inside))):
                return True
    return False


RULES: CostRules = {"request-per-item": requests, "await-in-loop": awaits}
