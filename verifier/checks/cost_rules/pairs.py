"""Two loops over one sequence, one inside the other, that put its elements together pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly, header
from verifier.checks.registry import Parsed
from verifier.costs.elements import names_in, reads, visited
from verifier.costs.extents import size, turns
from verifier.costs.kinds import TEXT_NAMES, is_text
from verifier.costs.loops.whiles import tested
from verifier.costs.model import Costs, Repeat, Size, Visited, text_of
from verifier.costs.natures import few_by_nature
from verifier.costs.repeats import around, levels
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Loop

_ORDERING = (cst.Equal, cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)
_OF_TWO = frozenset({"abs", "max", "min", "gcd", "dist", "hypot"})
_GATHERING = ("max", "min", "sum", "any", "all")
_WORDS = {2: "quadratic", 3: "cubic"}


@dataclass(frozen=True, slots=True)
class Pair:
    """An inner and an outer loop, each with what it is at."""

    inner: Loop
    outer: Loop
    first: Visited
    second: Visited


def pair_loops(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each inner loop in which two elements of one sequence are compared, or added and subtracted."""
    tests = _by_loop(parsed, costs)
    for inner in parsed.facts.loops:
        for pair in (*pairs(costs, inner), *_combined(costs, inner)):
            found = next(_together(costs, tests.get(id(inner), ()), pair), None)
            if found is None:
                continue
            node, sequence = found
            if _fills_table(costs, pair) or _ends_early(costs, inner, node, sequence):
                continue
            depth = sum(turns(costs, each).size >= Size.UNKNOWN for each in levels(costs, inner))
            depth += pair.inner is pair.outer
            yield costly(
                rule,
                parsed,
                header(inner),
                Repeat(pair.outer, turns(costs, pair.outer)),
                also=(Related(parsed.source.path, parsed.positions.span(node), "what is done with each pair"),),
                evidence={"growth": f"{turns(costs, pair.outer).text} ** {depth}"},
                severity=severity_of(parsed, costs, pair, sequence),
                sequence=sequence,
                growth=_WORDS.get(depth, "worse than cubic"),
            )
            break


def severity_of(parsed: Parsed, costs: Costs, pair: Pair, sequence: str) -> Severity | None:
    """Less than the rule's own where nothing says that the sequence is long, and in tests."""
    few = in_tests(parsed) or few_by_nature(sequence)
    grows = all(turns(costs, each).grows for each in (pair.inner, pair.outer))
    return None if grows and not few else Severity.INFO


def _ends_early(costs: Costs, inner: Loop, node: cst.CSTNode, sequence: str) -> bool:
    """Whether two equal characters of a text end the search: there are few different ones, so it soon ends."""
    if not isinstance(node, cst.Comparison) or not isinstance(node.comparisons[0].operator, cst.Equal):
        return False
    text = sequence.isidentifier() and is_text(costs, cst.Name(sequence), inner.scope, inner.order)
    if not text and sequence not in TEXT_NAMES:
        return False
    return any(
        isinstance(each, cst.If)
        and any(one is node for one in descend(each.test))
        and any(isinstance(one, cst.Return | cst.Raise) for one in descend(each.body))
        for each in descend(inner.node)
    )


def _by_loop(parsed: Parsed, costs: Costs) -> dict[int, list[cst.BaseExpression]]:
    """What each loop compares, gives names, or adds up to one value, in itself and the loops in it."""
    found: dict[int, list[cst.BaseExpression]] = {}
    made: dict[int, list[Loop]] = {}
    for loop in parsed.facts.loops:
        if loop.kind == "comprehension":
            made.setdefault(id(loop.scope.node), []).append(loop)
    for use in parsed.facts.comparisons:
        for loop in around(use.loop):
            found.setdefault(id(loop), []).append(use.node)
    for scope in parsed.facts.scopes:
        for bindings in scope.bindings.values():
            for each in bindings:
                if each.kind is BindingKind.ASSIGNMENT and isinstance(each.value, cst.BinaryOperation | cst.Call):
                    for loop in around(each.loop):
                        found.setdefault(id(loop), []).append(each.value)
    for name in _GATHERING:
        for call in costs.calls.get(name, ()):
            parts = call.node.args[0].value if call.node.args else None
            if isinstance(parts, cst.GeneratorExp) and isinstance(parts.elt, cst.BinaryOperation | cst.Call):
                for loop in made.get(id(parts), ()):
                    found.setdefault(id(loop), []).append(parts.elt)
    return found


