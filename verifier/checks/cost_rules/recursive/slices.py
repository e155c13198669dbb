"""Recursion that hands itself a copy of a part of its input on each level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.documented import documented
from verifier.costs.kinds import LIST, TEXT, TUPLE
from verifier.costs.model import Costs
from verifier.costs.natures import few_by_nature, many_by_nature
from verifier.costs.origins import arguments
from verifier.costs.recursion.calls import Recursion, Self, Step, recursions, together
from verifier.costs.recursion.depths import resting
from verifier.costs.recursion.parts import Cut, cut_of, deciding, descends, ends_empty, enumerates, measured
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import ScopeKind

_COPIED = frozenset({LIST, TEXT, TUPLE, "builtins.bytes"})
_WAYS = frozenset({"path", "paths", "keys", "parts", "segments", "names", "shape", "dims", "funcs", "functions"})
"""Parameters that lead through a structure, or of which there are few."""


@dataclass(frozen=True, slots=True)
class _Copying:
    """A call of itself with a slice of a parameter, what that costs, and whether all the input is gone through so."""

    self: Self
    name: str
    growth: str
    throughout: bool
    searched: bool = False
    """Whether a method that only lists and texts have (`.index`) is called on the parameter."""


def slices(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """`f(items[1:])`, and parts cut at a middle or at an element: each level copies what is left."""
    for each in recursions(costs):
        for found in (*_rest(each), *_half(each), *_pieces(each)):
            kinds = _kinds(parsed, costs, each, found.name)
            sure = found.searched or ends_empty(each, found.name)
            plain = bool(kinds) or (found.throughout and found.name not in _WAYS)
            if kinds <= _COPIED and (sure or (plain and measured(each, found.name))):
                yield _made(parsed, costs, rule, each, found, kinds)
                break


def _made(parsed: Parsed, costs: Costs, rule: Rule, each: Recursion, found: _Copying, kinds: frozenset[str]) -> Finding:
    sliced = found.self.arguments[found.name]
    made = finding(
        rule,
        parsed,
        sliced,
        related=(Related(parsed.source.path, parsed.positions.span(found.self.call.node), "one level deeper"),),
        evidence={"function": each.scope.name, "container": found.name, "class": " or ".join(sorted(kinds)) or None},
        slice=code_of(parsed, sliced),
        name=each.scope.name,
        container=found.name,
        growth=found.growth,
    )
    few = found.name in _WAYS or few_by_nature(found.name)
    method = each.scope.parent is not None and each.scope.parent.kind is ScopeKind.CLASS
    few = few or (method and not many_by_nature(found.name))
    sure = found.throughout and resting(costs, each, found.name).large and not few and not in_tests(parsed)
    return replace(made, severity=made.severity if sure else Severity.INFO)


def _rest(each: Recursion) -> Iterator[_Copying]:
    """`f(items[1:])` on a path without another such call: as deep as the input is long."""
    rests = [one for one in each.selves if Step.REST in one.steps.values()]
    if len(together(each, rests)) > 1:
        return  # exponential: not the copies are what is slow
    for one in rests:
        name = next(name for name, step in one.steps.items() if step is Step.REST)
        if not any(step in {Step.UP, Step.DOWN} and not _only_counts(each, other) for other, step in one.steps.items()):
            throughout = all(_goes_through(each, other, name) for other in each.selves)
            yield _Copying(one, name, f"quadratic in len({name})", throughout and not enumerates(each))
            return


def _only_counts(each: Recursion, name: str) -> bool:
    """Whether a parameter is no limit of the recursion: it is compared with nothing."""
    return not any(
        isinstance(node, cst.Comparison)
        and any(isinstance(one, cst.Name) and one.value == name for one in (node.left, node.comparisons[0].comparator))
        for node in descend(each.node.body)
    )


def _goes_through(each: Recursion, one: Self, name: str) -> bool:
    """Whether a call gets the rest of a sequence and walks through nothing else, or goes into an element of it."""
    if one.call.loop is not None:
        return False
    rest = {other for other, step in one.steps.items() if step is Step.REST}
    if not rest:
        argument = one.arguments.get(name)
        return isinstance(argument, cst.Subscript) and cut_of(argument) is None and _names(argument.value) == {name}
    return not any(
        step is Step.OTHER and descends(one.arguments[other], {*each.parameters} - rest)
        for other, step in one.steps.items()
        if other not in rest
    )


def _names(node: cst.BaseExpression) -> set[str]:
    return {one.value for one in descend(node) if isinstance(one, cst.Name)}


def _half(each: Recursion) -> Iterator[_Copying]:
    """A search by halves on slices: it copies as many elements as it should not even look at."""
    if len(each.selves) < 2 or len(together(each, each.selves)) > 1:
        return
    for one, name in _cut(each, each.selves, {Cut.HALF}):
        growth = f"linear in len({name}), where indices make it logarithmic"
        if not any(
            step is Step.OTHER and descends(other.arguments[key], {*each.parameters} - {name})
            for other in each.selves
            for key, step in other.steps.items()
            if key != name
        ):
            yield _Copying(one, name, growth, throughout=True)


def _pieces(each: Recursion) -> Iterator[_Copying]:
    """Parts in front of and behind an element that was searched, both gone through: quadratic where they are uneven."""
    if any(one.call.loop is not None for one in each.selves):
        return
    for one, name in _cut(each, together(each, each.selves), {Cut.SEARCHED, Cut.LOOKED_UP}):
        searched = (name, Cut.SEARCHED) in _cuts(each, one, name)
        growth = f"quadratic in len({name}) where the parts are uneven"
        # not throughout: with even parts it is n log n, and nothing says how even they are
        yield _Copying(one, name, growth, throughout=False, searched=searched)


def _cut(each: Recursion, selves: tuple[Self, ...], wanted: set[Cut]) -> Iterator[tuple[Self, str]]:
    """The parameters of which all of two calls or more get a part that is cut at a place of a wanted kind."""
    for name in each.parameters:
        cuts = [{kind for _, kind in _cuts(each, one, name)} for one in selves]
        if len(cuts) > 1 and all(cut and cut <= wanted for cut in cuts):
            yield selves[0], name


def _cuts(each: Recursion, one: Self, name: str) -> list[tuple[str, Cut]]:
    """How the argument for a parameter is cut out of it, with what was searched."""
    bounds = cut_of(one.arguments.get(name))
    argument = one.arguments.get(name)
    if bounds is None or not isinstance(argument, cst.Subscript) or _names(argument.value) != {name}:
        return []
    return [kind for bound in bounds if (kind := deciding(each, bound)) is not None]


def _kinds(parsed: Parsed, costs: Costs, each: Recursion, name: str) -> frozenset[str]:
    """The classes of a parameter by its annotation, its docstring, or all the calls in the file."""
    found = frozenset(parsed.inference.types(cst.Name(name), each.scope, 10**9)) - {"None"}
    return found or documented(each.node, name) or _given(parsed, costs, each, name)


def _given(parsed: Parsed, costs: Costs, each: Recursion, name: str) -> frozenset[str]:
    kinds: set[str] = set()
    for call, node in arguments(costs, each.parameters[name]):
        if call.scope.function is not each.scope:
            found = parsed.inference.types(node, call.scope, call.order)
            if not found:
                return frozenset()
            kinds.update(found)
    return frozenset(kinds)


RULES: CostRules = {"slice-in-recursion": slices}