def pairs(costs: Costs, inner: Loop) -> Iterator[Pair]:
    """The loop with each one around it that multiplies its turns."""
    chain = levels(costs, inner) if inner.parent is not None else []
    if len(chain) < 2 or chain[0] is not inner or any(_closes_in(costs, each) for each in around(inner)):
        return
    second = visited(costs, inner)
    for outer in chain[1:]:
        first = visited(costs, outer)
        if first is not None and second is not None:
            yield Pair(inner, outer, first, second)


def _closes_in(costs: Costs, loop: Loop) -> bool:
    """Whether a `while` moves one end up and the other down, and so looks at each element once."""
    if loop.kind != "while":
        return False
    names = set(tested(loop))
    inside = [each for each in costs.facts.augmented if each.loop is not None and each.loop.within(loop)]
    moves = {type(each.node.operator) for each in inside if each.name in names and isinstance(each.node, cst.AugAssign)}
    return {cst.AddAssign, cst.SubtractAssign} <= moves


def _combined(costs: Costs, loop: Loop) -> Iterator[Pair]:
    """The one loop of `for a, b in combinations(items, 2)`, which is two."""
    match loop.iterable, loop.target:
        case (
            cst.Call(func=func, args=[cst.Arg(value=items), cst.Arg(value=cst.Integer(value="2"))]),
            cst.Tuple(elements=[first, second]),
        ):
            name = dotted(func) or ""
            if (
                name.rpartition(".")[2] in {"combinations", "permutations"}
                and size(costs, items, loop.scope, loop.order).grows
            ):
                counted = isinstance(items, cst.Call) and dotted(items.func) == "enumerate" and bool(items.args)
                text = text_of(costs, items.args[0].value if counted and isinstance(items, cst.Call) else items)
                one, two = (Visited(text, None, names_in(each.value)) for each in (first, second))
                yield Pair(loop, loop, one, two)
        case _:
            pass


def _together(
    costs: Costs, nodes: list[cst.BaseExpression] | tuple[()], pair: Pair
) -> Iterator[tuple[cst.CSTNode, str]]:
    """Where an element of each loop is compared with the other, or both are in one sum or difference."""
    for node in nodes:
        match node:
            case cst.Comparison(comparisons=targets):
                if not any(isinstance(each.operator, _ORDERING) for each in targets):
                    continue  # `if home != away` leaves the diagonal out of a table that is wanted in full
                sides = [node.left, *(each.comparator for each in targets)]
                ordered = list(zip(targets, pairwise(sides), strict=True))
                found = frozenset[str]().union(
                    *(_across(costs, *two, pair) for each, two in ordered if isinstance(each.operator, _ORDERING)),
                    *(_joined(costs, side, pair) for side in sides),
                )
            case cst.BinaryOperation() | cst.Call() | cst.IfExp():
                found = _joined(costs, node, pair)
            case _:
                continue
        if found:
            yield node, min(found)


def _across(costs: Costs, left: cst.CSTNode, right: cst.CSTNode, pair: Pair) -> frozenset[str]:
    """The sequences of which one side reads the element of the outer loop, and the other that of the inner."""
    one = reads(costs, left, pair.first) & reads(costs, right, pair.second)
    return one | (reads(costs, left, pair.second) & reads(costs, right, pair.first))


def _joined(costs: Costs, node: cst.CSTNode, pair: Pair) -> frozenset[str]:
    """The sequences of which an operation takes an element of each loop: `a[i] + a[j]`, `abs(a[i] - a[j])`."""
    match node:
        case cst.BinaryOperation(left=left, right=right):
            return _across(costs, left, right, pair) or _joined(costs, left, pair) | _joined(costs, right, pair)
        case cst.Call(func=func, args=args):
            name = (dotted(func) or "").rpartition(".")[2]
            if name not in _OF_TWO:
                return frozenset()
            inside = frozenset[str]().union(*(_joined(costs, arg.value, pair) for arg in args))
            return inside | (_across(costs, args[0].value, args[1].value, pair) if len(args) == 2 else frozenset())
        case _:
            return frozenset()


def _fills_table(costs: Costs, pair: Pair) -> bool:
    """Whether the inner loop makes `table[i]` from `table[j]`: dynamic programming goes over pairs by nature."""
    for node in descend(pair.inner.node):
        match node:
            case (
                cst.Assign(targets=[cst.AssignTarget(target=cst.Subscript() as target)], value=value)
                | cst.AugAssign(target=cst.Subscript() as target, value=value)
            ):
                table = text_of(costs, target.value)
                places = [each for each in descend(value) if isinstance(each, cst.Subscript)]
                if any(text_of(costs, each.value) == table for each in places):
                    return True
            case _:
                pass
    return False


RULES: CostRules = {"nested-pair-loop": pair_loops}
